"""Retention rules of the map (docs/privacy.md)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mapping.coverage.cells import ledger, retained_evidence
from mapping.coverage.folding import fold, region_locks, unfolded
from mapping.models import Departure, FieldNote, Override, QuotedNote, evidence_day
from mapping.out.file_imports import incoming_files
from mapping.out.offboarding import departure
from mapping.plans.parameters import nightly_rates
from needs.base.retention_rules.registry import CustomRule, Due, RowRule, keep_with_reason, register
from needs.doors.retention import report_deletion
from needs.enums import ReportKind
from needs.models import REPORT_MODELS


@dataclass(frozen=True, slots=True)
class ReportRetention:
    """Rule that erases whole reports. It processes one UTC day after the other, the oldest first. The rule retains
    the weight of the reports as sums per cell."""

    name: str
    description: str | Promise
    period: str
    covers: Sequence[str]

    def count(self, now: datetime) -> int:
        return report_deletion.count(now) + Override.objects.filter(at__lt=report_deletion.limit(now)).count()

    def carry_out(self, now: datetime) -> int:
        number, limit = 0, report_deletion.limit(now)
        while (day := _first_day(now)) is not None and day < limit:
            number += erase_day(day, now)
        return number


def _first_day(now: datetime) -> datetime | None:
    contest = Override.objects.filter(at__lt=report_deletion.limit(now)).aggregate(first=Min("at"))["first"]
    days = [report_deletion.first_day(now), contest and report_deletion.day_of(contest)]
    return min((day for day in days if day is not None), default=None)


def erase_day(start: datetime, now: datetime) -> int:
    """Erase the reports of one UTC day, retain their weight, and return the number of reports. Cell states stay the
    same."""
    end = start + report_deletion.DAY
    with transaction.atomic():
        region_locks.lock_all()
        due = report_deletion.between(start, end)
        contests = list(Override.objects.filter(at__gte=start, at__lt=end).values_list("pk", flat=True))
        taken = _take_out({**due, ReportKind.OVERRIDE: contests}, now)
        retained_evidence.retain(taken, evidence_day(end), now)
        number = report_deletion.delete(due)
        Override.objects.filter(pk__in=contests).delete()
    return number + len(contests)


def _take_out(due: dict[ReportKind, list[uuid.UUID]], now: datetime) -> ledger.EvidenceRows:
    """Fold those reports that are still in the outbox, if their fold does not fail. Then delete the evidence of all the
    reports and return it. The caller holds FOLD alone."""
    kinds = [int(kind) for kind, keys in due.items() for _key in keys]
    keys = [str(key) for keys in due.values() for key in keys]
    waiting = []
    with connection.cursor() as cursor:
        for table in (unfolded.OUTBOX, unfolded.UNFOLDED):
            cursor.execute(
                f"DELETE FROM {table} t USING unnest(%s::smallint[], %s::uuid[]) r(kind, report) "
                "WHERE t.report = r.report AND t.kind = r.kind RETURNING id, t.kind, t.report, old_cell, new_cell",
                [kinds, keys],
            )
            waiting += [unfolded.Touched(*row) for row in cursor.fetchall()]
    fold.fold_if_possible(waiting, now)
    return ledger.take_out(kinds, keys)


def _reasons(now: datetime) -> Sequence[Due]:
    limit = now - timedelta(days=settings.FREE_TEXT_DAYS)
    # Keep the reason while the override is in force.
    old = Override.objects.filter(filed_at__lt=limit, expires_at__lt=now)
    return [(old.filter(~Q(reason="") | ~Q(extended_reason="")), {"reason": "", "extended_reason": ""})]


def _notes(now: datetime) -> Sequence[Due]:
    # A report quotes the note itself, so an agreed note is kept as long as its quotation.
    quoted = QuotedNote.objects.agreed().values("note")
    shown = FieldNote.objects.current(now).values("pk")
    return [(FieldNote.objects.exclude(pk__in=shown).exclude(pk__in=quoted), None)]


def _quotes(now: datetime) -> Sequence[Due]:
    limit = now - timedelta(days=settings.REPORT_DAYS)
    return [(QuotedNote.objects.filter(report__made_at__lt=limit), None)]


_NO_PERSON = "about a territory, not about a person"


def register_rules() -> None:
    """Register the retention rules of the map; called when the apps are ready."""
    register(
        RowRule("contests", _("Reasons of contests are deleted, but not while the contest is shown."), "FREE_TEXT_DAYS",
             ("mapping.Override.reason", "mapping.Override.extended_reason"), _reasons),
        RowRule("quotes", _("The words that an external report quotes are deleted with the period of reports."), "REPORT_DAYS",
             ("mapping.QuotedNote",), _quotes),
        RowRule("notes", _("Field notes are deleted when they expire, or when somebody removes them. A note that a report quotes is kept as long as the quotation."),  # noqa: E501
             "", ("mapping.FieldNote.text",), _notes),
        RowRule("departures", _("Exports of all data of an association are deleted after a week."), "", (),
             lambda now: [(Departure.objects.filter(made_at__lt=now - departure.KEPT, leaving_at=None), None)]),
        RowRule("citizen_rates", _("Estimates of how often citizens report people are deleted when no zone uses them any more."),
             "REPORT_DAYS", (), lambda now: [(nightly_rates.superseded(now), None)]),
        CustomRule("imported_files", _("Uploaded files are deleted once they are imported, and after a week at the latest."), "", (),
                   incoming_files.count_old, incoming_files.drop_old),
        ReportRetention(
            "reports",
            _("A report is erased completely, with its history, commitments and messages. Only its remaining weight on the map stays, in a sum for each cell."),  # noqa: E501
            "REPORT_DAYS",
            ("needs.Need.source", "needs.CitizenReport.source", "needs.Need.reference", "needs.CitizenReport.reference",
             "needs.Need.follow_hash", "mapping.Evidence", "mapping.Override.content_hash", "needs.Proposal.reasons",
             *(f"{model._meta.label}.content_hash" for model in REPORT_MODELS.values())),
        ),
    )  # fmt: skip
    keep_with_reason(
        {
            "volunteers.Territory": _NO_PERSON,
            "volunteers.Assignment.purpose": "a coordinator's stated purpose (docs/privacy.md)",
            "mapping.Parameters": _NO_PERSON,
            "mapping.RetainedEvidence": "decayed sums of a cell of resolution 9, without reports, sources or times",
            "mapping.CitizenRates": "rates of quarters over many days, without reports, sources or times",
            "mapping.Release.folder": "a folder named by the hash of what everybody may read",
            "mapping.ReleaseFiles.folder": "a folder named by the hash of a frozen release",
            "mapping.Release.memory": "which places were shown last time, at resolution 8 and 7; no report and no source",
            "mapping.Release.unseen": "numbers of people expected in whole territories",
            "mapping.PublicWeek.figures": "sums of whole territories and weeks with noise, which everybody may read",
            "mapping.PublicPlace.outline": "what everybody may read: resolution 8 or coarser",
            "mapping.Zone.shape": "a status of many cells of resolution 9 or 8",
            "mapping.Zone.members": "the list of these cells",
            "mapping.LowZoomCell.outline": "cells of resolution 8 and 7",
            "needs.ColdPlan.reason": _NO_PERSON,
            "needs.ColdTrigger.key_hash": "a hash of a webhook's key",
            "mapping.ZoneReport.payload": "counts of a territory; points are at resolution 9",
            "mapping.ReportAgreement": "the answer of an association; its author's name goes with the account",
            "mapping.ZoneReport.recipient": "the office to which a report is addressed, printed on its cover",
            "mapping.FileImport": "names of a file and its columns, totals; about no person",
            "mapping.SavedMapping": "names of columns; about no person",
            "mapping.Export.words": "a hash of words that a report printed",
            "mapping.Export.error": "one of four sentences; files are deleted after a week by drop_old_exports",
        }
    )
