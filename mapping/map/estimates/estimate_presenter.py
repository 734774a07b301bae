"""The unseen estimate in words and as a plot: people in places that were not searched for 14 or 28 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.map.estimates import reader_estimate
from mapping.map.estimates.reader_estimate import EstimateWords
from mapping.map.wording.sentences import interval, percent, whole

FONT = "Atkinson Hyperlegible, sans-serif"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 460.0, 250.0, 38.0, 70.0, 14.0, 30.0
# Colours for paper; the page's style sheet overrides them by class. days: (line colour, dashes, opacity of the band)
INKS = {14: ("#1c4a82", "none", 0.18), 28: ("#23201b", "7 4", 0.13)}


@dataclass(frozen=True, slots=True)
class SpanWords:
    """One of the figures shown in large type. places: number and share of the places that were not searched."""

    days: int
    number: str
    label: str
    interval: str
    places: str


@dataclass(frozen=True, slots=True)
class Row:
    """One day in the table. cells: (name of the figure, text)."""

    head: str
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class UnseenPresentation:
    """The unseen estimate as page and PDF show it. heads: column heads of the table. main: the figure that every page
    shows."""

    main: EstimateWords
    day: str
    spans: Sequence[SpanWords]
    change: str
    plot: SafeString
    heads: Sequence[str]
    rows: Sequence[Row]


def present(summary: dict[str, Any] | None, name: str) -> UnseenPresentation | None:
    """Present an unseen_estimate.summary in the active language; None without figures. name: the territory's name."""
    main = reader_estimate.of_summary(summary)
    if summary is None or main is None:
        return None
    weekly = _weekly(summary["over_time"])
    return UnseenPresentation(
        main=main,
        day=date_format(date.fromisoformat(summary["day"]), "DATE_FORMAT"),
        spans=[_words(span, summary["of"]) for span in summary["spans"]],
        change=_change(summary),
        plot=plot(summary["over_time"], name),
        heads=[
            _("At the end of"), _("No search for 14 days"), _("9 times in 10"), _("Places"),
            _("No search for 28 days"), _("9 times in 10"), _("Places"),
        ],
        rows=[_row(point) for point in reversed(weekly)],
    )  # fmt: skip


def _words(span: dict[str, int], of: int) -> SpanWords:
    return SpanWords(
        days=span["days"],
        number=whole(span["persons"]),
        label=ngettext(
            "person likely in places not searched for %(days)s days",
            "people likely in places not searched for %(days)s days",
            span["persons"],
        )
        % {"days": span["days"]},
        interval=_("9 times in 10: %(interval)s") % {"interval": interval(span["low"], span["high"])},
        places=_("%(cells)s of %(of)s cells, %(share)s")
        % {"cells": whole(span["cells"]), "of": whole(of), "share": percent(share(span["cells"], of))},
    )


def share(cells: int, of: int) -> int:
    """Return the share of the places, in whole per cent."""
    return min(100, round(100 * cells / of)) if of else 0


def _change(summary: dict[str, Any]) -> str:
    """Describe the value of the first figure four weeks earlier; empty if that value is not known."""
    then = (date.fromisoformat(summary["day"]) - timedelta(days=28)).isoformat()
    before = [point for point in summary["over_time"] if point["day"] <= then]
    if not before:
        return ""
    past = before[-1]
    return _("On %(day)s, the number was %(number)s (%(interval)s).") % {
        "day": date_format(date.fromisoformat(past["day"]), "DATE_FORMAT"),
        "number": whole(past["spans"][0]["persons"]),
        "interval": interval(past["spans"][0]["low"], past["spans"][0]["high"]),
    }


def _weekly(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the last point and earlier points that are at least a week apart, oldest first."""
    if not points:
        return []
    chosen = [points[-1]]
    for point in reversed(points[:-1]):
        if date.fromisoformat(chosen[-1]["day"]) - date.fromisoformat(point["day"]) >= timedelta(days=7):
            chosen.append(point)
    return chosen[::-1]


def _row(point: dict[str, Any]) -> Row:
    cells = []
    for span in point["spans"]:
        days = span["days"]
        cells += [
            (f"persons_{days}", whole(span["persons"])),
            (f"interval_{days}", interval(span["low"], span["high"])),
            (f"cells_{days}", whole(span["cells"])),
        ]
    return Row(date_format(date.fromisoformat(point["day"]), "SHORT_DATE_FORMAT"), cells)


# --- the plot ------------------------------------------------------------------------------------------------------


def plot(points: Sequence[dict[str, Any]], name: str, id: str = "unseen-plot") -> SafeString:
    """Draw both figures over time as lines, with their intervals as bands. points: over_time of
    unseen_estimate.summary."""
    days = [date.fromisoformat(point["day"]).toordinal() for point in points]
    first, last = days[0], max(days[-1], days[0] + 1)
    most = _round_up(max(span["high"] for point in points for span in point["spans"]))
    floor = HEIGHT - FOOT
    left = max(LEFT, 9.0 * len(whole(most)) + 11)  # the numbers of the scale must fit

    def x(day: int) -> float:
        return left + (day - first) / (last - first) * (WIDTH - left - RIGHT)

    def y(persons: float) -> float:
        return floor - persons / most * (floor - TOP)

    parts = [*_scale(most, y, left), *_dates(first, last, x)]
    lines = []
    for place, (days_unseen, (ink, dashes, strength)) in enumerate(INKS.items()):
        spans = [point["spans"][place] for point in points]
        upper = [f"{x(day):.1f},{y(span['high']):.1f}" for day, span in zip(days, spans, strict=True)]
        lower = [f"{x(day):.1f},{y(span['low']):.1f}" for day, span in zip(days, spans, strict=True)]
        middle = [f"{x(day):.1f},{y(span['persons']):.1f}" for day, span in zip(days, spans, strict=True)]
        parts.append(
            f'<polygon class="unseen-band unseen-band--{days_unseen}" points="{" ".join([*upper, *reversed(lower)])}" '
            f'fill="{ink}" fill-opacity="{strength}"/>'
        )
        lines.append(
            f'<polyline class="unseen-line unseen-line--{days_unseen}" points="{" ".join(middle)}" fill="none" '
            f'stroke="{ink}" stroke-width="2.4" stroke-linejoin="round" stroke-dasharray="{dashes}"/>'
        )
        at_x, at_y = middle[-1].split(",")
        lines.append(
            f'<circle class="unseen-dot unseen-dot--{days_unseen}" cx="{at_x}" cy="{at_y}" r="4" fill="{ink}"/>'
        )
    labels = _apart([y(span["persons"]) for span in points[-1]["spans"]])
    lines += [
        _text(x(days[-1]) + 9, at + 5, _("%(days)s days") % {"days": days_unseen}, "start", strong=True)
        for days_unseen, at in zip(INKS, labels, strict=True)
    ]
    return _svg([*parts, *lines], *_alternative_text(points, name), id)


def _apart(heights: Sequence[float]) -> list[float]:
    """Return the heights of two labels, moved to be at least one line apart."""
    upper, lower = heights
    lack = max(0.0, 17.0 - (lower - upper))
    return [upper - lack / 2, lower + lack / 2]


def _round_up(number: int) -> int:
    """Return a round number of people for the top of the scale."""
    for unit in (4, 10, 20, 40, 100, 200, 400, 1000, 2000, 4000, 10000, 20000, 40000, 100000):
        if number <= unit * 5:
            return max(unit, -(-number // unit) * unit)
    return number


def _scale(most: int, y: Any, left: float) -> list[str]:
    parts = []
    for step in (0, most // 2, most):
        parts.append(
            f'<path class="unseen-rule" d="M{left},{y(step):.1f} H{WIDTH - RIGHT}" '
            f'stroke="{"#23201b" if step == 0 else "#b9ae9b"}" stroke-width="{1.6 if step == 0 else 1}"/>'
        )
        parts.append(_text(left - 7, y(step) + 5, whole(step), "end"))
    return parts


def _dates(first: int, last: int, x: Any) -> list[str]:
    count = min(4, last - first + 1)
    parts = []
    for number in range(count):
        day = first + round((last - first) * number / max(count - 1, 1))
        anchor = "start" if number == 0 else "middle"
        parts.append(_text(x(day), HEIGHT - 9, date_format(date.fromordinal(day), "j M"), anchor))
    return parts


def _alternative_text(points: Sequence[dict[str, Any]], name: str) -> tuple[str, str]:
    """Return title and description of the plot for screen readers."""
    first, last = points[0], points[-1]

    def line(point: dict[str, Any]) -> str:
        return _("%(day)s: %(short)s people in places not searched for 14 days, %(long)s for 28 days") % {
            "day": date_format(date.fromisoformat(point["day"]), "DATE_FORMAT"),
            "short": whole(point["spans"][0]["persons"]),
            "long": whole(point["spans"][1]["persons"]),
        }

    title = _("People likely in places not searched recently, over time: %(name)s") % {"name": name}
    return title, f"{line(first)}. {line(last)}." if first is not last else f"{line(last)}."


def _text(x: float, y: float, text: str, anchor: str, *, strong: bool = False) -> str:
    return (
        f'<text class="unseen-text{" unseen-text--strong" if strong else ""}" x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" '
        f'font-size="14" font-weight="{700 if strong else 400}" text-anchor="{anchor}" '
        f'fill="{"#23201b" if strong else "#574f42"}">{escape(text)}</text>'
    )


def _svg(parts: Sequence[str], title: str, description: str, id: str) -> SafeString:
    return mark_safe(
        f'<svg class="unseen-plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" '
        f'aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{escape(title)}</title>'
        f'<desc id="{id}-desc">{escape(description)}</desc>{"".join(parts)}</svg>'
    )
