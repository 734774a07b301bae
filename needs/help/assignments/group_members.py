"""Relief groups of an event: its coordinators make, change and close them."""

import uuid

from django.contrib.gis.db.models import GeometryField
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone

from needs.help.assignments.assigning import end
from needs.models import AssignmentState, Crisis, NeedAssignment, ReliefGroup, ReliefMember
from volunteers.models import Association, Membership, Territory, User, Vouch
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

MOST_LISTED = 300


class NameTaken(Exception):
    """The event has a group with this name."""


def make_group(crisis: Crisis, name: str, by: User, association: Association | None = None) -> ReliefGroup:
    """Make a relief group without members. Raise NameTaken."""
    try:
        with transaction.atomic():
            made = ReliefGroup.objects.create(crisis=crisis, name=name, association=association, made_by=by)
    except IntegrityError:
        raise NameTaken from None
    _record(made, by)
    return made


def candidates(group: ReliefGroup) -> list[User]:
    """Return the vouched volunteers who can be added, by name: the members of the group's association; without an
    association, volunteers with a base in a territory that takes part in the event. The drawn area of the event is not used:
    it could be so small that the list would reveal where somebody lives."""
    members = Membership.objects.current()
    if group.association_id:
        people = User.objects.filter(pk__in=members.filter(association=group.association_id).values("user"))
    else:
        here = Territory.objects.filter(pk__in=group.crisis.agreements.values("territory"))
        base = Cast(OuterRef("profile__base"), GeometryField(srid=4326))
        vouched = Q(pk__in=members.values("user")) | Q(pk__in=Vouch.objects.current().values("user"))
        people = User.objects.filter(vouched, Exists(here.filter(polygon__covers=base)))
    people = people.filter(is_active=True).exclude(pk__in=group.members.values("user"))
    return list(people.order_by("display_name", "pk")[:MOST_LISTED])


def add(group: ReliefGroup, person: uuid.UUID, by: User) -> bool:
    """Add a candidate; the first one is the lead. Return False for everybody else."""
    with transaction.atomic():
        row = ReliefGroup.objects.open().select_for_update().filter(pk=group.pk).first()
        found = next((each for each in candidates(group) if each.key == person), None)
        if row is None or found is None:
            return False
        ReliefMember.objects.create(group=row, user=found, lead=not row.members.filter(lead=True).exists())
        _record(row, by)
    return True


def remove(group: ReliefGroup, member: int, by: User) -> None:
    """Remove a member. Needs that the person holds stay with them until their commitment ends."""
    if ReliefMember.objects.filter(group=group, pk=member).delete()[0]:
        _record(group, by)


def make_lead(group: ReliefGroup, member: int, by: User) -> None:
    """Make a member the lead, in place of the previous lead."""
    with transaction.atomic():
        ReliefGroup.objects.select_for_update().get(pk=group.pk)
        if not group.members.filter(pk=member).exists():
            return
        group.members.filter(lead=True).update(lead=False)
        group.members.filter(pk=member).update(lead=True)
        _record(group, by)


def close(group: ReliefGroup, by: User) -> None:
    """Close a group: nothing more is assigned to it, and needs that wait for its answer return to the queue."""
    with transaction.atomic():
        if ReliefGroup.objects.open().filter(pk=group.pk).update(closed_at=timezone.now()):
            waiting = NeedAssignment.objects.filter(group=group, state=AssignmentState.WAITING)
            for row in waiting.select_for_update(of=("self",)):
                end(row, AssignmentState.WITHDRAWN)
            _record(group, by)


def close_all(crisis: Crisis, by: User) -> None:
    """Close the groups of an event that is over."""
    for group in ReliefGroup.objects.open().filter(crisis=crisis):
        close(group, by)


def _record(group: ReliefGroup, by: User) -> None:
    recording.record(by, Verb.RELIEF_GROUP_CHANGED, "crisis", group.crisis_id, purpose=Purpose.COORDINATION)
