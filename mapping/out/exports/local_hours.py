"""Local hours of many datetimes at once."""

from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

EPOCH = datetime(2000, 1, 1)
"""Hour 0 in local time. PostgreSQL's binary format counts microseconds from this moment in UTC."""

_HOUR, _SECOND = 3_600_000_000, 1_000_000


class LocalHours:
    """Local hours in a time zone, of moments in [start, end)."""

    def __init__(self, start: datetime, end: datetime, zone: tzinfo) -> None:
        changes = _changes(start, end, zone)
        self._since = np.array([_seconds(change.replace(tzinfo=None) - EPOCH) * _SECOND for change in changes])
        self._offset = np.array([_offset(change, zone) * _SECOND for change in changes])
        self.first = int(self.of(self._since[:1])[0])

    def of(self, moments: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the hours since EPOCH, rounded down. moments: microseconds since EPOCH in UTC."""
        offset = self._offset[np.searchsorted(self._since, moments, side="right") - 1]
        hours: NDArray[np.int64] = (moments + offset) // _HOUR
        return hours


def _changes(start: datetime, end: datetime, zone: tzinfo) -> list[datetime]:
    """Return the start and all moments before the end at which the clock's offset changes, exact to the second."""
    moment, last = start.astimezone(UTC), end.astimezone(UTC)
    changes = [moment]
    while moment < last:
        following = min(moment + timedelta(days=1), last)
        if _offset(following, zone) != _offset(moment, zone):
            before, after = moment, following
            while after - before > timedelta(seconds=1):
                middle = before + timedelta(seconds=_seconds(after - before) // 2)
                before, after = (middle, after) if _offset(middle, zone) == _offset(moment, zone) else (before, middle)
            changes.append(after)
        moment = following
    return changes


def _offset(moment: datetime, zone: tzinfo) -> int:
    """Return by how many seconds the local clock is ahead of UTC."""
    return _seconds(moment.astimezone(zone).utcoffset() or timedelta())


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())
