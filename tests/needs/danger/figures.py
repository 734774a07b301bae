"""Figures of the danger-word matcher for each language and each half of the corpus.

The command prints them as a Markdown table, and never prints a sentence:

``python -m tests.needs.danger.figures``
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from solidarity.lib.danger_words.matcher import flags_in

CORPUS = Path(__file__).parent / "corpus"
LANGUAGES = ("ar", "en", "es", "fr", "prs", "ps", "ro", "ti", "uk")
HALVES = ("tune", "report")
HEAD = "| {} | Dangers | Any flag raised | Main flag raised | Harmless | False alarms |"


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence of the corpus. flags: the dangers that it describes, with the main danger first."""

    text: str
    flags: tuple[str, ...]
    half: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of sentences for one language and half.

    dangers, harmless: sentences of these kinds in the corpus. raised: dangers for which the matcher raises any flag.
    main: dangers for which it raises the main flag. alarms: harmless sentences for which it raises a flag.
    """

    dangers: int
    raised: int
    main: int
    harmless: int
    alarms: int

    @property
    def recall(self) -> float:
        return self.raised / self.dangers

    @property
    def main_recall(self) -> float:
        return self.main / self.dangers

    @property
    def false_alarms(self) -> float:
        return self.alarms / self.harmless


@cache
def rows(language: str) -> tuple[Row, ...]:
    """Return the corpus of a language."""
    with (CORPUS / f"{language}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Row(row["text"], tuple(row["flag"].split()), row["half"]) for row in csv.DictReader(file))


@cache
def cold_rows() -> tuple[tuple[str, Row], ...]:
    """Return the sentences about cold, each with its language."""
    with (CORPUS / "cold.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (row["language"], Row(row["text"], tuple(row["flag"].split()), row["half"])) for row in csv.DictReader(file)
        )


@cache
def figures(language: str, half: str) -> Figures:
    """Return the figures of one half of a language's corpus. Each sentence is read with the rules of all languages."""
    return _figures(row for row in rows(language) if row.half == half)


@cache
def cold_figures(half: str) -> Figures:
    """Return the figures of one half of the sentences about cold, in all languages together."""
    return _figures(row for _language, row in cold_rows() if row.half == half)


def _figures(sentences: Iterable[Row]) -> Figures:
    read = [(row.flags, flags_in(row.text)) for row in sentences]
    dangers = [(flags, found) for flags, found in read if flags]
    harmless = [found for flags, found in read if not flags]
    return Figures(
        dangers=len(dangers),
        raised=sum(bool(found) for _flags, found in dangers),
        main=sum(flags[0] in found for flags, found in dangers),
        harmless=len(harmless),
        alarms=sum(bool(found) for found in harmless),
    )


def table() -> str:
    """Return the figures of all languages and halves as a Markdown table."""
    lines = [HEAD.format("Language | Half"), "| --- | --- | ---: | ---: | ---: | ---: | ---: |"]
    for language in LANGUAGES:
        lines += [_line(f"{language} | {half}", figures(language, half)) for half in HALVES]
    return "\n".join(lines)


def cold_table() -> str:
    """Return the figures of the sentences about cold as a Markdown table."""
    lines = [HEAD.format("Half"), "| --- | ---: | ---: | ---: | ---: | ---: |"]
    return "\n".join([*lines, *(_line(half, cold_figures(half)) for half in HALVES)])


def _line(name: str, own: Figures) -> str:
    return (
        f"| {name} | {own.dangers} | {own.raised} ({own.recall:.3f}) "
        f"| {own.main} ({own.main_recall:.3f}) | {own.harmless} | {own.alarms} ({own.false_alarms:.3f}) |"
    )


if __name__ == "__main__":
    print(table())
    print(cold_table())
