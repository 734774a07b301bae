"""Rules about giving duties: requests, their answers, and duties for several people at once.

A coordinator gives duties in the territories that they coordinate. They give the duty to coordinate only in territories
below these, and must state a purpose. Administrators give every duty. Dispatchers are members of an association, which
is responsible for them.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from volunteers.enums import Duty, Topic
from volunteers.models import Assignment, DutyRequest, DutyShift, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import duties

MAX_PEOPLE = 200


class DutyRefusal(Enum):
    """The reason why a duty was not given, or why a request for it was not accepted."""

    NOT_MEMBER = "not a member of an association"
    NO_PURPOSE = "no purpose"
    ALREADY_ASKED = "already asked"
    HELD = "held already"


class DutyRefused(Exception):
    """A duty was refused, and nothing was changed."""

    def __init__(self, why: DutyRefusal) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Given:
    """The result for several people: the number of people whose duty changed, and the people who cannot have the
    duty."""

    changed: int
    refused: tuple[User, ...]


# --- who may -------------------------------------------------------------------------------------------------------


def territories_for(viewer: Viewer, duty: str) -> QuerySet[Territory]:
    """Return the territories in which the viewer gives and ends a duty."""
    coordinated = Territory.objects.coordinated_by(viewer)
    if duty != Duty.COORDINATOR or viewer.is_administrator:
        return coordinated
    return coordinated.filter(parent__in=coordinated.values("pk"))


def waiting_for(viewer: Viewer) -> QuerySet[DutyRequest]:
    """Return the unanswered requests that the viewer may answer, the oldest first."""
    mine = Q(territory__in=territories_for(viewer, Duty.DISPATCHER)) & ~Q(duty=Duty.COORDINATOR)
    coordinators = Q(territory__in=territories_for(viewer, Duty.COORDINATOR), duty=Duty.COORDINATOR)
    waiting = DutyRequest.objects.waiting().filter(mine | coordinators, user__is_active=True)
    return waiting.select_related("user", "territory")


def assignments_for(viewer: Viewer) -> QuerySet[Assignment]:
    """Return the current duties that the viewer may end."""
    mine = Q(territory__in=territories_for(viewer, Duty.DISPATCHER)) & ~Q(duty=Duty.COORDINATOR)
    coordinators = Q(territory__in=territories_for(viewer, Duty.COORDINATOR), duty=Duty.COORDINATOR)
    return Assignment.objects.current().filter(mine | coordinators).select_related("user", "territory")


def people_for(viewer: Viewer, said: str = "") -> QuerySet[User]:
    """Return people who can be given duties: people with a duty here, and members of associations.

    said: the text that was typed: a part of the name, or a whole e-mail address. An e-mail address finds any account.
    """
    here = Assignment.objects.current().filter(
        user=OuterRef("pk"), territory__in=Territory.objects.coordinated_by(viewer)
    )
    known = Q(Exists(here)) | Q(Exists(Membership.objects.current().filter(user=OuterRef("pk"))))
    people = User.objects.filter(is_active=True)
    if said:
        return people.filter(known & Q(display_name__icontains=said) | Q(email__iexact=said)).order_by(
            "display_name", "pk"
        )
    return people.filter(known).order_by("display_name", "pk")


def on_duty_for(viewer: Viewer) -> QuerySet[DutyShift]:
    """Return the people who are on duty now in the viewer's territories. These are dispatchers of these territories and
    of territories above."""
    coordinated = Territory.objects.coordinated_by(viewer)
    paths = {path for territory in coordinated for path in duties.paths_up(territory)}
    people = Assignment.objects.dispatching().filter(territory__path__in=paths).values("user")
    return DutyShift.objects.current(timezone.now()).filter(user__in=people).select_related("user").order_by("ends_at")


def may_hold(user: User, duty: str) -> bool:
    """Return whether a person can have a duty. Only members of an association can be dispatchers."""
    return duty != Duty.DISPATCHER or Membership.objects.current().filter(user=user).exists()


# --- giving and ending ---------------------------------------------------------------------------------------------


def give(
    people: Iterable[User], territory: Territory, duty: Duty, by: User, purpose: str = "", until: datetime | None = None
) -> Given:
    """Give several people a duty in a territory, until a moment or until somebody ends it. If a person already has the
    duty, only its end changes. Raise DutyRefused: NO_PURPOSE.

    Look the territory up in :func:`territories_for` first, because access is not checked here.
    """
    if duty == Duty.COORDINATOR and not purpose.strip():
        raise DutyRefused(DutyRefusal.NO_PURPOSE)
    changed, refused = 0, []
    for person in people:
        if not may_hold(person, duty):
            refused.append(person)
        elif (held := _held(person, territory, duty).select_related("user", "territory").first()) is None:
            duties.assign(person, territory, duty, by, purpose.strip() if duty == Duty.COORDINATOR else "", until)
            changed += 1
        elif held.until != until:
            changed += duties.set_end(held, until, by)
    return Given(changed, tuple(refused))


def end(people: Sequence[User], territory: Territory, duty: Duty, by: User) -> Given:
    """End a duty of several people in a territory."""
    rows = Assignment.objects.current().filter(user__in=people, territory=territory, duty=duty)
    return Given(sum(duties.end(row, by) for row in rows.select_related("user", "territory")), ())


def close_run_out() -> int:
    """Close the duties with an end in the past, and tell the people; return the number of duties."""
    closed = duties.close_run_out()
    for each in closed:
        notify([each.user], Topic.DESK, f"duty:ended:{each.pk}", _run_out)
    return len(closed)


def _run_out() -> Message:
    return Message(
        _("A duty of yours has ended"), _("Its last day is over. You can ask for it again."), reverse("volunteers:me")
    )


def _held(user: User, territory: Territory, duty: str) -> QuerySet[Assignment]:
    return Assignment.objects.current().filter(user=user, territory=territory, duty=duty)


# --- asking and answering ------------------------------------------------------------------------------------------


def ask(user: User, territory: Territory, duty: Duty, text: str) -> DutyRequest:
    """Ask for a duty and notify the coordinators. Raise DutyRefused: NOT_MEMBER, HELD, ALREADY_ASKED."""
    if not may_hold(user, duty):
        raise DutyRefused(DutyRefusal.NOT_MEMBER)
    if _held(user, territory, duty).exists():
        raise DutyRefused(DutyRefusal.HELD)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = DutyRequest.objects.create(user=user, territory=territory, duty=duty, text=text)
        except IntegrityError:
            raise DutyRefused(DutyRefusal.ALREADY_ASKED) from None
        notify(duties.coordinators_of(territory).exclude(pk=user.pk), Topic.DESK, f"duty:asked:{made.pk}", _asked)
    return made


def _asked() -> Message:
    return Message(
        _("Somebody asks for a duty"), _("Read the request, and accept or decline it."), reverse("territories:duties")
    )


def answer(request: uuid.UUID, by: User, *, accept: bool, purpose: str = "") -> DutyRequest | None:
    """Accept or decline a request; return None if somebody has already answered. Raise DutyRefused.

    Look the request up in :func:`waiting_for` first, because access is not checked here.
    """
    with transaction.atomic():
        changed = DutyRequest.objects.waiting().filter(pk=request).order_by()
        if not changed.update(accepted=accept, answered_by=by, answered_at=timezone.now()):
            return None
        row = DutyRequest.objects.select_related("user", "territory").get(pk=request)
        if accept and give([row.user], row.territory, Duty(row.duty), by, purpose).refused:
            raise DutyRefused(DutyRefusal.NOT_MEMBER)
        recording.record(
            by, Verb.REQUEST_ANSWERED, "account", row.user.key, purpose=Purpose.ADMINISTRATION,
            scope=row.territory.slug, details={"duty": str(row.duty), "accepted": accept},
        )  # fmt: skip
        notify([row.user], Topic.DESK, f"duty:answered:{row.pk}", lambda: _answered(accept))
    return row


def _answered(accepted: bool) -> Message:
    if accepted:
        return Message(_("You have a new duty"), _("Your profile shows where."), reverse("volunteers:me"))
    return Message(
        _("Your request for a duty was declined"), _("You can ask again, or write to the person in charge."),
        reverse("volunteers:me"),
    )  # fmt: skip
