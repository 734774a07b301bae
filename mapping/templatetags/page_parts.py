"""{% page_part %}: a part of a page that is the same for everybody with the same roles, rendered once per process."""

from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.base import Template
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from solidarity.lib.site import features

register = template.Library()

MOST = 600
"""Maximum number of kept parts in a process. A part has at most some kilobytes."""
ROLES = ("is_member", "is_dispatcher", "is_association_dispatcher", "is_coordinator", "is_administrator")

type Values = tuple[tuple[str, str | int | None], ...]

_PLAIN = (str, int, type(None))
_READER = "reader and open page of all parts"


class _AnyRoute:
    """Stands for the name of the open page while a part is rendered. It equals no route and remembers to which routes
    the template compares it."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __eq__(self, route: object) -> bool:
        self.asked.add(str(route))
        return False

    __hash__ = None  # type: ignore[assignment]


@register.simple_tag(takes_context=True)
def page_part(context: Context, name: str, **values: str | int | None) -> SafeString:
    """Return the template ``name``, rendered with nothing but the reader's roles, the number of alarms that wait for
    them, the languages, the features that are off, the name of the open page (``current``) and ``values``.

    Nothing else of the page's context reaches the template, so a kept part cannot show one person's data to another.
    Only texts, numbers, booleans and None are values; raise TypeError for others. A part never becomes stale: templates,
    translations, routes and static files change with the process only.
    """
    for value in values.values():
        if not isinstance(value, _PLAIN):
            raise TypeError(f"{name}: a part of all pages must not depend on {type(value).__name__}")
    of_page: dict[Any, Any] = context.render_context.dicts[
        0
    ]  # where Django's own tags keep what one rendering needs again
    if _READER not in of_page:
        match = getattr(context.get("request"), "resolver_match", None)
        of_page[_READER] = (_reader(context), match.view_name if match else "")
    reader, current = of_page[_READER]
    source = context.template.engine.get_template(name)  # type: ignore[union-attr]
    place = (source, get_language(), get_script_prefix(), (*reader, *values.items()))
    plain, routes = _plain(*place)
    return _marked(*place, current) if current in routes else plain


def _reader(context: Context) -> Values:
    """Return what parts know about the reader."""
    user, alarms = context.get("user"), context.get("alarms_waiting", 0)
    return (
        ("signed_in", user is not None and user.is_authenticated),
        ("public_language", context.get("public_language", "")),
        ("alarms_waiting", alarms() if callable(alarms) else alarms),
        ("features_off", " ".join(sorted(features.off()))),  # a part that hides their links is kept for each choice
        *((role, bool(context.get(role))) for role in ROLES),
    )


@lru_cache(maxsize=MOST)
def _plain(source: Template, _language: str, _prefix: str, values: Values) -> tuple[SafeString, frozenset[str]]:
    """Return a part without a marked link, and the routes that it would mark."""
    current = _AnyRoute()
    text = source.render(Context({**dict(values), "current": current}))
    return text, frozenset(current.asked)


@lru_cache(maxsize=MOST)
def _marked(source: Template, _language: str, _prefix: str, values: Values, current: str) -> SafeString:
    """Return a part in which the link to the open page is marked."""
    return source.render(Context({**dict(values), "current": current}))
