"""Template tag for running crises."""

from datetime import datetime

from django import template
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from needs.models import Crisis
from solidarity.lib.database.kept_query import KeptValues
from solidarity.lib.site import features

register = template.Library()

_SHOWN = ("id", "slug", "name", "language", "texts", "starts_at")  # in the order of the model
_RUNNING = KeptValues(
    {"now": datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone())},
    lambda now: Crisis.objects.running(now).values_list(*_SHOWN),
)


@register.simple_tag
def running_crises() -> list[Crisis]:
    """Return the crises that accept reports now; none while crises are switched off."""
    if not features.is_on("crises"):
        return []
    return [Crisis.from_db(DEFAULT_DB_ALIAS, _SHOWN, row) for row in _RUNNING.rows(now=timezone.now())]
