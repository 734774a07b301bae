"""Plots of a zone report as SVG, legible without colour: needs by kind and week, hours of search compared with people
unseen, and people met by hour of the week. The title is not drawn; it is the first part of the alternative text, which
also contains all figures."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from mapping.out.zone_reports.report_charts import INK, LINE, SOFT, Series, svg, text

BLUE = "#1c4a82"
WIDE = 860.0

# Fill colours of the hours of the week, from pale to dark. They are also in this order when printed in grey.
_SHADES = ("#ffffff", "#dbe4ee", "#b3c5da", "#6f8fb5", "#1c4a82")


def kinds_by_week(title: str, ticks: Sequence[str], rows: Sequence[Series]) -> SafeString:
    """Draw one row of bars for each kind, all at the same scale. ticks: labels of the weeks."""
    left, line, top = 190.0, 35.0, 4.0
    step = (WIDE - left - 8) / max(len(ticks), 1)
    most = max((value for row in rows for value in row.values), default=0.0) or 1.0
    written = step >= 7.5 * max((len(one) for row in rows for one in row.texts), default=1) + 4
    parts: list[str] = []
    for place, row in enumerate(rows):
        floor = top + line * (place + 1) - 6
        parts.append(text(left - 12, floor - 5, row.label, 14, anchor="end"))
        parts.append(f'<path class="svg-rule" d="M{left},{floor} H{WIDE - 8}" stroke="{LINE}"/>')
        for week, value in enumerate(row.values):
            tall = value / most * (line - 19)
            x = left + step * week + step * 0.12
            if value > 0:
                parts.append(_bar(x, floor - tall, step * 0.76, tall))
            if written and row.texts[week]:
                parts.append(text(x + step * 0.38, floor - tall - 3, row.texts[week], 12, anchor="middle"))
    height = top + line * len(rows) + 26
    parts += _ticks(ticks, left, step, height - 8)
    return svg(WIDE, height, _told(title, ticks, rows), parts, "report-plot")


def hours_and_unseen(title: str, ticks: Sequence[str], hours: Series, unseen: Series | None) -> SafeString:
    """Draw two panels over the same weeks: people unseen as points joined by a line, hours as bars. A value of
    ``unseen`` below 0 means unknown and has no point. unseen: None leaves out its panel."""
    left, tall = 8.0, 84.0
    step = (WIDE - 16) / max(len(ticks), 1)
    every = max(1, -(-len(ticks) // 14))
    parts, floor = _unseen_panel(unseen, left, tall, step, every) if unseen else ([], -16.0)
    parts.append(text(2, floor + 32, hours.label, 14, weight=700))
    floor, most = floor + 44 + tall, max(hours.values, default=0.0) or 1.0
    for week, value in enumerate(hours.values):
        high = value / most * (tall - 14)
        x = left + step * week + step * 0.2
        parts.append(_bar(x, floor - high, step * 0.6, high))
        if week % every == 0:
            parts.append(text(x + step * 0.3, floor - high - 5, hours.texts[week], 13, anchor="middle"))
    parts.append(f'<path class="svg-floor" d="M{left},{floor} H{WIDE - 8}" stroke="{INK}" stroke-width="1.4"/>')
    height = floor + 26
    parts += _ticks(ticks, left, step, height - 8)
    return svg(WIDE, height, _told(title, ticks, [unseen, hours] if unseen else [hours]), parts, "report-plot")


def _unseen_panel(unseen: Series, left: float, tall: float, step: float, every: int) -> tuple[list[str], float]:
    """Return the elements of the panel of people unseen, and the height at which it ends."""
    parts = [text(2, 16, unseen.label, 14, weight=700)]
    floor = 34.0 + tall
    most = max(unseen.values, default=0.0) or 1.0
    spots = [
        (left + step * (week + 0.5), floor - max(value, 0.0) / most * (tall - 14), unseen.texts[week])
        for week, value in enumerate(unseen.values)
        if value >= 0
    ]
    if len(spots) > 1:
        path = " L".join(f"{x:.1f},{y:.1f}" for x, y, _text in spots)
        parts.append(f'<path class="svg-line" d="M{path}" fill="none" stroke="{BLUE}" stroke-width="2.4"/>')
    for place, (x, y, told) in enumerate(spots):
        parts.append(f'<circle class="svg-spot" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{BLUE}"/>')
        if place % every == 0:
            parts.append(text(x, y - 9, told, 13, anchor="middle"))
    parts.append(f'<path class="svg-floor" d="M{left},{floor} H{WIDE - 8}" stroke="{INK}" stroke-width="1.4"/>')
    return parts, floor


def hours_of_the_week(title: str, days: Sequence[str], counts: Sequence[Sequence[int]]) -> SafeString:
    """Draw a heat map with a row for each weekday and a column for each hour; each square contains its number."""
    left, size, top, tall = 92.0, 31.5, 24.0, 30.0
    most = max((count for row in counts for count in row), default=0) or 1
    parts: list[str] = []
    for hour in range(0, 24, 2):
        parts.append(text(left + size * (hour + 0.5), top - 8, f"{hour}", 13, anchor="middle", colour=SOFT))
    for day, (name, row) in enumerate(zip(days, counts, strict=True)):
        y = top + tall * day
        parts.append(text(left - 10, y + 20, name, 14, anchor="end"))
        for hour, count in enumerate(row):
            level = 0 if not count else 1 + min(3, int(4 * count / (most + 1)))
            x = left + size * hour
            parts.append(
                f'<rect class="svg-heat" data-level="{level}" x="{x:.1f}" y="{y:.1f}" width="{size - 2}" '
                f'height="{tall - 2}" fill="{_SHADES[level]}" stroke="{LINE}" stroke-width="0.6"/>'
            )
            if count:
                colour = "#ffffff" if level == 4 else INK
                parts.append(
                    text(
                        x + size / 2 - 1,
                        y + 19,
                        f"{count}",
                        11.5,
                        anchor="middle",
                        colour=colour,
                        kind="svg-heat-number",
                    )
                )
    rows = [Series(name, row, [f"{count}" for count in row]) for name, row in zip(days, counts, strict=True)]
    return svg(WIDE, top + tall * 7 + 8, _told(title, [f"{hour}" for hour in range(24)], rows), parts, "report-plot")


def _bar(x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="svg-bar" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 0):.1f}" fill="{BLUE}" '
        f'stroke="{BLUE}"/>'
    )


def _ticks(ticks: Sequence[str], left: float, step: float, y: float) -> list[str]:
    every = max(1, -(-len(ticks) // max(1, int(step * len(ticks) // 74))))
    return [
        text(left + step * (week + 0.5), y, tick, 13, anchor="middle", colour=SOFT)
        for week, tick in enumerate(ticks)
        if week % every == 0
    ]


def _told(title: str, ticks: Sequence[str], rows: Sequence[Series]) -> str:
    """Return the alternative text: the title and all figures."""
    told = (
        f"{row.label}: " + ", ".join(f"{tick} {one}" for tick, one in zip(ticks, row.texts, strict=True) if one)
        for row in rows
    )
    return f"{title}. " + "; ".join(told)
