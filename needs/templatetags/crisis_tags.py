"""Template tag for running crises."""

from django import template
from django.utils import timezone

from needs.models import Crisis

register = template.Library()


@register.simple_tag
def running_crises() -> list[Crisis]:
    """Return the crises that accept reports now."""
    return list(Crisis.objects.running(timezone.now()).only("name", "slug", "starts_at", "texts", "language"))
