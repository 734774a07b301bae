"""The plots of the Why page as SVG; their colours come from the page's style sheet, by class."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

WIDTH, LEFT, TOP, FOOT = 420.0, 6.0, 54.0, 28.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on the horizontal axis. kind: the CSS class of the mark."""

    at: float
    kind: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line with a label."""

    at: float
    label: str


def curve(
    title: str,
    unit: str,
    points: Sequence[tuple[float, float]],
    marks: Sequence[Mark],
    ticks: Sequence[tuple[float, str]],
    *,
    most: str,
    last: str,
    rule: Rule | None = None,
) -> SafeString:
    """Draw a sum over time. points: (day, value), in order of days. most, last: texts for the largest and the last
    value."""
    height = 200.0
    start, end = points[0][0], points[-1][0]
    top = max([value for _day, value in points] + ([rule.at] if rule else []))
    floor, across = height - FOOT - 12, WIDTH - 2 * LEFT - 42

    def x(day: float) -> float:
        return LEFT + (day - start) / (end - start) * across

    def y(value: float) -> float:
        return floor - value / (top or 1.0) * (floor - TOP)

    line = " L".join(f"{x(day):.1f},{y(value):.1f}" for day, value in points)
    parts = [
        text_at(LEFT, 18, title, "why-svg-title"),
        text_at(LEFT, 37, f"{unit} · {most}", "why-svg-soft"),
        f'<path class="why-svg-area" d="M{x(start):.1f},{floor} L{line} L{x(end):.1f},{floor} Z"/>',
        f'<path class="why-svg-line" d="M{line}"/>',
    ]
    if rule:
        parts.append(f'<path class="why-svg-rule" d="M{LEFT},{y(rule.at):.1f} H{LEFT + across:.1f}"/>')
        below = y(rule.at) < TOP + 12
        parts.append(text_at(LEFT, y(rule.at) + (17 if below else -5), rule.label, "why-svg-soft"))
    parts.append(f'<path class="why-svg-floor" d="M{LEFT},{floor} H{LEFT + across:.1f}"/>')
    parts.extend(
        f'<path class="why-svg-mark why-svg-mark--{escape(mark.kind)}" d="M{x(mark.at):.1f},{floor + 1} v9"/>'
        for mark in marks
        if start <= mark.at <= end
    )
    parts.append(text_at(LEFT + across + 5, y(points[-1][1]) + 5, last, "why-svg-ink"))
    for number, (day, label) in enumerate(ticks):
        anchor = "start" if number == 0 else "end" if number == len(ticks) - 1 else "middle"
        parts.append(text_at(x(day), height - 5, label, "why-svg-soft", anchor))
    return drawing(height, f"{title}: {most}", parts)


def density(
    title: str,
    points: Sequence[tuple[float, float]],
    edge: float,
    ticks: Sequence[tuple[float, str]],
    *,
    below: str,
    above: str,
    edge_label: str,
    axis: str,
) -> SafeString:
    """Draw a probability density and fill the area above an edge. points: (value, density), in order, from 0 on. A
    density that grows without bound towards 0 is cut off there. below, above: the texts to the left and to the right of
    the edge."""
    height = 250.0
    end = points[-1][0]
    inner = [value for at, value in points if at >= 0.04 * end]
    most = max(inner) * 1.15 or 1.0
    floor, across = height - FOOT - 18, WIDTH - 2 * LEFT

    def x(at: float) -> float:
        return LEFT + at / end * across

    def y(value: float) -> float:
        return floor - min(value, most) / most * (floor - TOP - 26)

    def area(part: Iterable[tuple[float, float]], kind: str) -> str:
        steps = [f"{x(at):.1f},{y(value):.1f}" for at, value in part]
        if len(steps) < 2:
            return ""
        first, last = steps[0].split(",")[0], steps[-1].split(",")[0]
        return f'<path class="{kind}" d="M{first},{floor} L{" L".join(steps)} L{last},{floor} Z"/>'

    line = " L".join(f"{x(at):.1f},{y(value):.1f}" for at, value in points)
    middle = x(min(edge, end))
    parts = [
        text_at(LEFT, 18, title, "why-svg-title"),
        area((point for point in points if point[0] <= edge), "why-svg-area"),
        area((point for point in points if point[0] >= edge), "why-svg-above"),
        f'<path class="why-svg-line" d="M{line}"/>',
        f'<path class="why-svg-edge" d="M{middle:.1f},{TOP + 4} V{floor}"/>',
        text_at(
            min(max(middle, LEFT), WIDTH - LEFT),
            TOP - 14,
            edge_label,
            "why-svg-ink",
            "start" if middle < WIDTH / 3 else "end" if middle > 2 * WIDTH / 3 else "middle",
        ),
        text_at(middle - 8, TOP + 16, below, "why-svg-soft", "end") if middle > 90 else "",
        text_at(middle + 8, TOP + 16, above, "why-svg-strong") if middle < WIDTH - 90 else "",
        f'<path class="why-svg-floor" d="M{LEFT},{floor} H{WIDTH - LEFT}"/>',
    ]
    for number, (at, label) in enumerate(ticks):
        anchor = "start" if number == 0 else "end" if number == len(ticks) - 1 else "middle"
        parts.append(text_at(x(at), floor + 17, label, "why-svg-soft", anchor))
    parts.append(text_at(WIDTH - LEFT, height - 6, axis, "why-svg-soft", "end"))
    return drawing(height, f"{title}: {edge_label}, {above}", parts)


def text_at(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def drawing(height: float, title: str, parts: Iterable[str]) -> SafeString:
    return mark_safe(
        f'<svg class="why-svg" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
