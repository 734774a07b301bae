"""When a report may have happened."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

CLOCK_SLACK = timedelta(minutes=5)
LONG_AGO = timedelta(days=60)


def not_in_the_future(at: datetime) -> None:
    """Raises ValidationError for a moment that has not come yet (clocks may differ by five minutes)."""
    if at > timezone.now() + CLOCK_SLACK:
        raise ValidationError(_("This is in the future. Choose a moment that has passed, or “now”."), code="future")


def is_long_ago(at: datetime) -> bool:
    """Whether a report is too old to change the map: six half-lives (zones.md, "Evidence")."""
    return at < timezone.now() - LONG_AGO
