"""Deletion of old reports with everything that belongs to them. After that, the map keeps the weight of the reports as
retained evidence."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Min, Q, QuerySet

from needs.base.retention_rules.retention_periods import PERIODS
from needs.enums import ReportKind
from needs.messages.channels.forgetting import forget_needs
from needs.models import REPORT_MODELS, Correction, Encounter, Need, Retraction

DAY = timedelta(days=1)

type Reports = dict[ReportKind, list[uuid.UUID]]


def day_of(moment: datetime) -> datetime:
    """Return the start of the UTC day. Whole days are deleted, because the limits for citizens are per UTC day."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def limit(now: datetime) -> datetime:
    """Return the start of the UTC day REPORT_DAYS ago. Reports from before this time must be deleted."""
    return day_of(now - PERIODS["REPORT_DAYS"].length)


def _own(kind: ReportKind) -> QuerySet[Any]:
    """Return the reports that have their own deletion date. Archives are exempt, so they are left out.

    An encounter of a tour is deleted together with the tour; a need of an encounter is deleted together with the
    encounter.
    """
    rows = REPORT_MODELS[kind].objects.filter(archive=False)
    if kind == ReportKind.ENCOUNTER:
        return rows.filter(tour=None)  # type: ignore[no-any-return]
    if kind == ReportKind.NEED:
        return rows.filter(encounter=None)  # type: ignore[no-any-return]
    return rows  # type: ignore[no-any-return]


def with_what_belongs_to(reports: Mapping[ReportKind, Iterable[uuid.UUID]]) -> Reports:
    """Return the reports, plus the encounters of their tours and the needs of their encounters."""
    found = {kind: set(reports.get(kind, ())) for kind in REPORT_MODELS}
    tours = Encounter.objects.filter(tour__in=found[ReportKind.TOUR])
    found[ReportKind.ENCOUNTER] |= set(tours.values_list("pk", flat=True))
    needs = Need.objects.filter(encounter__in=found[ReportKind.ENCOUNTER])
    found[ReportKind.NEED] |= set(needs.values_list("pk", flat=True))
    return {kind: sorted(keys) for kind, keys in found.items() if keys}


def first_day(now: datetime) -> datetime | None:
    """Return the UTC day of the oldest report to delete; None if there is none."""
    oldest = [_own(kind).aggregate(first=Min("at"))["first"] for kind in REPORT_MODELS]
    first = min((at for at in oldest if at is not None), default=None)
    return day_of(first) if first is not None and first < limit(now) else None


def between(start: datetime, end: datetime) -> Reports:
    """Return the reports of events in [start, end), with the reports that belong to them."""
    return with_what_belongs_to(
        {kind: _own(kind).filter(at__gte=start, at__lt=end).values_list("pk", flat=True) for kind in REPORT_MODELS}
    )


def count(now: datetime) -> int:
    """Return the number of reports to delete."""
    due = limit(now)
    number = sum(_own(kind).filter(at__lt=due).count() for kind in REPORT_MODELS)
    number += Encounter.objects.filter(tour__archive=False, tour__at__lt=due).count()
    by_encounter = Q(encounter__tour=None, encounter__archive=False, encounter__at__lt=due)
    by_tour = Q(encounter__tour__archive=False, encounter__tour__at__lt=due)
    return number + Need.objects.filter(by_encounter | by_tour).count()


def delete(reports: Mapping[ReportKind, Collection[uuid.UUID]]) -> int:
    """Delete reports with their steps, photos, commitments, messages, corrections, retractions; return their number.

    Needs are deleted first, because a need without its encounter would look like an independent report.
    """
    number = 0
    for kind in (ReportKind.AID, ReportKind.NEED, ReportKind.ENCOUNTER, ReportKind.TOUR, ReportKind.CITIZEN_REPORT):
        keys = list(reports.get(kind, ()))
        if keys:
            if kind == ReportKind.NEED:
                forget_needs(keys)
            Retraction.objects.filter(kind=kind, report__in=keys).delete()
            Correction.objects.filter(kind=kind, report__in=keys).delete()
            model = REPORT_MODELS[kind]
            number += model.objects.filter(pk__in=keys).delete()[1].get(model._meta.label, 0)
    return number
