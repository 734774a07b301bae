"""Two relief groups of the cold snap, and needs that the desk assigned to them and to an association."""

from datetime import datetime, timedelta

from django.utils import timezone

from needs.help.assignments.assigning import ASSIGNABLE
from needs.models import AssignmentState, Crisis, Need, NeedAssignment, ReliefGroup
from solidarity.ops.demo.demo_crises import SLUG
from solidarity.ops.demo.people import Cast

GROUPS = ("Duvets, rive droite", "Boissons chaudes, gares")


def enter(cast: Cast, until: datetime) -> dict[str, int]:
    """Store the groups and assignments in the caller's transaction. This can be repeated, because assignments disappear
    together with their needs."""
    crisis = Crisis.objects.get(slug=SLUG)
    coordinator, dispatcher = cast.logins["coordinator"], cast.logins["dispatcher"]
    people = ((cast.logins["volunteer"], *cast.volunteers[:2]), (cast.logins["member"], *cast.members[0][:2]))
    groups = []
    for name, members in zip(GROUPS, people, strict=True):
        group, _made = ReliefGroup.objects.update_or_create(
            crisis=crisis, name=name, defaults={"made_by_id": coordinator, "closed_at": None}
        )
        group.members.all().delete()
        for number, person in enumerate(dict.fromkeys(members)):
            group.members.create(user_id=person, lead=number == 0)
        groups.append(group)
    free = Need.objects.live().filter(crisis=crisis, state__in=ASSIGNABLE, danger_alarm=None, assignments=None)
    needs = list(free.order_by("pk")[:4])
    sent = [
        NeedAssignment(need=need, by_id=dispatcher, at=until - timedelta(minutes=5), **to)
        for need, to in zip(needs, ({"group": groups[0]}, {"group": groups[1]}), strict=False)
    ]
    if len(needs) == 4:
        sent.append(NeedAssignment(need=needs[2], by_id=dispatcher, association_id=cast.associations[0]))
        sent.append(NeedAssignment(
            need=needs[3], by_id=dispatcher, group=groups[0], at=until - timedelta(hours=3), reason="too_far",
            state=AssignmentState.DECLINED, answered_by_id=people[0][0], answered_at=until - timedelta(hours=2),
            settled_at=timezone.now(),
        ))  # fmt: skip
    NeedAssignment.objects.bulk_create(sent)
    return {"relief groups": len(groups), "assignments": len(sent)}
