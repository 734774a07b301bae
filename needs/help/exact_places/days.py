"""Local days. The budget of exact places is counted per local day."""

from datetime import date, datetime, timedelta

from django.utils import timezone


def today() -> date:
    """Return today's date in the platform's time zone."""
    return timezone.localdate()


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """Return the start of a local day and of the next one."""
    start, end = (datetime.combine(each, datetime.min.time()) for each in (day, day + timedelta(days=1)))
    return timezone.make_aware(start), timezone.make_aware(end)
