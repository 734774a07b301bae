"""The probes: one function for each part of the site that can fail. The probes contain no words for readers; these are
in probe_words.

To watch a further part, add a probe to ESSENTIAL or OTHERS, and its words to probe_words. No probe reads a person, a
place or a territory, and none costs more than a few milliseconds while all parts work.
"""

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models import Max, Min
from django.utils import timezone
from redis.exceptions import RedisError

from mapping.models import CellTouch, Recompute, ReportMail, UnfoldedReport
from mapping.out.scheduled_reports.models import NOT_WANTED
from needs.help.following.models import ReporterNews
from solidarity.lib.database import replica as database_replica
from solidarity.ops.backups import making
from solidarity.ops.operation import process_marks
from volunteers.enums import Medium
from volunteers.models import Notification
from volunteers.people.notifications import sms as text_messages
from volunteers.people.notifications.delivery import BACK_OFF

SILENT = 60.0  # seconds without a sign of life after which a process counts as down
LATE = 600.0  # seconds for which a report may wait until the map, or the replica, contains it
TOLERANCE = 1e-9  # allowed difference of decayed sums, as in the nightly check
NIGHTS = timedelta(days=2)
IN_A_ROW = 3
MOST_ROWS = 1000
DAY = timedelta(days=1)
PERSONAL = ("switched off meanwhile", "no confirmed number", "the address is refused")
"""Reasons that say something about one recipient, not about the provider."""


class State(StrEnum):
    """State of a part. OFF: this site does not use it. PENDING: it has not run yet. UNKNOWN: the probe could not read
    its state."""

    OK = "ok"
    RED = "red"
    OFF = "off"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of a probe. figures: numbers by name, ages in seconds. by_region: ages by region, if the probe reads
    regions."""

    part: str
    state: State
    figures: Mapping[str, float] = field(default_factory=dict)
    by_region: Mapping[str, float] = field(default_factory=dict)


def read(probes: "Iterable[Callable[[], Reading]]") -> list[Reading]:
    """Return the readings of some probes. If a probe cannot read its part because another part is down, its reading is
    UNKNOWN."""
    readings = []
    for probe in probes:
        try:
            readings.append(probe())
        except (DatabaseError, RedisError, OSError):
            readings.append(Reading(probe.__name__, State.UNKNOWN))
    return readings


def database() -> Reading:
    """Whether PostgreSQL answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Reading("database", State.RED)
    return Reading("database", State.OK)


def redis() -> Reading:
    """Whether Redis answers."""
    try:
        cache.get("operation:ping")
    except (RedisError, OSError):
        return Reading("redis", State.RED)
    return Reading("redis", State.OK)


def worker() -> Reading:
    """When the worker last gave a sign of life."""
    return _marked("worker", process_marks.WORKER, SILENT)


def beat() -> Reading:
    """When the scheduler last sent a task."""
    return _marked("beat", process_marks.BEAT, SILENT)


def fold() -> Reading:
    """The time at which a fold last succeeded, even if there was nothing to fold."""
    return _marked("fold", process_marks.FOLD, LATE)


def outbox() -> Reading:
    """The waiting time of the oldest report that the map does not contain yet, in all regions together and in each
    region with such a report. A region (H3 resolution 5) is about 20 km wide, so it names no place."""
    now = timezone.now()
    first = CellTouch.objects.values_list("region").annotate(first=Min("at"))
    waits = {region: max(0.0, (now - at).total_seconds()) for region, at in first}
    oldest = max(waits.values(), default=0.0)
    by_region = {"none" if region is None else f"{region:x}": age for region, age in waits.items()}
    return Reading("outbox", State.RED if oldest > LATE else State.OK, {"age": oldest}, by_region)


def unfolded() -> Reading:
    """Reports whose fold failed: those that are tried again, and those that wait for an administrator."""
    rows = UnfoldedReport.objects.all()
    retried, given_up = (some.values("kind", "report").distinct().count() for some in (rows.waiting(), rows.given_up()))
    figures = {"retried": float(retried), "given_up": float(given_up)}
    return Reading("unfolded", State.RED if given_up else State.OK, figures)


def reconcile() -> Reading:
    """The result of the last nightly check of the map."""
    checks = Recompute.objects.filter(job="reconcile").exclude(finished_at=None).exclude(difference=None)
    last = checks.order_by("-finished_at").first()
    if last is None or last.finished_at is None or last.difference is None:
        return Reading("reconcile", State.PENDING)
    age = timezone.now() - last.finished_at
    differs = not last.difference <= TOLERANCE  # also for NaN
    figures = {"age": age.total_seconds(), "difference": last.difference}
    return Reading("reconcile", State.RED if differs or age > NIGHTS else State.OK, figures)


def mail() -> Reading:
    """Whether e-mails are delivered."""
    return _delivery("mail", Medium.EMAIL)


def sms() -> Reading:
    """Whether text messages are delivered."""
    return _delivery("sms", Medium.SMS) if text_messages.is_available() else Reading("sms", State.OFF)


def disk() -> Reading:
    """The smallest free part of the disks that hold the state, the media and the back-ups, from 0 to 1."""
    free = min(_free(Path(folder)) for folder in (settings.STATE, settings.MEDIA_ROOT, settings.BACKUP_ROOT))
    return Reading("disk", State.RED if free * 100 < settings.DISK_FREE_PERCENT else State.OK, {"free": free})


def backup() -> Reading:
    """The age of the newest back-up. A demonstration needs none."""
    last = making.newest()
    figures = {"age": (timezone.now() - last).total_seconds()} if last else {}
    if settings.DEMO:
        return Reading("backup", State.OFF, figures)
    fresh = figures.get("age", math.inf) <= settings.BACKUP_ALARM_HOURS * 3600
    return Reading("backup", State.OK if fresh else State.RED, figures)


def replica() -> Reading:
    """By how much the streaming replica is behind. A database that was promoted is no replica any more, and red."""
    if not settings.REPLICA:
        return Reading("replica", State.OFF)
    lag = database_replica.lag()
    if lag is None:
        return Reading("replica", State.RED)
    return Reading("replica", State.RED if lag > LATE else State.OK, {"lag": lag})


ESSENTIAL: tuple[Callable[[], Reading], ...] = (database, redis, worker, beat, outbox, fold)
"""Without these, reports do not reach the map. The readiness page names them to everybody."""
OTHERS: tuple[Callable[[], Reading], ...] = (unfolded, reconcile, mail, sms, disk, backup, replica)


def _marked(part: str, kind: str, most: float) -> Reading:
    age = process_marks.age(kind)
    if age is None:
        return Reading(part, State.RED)
    return Reading(part, State.RED if age > most else State.OK, {"age": age})


def _free(folder: Path) -> float:
    """Return the free part of a folder's disk, or of the nearest folder above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    disk = os.statvfs(folder)
    return disk.f_bavail / disk.f_blocks if disk.f_blocks else 1.0


def _delivery(part: str, medium: Medium) -> Reading:
    """Count deliveries of the last day, and failed attempts since the last delivery."""
    sources: list[Any] = [
        Notification.objects.filter(medium=medium), ReporterNews.objects.filter(address__medium=medium),
    ]  # fmt: skip
    if medium == Medium.EMAIL:
        sources.append(ReportMail.objects.exclude(failure__in=NOT_WANTED))
    day_ago = timezone.now() - DAY
    done = [rows.filter(sent_at__gte=day_ago) for rows in sources]
    last = max((each.aggregate(at=Max("sent_at"))["at"] or day_ago for each in done), default=day_ago)
    failed = sum(_failed_since(rows, last) for rows in sources)
    figures = {"delivered": float(sum(each.count() for each in done)), "failed": float(failed)}
    return Reading(part, State.RED if failed >= IN_A_ROW else State.OK, figures)


def _failed_since(rows: Any, moment: Any) -> int:
    """Count messages that failed for good after a moment, or whose last attempt after that moment failed."""
    given_up = rows.filter(failed_at__gt=moment).exclude(failure__in=PERSONAL).count()
    waiting = rows.filter(sent_at=None, failed_at=None, attempts__gt=0).exclude(failure="")
    tried = [
        not_before - BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
        for not_before, attempts in waiting.values_list("not_before", "attempts")[:MOST_ROWS]
    ]
    return int(given_up + sum(at > moment for at in tried))
