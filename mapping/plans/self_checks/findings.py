"""Findings of the self-checks about associations: the association reads its own first and can answer; coordinators read
its name, with the answer, ALONE later.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mapping.models import CheckedAssociation, SelfCheckNotice
from mapping.plans.self_checks.past_checks import SHOWN_DAYS, associations_found
from volunteers.enums import Topic
from volunteers.models import Association, Territory, User
from volunteers.people.associations.membership import association_dispatchers
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import duties, people_counts

ALONE = timedelta(days=14)
"""For this long only the association itself reads a finding about it."""


def note_findings() -> int:
    """Store what the self-checks find about associations, in each territory that has tours and a count, and those above
    it, and tell the associations' dispatchers about new findings. Return the number of new ones. Safe to repeat."""
    today = timezone.localdate()
    checked = Territory.objects.filter(pk__in=CheckedAssociation.objects.values("territory"))
    above = duties.all_paths_up(checked.values_list("path", flat=True))
    new = 0
    counted = people_counts.territories_with_source()
    for territory in Territory.objects.filter(path__in=above, pk__in=counted).defer("polygon"):
        for kind, associations in associations_found(territory, today).items():
            for association in associations:
                with transaction.atomic():
                    notice, made = SelfCheckNotice.objects.update_or_create(
                        territory=territory, association=association, kind=kind, defaults={"found_on": today},
                        create_defaults={"found_on": today, "since": timezone.now()} | _given(association, kind),
                    )  # fmt: skip
                    if made:
                        _tell(notice)
                        new += 1
    return new


def _given(association: Association, kind: str) -> dict[str, Any]:
    """Return the answer that the association gave to the same finding in another territory."""
    other = of_association(association).filter(kind=kind).exclude(answer="").first()
    return {"answer": other.answer, "answered_at": other.answered_at} if other else {}


def _tell(notice: SelfCheckNotice) -> None:
    path = reverse("mapping:own_check", args=[notice.association.slug])
    notify(
        association_dispatchers(notice.association_id),
        Topic.DESK,
        f"self-check:{notice.pk}",
        partial(_words, path),
    )


def _words(path: str) -> Message:
    return Message(
        _("The map has a question about your tours"),
        _("The self-check of the map found something about how your association logs its tours. Only your association can "
          "read it for 14 days. Your answer will stand beside it."),
        path,
    )  # fmt: skip


def readable(territory: Territory, now: datetime) -> dict[tuple[str, int], SelfCheckNotice]:
    """Return the notices of a territory that its coordinators may read, by kind and association."""
    rows = SelfCheckNotice.objects.filter(territory=territory, since__lte=now - ALONE)
    return {(row.kind, row.association_id): row for row in rows}


def of_association(association: Association) -> QuerySet[SelfCheckNotice]:
    """Return the notices about an association that the self-checks still find or found in the days that they show, in
    territories with a count."""
    since = timezone.localdate() - timedelta(days=SHOWN_DAYS)
    counted = people_counts.territories_with_source()
    rows = SelfCheckNotice.objects.filter(association=association, found_on__gte=since, territory__in=counted)
    return rows.select_related("territory").defer("territory__polygon").order_by("territory__path")


def sums_of(association: Association) -> list[dict[str, Any]]:
    """Return the sums of an association's checked tours in the days that the self-checks show, by territory with a
    count."""
    since = timezone.localdate() - timedelta(days=SHOWN_DAYS)
    counted = people_counts.territories_with_source()
    rows = CheckedAssociation.objects.filter(association=association, day__gte=since, territory__in=counted)
    found = rows.values("territory__name").annotate(
        all_tours=Sum("tours"), without_time=Sum("unlogged"), all_visits=Sum("visits"), all_expected=Sum("expected"),
        all_met=Sum("met"),
    )  # fmt: skip
    return sorted(({**row} for row in found), key=lambda row: row["territory__name"])


def answer(association: Association, kind: str, text: str, by: User) -> None:
    """Store the answer of an association to a kind of finding, for all territories where it was found; an empty text
    removes it. The caller checks that the person dispatches for the association."""
    with transaction.atomic():
        of_association(association).filter(kind=kind).update(answer=text, answered_at=timezone.now() if text else None)
        recording.record(by, Verb.CHECK_ANSWERED, "association", association.pk, purpose=Purpose.STATISTICS)
