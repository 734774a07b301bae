"""The parts of the site that administrators can switch off, and what each of them owns.

A wing declares its features in ``declared/features.py`` and registers them when the apps are ready. Everything else asks
here: pages and API (features_off.py), menus and links (the filters ``is_on`` and ``is_there`` of templates), home cards,
Celery tasks, conversations, moderation, guides, and who sees what. What no feature owns is always on: reports, the map,
danger, retention, erasure and own data.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from django.db import models
from django.urls import Resolver404, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib.site import site_choices

FIELD = "features_off"
"""The name of the stored choice: the keys of the features that are off."""


class Preset(models.TextChoices):
    """Sets of features for the usual kinds of site. EVERYTHING has all of them."""

    TOURS = "tours", _("Tours only")
    DESK = "desk", _("City desk")
    NEIGHBOURS = "neighbours", _("Guide and lending")
    EVERYTHING = "everything", _("Everything")


@dataclass(frozen=True, slots=True)
class OpenThings:
    """Things that have to end before their feature is switched off. count: their number now. words: a sentence with this
    number that names what to end."""

    count: Callable[[], int]
    words: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Feature:
    """A part of the site that can be switched off, and what it owns.

    about: what people can do with it, in one sentence. presets: the presets that contain it. addresses: the beginnings of
    its routes, as in the URLconf. always: routes below ``addresses`` that stay. cards: names of home cards. tasks: names of
    Celery tasks. queued: kinds of reports in phone queues and batches. conversations: kinds of subjects. moderated: kinds
    of texts. topics: topics of notifications. sights: readers who see nothing else. requires: keys of the
    features without which it cannot work. strangers: whether people who do not know each other meet through it; a new site
    begins without it, until somebody moderates.
    """

    key: str
    name: str | Promise
    about: str | Promise
    presets: tuple[Preset, ...]
    addresses: tuple[str, ...]
    always: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    queued: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()
    moderated: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    sights: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    open_things: tuple[OpenThings, ...] = ()
    strangers: bool = False

    def has_route(self, route: str) -> bool:
        """Whether a route belongs to the feature."""
        return route.startswith(self.addresses) and route not in self.always


_FEATURES: dict[str, Feature] = {}


def register(*features: Feature) -> None:
    """Register features, in the order in which administrators read them; called when the apps are ready."""
    _FEATURES.update({feature.key: feature for feature in features})


def every() -> list[Feature]:
    return list(_FEATURES.values())


def in_preset(preset: Preset) -> set[str]:
    """Return the keys of the features of a preset."""
    return {each.key for each in every() if preset is Preset.EVERYTHING or preset in each.presets}


def off() -> frozenset[str]:
    """Return the keys of the features that are off, with those that cannot work without them."""
    chosen = site_choices.stored().get(FIELD)
    return with_dependants(chosen) if chosen else frozenset()


def with_dependants(keys: Iterable[str]) -> frozenset[str]:
    """Return keys of features, with the keys of all features that cannot work without one of them."""
    found = frozenset(keys)
    return found | {each.key for each in every() if not found.isdisjoint(each.requires)}


def open_things_of(feature: Feature) -> list[str]:
    """Return a sentence for each kind of open things that has to end before a feature is switched off."""
    return [each.words(number) for each in feature.open_things if (number := each.count())]


def is_on(key: str) -> bool:
    """Whether a feature is on. Raise KeyError for an unknown feature."""
    return _FEATURES[key].key not in off()


def has_route(route: str) -> bool:
    """Whether the pages of a route are there: whether no feature that is off owns it."""
    return not any(_FEATURES[key].has_route(route) for key in off() if key in _FEATURES)


def has_page(name: str) -> bool:
    """Whether the page of a URL name without arguments is there."""
    return not off() or has_route(_route_of(name))


def has_path(path: str) -> bool:
    """Whether the page of a stored path is there; False for an empty path."""
    if not path or not off():
        return bool(path)
    try:
        return has_route(resolve(urlsplit(path).path).route)
    except Resolver404:
        return False


@lru_cache(maxsize=500)
def _route_of(name: str) -> str:
    return resolve(reverse(name)).route


def has(what: str, name: str) -> bool:
    """Whether something is there: no feature owns it, or one of its owners is on. what: the field of Feature that lists
    it."""
    if not (gone := off()):
        return True
    owners = {each.key for each in every() if name in getattr(each, what)}
    return not owners or not owners <= gone
