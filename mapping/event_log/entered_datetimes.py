"""Moments that people type."""

from datetime import date, datetime, time

from solidarity.lib.datetimes import local


def moment_of(text: str) -> datetime:
    """An ISO 8601 date or moment as an aware one; without a zone it is of the platform's (TIME_ZONE), a date is its
    midnight. Raises ValueError with a sentence for people."""
    try:
        if len(text.strip()) == 10:
            found = datetime.combine(date.fromisoformat(text.strip()), time())
        else:
            found = datetime.fromisoformat(text.strip())
        return local(found)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a moment in ISO 8601, such as 2026-01-31, 2026-01-31T18:00 or 2026-01-31T18:00:00+01:00"
        ) from None
