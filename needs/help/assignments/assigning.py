"""The desk's side: assigning needs to associations and relief groups, one or many at a time, and withdrawing an
assignment.

A need keeps its state until the group accepts. So volunteers do not see a need before a dispatcher opens it, even if
the desk has asked a group to take it.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.dispatch_scope import scope
from needs.base.event_rights import crisis_access
from needs.enums import TAKEABLE_STATES, NeedState
from needs.help.assignments.assign_refusals import AssignRefusal, AssignRefused
from needs.help.commitments.taking import free_kinds
from needs.models import AssignmentState, Crisis, Need, NeedAssignment, NeedQuerySet, ReliefGroup
from solidarity.lib.database.kept_query import KeptValues
from volunteers.enums import Topic
from volunteers.models import Association, Membership, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify

ASSIGNABLE = (*TAKEABLE_STATES, NeedState.NEW, NeedState.VERIFIED, NeedState.REOPENED)
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """An association or a relief group to which a need can be assigned."""

    to: Association | ReliefGroup

    @property
    def name(self) -> str:
        return str(self.to)


@dataclass(frozen=True, slots=True)
class Option:
    """An association or a relief group in a form. key: the value of the option."""

    key: str
    name: str
    is_group: bool


def assignable_by(viewer: Viewer) -> NeedQuerySet:
    """Return the live needs that a reader may assign: needs on which the reader works, and reports of events that
    the reader coordinates, in their territories."""
    mine, coordinated = scope.needs_for(viewer).values("pk"), crisis_access.coordinated_reports(viewer).values("pk")
    return Need.objects.live().filter(Q(pk__in=mine) | Q(pk__in=coordinated))


def options_for(crises: Iterable[Crisis | int]) -> list[Option]:
    """Return the open relief groups of these events, then all associations with members, by name.

    One query finds all options. The events are looked up only if any relief group is open.
    """
    found = _OPTIONS.rows()
    events = {getattr(each, "pk", each) for each in crises} if any(is_group for is_group, *_rest in found) else set()
    return [
        Option(f"group:{key}" if is_group else f"association:{key}", name, is_group)
        for is_group, name, key, crisis in found
        if not is_group or crisis in events
    ]


def _options() -> QuerySet[Any, Any]:
    """Return (is it a relief group, name, key, event) of each option, whatever its event."""
    groups = ReliefGroup.objects.open().filter(members__lead=True)
    groups_found = groups.annotate(is_group=Value(value=True), key=Cast("pk", CharField()))
    associations_found = _with_members().annotate(is_group=Value(value=False), event=Value(None, BigIntegerField()))
    rows = (
        groups_found.order_by()
        .values_list("is_group", "name", "key", "crisis")
        .union(associations_found.values_list("is_group", "name", "slug", "event"))
    )
    return rows.order_by("-is_group", "name", "key")


def _with_members() -> QuerySet[Association]:
    """Return the associations that have a member with a usable account."""
    members = Membership.objects.current().filter(association=OuterRef("pk"), user__is_active=True)
    return Association.objects.filter(Exists(members)).order_by()


_OPTIONS = KeptValues({}, _options)


def chosen(key: str) -> Choice | None:
    """Return the association or relief group of a form's value; None if there is none."""
    kind, _colon, name = key.partition(":")
    found: Association | ReliefGroup | None = None
    if kind == "group":
        try:
            found = ReliefGroup.objects.filter(pk=uuid.UUID(name)).first()
        except ValueError:
            return None
    elif kind == "association":
        found = Association.objects.filter(slug=name).first()
    return Choice(found) if found else None


def assign(need: uuid.UUID, choice: Choice, viewer: Viewer) -> NeedAssignment:
    """Assign a need and notify the people who answer for the group. Raise AssignRefused."""
    by = viewer.user_or_404
    with transaction.atomic():
        row = assignable_by(viewer).select_for_update(of=("self",)).filter(pk=need).first()
        _check(row, choice)
        assert row is not None
        try:
            with transaction.atomic():
                made = NeedAssignment.objects.create(
                    need=row, by=by,
                    group=choice.to if isinstance(choice.to, ReliefGroup) else None,
                    association=choice.to if isinstance(choice.to, Association) else None,
                )  # fmt: skip
        except IntegrityError:
            raise AssignRefused(AssignRefusal.ASSIGNED) from None
        if not (people := answering_people(made)):
            raise AssignRefused(AssignRefusal.NOBODY)
        notify_waiting(made, people)
        recording.record(by, Verb.NEED_ASSIGNED, "need", row.pk, purpose=Purpose.COORDINATION)
    return made


def _check(row: Need | None, choice: Choice) -> None:
    """Raise AssignRefused if a need cannot be assigned to a group. row: the locked row of the need."""
    if row is None or row.state not in (*ASSIGNABLE, NeedState.HELD):
        raise AssignRefused(AssignRefusal.GONE)
    if row.state == NeedState.HELD:
        raise AssignRefused(AssignRefusal.HELD)
    if row.state not in TAKEABLE_STATES and row.lacks_place:
        raise AssignRefused(AssignRefusal.PLACE)
    if not free_kinds(row):
        raise AssignRefused(AssignRefusal.TAKEN)
    if isinstance(choice.to, ReliefGroup) and (choice.to.closed_at or choice.to.crisis_id != row.crisis_id):
        raise AssignRefused(AssignRefusal.OTHER_EVENT)


@dataclass(frozen=True, slots=True)
class Result:
    """The result for one need. failure: the reason for a failure; empty on success."""

    need: uuid.UUID
    failure: str = ""


def assign_many(needs: Sequence[uuid.UUID], choice: Choice, viewer: Viewer) -> list[Result]:
    """Assign many needs, each in its own transaction; a failure does not affect the others."""
    results = []
    for need in list(dict.fromkeys(needs))[:MOST_AT_ONCE]:
        try:
            assign(need, choice, viewer)
        except AssignRefused as refused:
            results.append(Result(need, refused.words))
        else:
            results.append(Result(need))
    return results


def withdraw(assignment: uuid.UUID, viewer: Viewer) -> None:
    """Withdraw an assignment that waits for an answer. Raise NeedAssignment.DoesNotExist, AssignRefused (ANSWERED)."""
    with transaction.atomic():
        asked = NeedAssignment.objects.filter(need__in=assignable_by(viewer).values("pk"))
        row = asked.select_for_update(of=("self",)).get(pk=assignment)
        if row.state != AssignmentState.WAITING:
            raise AssignRefused(AssignRefusal.ANSWERED)
        end(row, AssignmentState.WITHDRAWN)


def end(row: NeedAssignment, state: AssignmentState, reason: str = "") -> None:
    """End an assignment; the caller has locked it."""
    row.state, row.settled_at, row.reason = state, timezone.now(), reason
    row.save(update_fields=["state", "settled_at", "reason"])


def answering_people(row: NeedAssignment) -> list[User]:
    """Return the people who answer for a group: the lead of a relief group; the dispatchers of an association, or else
    all its members."""
    people = User.objects.filter(is_active=True)
    if row.group_id:
        return list(people.filter(relief_memberships__group=row.group_id, relief_memberships__lead=True))
    members = Membership.objects.current().filter(association=row.association_id)
    dispatchers = Membership.objects.dispatching().filter(association=row.association_id)
    return list(people.filter(pk__in=dispatchers.values("user")) or people.filter(pk__in=members.values("user")))


def notify_waiting(row: NeedAssignment, people: Iterable[User], *, again: bool = False) -> None:
    """Notify the people who answer for the group that a need waits. again: True if this is a reminder."""
    key = f"assignment:{'reminder' if again else 'asked'}:{row.pk}"
    notify(people, Topic.DESK, key, lambda: Message(
        _("A need still waits for your answer") if again else _("The desk asks you to take a need"),
        _("Open the page to accept or decline. Without an answer, it goes back to the desk."),
        reverse("needs:relief"),
    ))  # fmt: skip
