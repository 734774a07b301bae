"""Calls with reporters: every attempt to call back, calls from reporters, and the time of the next attempt."""

from datetime import datetime, timedelta

from django.utils import timezone

from needs.enums import CallResult
from needs.models import CallAttempt, Need
from volunteers.models import User

MAY_CALL_AGAIN = (
    CallResult.NO_ANSWER,
    CallResult.VOICEMAIL,
    CallResult.LANGUAGE,
    CallResult.CALL_LATER,
    CallResult.CALLED_IN,
)
"""Results that allow another attempt."""


def log_call(
    need: Need, by: User, result: str, *, note: str = "", again_in: timedelta | None = None, at: datetime | None = None
) -> CallAttempt:
    """Store a call or an attempt to call. again_in: the time until the next call; ignored if the result allows no other
    attempt."""
    at = at or timezone.now()
    next_at = at + again_in if again_in and result in MAY_CALL_AGAIN else None
    return CallAttempt.objects.create(need=need, by=by, at=at, result=result, note=note, next_at=next_at)
