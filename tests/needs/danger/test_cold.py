"""Sentences about cold: a child, or somebody who no longer moves, is in danger; an adult who shivers and talks is not."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.danger_words.matcher import flags_in
from tests.needs.danger.figures import CORPUS, LANGUAGES, cold_figures, cold_rows, cold_table, rows

GOAL_RECALL, GOAL_FALSE_ALARMS = 0.95, 0.05
SENTENCES = 300


def test_in_sentences_that_nobody_tuned_on_it_finds_the_dangers_and_raises_few_false_alarms() -> None:
    held = cold_figures("report")
    assert held.dangers + held.harmless >= SENTENCES / 2
    assert held.recall >= GOAL_RECALL
    assert held.false_alarms <= GOAL_FALSE_ALARMS


def test_the_sentences_that_the_rules_were_made_with_are_read_without_an_error() -> None:
    made = cold_figures("tune")
    assert (made.recall, made.main_recall, made.false_alarms) == (1, 1, 0)


def test_every_language_has_as_many_dangers_as_harmless_sentences_in_both_halves() -> None:
    assert len(cold_rows()) >= SENTENCES
    counted = Counter((language, row.half, bool(row.flags)) for language, row in cold_rows())
    for language in LANGUAGES:
        for half in ("tune", "report"):
            assert counted[language, half, True] == counted[language, half, False] >= 7
    with (CORPUS / "cold.csv").open(encoding="utf-8", newline="") as file:
        assert {row["flag"] for row in csv.DictReader(file)} == {"hypothermia", ""}


def test_no_sentence_stands_twice_or_in_the_other_files() -> None:
    others = {" ".join(row.text.casefold().split()) for language in LANGUAGES for row in rows(language)}
    own = [" ".join(row.text.casefold().split()) for _language, row in cold_rows()]
    assert len(own) == len(set(own)) == len(set(own) - others)


def test_the_documented_figures_are_those_of_the_rules() -> None:
    assert cold_table() in (Path(settings.ROOT) / "docs" / "danger-words.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "My baby is freezing",
        "Mon bébé est gelé",
        "mi bebé está helado",
        "bebelușul e înghețat",
        "моє немовля замерзло",
        "رضيعي متجمد",
        "نوزادم یخ کرده است",
        "ماشوم مې کنګل شوی",
        "ዕሸል ውላደይ በሪዱ",
        "our children are cold at night, we need a tent",
        "j’ai froid avec mon bébé dans la rue",
        "the baby has no blanket and is freezing",
        "un homme est couché dans la neige et ne bouge plus",
        "I'm fine but my little boy is so cold",
        "my baby fell in the water and is frozen",
        "she says she is warm now but she is lying in the snow",
    ],
)
def test_a_child_who_is_cold_or_somebody_who_no_longer_moves_raises_the_alarm(text: str) -> None:
    assert DangerFlag.HYPOTHERMIA in flags_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "My baby is warm now",
        "the soup is cold",
        "it's freezing tonight, can you bring blankets?",
        "je suis gelé, un café chaud me ferait du bien",
        "my son caught a cold",
        "elle n'a plus froid",
        "the kids were freezing but are warm now",
        "my baby isn't cold",
        "les enfants ont mangé une glace",
        "gel douche pour bébé",
        "plan grand froid : le gymnase est ouvert aux familles avec enfants",
        "un café helado",
    ],
)
def test_the_weather_a_cold_drink_an_illness_or_an_adult_who_talks_raises_none(text: str) -> None:
    assert flags_in(text) == frozenset()
