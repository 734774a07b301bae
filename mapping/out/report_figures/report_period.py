"""A span of whole local days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

DEFAULT_DAYS = 28
LONGEST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``start`` to ``end``, both included, in the deployment's time zone."""

    start: date
    end: date

    @classmethod
    def latest(cls) -> "Period":
        """Return the last four weeks, including today."""
        today = timezone.localdate()
        return cls(today - timedelta(days=DEFAULT_DAYS - 1), today)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The period as aware datetimes [start, end). Days of 23 or 25 hours are handled correctly."""
        zone = ZoneInfo(settings.TIME_ZONE)
        after = self.end + timedelta(days=1)
        return datetime.combine(self.start, time.min, zone), datetime.combine(after, time.min, zone)

    def weeks(self) -> Iterator[tuple[date, date]]:
        """Yield (first day, last day) of each week from the start on; the last week may be shorter."""
        for step in range(0, self.days, 7):
            first = self.start + timedelta(days=step)
            yield first, min(first + timedelta(days=6), self.end)
