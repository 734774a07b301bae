"""The catalogue: things that others lend, the nearest band first, the newest first inside a band."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.utils import translation

from needs.lending import distance_bands
from needs.lending.item_kinds import ItemCategory
from needs.models import Item, ItemQuerySet
from volunteers.models import User

PER_PAGE = 24
MOST_PAGES = 10
"""A search shows at most this many pages: who looks for more narrows it, and nobody copies the catalogue."""
LEAST_WORD = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search. category: "" for all. words: every word must occur in an item. within: one of distance_bands.LIMITS."""

    category: str = ""
    words: str = ""
    within: int = distance_bands.LIMITS[-1]


@dataclass(frozen=True, slots=True)
class Found:
    """An item in the list. band: its number in distance_bands.LIMITS."""

    item: Item
    band: int

    @property
    def far(self) -> str:
        return str(distance_bands.LABELS[self.band])


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of a search. number: from 1. more: whether there is another page."""

    rows: list[Found]
    number: int
    more: bool


def plain(text: str) -> str:
    """Return a text in lower case, without accents and with single spaces."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())


def search_words(category: str, name: str) -> str:
    """Return what a search finds of an item: its name, and its category in every language of the interface."""
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
    rows = list(islice(_rows(user, start, wanted, first + PER_PAGE + 1), first, first + PER_PAGE + 1))
    return FoundPage(rows[:PER_PAGE], page, len(rows) > PER_PAGE and page < MOST_PAGES)


def _rows(user: User, start: int, wanted: Wanted, most: int) -> Iterator[Found]:
    """Yield at most ``most`` items. One query for each band, until there are enough: most pages need the first only."""
    bands = distance_bands.cells_by_band(distance_bands.coarse(start))
    items = matching(Item.objects.listed(), wanted).exclude(owner=user).select_related("association")
    for band, cells in enumerate(bands[: distance_bands.LIMITS.index(wanted.within) + 1]):
        found = items.filter(cell__in=cells).prefetch_related("photos").order_by("-made_at", "pk")[:most]
        for item in found:
            yield Found(item, band)
        most -= len(found)
        if most <= 0:
            return


def visible_to(user: User) -> ItemQuerySet:
    """Return the items whose page a person may open: those in the catalogue, and those that they answer for."""
    return Item.objects.listed() | Item.objects.of(user)
