"""The plots of the internal edition. Older reports lack some of the figures."""

from datetime import date
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mapping.map.wording.sentences import whole
from mapping.out.zone_reports import report_plots
from mapping.out.zone_reports.report_charts import Series
from needs.enums import Category


def _ticks(payload: dict[str, Any]) -> list[str]:
    return [date_format(date.fromisoformat(week["first"]), "j N") for week in payload["weeks"]]


def kinds(payload: dict[str, Any]) -> SafeString | None:
    """Plot the needs by kind and week."""
    if not payload.get("kinds"):
        return None
    rows = [
        Series(str(Category(row["kind"]).label), row["weeks"], [whole(one) if one else "" for one in row["weeks"]])
        for row in payload["kinds"]
        if row["kind"] in Category.values
    ]
    return report_plots.kinds_by_week(_("Needs by kind and week"), _ticks(payload), rows)


def hours(payload: dict[str, Any]) -> SafeString | None:
    """Plot the hours of search and the people unseen, where these are known."""
    weeks = payload["weeks"]
    unseen = [-1 if week.get("unseen") is None else week["unseen"] for week in weeks]
    walked = [week["hours"] for week in weeks]
    return report_plots.hours_and_unseen(
        hours_title(payload),
        _ticks(payload),
        Series(_("Hours of search in the week"), walked, [whole(round(one)) for one in walked]),
        Series(
            _("People likely unseen at the end of the week"),
            unseen,
            [whole(one) if one >= 0 else "–" for one in unseen],
        )
        if max(unseen, default=-1) >= 0
        else None,
    )


def hours_title(payload: dict[str, Any]) -> str:
    """Return the title of the plot of hours."""
    known = any(week.get("unseen") is not None for week in payload["weeks"])
    return _("Hours of search and people unseen") if known else _("Hours of search")


def clock(payload: dict[str, Any]) -> SafeString | None:
    """Plot the people met by weekday and hour."""
    counts = payload.get("clock")
    if not counts or not any(map(any, counts)):
        return None
    names = [str(WEEKDAYS[day]) for day in range(7)]
    return report_plots.hours_of_the_week(_("People met by weekday and hour"), names, counts)
