"""Dates and times entered on the command line."""

from datetime import date, datetime, time

from solidarity.lib.datetimes import local


def moment_of(text: str) -> datetime:
    """Parse an ISO 8601 date or datetime into an aware datetime, by default in TIME_ZONE. A date without a time means
    midnight at its start. Raise ValueError with a message for the user."""
    try:
        if len(text.strip()) == 10:
            found = datetime.combine(date.fromisoformat(text.strip()), time())
        else:
            found = datetime.fromisoformat(text.strip())
        return local(found)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a date or time in ISO 8601, such as 2026-01-31, 2026-01-31T18:00 or 2026-01-31T18:00:00+01:00"
        ) from None
