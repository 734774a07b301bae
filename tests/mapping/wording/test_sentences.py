"""Figures in words, for each kind of reader, with none, one and many, in both languages."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from mapping.map.wording.rounding import ZoneFigures
from mapping.map.wording.sentences import meaning, words_of

MOMENT = datetime(2026, 1, 20, 6, tzinfo=UTC)
STATUSES = ["covered", "under_covered", "uncovered", "to_verify", "not_searched", "contradictory"]


def zone(**changes: Any) -> ZoneFigures:
    values: dict[str, Any] = {
        "key": "k", "territory": "Nord", "territory_slug": "nord", "status": "under_covered", "status_label": "", "cells": 3,
        "persons": 5, "persons_low": 3, "persons_high": 7, "sweeps": 1.4, "chance": 31, "help": 40, "citizens": 0,
        "searched_days": 6, "recent_days": 14, "since": MOMENT, "derived_at": MOMENT, "version": 1,
        "contested": False, "computed": "under_covered", "computed_label": "", "overridden_until": None, **changes,
    }  # fmt: skip
    return ZoneFigures(**values)


NOTHING = zone(persons=0, persons_low=0, persons_high=0, sweeps=0.0, chance=0, help=0, searched_days=None)
ONE = zone(persons=1, persons_low=0, persons_high=1, sweeps=1.0, chance=1, help=1, searched_days=1)
CERTAIN = zone(persons=1200, persons_low=1200, persons_high=1200, sweeps=0.4, chance=100, help=1040, searched_days=0)


NORM_EN = "help is at 40 % of the norm; 31 chances in 100 that help is missing."
NORM_FR = "l’aide est à 40 % de la norme ; 31 chances sur 100 que l’aide manque."


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        (zone(), f"Teams made about 1.4 full searches, the last 6 days ago; 3 to 7 people likely; {NORM_EN}"),
        (
            NOTHING,
            "No team has searched here; nobody is likely to be there; no help was logged recently; "
            "less than 1 chance in 100 that help is missing.",
        ),
        (
            ONE,
            "Teams made about 1 full search, the last 1 day ago; 0 to 1 person likely; help is at 1 % of the norm; "
            "1 chance in 100 that help is missing.",
        ),
        (
            CERTAIN,
            "Teams made about 0.4 full searches, the last today; 1,200 people likely; help is at 1,040 % of the norm; "
            "more than 99 chances in 100 that help is missing.",
        ),
        (
            zone(searched_days=None, sweeps=0.0, persons_low=1, persons_high=1),
            f"No team has searched here; 1 person likely; {NORM_EN}",
        ),
        (
            zone(sweeps=0.0, searched_days=140),
            f"The last search was 140 days ago, too long ago to count; 3 to 7 people likely; {NORM_EN}",
        ),
    ],
)
def test_a_coordinator_reads_the_figures_in_english(figures: ZoneFigures, sentence: str) -> None:
    with translation.override("en"):
        assert words_of(figures, "exact").sentence.replace("\u00a0", " ") == sentence


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        (
            zone(),
            f"Les équipes ont fait environ 1,4 passage complet, le dernier il y a 6 jours ; de 3 à 7 personnes "
            f"probables ; {NORM_FR}",
        ),
        (
            NOTHING,
            "Aucune équipe n’a cherché ici ; il n’y a probablement personne ; aucune aide n’a été notée récemment ; "
            "moins d’une chance sur 100 que l’aide manque.",
        ),
        (
            ONE,
            "Les équipes ont fait environ 1 passage complet, le dernier il y a 1 jour ; de 0 à 1 personne "
            "probable ; l’aide est à 1 % de la norme ; "
            "1 chance sur 100 que l’aide manque.",
        ),
        (
            CERTAIN,
            "Les équipes ont fait environ 0,4 passage complet, le dernier aujourd’hui ; 1 200 personnes "
            "probables ; l’aide est à 1 040 % de la norme ; "
            "plus de 99 chances sur 100 que l’aide manque.",
        ),
        (
            zone(sweeps=2.5),
            f"Les équipes ont fait environ 2,5 passages complets, le dernier il y a 6 jours ; de 3 à 7 "
            f"personnes probables ; {NORM_FR}",
        ),
    ],
)
def test_a_coordinator_reads_the_figures_in_french(figures: ZoneFigures, sentence: str) -> None:
    with translation.override("fr"):
        text = words_of(figures, "exact").sentence
    assert text.replace("\u00a0", " ").replace("\u202f", " ") == sentence


def test_an_association_reads_steps_of_five_and_no_share() -> None:
    with translation.override("en"):
        words = words_of(zone(persons=17, persons_low=12, persons_high=23), "bucket")
    assert words.people == "15 to 19"
    assert words.chance == "likely"
    assert "%" not in words.sentence
    assert words.sentence == (
        "Teams made about 1.4 full searches, the last 6 days ago; people likely there: 15 to 19; help: less "
        "than half of the norm; "
        "missing help: likely."
    )


STEPS = {0: "fewer than 5", 4: "fewer than 5", 5: "5 to 9", 49: "45 to 49", 50: "50 or more", 900: "50 or more"}


@pytest.mark.parametrize(("persons", "text"), STEPS.items())
def test_steps_of_five_have_no_gap_and_no_overlap(persons: int, text: str) -> None:
    with translation.override("en"):
        assert words_of(zone(persons=persons), "bucket").people == text


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("figures", [zone(), NOTHING, ONE, CERTAIN])
def test_a_volunteer_reads_not_one_digit(figures: ZoneFigures, language: str) -> None:
    with translation.override(language):
        words = words_of(figures, "band")
    assert not any(letter.isdigit() for letter in words.sentence + words.people + words.chance + words.search)
    assert words.help == words.sweeps == ""


def test_the_order_of_a_volunteers_list_reveals_no_more_than_its_words() -> None:
    with translation.override("en"):
        close = [words_of(zone(persons=persons, chance=chance), "band") for persons, chance in [(3, 26), (9, 59)]]
    assert close[0].people == close[1].people
    assert close[0].ranks == close[1].ranks


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_status_has_a_meaning_of_its_own(language: str) -> None:
    with translation.override(language):
        assert len({meaning(zone(status=status)) for status in STATUSES}) == len(STATUSES)
        never, long_ago, too_little = (
            meaning(zone(status="not_searched", searched_days=days)) for days in (None, 40, 6)
        )
        assert never == long_ago != too_little
