"""Template tag for the time since a moment."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def moment(when: datetime) -> SafeString:
    """Return a <time> with the time since a moment, and the moment itself as its title."""
    local = timezone.localtime(when)
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}"\n  data-relative>{}</time>',
        local.isoformat(), date_format(local, "DATETIME_FORMAT"), ago(when),
    )  # fmt: skip


def ago(when: datetime) -> str:
    """Return “3 minutes ago”; “just now” in the first minute and for a phone's clock that runs ahead."""
    now = timezone.now()
    if now - when < timedelta(minutes=1):
        return _("just now")
    return _("%(span)s ago") % {"span": timesince(when, now)}
