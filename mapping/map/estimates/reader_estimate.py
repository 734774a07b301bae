"""The unseen estimate as one reader sees it: the one figure that the home page, dashboard, “Tonight”, map, list and
report show.

The estimate counts the people likely in cells that no association had searched for 14 days at the end of the last day
(mapping.coverage.unseen.unseen_estimate). A release keeps the figure of its own day, so it changes only when a release is
published. Coordinators see the exact figure; associations and the public see the figure rounded to 5; volunteers see
words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.coverage.unseen import unseen_estimate
from mapping.coverage.unseen.estimate_rounding import LEAST, outwards, rounded
from mapping.map.releases.reading import Reading
from mapping.map.wording import rounding
from mapping.map.wording.sentences import interval, whole
from volunteers.models import Territory
from volunteers.places.territories import people_counts


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the estimate relates to the other counts of people, as texts. expected: number of people expected in the
    whole territory. unseen: the unseen estimate. unseen_in_zones, searched_lately: the two parts of to_verify, the
    people in zones to verify."""

    expected: str
    unseen: str
    unseen_in_zones: str
    searched_lately: str
    to_verify: str


@dataclass(frozen=True, slots=True)
class EstimateWords:
    """The estimate in words. about: whether the number is rounded. label: a description of the number. interval: “9
    times in 10: …”, or empty. day: the last day that the figure includes. comparison: the comparison with other counts,
    shown only at exact detail."""

    number: str
    about: bool
    label: str
    interval: str
    day: str
    days: int
    comparison: Comparison | None


def of_reading(reading: Reading) -> EstimateWords | None:
    """Return the estimate of a reading's territory, at the reader's detail; None before the first figure, or if the
    territory's count has no source (a release may be older than the change)."""
    if not people_counts.has_source(reading.territory):
        return None
    if reading.live:
        found = unseen_estimate.latest([reading.territory.pk], timezone.now()).get(reading.territory.pk)
    else:
        found = reading.release.unseen.get(str(reading.territory.pk)) if reading.release else None
    return found and in_words(found, reading.detail)


def of_summary(summary: dict[str, Any] | None) -> EstimateWords | None:
    """Return the estimate of an unseen_estimate.summary, exact; None without figures."""
    if summary is None:
        return None
    figure: Any = {"day": summary["day"], **summary["spans"][0]}
    return in_words(figure, "exact")


def of_territories(territories: Iterable[Territory], now: datetime) -> dict[int, int | None]:
    """Return the estimate of each territory as a whole number, by primary key; None before its first figure."""
    keys = [territory.pk for territory in territories]
    found = unseen_estimate.latest(keys, now)
    return {pk: found[pk]["persons"] if pk in found else None for pk in keys}


def in_words(figure: unseen_estimate.DayFigure, detail: str) -> EstimateWords:
    """Return a figure in words for ``exact``, ``bucket`` or ``band`` detail (mapping.map.wording.rounding.detail_of)."""
    persons, about, ends, comparison = figure["persons"], False, "", None
    if detail == "exact":
        number, ends = whole(persons), interval(figure["low"], figure["high"])
        comparison = _comparison(figure)
    elif detail == "band":
        words = rounding.persons_band(persons)
        number = words[:1].upper() + words[1:]
    elif persons < LEAST:
        number = _("fewer than %(number)s") % {"number": whole(LEAST)}
    else:
        number, about = whole(rounded(persons)), True
        ends = interval(*outwards(figure["low"], figure["high"]))
    return EstimateWords(
        number=number,
        about=about,
        label=ngettext(
            "person likely in places not searched for %(days)s days",
            "people likely in places not searched for %(days)s days",
            persons if detail == "exact" else LEAST,
        )
        % {"days": figure["days"]},
        interval=_("9 times in 10: %(interval)s") % {"interval": ends} if ends else "",
        day=date_format(date.fromisoformat(figure["day"]), "DATE_FORMAT"),
        days=figure["days"],
        comparison=comparison,
    )


def _comparison(figure: unseen_estimate.DayFigure) -> Comparison | None:
    """Return the comparison. The parts of the comparison are derived from the rounded sums, so that they add up to the
    last digit. None for figures that lack these sums."""
    expected, to_verify, both = figure.get("expected"), figure.get("to_verify"), figure.get("in_both")
    if expected is None or to_verify is None or both is None:
        return None
    both = min(both, figure["persons"], to_verify)
    return Comparison(
        expected=whole(max(expected, figure["persons"])),
        unseen=whole(figure["persons"]),
        unseen_in_zones=whole(both),
        searched_lately=whole(to_verify - both),
        to_verify=whole(to_verify),
    )
