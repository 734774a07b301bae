"""The cases that a moderator may open, and the moderator who is reading a case now.

Coordinators may open the cases of their territories; administrators may open all. Nobody opens a case about a text that
they or their association wrote: such a case goes to the next higher territory. Only administrators open cases that were
passed on. An appeal goes to the territory above the territory of the decision. The person who decided does not answer
the appeal, unless there is no other moderator.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from needs.models import CaseQuerySet, ModerationCase
from volunteers.models import Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles import standing

HOLD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Reading:
    """Another moderator who reads a case now. name: first name of the moderator."""

    name: str
    since: datetime


def moderates(viewer: Viewer) -> bool:
    """Whether a viewer moderates anywhere; False with “view as”."""
    return viewer.view_as is None and viewer.account is not None and standing.is_coordinator(viewer.account)


def moderator_only(viewer: Viewer) -> User:
    """Return the moderator; raise Http404 for everybody else."""
    if not moderates(viewer):
        raise Http404
    return viewer.user_or_404


def cases_for(viewer: Viewer) -> CaseQuerySet:
    """Return the cases that a viewer may open."""
    if not moderates(viewer):
        return ModerationCase.objects.none()
    user = viewer.user_or_404
    mine = Membership.objects.current().filter(user=user).values("association")
    rows = ModerationCase.objects.exclude(Q(author__isnull=False, author=user)).exclude(
        Q(association__isnull=False, association__in=mine)
    )
    if not viewer.is_administrator:
        own = Territory.objects.coordinated_by(viewer).defer("polygon")
        above = Exists(own.filter(pk=OuterRef("territory__parent")))
        appeal = Q(appealed_at__isnull=False)
        rows = rows.filter(passed_on_at=None, territory__in=own.values("pk"))
        return rows.filter(~appeal | above | Q(decided_by=user)).distinct()
    return rows


def waiting_for(viewer: Viewer) -> CaseQuerySet:
    """Return the cases that a viewer has to decide, appeals first."""
    rows = cases_for(viewer).waiting()
    if not _is_alone(viewer):
        rows = rows.exclude(appealed_at__isnull=False, decided_by=viewer.account)
    return rows.order_by(F("appealed_at").desc(nulls_last=True), "opened_at")


def may_decide_appeal(viewer: Viewer, case: ModerationCase) -> bool:
    """Whether a viewer who may open a case also answers its appeal."""
    if not case.is_appealed:
        return False
    return case.decided_by_id != viewer.user_or_404.pk or _is_alone(viewer)


def _is_alone(viewer: Viewer) -> bool:
    """Whether a viewer is the only administrator, so that nobody else could answer an appeal."""
    if not viewer.is_administrator or viewer.account is None:
        return False
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=viewer.account.pk)
    return not others.exists()


def case_or_404(viewer: Viewer, case: object) -> ModerationCase:
    """Return a case that the viewer may open; raise Http404 otherwise."""
    rows = cases_for(viewer).select_related("author", "association", "territory", "holder", "decided_by")
    return get_object_or_404(rows.defer("territory__polygon"), pk=case)


def read(case: ModerationCase, user: User) -> Reading | None:
    """Mark a case as being read by a moderator; return the other moderator who reads it now, if there is one."""
    now = timezone.now()
    with transaction.atomic():
        row = ModerationCase.objects.select_for_update(of=("self",)).select_related("holder").get(pk=case.pk)
        if row.holder is not None and row.holder_id != user.pk and row.holder_until and row.holder_until > now:
            name = row.holder.given_name
            return Reading(name, row.holder_since or now)
        if row.holder_id != user.pk or not row.holder_until or row.holder_until <= now:
            row.holder, row.holder_since = user, now
        row.holder_until = now + HOLD
        row.save(update_fields=["holder", "holder_since", "holder_until"])
    return None
