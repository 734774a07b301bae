"""Template filter for the time since a moment."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def ago(when: datetime) -> str:
    """Return “3 minutes ago”; “just now” in the first minute and for a phone's clock that runs ahead."""
    now = timezone.now()
    if now - when < timedelta(minutes=1):
        return _("just now")
    return _("%(span)s ago") % {"span": timesince(when, now)}
