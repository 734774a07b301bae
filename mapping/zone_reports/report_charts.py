"""Charts of a zone report as SVG, for the page and the PDF: a map of the zones, and bars with one value per week.

Colours and hatches are set in the elements, so print and PDF need no style sheet. The page's style sheet overrides them
by class in dark mode.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import hypot
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from solidarity.lib.picture_frame import PictureFrame
from volunteers.basemap import printed_map

FONT = "Atkinson Hyperlegible, sans-serif"
INK, SOFT, PAPER, LINE = "#23201b", "#574f42", "#ffffff", "#b9ae9b"

# status: (fill, edge). A fill is a colour or a pattern.
COLOURS = {
    "covered": ("#1f7a6d", "#124f46"),
    "under_covered": ("#d98a00", "#845300"),
    "uncovered": ("#b3361f", "#7c2112"),
    "to_verify": ("url(#{id}-dots)", "#4b3270"),
    "not_searched": ("url(#{id}-hatch)", "#6b6457"),
    "contradictory": ("url(#{id}-diamonds)", "#575043"),
}

_PATTERNS = """<defs>
<pattern id="{id}-dots" width="9" height="9" patternUnits="userSpaceOnUse">
<rect width="9" height="9" fill="#ffffff" class="svg-paper"/>
<circle cx="4.5" cy="4.5" r="2.1" fill="#6a4c93" class="svg-verify"/></pattern>
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
    areas, numbers, taken = [], [], []
    for zone, shape in zip(payload["zones"], payload["shapes"], strict=True):
        fill, edge = COLOURS[zone["status"]]
        path = frame.path(ring for part in shape for ring in part)
        areas.append(
            f'<path class="svg-zone" data-status="{zone["status"]}" d="{path}" fill="{fill.format(id=id)}" '
            f'stroke="{edge}" stroke-width="1.4" stroke-linejoin="round"/>'
        )
        if _holds_number(frame, shape, zone["number"]):
            x, y = frame.at(zone["spot"])
            numbers.append(_number(x, y, zone["number"]))
            taken.append((x - 20, y - 14, x + 20, y + 14))
    borders = [
        f'<path class="svg-border" d="{frame.path(border["rings"])}" fill="none" stroke="{INK}" '
        f'stroke-width="{3.2 if border["own"] else 1.6}" stroke-linejoin="round"/>'
        for border in sorted(payload["borders"], key=lambda border: border["own"])
    ]
    streets = printed_map.draw(frame, taken)
    parts = [_PATTERNS.replace("{id}", id), streets.ground, *areas, streets.ways, *borders, *numbers]
    return _svg(frame.width, frame.height, title, parts, "report-map")


def _holds_number(frame: PictureFrame, shape: Any, number: int) -> bool:
    largest = 0.0
    for part in shape:
        flat = [frame.at(point) for point in part[0]]
        twice = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(flat, flat[1:], strict=False))
        largest = max(largest, abs(twice) / 2)
    return largest >= hypot(14 + 9 * len(str(number)), 26) ** 2 * 0.55


def _number(x: float, y: float, number: int) -> str:
    wide = 13 + 10 * len(str(number))
    return (
        f'<g class="svg-number"><rect x="{x - wide / 2:.1f}" y="{y - 12:.1f}" width="{wide}" height="24" rx="12" '
        f'fill="{PAPER}" stroke="{INK}" stroke-width="1.2"/><text x="{x:.1f}" y="{y + 6.2:.1f}" text-anchor="middle" '
        f'font-family="{FONT}" font-weight="700" font-size="17" fill="{INK}">{number}</text></g>'
    )


@dataclass(frozen=True, slots=True)
class Series:
    """One figure with a value per week. texts: the formatted values."""

    label: str
    values: Sequence[float]
    texts: Sequence[str]


def bars(title: str, ticks: Sequence[str], series: Sequence[Series], id: str) -> SafeString:
    """Draw bars for each week, with one or two figures side by side; the second figure is hatched. ticks: labels of the
    weeks."""
    width, height, top, foot, left = 420.0, 210.0, 58.0, 28.0, 3.0
    count, most = len(ticks), max((value for one in series for value in one.values), default=0.0)
    step = (width - 2 * left) / max(count, 1)
    scale = (height - top - foot) / (most or 1.0)
    bar = min(36.0, step * 0.84 / len(series))
    floor = height - foot
    fills = ("#1c4a82", f"url(#{id}-stripes)")
    parts = [
        f'<defs><pattern id="{id}-stripes" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect width="6" height="6" fill="#ffffff" class="svg-paper"/>'
        '<path d="M-1,7 L7,-1 M-1,1 L1,-1 M5,7 L7,5" stroke="#1c4a82" stroke-width="1.5" class="svg-stripe"/></pattern></defs>',
        _text(left, 19, title, 17, weight=700),
        *(_key(left, series, fills) if len(series) > 1 else []),
    ]
    written = step >= 13.0 * max((len(text) for one in series for text in one.texts), default=1) * len(series) * 0.62
    for week, tick in enumerate(ticks):
        middle = left + step * (week + 0.5)
        for place, one in enumerate(series):
            tall = one.values[week] * scale
            x = middle + (place - len(series) / 2) * bar
            if tall > 0:
                parts.append(
                    f'<rect class="svg-bar" x="{x + 1:.1f}" y="{floor - tall:.1f}" width="{bar - 2:.1f}" height="{tall:.1f}" '
                    f'fill="{fills[place]}" stroke="#1c4a82" stroke-width="1"/>'
                )
            if written:
                parts.append(_text(x + bar / 2, floor - tall - 5, one.texts[week], 13, anchor="middle"))
        if week % max(1, -(-count // 7)) == 0:
            parts.append(_text(middle, height - 9, tick, 13, anchor="middle", colour=SOFT))
    if not written and most:
        parts.append(
            f'<path class="svg-rule" d="M{left},{top - 4} H{width - left}" stroke="{LINE}" stroke-dasharray="3 4"/>'
        )
        largest = max((one.values[week], one.texts[week]) for one in series for week in range(count))
        parts.append(_text(width - left, top - 9, largest[1], 13, anchor="end", colour=SOFT))
    parts.append(f'<path class="svg-floor" d="M{left},{floor} H{width - left}" stroke="{INK}" stroke-width="1.6"/>')
    return _svg(width, height, title, parts, "report-bars")


def _key(left: float, series: Sequence[Series], fills: Sequence[str]) -> list[str]:
    parts, x = [], left
    for one, fill in zip(series, fills, strict=False):
        parts.append(
            f'<rect class="svg-bar" x="{x:.1f}" y="28" width="13" height="13" fill="{fill}" stroke="#1c4a82" stroke-width="1"/>'
        )
        parts.append(_text(x + 19, 39, one.label, 13, colour=SOFT))
        x += 34 + 7.4 * len(one.label)
    return parts


def _text(
    x: float, y: float, text: str, size: float, *, anchor: str = "start", weight: int = 400, colour: str = INK
) -> str:
    kind = "svg-soft" if colour == SOFT else "svg-ink"
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
    )


def _svg(width: float, height: float, title: str, parts: Iterable[str], kind: str) -> SafeString:
    return mark_safe(
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
