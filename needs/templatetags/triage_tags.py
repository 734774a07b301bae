"""What the queue's rows need."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from needs.enums import NeedState
from needs.models import Need
from needs.triage import lifecycle
from needs.triage.lifecycle import Actor

register = template.Library()

_QUICK: tuple[tuple[NeedState, str | Promise, str], ...] = (
    (NeedState.NEW, _("Let it in"), "v"),
    (NeedState.VERIFIED, _("Verify"), "v"),
    (NeedState.OPEN, pgettext_lazy("verb", "Open"), "o"),
)


@register.filter
def quick_ways(need: Need) -> list[tuple[str, str | Promise, str]]:
    """(state, word, key) of the steps that take no reason and can be made from the list."""
    possible = lifecycle.ways_of(need.state, Actor.DISPATCHER)
    return [(state.value, word, key) for state, word, key in _QUICK if state in possible]


@register.filter
def of(mapping: Mapping[str, Any] | None, key: object) -> Any:
    """The value of a key in a mapping with text keys; None without it."""
    return (mapping or {}).get(str(key))
