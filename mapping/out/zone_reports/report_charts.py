"""Charts of a zone report as SVG, for the page and the PDF: a map of the zones, and bars with one value per week.

Colours and hatches are set in the elements, so print and PDF need no style sheet. The page's style sheet overrides them
by class in dark mode.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import hypot
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from volunteers.places.basemap import printed_map
from volunteers.places.basemap.printed_map import PictureFrame

FONT = "Atkinson Hyperlegible, sans-serif"
INK, SOFT, PAPER, LINE = "#23201b", "#574f42", "#ffffff", "#b9ae9b"

# status: (fill, edge). A fill is a colour or a pattern.
COLOURS = {
    "covered": ("#1f7a6d", "#124f46"),
    "under_covered": ("#d98a00", "#845300"),
    "uncovered": ("url(#{id}-cross)", "#7c2112"),
    "to_verify": ("url(#{id}-dots)", "#4b3270"),
    "not_searched": ("url(#{id}-hatch)", "#6b6457"),
    "contradictory": ("url(#{id}-diamonds)", "#575043"),
    "searched": ("#f7f3ea", "#575043"),
}

_PATTERNS = """<defs>
<pattern id="{id}-dots" width="9" height="9" patternUnits="userSpaceOnUse">
<rect width="9" height="9" fill="#ffffff" class="svg-paper"/>
<circle cx="4.5" cy="4.5" r="2.1" fill="#6a4c93" class="svg-verify"/></pattern>
<pattern id="{id}-cross" width="9" height="9" patternUnits="userSpaceOnUse">
<rect width="9" height="9" fill="#b3361f" class="svg-red"/>
<path d="M0,0 L9,9 M9,0 L0,9" stroke="#ffffff" stroke-width="1.5"/></pattern>
<pattern id="{id}-hatch" width="10" height="10" patternUnits="userSpaceOnUse">
<rect width="10" height="10" fill="#f2eee6" class="svg-blank"/>
<path d="M-2,12 L12,-2 M-2,2 L2,-2 M8,12 L12,8" stroke="#8d8575" stroke-width="1.6" class="svg-hatch"/></pattern>
<pattern id="{id}-diamonds" width="18" height="18" patternUnits="userSpaceOnUse">
<rect width="18" height="18" fill="#d5d0c6" class="svg-grey"/>
<path d="M9,4 L14,9 L9,14 L4,9 Z" fill="#6f685c" class="svg-diamond"/></pattern>
</defs>"""


def zone_map(payload: dict[str, Any], title: str, id: str = "map") -> SafeString:
    """Draw the zones in their colours with their numbers, the borders, and the street map if one is installed.

    title: alternative text. A zone that is too small for a number is drawn without its number.
    """
    points = [point for border in payload["borders"] for ring in border["rings"] for point in ring]
    points += [point for shape in payload["shapes"] for part in shape for ring in part for point in ring]
    frame = PictureFrame.around(points, 1000.0, 14.0)
    numbers, taken = _apart(frame, payload["zones"], payload["shapes"], lambda zone: str(zone["number"]))
    areas = _areas(frame, payload["zones"], payload["shapes"], id)
    streets = printed_map.draw(frame, taken)
    borders = _borders(frame, payload["borders"])
    parts = [_PATTERNS.replace("{id}", id), streets.ground, *areas, streets.ways, *borders, *numbers]
    return svg(frame.width, frame.height, title, parts, "report-map")


def place_map(payload: dict[str, Any], title: str) -> SafeString:
    """Draw the places of the public map in the colours of their statuses, with a letter for each, and the borders, but
    no streets. title: alternative text."""
    points = [point for border in payload["borders"] for ring in border["rings"] for point in ring]
    frame = PictureFrame.around(points, 1000.0, 14.0)
    areas = _areas(frame, payload["places"], payload["shapes"], "map")
    letters, _taken = _apart(frame, payload["places"], payload["shapes"], lambda place: letter_of(place["status"]))
    parts = [_PATTERNS.replace("{id}", "map"), *areas, *_borders(frame, payload["borders"]), *letters]
    return svg(frame.width, frame.height, title, parts, "report-map")


def letter_of(status: str) -> str:
    """Return the letter of a status, for legends and maps that are printed without colours."""
    return {
        "covered": pgettext("one letter for a status", "C"),
        "under_covered": pgettext("one letter for a status", "U"),
        "uncovered": pgettext("one letter for a status", "N"),
        "to_verify": pgettext("one letter for a status", "V"),
        "not_searched": "?",
        "searched": "✓",
    }.get(status, "≠")


def _areas(frame: PictureFrame, zones: Sequence[dict[str, Any]], shapes: Sequence[Any], id: str) -> list[str]:
    """Return the shapes in the colours of their statuses."""
    parts = []
    for zone, shape in zip(zones, shapes, strict=True):
        fill, edge = COLOURS[zone["status"]]
        path = frame.path(ring for part in shape for ring in part)
        parts.append(
            f'<path class="svg-zone" data-status="{zone["status"]}" d="{path}" fill="{fill.format(id=id)}" '
            f'stroke="{edge}" stroke-width="1.4" stroke-linejoin="round"/>'
        )
    return parts


def _borders(frame: PictureFrame, borders: Iterable[dict[str, Any]]) -> list[str]:
    return [
        f'<path class="svg-border" d="{frame.path(border["rings"])}" fill="none" stroke="{INK}" '
        f'stroke-width="{3.2 if border["own"] else 1.6}" stroke-linejoin="round"/>'
        for border in sorted(borders, key=lambda border: border["own"])
    ]


def _apart(
    frame: PictureFrame, zones: Sequence[dict[str, Any]], shapes: Sequence[Any], label: Callable[[dict[str, Any]], str]
) -> tuple[list[str], list[tuple[float, float, float, float]]]:
    """Return the labels of the zones that are large enough for a label, and the boxes that the labels fill (left, top,
    right, bottom). A label that would cover an earlier one is left out."""
    taken: list[tuple[float, float, float, float]] = []
    found = []
    for zone, shape in zip(zones, shapes, strict=True):
        (x, y), words = frame.at(zone["spot"]), label(zone)
        half = (13 + 10 * len(words)) / 2 + 1
        box = (x - half, y - 13, x + half, y + 13)
        free = all(box[0] >= b[2] or box[2] <= b[0] or box[1] >= b[3] or box[3] <= b[1] for b in taken)
        if free and _holds_label(frame, shape, len(words)):
            taken.append(box)
            found.append(_label(x, y, words))
    return found, taken


def _holds_label(frame: PictureFrame, shape: Any, length: int) -> bool:
    largest = 0.0
    for part in shape:
        flat = [frame.at(point) for point in part[0]]
        twice = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(flat, flat[1:], strict=False))
        largest = max(largest, abs(twice) / 2)
    return largest >= hypot(14 + 9 * length, 26) ** 2 * 0.55


def _label(x: float, y: float, words: str) -> str:
    wide = 13 + 10 * len(words)
    return (
        f'<g class="svg-number"><rect x="{x - wide / 2:.1f}" y="{y - 12:.1f}" width="{wide}" height="24" rx="12" '
        f'fill="{PAPER}" stroke="{INK}" stroke-width="1.2"/><text x="{x:.1f}" y="{y + 6.2:.1f}" text-anchor="middle" '
        f'font-family="{FONT}" font-weight="700" font-size="17" fill="{INK}">{words}</text></g>'
    )


@dataclass(frozen=True, slots=True)
class Series:
    """One figure with a value per week. texts: the formatted values."""

    label: str
    values: Sequence[float]
    texts: Sequence[str]


def text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    anchor: str = "start",
    weight: int = 400,
    colour: str = INK,
    kind: str = "",
) -> str:
    """Return a text element. kind: the CSS class of the text; empty for ink or soft ink."""
    kind = kind or ("svg-soft" if colour == SOFT else "svg-ink")
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
    )


def svg(width: float, height: float, title: str, parts: Iterable[str], kind: str) -> SafeString:
    """Return a picture. title: alternative text, which the tagged PDF takes from the title element."""
    return mark_safe(
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
