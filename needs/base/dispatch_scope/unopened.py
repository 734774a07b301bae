"""Notifications about needs that no dispatcher opens.

After every UNOPENED_MINUTES, the dispatchers one level higher in the tree of territories are notified, and in the end
the coordinators.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from needs.base.dispatch_scope import scope
from needs.enums import NeedState
from needs.models import Need, NeedQuerySet
from volunteers.enums import Topic
from volunteers.models import Assignment, Territory, User
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import duties

NOT_OLDER = timedelta(hours=24)
"""Maximum age of an announced need. Older needs are only in the daily reminder, so an upgrade announces few needs."""
UNTOUCHED = (NeedState.HELD, NeedState.NEW)
MAX_NEEDS = 500


def stages_due(filed: datetime, escalated: datetime | None, now: datetime, step: timedelta) -> range:
    """Return the stages to announce now for an unopened need: stage 1 is due one interval after filing, stage 2 two
    intervals after filing, and so on.

    escalated: the time at which the last stage was announced, or None.
    """
    done = (escalated - filed) // step if escalated else 0
    return range(max(done, 0) + 1, (now - filed) // step + 1)


def levels_above(territory: Territory | None) -> list[list[User]]:
    """Return the people to notify at each stage.

    The lowest staffed level is left out, because it is notified first. Each higher level with dispatchers is one stage.
    Coordinators are last.
    """
    levels: dict[str, list[User]] = defaultdict(list)
    if territory is not None:
        here = Assignment.objects.dispatching().filter(
            territory__path__in=duties.paths_up(territory), user__is_active=True
        )
        for row in here.select_related("user", "territory"):
            levels[row.territory.path].append(row.user)
    above = [levels[path] for path in sorted(levels, key=len, reverse=True)][1:]
    return [*above, list(duties.coordinators_of(territory))]


def waiting(now: datetime) -> NeedQuerySet:
    """Return recent needs that no dispatcher has opened or moved."""
    since, until = now - NOT_OLDER, now - timedelta(minutes=settings.UNOPENED_MINUTES)
    needs = Need.objects.live().filter(state__in=UNTOUCHED, first_opened_at=None, archive=False, run=None)
    return needs.filter(filed_at__gt=since, filed_at__lte=until).order_by("filed_at")


def announce(now: datetime | None = None) -> int:
    """Announce unopened needs to the next level; return the number of notifications. Safe to repeat."""
    now = now or timezone.now()
    step = timedelta(minutes=max(settings.UNOPENED_MINUTES, 1))
    numbers: dict[int, int] = defaultdict(int)
    people: dict[int, User] = {}
    levels_of = cache(levels_above)
    with transaction.atomic():
        rows = waiting(now).select_for_update(of=("self",), skip_locked=True)[:MAX_NEEDS]
        for need in rows:
            due = stages_due(need.filed_at, need.escalated_at, now, step)
            levels = levels_of(scope.territory_of(need)) if due else []
            told = {person.pk: person for stage in due if stage <= len(levels) for person in levels[stage - 1]}
            for key, person in told.items():
                numbers[key] += 1
                people[key] = person
            if told:
                Need.objects.filter(pk=need.pk, first_opened_at=None).update(escalated_at=now)
        return sum(_tell(people[key], number, now) for key, number in numbers.items())


def _tell(person: User, number: int, now: datetime) -> int:
    return notify([person], Topic.TRIAGE, f"unopened:{now:%Y%m%d%H%M%S}", lambda: _message(number))


def _message(number: int) -> Message:
    title = ngettext("%(n)d new need that nobody has opened", "%(n)d new needs that nobody has opened", number)
    return Message(
        title % {"n": number},
        gettext("The dispatchers of its territory have not opened it yet. Please look, or call them."),
        reverse("needs:triage"),
    )
