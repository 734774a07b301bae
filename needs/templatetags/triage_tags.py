"""Template filters for the rows of the triage queue."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from needs.enums import NeedState
from needs.lifecycle import transitions
from needs.lifecycle.transitions import Actor
from needs.models import Need

register = template.Library()

_QUICK: tuple[tuple[NeedState, str | Promise, str], ...] = (
    (NeedState.NEW, _("Accept"), "v"),
    (NeedState.VERIFIED, _("Verify"), "v"),
    (NeedState.OPEN, pgettext_lazy("verb", "Open"), "o"),
)


@register.filter
def quick_steps(need: Need) -> list[tuple[str, str | Promise, str]]:
    """Return (state, label, shortcut key) of the possible steps that the list offers; none of them needs a reason."""
    possible = transitions.possible_states(need.state, Actor.DISPATCHER)
    return [(state.value, word, key) for state, word, key in _QUICK if state in possible]


@register.filter
def of(mapping: Mapping[str, Any] | None, key: object) -> Any:
    """Return the value of a key in a mapping with text keys; None if missing."""
    return (mapping or {}).get(str(key))
