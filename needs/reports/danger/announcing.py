"""Notifying people of alarms: first the dispatchers on duty, then more people until somebody answers.

A notification says that an alarm waits, but does not quote the report. A task runs every minute and sends one
notification for all alarms to announce in a territory. In addition, a new alarm is announced at once, at most AT_ONCE
times per territory in TEN_MINUTES. A flood of alarms therefore fills the list of alarms, but does not send hundreds of
messages to telephones.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from needs.base.dispatch_scope import scope
from needs.enums import ReporterAnswer
from needs.models import DangerAlarm, Encounter, Need
from volunteers.enums import Topic
from volunteers.models import Territory, User
from volunteers.people.notifications import notifying
from volunteers.places.territories import duties

log = logging.getLogger(__name__)

ON_DUTY, DISPATCHERS, EVERYBODY = range(3)
"""Levels: dispatchers on duty; all dispatchers, also of higher territories; also coordinators and administrators."""
AT_ONCE = 5
TEN_MINUTES = timedelta(minutes=10)


def next_level(level: int, notified_at: datetime | None, now: datetime, *, cannot_call: bool = False) -> int | None:
    """Return the level at which to announce an alarm now; None if it is too early to announce it again. Pure.

    cannot_call: True if the reporter cannot call; all dispatchers are then told without waiting.
    """
    if cannot_call and level == ON_DUTY:
        return DISPATCHERS
    if notified_at is None:
        return ON_DUTY
    if now - notified_at < timedelta(minutes=settings.ALARM_MINUTES):
        return None
    return min(level + 1, EVERYBODY)


def people_at(level: int, territory: Territory | None, now: datetime) -> QuerySet[User]:
    """Return the people to notify at a level for a territory; if nobody is at this level, the people of the next
    level."""
    if level == ON_DUTY:
        here = duties.on_duty(territory, now)
        return here if here.exists() else people_at(DISPATCHERS, territory, now)
    dispatchers = duties.territory_dispatchers(territory)
    if level == DISPATCHERS and dispatchers.exists():
        return dispatchers
    above = duties.coordinators_of(territory)
    return User.objects.filter(Q(pk__in=dispatchers.values("pk")) | Q(pk__in=above.values("pk")))


def is_staffed_now(report: Need | Encounter, now: datetime) -> bool:
    """Return whether somebody is on duty for the place of a report."""
    return duties.on_duty(scope.territory_of(report), now).exists()


def announce(alarm: uuid.UUID, *, now: datetime | None = None) -> int:
    """Announce a new alarm to the dispatchers on duty; return the number of notifications.

    If the territory has had AT_ONCE notifications in TEN_MINUTES, the alarm waits for :func:`escalate`. Within a
    minute, this sends one notification for all waiting alarms of the territory.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        row = _waiting().filter(pk=alarm, notified_at=None).first()
        if row is None or not _has_room(_key_of(row)):
            return 0
        return _tell([row], ON_DUTY, moment, f"danger:{row.pk}")


def announce_cannot_call(alarm: uuid.UUID) -> int:
    """Notify all dispatchers of the territory and above that a reporter cannot call, once per alarm.

    If the territory has had AT_ONCE notifications in TEN_MINUTES, the alarm waits for :func:`escalate`, which notifies
    the same people within a minute.
    """
    moment = timezone.now()
    with transaction.atomic():
        row = _waiting().filter(pk=alarm).first()
        if row is None or not _has_room(_key_of(row)):
            return 0
        people = people_at(DISPATCHERS, territory_of(row), moment)
        told = notifying.notify(people, Topic.DANGER, f"danger:{alarm}:cannot", _words_cannot_call)
        DangerAlarm.objects.filter(pk=alarm, notified_level=ON_DUTY).update(
            notified_level=DISPATCHERS, notified_at=moment
        )
    return told


def escalate(now: datetime | None = None) -> int:
    """Announce alarms that have not been announced yet, and alarms that nobody acknowledged in time.

    Return the number of notifications.
    """
    moment = now or timezone.now()
    groups: dict[tuple[int, int], list[DangerAlarm]] = defaultdict(list)
    told = 0
    with transaction.atomic():
        limit = moment - timedelta(minutes=settings.ALARM_MINUTES)
        cannot_call = Q(reporter_answer=ReporterAnswer.CANNOT_CALL, notified_level=ON_DUTY)
        for row in _waiting().filter(Q(notified_at=None) | Q(notified_at__lte=limit) | cannot_call):
            helpless = row.reporter_answer == ReporterAnswer.CANNOT_CALL
            level = next_level(row.notified_level, row.notified_at, moment, cannot_call=helpless)
            if level is not None:
                groups[level, _key_of(row)].append(row)
        for (level, territory), rows in sorted(groups.items(), key=lambda each: each[0]):
            told += _tell(rows, level, moment, f"danger:{territory}:{level}:{moment:%Y%m%d%H%M%S}")
    return told


def territory_of(alarm: DangerAlarm) -> Territory | None:
    """Return the territory of an alarm's report."""
    report = alarm.need or alarm.encounter
    return scope.territory_of(report) if report else None


def _waiting() -> QuerySet[DangerAlarm]:
    rows = DangerAlarm.objects.waiting().select_related("need__district", "encounter").order_by("raised_at")
    return rows.select_for_update(of=("self",), skip_locked=True)


def _key_of(alarm: DangerAlarm) -> int:
    territory = territory_of(alarm)
    return territory.pk if territory else 0


def _has_room(territory: int) -> bool:
    """Count an immediate notification for a territory. Return False above AT_ONCE; return True if the counter fails."""
    key = f"danger:at-once:{territory}"
    try:
        cache.add(key, 0, int(TEN_MINUTES.total_seconds()))
        return int(cache.incr(key)) <= AT_ONCE
    except (RedisError, OSError, ValueError):
        return True


def _tell(rows: Sequence[DangerAlarm], level: int, now: datetime, key: str) -> int:
    people = people_at(level, territory_of(rows[0]), now)
    alarms = DangerAlarm.objects.filter(pk__in=[row.pk for row in rows])
    first = alarms.filter(steps=None).aggregate(at=Min("raised_at"))["at"]  # one that opened again was answered once
    waited = max(int((now - (first or now)) / timedelta(minutes=1)), 0)
    told = notifying.notify(people, Topic.DANGER, key, lambda: _words(len(rows), waited, level))
    alarms.update(notified_level=level, notified_at=now)
    return told


def _words(count: int, minutes: int, level: int) -> notifying.Message:
    title = ngettext(
        "Danger to life: %(n)d alarm waits for you", "Danger to life: %(n)d alarms wait for you", count
    ) % {"n": count}
    body = _("Read it now and say what was done.")
    if level > ON_DUTY and minutes:
        body = ngettext(
            "Nobody has answered for %(n)d minute.", "Nobody has answered for %(n)d minutes.", minutes
        ) % {"n": minutes} + " " + body  # fmt: skip
    return notifying.Message(title, body, reverse("needs:alarms"))


def _words_cannot_call() -> notifying.Message:
    body = _("The reporter cannot call. Call the emergency services for them.")
    return notifying.Message(_("Danger to life: somebody cannot call"), body, reverse("needs:alarms"))
