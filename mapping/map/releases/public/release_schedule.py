"""Schedule of public releases: every Monday at PUBLIC_HOUR local time, with figures as of a week before."""

from datetime import datetime, time, timedelta

from django.utils import timezone

PUBLIC_HOUR = 6
BEHIND = 7  # days
AT_MOST = 8  # maximum number of missed weeks published at once


def week_of(now: datetime) -> datetime:
    """Return the latest Monday at PUBLIC_HOUR that is not after ``now``."""
    local = timezone.localtime(now)
    found = _at_hour(local, -local.weekday())
    return found if found <= now else _at_hour(local, -local.weekday() - 7)


def as_of(published: datetime) -> datetime:
    """Return the date of the figures in a release, from its publication time."""
    return _at_hour(timezone.localtime(published), -BEHIND)


def after(published: datetime) -> datetime:
    """Return the time at which the next release is due."""
    return _at_hour(timezone.localtime(published), 7)


def before(published: datetime, weeks: int) -> datetime:
    """Return the time at which the release of ``weeks`` weeks earlier was due."""
    return _at_hour(timezone.localtime(published), -7 * weeks)


def due(last: datetime | None, now: datetime) -> list[datetime]:
    """Return the Mondays that have no release yet, the oldest first. last: the newest published release. If there is
    no release yet, return the two latest Mondays, because a place must qualify twice before it is shown."""
    newest = week_of(now)
    found = [newest]
    while len(found) < (AT_MOST if last else 2):
        earlier = before(found[0], 1)
        if last and earlier <= last:
            break
        found.insert(0, earlier)
    return [] if last and newest <= last else found


def _at_hour(local: datetime, days: int) -> datetime:
    return timezone.make_aware(datetime.combine(local.date() + timedelta(days=days), time(PUBLIC_HOUR)))
