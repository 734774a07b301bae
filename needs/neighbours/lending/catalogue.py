"""The catalogue: things that others lend, the nearest band first, the newest first inside a band.

A search starts at a person's own base, or in the middle of an area that they choose. A person may search only from a
few different cells per day. So somebody who often moves their base learns only the cell of a thing (distance_bands),
and cannot list the things of a whole city.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone, translation
from redis.exceptions import RedisError

from needs.help.nearby import nearby
from needs.models import Item, ItemQuerySet
from needs.neighbours.lending import distance_bands
from needs.neighbours.lending.distance_bands import coarse
from needs.neighbours.lending.item_kinds import ItemCategory
from solidarity.lib import grid, rate_counters
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import areas

PER_PAGE = 24
MOST_PAGES = 10
"""Maximum number of pages of a search, so that nobody can copy the catalogue.

A person who needs more narrows the search.
"""
LEAST_WORD = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search. category: the wanted category, "" for all. words: every word must occur in an item. within: one of
    distance_bands.LIMITS."""

    category: str = ""
    words: str = ""
    within: int = distance_bands.LIMITS[-1]


@dataclass(frozen=True, slots=True)
class Found:
    """An item in the list. band: number of the distance band in distance_bands.LIMITS."""

    item: Item
    band: int

    @property
    def far(self) -> str:
        return str(distance_bands.LABELS[self.band])


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of a search. number: number of the page, from 1. more: whether there is another page."""

    rows: list[Found]
    number: int
    more: bool


def plain(text: str) -> str:
    """Return a text in lower case, without accents and with single spaces."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())


def search_words(category: str, name: str) -> str:
    """Return the words by which a search finds an item: its name, and its category in every language of the interface."""
    labels = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            labels.append(str(ItemCategory(category).label) if category != ItemCategory.OTHER else "")
    return plain(" ".join([name, *labels]))[:400]


def matching(items: ItemQuerySet, wanted: Wanted) -> ItemQuerySet:
    """Return the items of a category that contain every word of a search."""
    if wanted.category:
        items = items.filter(category=wanted.category)
    for word in plain(wanted.words).split()[:6]:
        if len(word) >= LEAST_WORD:
            items = items.filter(words__contains=word)
    return items


def search(user: User, start: int, wanted: Wanted, page: int = 1) -> FoundPage:
    """Return a page of the things that others lend near a cell, the nearest band first. A person's own items are left
    out."""
    page = min(max(page, 1), MOST_PAGES)
    first = (page - 1) * PER_PAGE
    rows = nearest(user, start, wanted, first + PER_PAGE + 1)[first:]
    return FoundPage(rows[:PER_PAGE], page, len(rows) > PER_PAGE and page < MOST_PAGES)


def nearest(user: User, start: int, wanted: Wanted, most: int) -> list[Found]:
    """Return at most ``most`` things that others lend near a cell, in the order of :func:`search`."""
    return list(_rows(user, start, wanted, most))


def _rows(user: User, start: int, wanted: Wanted, most: int) -> Iterator[Found]:
    """Yield at most ``most`` items.

    Run one query for each band until there are enough items; most pages need only the first query.
    """
    bands = distance_bands.cells_by_band(coarse(start))
    items = matching(Item.objects.listed(), wanted).exclude(owner=user).select_related("association")
    for band, cells in enumerate(bands[: distance_bands.LIMITS.index(wanted.within) + 1]):
        found = items.filter(cell__in=cells).prefetch_related("photos").order_by("-made_at", "pk")[:most]
        for item in found:
            yield Found(item, band)
        most -= len(found)
        if most <= 0:
            return


def visible_to(user: User) -> ItemQuerySet:
    """Return the items with a page that a person may open: the items in the catalogue, and the items for which the
    person answers."""
    return Item.objects.listed() | Item.objects.of(user)


# --- where a search starts --------------------------------------------------------------------------------------------

STARTS_A_DAY = 8
"""Cells from which one person may search on one day."""


class TooManyStarts(Exception):
    """The person has searched from too many different cells today."""


@dataclass(frozen=True, slots=True)
class Start:
    """The start of a search. cell: the H3 cell of the start, of resolution 8. area: slug of the chosen area; "" for the
    person's own base."""

    cell: int
    area: str = ""


def start_of(viewer: Viewer, area: str = "") -> Start | None:
    """Return the start of a person's search; None if they have neither a base nor chosen an area that they may see.

    Raises TooManyStarts.
    """
    user = viewer.user_or_404
    found = _middle_of(viewer, area) if area else nearby.base_cell(user)
    if found is None:
        return None
    start = Start(coarse(found), area)
    _count(user, start.cell)
    return start


def base_of(viewer: Viewer) -> int | None:
    """Return the cell of resolution 8 from which a person usually starts; None without a base."""
    found = nearby.base_cell(viewer.user_or_404)
    return coarse(found) if found is not None else None


def _middle_of(viewer: Viewer, slug: str) -> int | None:
    if slug not in {each.slug for each in areas.areas_for(viewer)}:
        return None
    border = Territory.objects.filter(slug=slug).values_list("polygon", flat=True).first()
    return grid.cell_of(border.centroid.y, border.centroid.x) if border else None


def _count(user: User, cell: int) -> None:
    """Count a start. Raises TooManyStarts. If the cache does not answer, every search is allowed."""
    day = timezone.localdate().isoformat()
    known = rate_counters.counter_key("lending-start", f"{user.pk}:{day}:{cell}")
    total = rate_counters.counter_key("lending-starts", f"{user.pk}:{day}")
    try:
        if cache.get(known):
            return
        if rate_counters.count(total, rate_counters.DAY) > STARTS_A_DAY:
            raise TooManyStarts
        cache.set(known, 1, rate_counters.DAY)
    except (RedisError, OSError):
        return
