"""The danger corpus is complete and balanced, and no sentence occurs twice. The matcher has its own tests."""

import csv
from collections import Counter
from pathlib import Path

import pytest

CORPUS = Path(__file__).parent / "corpus"
LANGUAGES = ("ar", "en", "es", "fr", "prs", "ps", "ro", "ti", "uk")
FLAGS = {"not_breathing", "unconscious", "blue_lips", "bleeding", "overdose", "labour"}
FLAGS |= {"chest_pain", "hypothermia", "violence", "suicide", "fire", "child_alone"}


def rows(language: str) -> list[dict[str, str]]:
    with (CORPUS / f"{language}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_column_and_a_text_in_every_row(language: str) -> None:
    columns = ["text", "flag", "half", "round", "unseen"]
    assert all(list(row) == columns and row["text"].strip() == row["text"] != "" for row in rows(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_of_the_half_report_is_trained_with(language: str) -> None:
    assert {row["round"] for row in rows(language) if row["half"] == "report"} == {""}
    assert {row["round"] for row in rows(language)} == {"", "0", "1", "2", "3"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_knows_every_flag_and_no_other(language: str) -> None:
    assert {flag for row in rows(language) for flag in row["flag"].split()} == FLAGS


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_of_the_sentences_are_harmless(language: str) -> None:
    assert 2 * sum(not row["flag"] for row in rows(language)) == len(rows(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_halves_hold_every_flag_and_as_many_harmless_sentences_as_dangers(language: str) -> None:
    every = rows(language)
    for half in ("tune", "report"):
        counted = Counter((row["flag"].split() or [""])[0] for row in every if row["half"] == half)
        assert set(counted) == FLAGS | {""}
        assert 2 * counted[""] == counted.total()
    assert {row["half"] for row in every} == {"tune", "report"}


def test_there_are_sentences_enough() -> None:
    assert sum(len(rows(language)) for language in LANGUAGES) >= 300
    assert min(len(rows("fr")), len(rows("en"))) >= 60


def test_no_sentence_stands_twice() -> None:
    counted = Counter(" ".join(row["text"].casefold().split()) for language in LANGUAGES for row in rows(language))
    assert [text for text, times in counted.items() if times > 1] == []
