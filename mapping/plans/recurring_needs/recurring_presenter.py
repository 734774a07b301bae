"""Recurring needs in words, as a strip of shaded months and on a small map, at the reader's level of detail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from mapping.map.wording import rounding
from mapping.map.wording.sentences import whole
from mapping.plans.recurring_needs.monthly_counts import COMES_BACK, MONTHS
from needs.enums import Category
from solidarity.lib import cell_geometry, grid
from volunteers.places.basemap.printed_map import PictureFrame
from volunteers.places.place_names import cell_names

# The things that people asked for, in words that follow "People asked for".
THINGS = {
    Category.FOOD: pgettext_lazy("asked for", "food"),
    Category.WATER: pgettext_lazy("asked for", "water"),
    Category.CLOTHES: pgettext_lazy("asked for", "clothes"),
    Category.BLANKET: pgettext_lazy("asked for", "blankets"),
    Category.TENT: pgettext_lazy("asked for", "a tent"),
    Category.HYGIENE: pgettext_lazy("asked for", "things for washing"),
    Category.HEALTH: pgettext_lazy("asked for", "health care"),
    Category.SHELTER: pgettext_lazy("asked for", "shelter"),
    Category.PAPERS: pgettext_lazy("asked for", "help with papers"),
    Category.TRANSPORT: pgettext_lazy("asked for", "transport"),
    Category.PHONE: pgettext_lazy("asked for", "a way to phone"),
    Category.PET: pgettext_lazy("asked for", "help for an animal"),
    Category.COMPANY: pgettext_lazy("asked for", "company"),
    Category.OTHER: pgettext_lazy("asked for", "something else"),
}
SHADES = 5
OTHERS = 4  # maximum number of further kinds listed for a place

FONT = "Atkinson Hyperlegible, sans-serif"


@dataclass(frozen=True, slots=True)
class Beat:
    """A kind in a month. level: the shade of the month, from 0 (none) to SHADES. text: the count as the reader may see
    it."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    kind: str
    label: str
    months: int
    beats: Sequence[Beat]


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """A place in which a kind comes back. number: number of the place on the map. name: name of the place's cell.
    others: further recurring kinds in words, or empty."""

    number: int
    cell: int
    name: str
    sentence: str
    others: str


@dataclass(frozen=True, slots=True)
class RecurringPresentation:
    """The content of the page. months: short and long names. exact: whether exact counts are shown. rule: a sentence
    that explains which needs are listed as coming back."""

    months: Sequence[tuple[str, str]]
    kinds: Sequence[Kind]
    places: Sequence[PlaceWords]
    places_map: SafeString
    exact: bool
    rule: str


def present(
    summary: dict[str, Any], detail: str, borders: Sequence[dict[str, Any]], name: str
) -> RecurringPresentation:
    """Present a monthly_counts.summary for pages. detail: ``exact`` or ``bucket``. name: the territory's name."""
    months = [date.fromisoformat(month) for month in summary["months"]]
    exact = detail == "exact"
    places = _places(summary["returning"])
    columns = list(zip(*(one["counts"] for one in summary["kinds"]), strict=True))
    most = max((max(column) for column in columns), default=1) or 1
    known = [any(column) for column in columns]  # a month without data may still have had needs
    return RecurringPresentation(
        months=[(date_format(month, "N"), date_format(month, "YEAR_MONTH_FORMAT")) for month in months],
        kinds=[
            Kind(
                one["kind"],
                _label(one["kind"]),
                sum(count > 0 for count in one["counts"]),
                _beats(one["counts"], most, known, exact),
            )
            for one in summary["kinds"]
        ],
        places=places,
        places_map=places_map(places, borders, _("Where needs come back in %(name)s") % {"name": name}),
        exact=exact,
        rule=_(
            "A need comes back in a place when it was reported there in at least %(least)s of the last %(months)s months, "
            "including this month. Each source counts once a day for each place and need."
        )
        % {"least": whole(COMES_BACK), "months": whole(MONTHS)},
    )


def _label(kind: str) -> str:
    label = str(Category(kind).label) if kind in Category.values else kind
    return label[:1].upper() + label[1:]


def _thing(kind: str) -> str:
    return str(THINGS[Category(kind)]) if kind in Category.values else kind


def _beats(counts: Sequence[int], most: int, known: Sequence[bool], exact: bool) -> list[Beat]:
    return [_beat(count, most, exact) if there else Beat(0, "–") for count, there in zip(counts, known, strict=True)]  # noqa: RUF001


def _beat(count: int, most: int, exact: bool) -> Beat:
    """Return a count as text, and its shade relative to the largest count. If the reader sees bands, the text and the
    shade depend only on the band."""
    if count == 0:
        return Beat(0, whole(0))
    if exact:
        return Beat(_shade(count, most), whole(count))
    low, below = rounding.persons_bucket(count)
    level = _shade(max(low, 1), max(rounding.persons_bucket(most)[0], 1))
    if below is None:
        return Beat(level, pgettext("a number or more", "%(number)s +") % {"number": whole(low)})
    return Beat(level, f"{whole(max(low, 1))}–{whole(below - 1)}")  # noqa: RUF001


def _shade(count: int, most: int) -> int:
    return min(SHADES, 1 + int(SHADES * sqrt(count / most)))


def _places(returning: Sequence[dict[str, Any]]) -> list[PlaceWords]:
    """Return each place with its kinds. A sentence describes the most frequent kind."""
    by_place: dict[int, list[dict[str, Any]]] = {}
    for one in returning:
        by_place.setdefault(one["number"], []).append(one)
    cells = {number: grid.from_text(kinds[0]["cell"]) for number, kinds in by_place.items()}
    names = cell_names.lines(cells.values())
    return [
        PlaceWords(number, cell, names[cell], _sentence(kinds[0], names[cell]), _others(kinds[1:]))
        for number, kinds in sorted(by_place.items())
        for cell in [cells[number]]
    ]


def _sentence(one: dict[str, Any], name: str) -> str:
    return _(
        "People asked for %(things)s in %(named)s of the last %(months)s months around place %(number)s (%(territory)s)."
    ) % {
        "things": _thing(one["kind"]),
        "named": whole(one["months"]),
        "months": whole(MONTHS),
        "number": whole(one["number"]),
        "territory": name,
    }


def _others(kinds: Sequence[dict[str, Any]]) -> str:
    if not kinds:
        return ""
    things = ", ".join(_thing(one["kind"]) for one in kinds[:OTHERS])
    left = len(kinds) - OTHERS
    if left <= 0:
        return _("Also: %(things)s.") % {"things": things}
    return ngettext(
        "Also: %(things)s and %(number)s other kind.", "Also: %(things)s and %(number)s other kinds.", left
    ) % {"things": things, "number": whole(left)}


def places_map(places: Sequence[PlaceWords], borders: Sequence[dict[str, Any]], title: str) -> SafeString:
    """Draw the places as numbered hexagons within the borders. All coordinates come from the grid, not from reports."""
    points = [point for border in borders for ring in border["rings"] for point in ring]
    hexagons = [cell_geometry.polygon(place.cell).coords[0] for place in places]
    points += [corner for hexagon in hexagons for corner in hexagon]
    if not points:
        return mark_safe("")
    frame = PictureFrame.around(points, 600.0, 8.0, tallest=1.1)
    parts = [
        f'<path class="places-border" d="{frame.path(border["rings"])}" fill="none" stroke="#23201b" '
        f'stroke-width="{2.4 if border["own"] else 0.9}" stroke-linejoin="round"/>'
        for border in borders
    ]
    tall = (
        max((max(y for _x, y in hexagon) - min(y for _x, y in hexagon) for hexagon in hexagons), default=0.0) * frame.up
    )
    size = max(12.0, min(26.0, tall * 0.42))
    for place, hexagon in zip(places, hexagons, strict=True):
        lat, lng = grid.centre(place.cell)
        x, y = frame.at((lng, lat))
        parts.append(
            f'<path class="places-cell" d="{frame.path([hexagon])}" fill="#e4ecf6" '
            f'stroke="#1c4a82" stroke-width="1.6"/>'
            f'<text class="places-number" x="{x:.1f}" y="{y + size * 0.36:.1f}" text-anchor="middle" font-family="{FONT}" '
            f'font-size="{size:.0f}" font-weight="700" fill="#12345f">{place.number}</text>'
        )
    return mark_safe(
        f'<svg class="places-map" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {frame.width:.0f} {frame.height:.0f}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
