"""First visits, the correction of a count, and what the map misses, in words."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from mapping.map.wording.sentences import interval, percent, whole
from mapping.plans.self_checks.first_visits import LEAST_MET, FirstVisits
from volunteers.places.territories.people_counts import PeopleCount

FIGURES = Path(__file__).with_name("model_figures.json")
"""Written by ``benchmark_model --write-figures``."""


@dataclass(frozen=True, slots=True)
class FirstVisitWords:
    """First visits in words. alarm: whether the count does not fit what teams find."""

    sentence: str
    verdict: str
    alarm: bool


def verdict_of(found: FirstVisits) -> str:
    """Say whether the count fits what teams find."""
    if not found.enough:
        return _("These are too few to say whether the count is right: teams must meet at least %(least)s people.") % {
            "least": whole(LEAST_MET)
        }
    if found.alarm:
        return (
            _("The count does not fit what teams find: there are more people than were counted.")
            if found.ratio > 1
            else _("The count does not fit what teams find: there are fewer people than were counted.")
        )
    return _("The count fits what teams find, as far as these visits can tell.")


def words(found: FirstVisits | None) -> FirstVisitWords | None:
    """Return the first visits in words; None without a count that has a source."""
    if found is None:
        return None
    verdict = verdict_of(found)
    if not found.places:
        none = _("In 60 days, no team made a first visit to a place that nobody had searched for 14 days.")
        return FirstVisitWords(none, verdict, found.alarm)
    sentence = _(
        "In 60 days, teams made %(visits)s first visits to places that nobody had searched for 14 days. If the count is "
        "right, they should have met about %(expected)s people there. They met %(met)s."
    ) % {"visits": whole(found.places), "expected": whole(round(found.expected)), "met": whole(round(found.met))}
    if found.enough:
        ratio = _("That is %(ratio)s for each 100 expected (9 times in 10: %(interval)s).") % {
            "ratio": whole(round(100 * found.ratio)),
            "interval": interval(round(100 * found.low), round(100 * found.high)),
        }
        sentence = f"{sentence} {ratio}"
    return FirstVisitWords(sentence, verdict, found.alarm)


@dataclass(frozen=True, slots=True)
class CorrectionWords:
    """A proposed correction in words. persons: the number that the form sends."""

    sentence: str
    persons: int


def correction_words(found: PeopleCount | None) -> CorrectionWords | None:
    if found is None or found.persons is None or found.low is None or found.high is None:
        return None
    sentence = _(
        "The first visits speak for about %(persons)s people (%(interval)s). If you accept, the map uses this number as an "
        "estimate by teams until a new count is entered. People whom no team can find are not in it."
    ) % {"persons": whole(round(found.persons)), "interval": interval(round(found.low), round(found.high))}
    return CorrectionWords(sentence, round(found.persons))


@cache
def _figures() -> dict[str, float]:
    figures: dict[str, float] = json.loads(FIGURES.read_text(encoding="utf-8"))["figures"]
    return figures


def misses() -> list[str]:
    """Say what the map misses in simulated cities, where the truth is known."""
    found = {name: percent(round(100 * share)) for name, share in _figures().items()}
    return [
        _(
            "The places that the map names hold %(found)s of the help that is missing. The best possible choice of as many "
            "places would hold %(best)s."
        )
        % {"found": found["unmet_found"], "best": found["unmet_best"]},
        _(
            "The map names %(many)s of the places where four or more people lack help, and %(few)s of those where two or "
            "three do."
        )
        % {"many": found["recall_four"], "few": found["recall_two"]},
    ]
