"""Readers of event values. Each reader checks a value and converts it to the form that the database stores, or raises
Refusal."""

import math
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import h3.api.basic_int as h3

from needs.base.records.answers import LARGEST, LONGEST_CHOICE, LONGEST_LABEL, MOST_QUESTIONS, MOST_WORDS
from needs.base.records.declarations import CellMinutes
from needs.base.records.time_per_cell import columns_of
from needs.enums import Category, NeedState, QuestionKind, Urgency
from solidarity.lib import grid
from solidarity.lib.labels import LABEL_LANGUAGES

SMALL = 32767  # largest value of a PositiveSmallIntegerField
MOST_PASSES = 500  # passes of one tour through one cell; each pass is a row of evidence
ROUNDED = 0.1  # minutes by which the sum of passes may differ from rounded minutes
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,60}")
HASH = re.compile(r"[0-9a-f]{64}")
KEY = re.compile(r"[0-9a-z]{1,8}")


class ValueRefused(ValueError):
    """An event cannot be imported. code: a stable code for programs. The message is for the user."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


Reader = Callable[[str, Any], Any]


def _wrong(name: str, wanted: str) -> ValueRefused:
    return ValueRefused("wrong_value", f"{name} has to be {wanted}")


def read_uuid(name: str, value: Any) -> uuid.UUID:
    try:
        if isinstance(value, str):
            return uuid.UUID(value)
    except ValueError:
        pass
    raise _wrong(name, "a UUID")


def read_moment(name: str, value: Any) -> datetime:
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            if found.utcoffset() is not None:
                return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _wrong(name, "a date and time in ISO 8601 with its offset from UTC")


def reads_number(low: float, high: float, wanted: str) -> Reader:
    def read(name: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise _wrong(name, wanted)
        if not low <= value <= high:
            raise _wrong(name, wanted)
        return float(value)

    return read


def read_count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or not 0 <= value <= SMALL:
        raise _wrong(name, f"a whole number from 0 to {SMALL}")
    if int(value) != value:
        raise _wrong(name, "a whole number")
    return int(value)


def read_flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "true or false")
    return value


def reads_text(length: int) -> Reader:
    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) > length or "\x00" in value:
            raise _wrong(name, f"text of at most {length} characters")
        return value

    return read


def reads_choice(choices: Iterable[str]) -> Reader:
    known = frozenset(str(choice) for choice in choices)

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise _wrong(name, "one of " + ", ".join(sorted(known)))
        return value

    return read


def reads_list_of(read_one: Reader) -> Reader:
    def read(name: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong(name, "a list")
        return [read_one(name, each) for each in value]

    return read


def read_slug(name: str, value: Any) -> str:
    if not isinstance(value, str) or not SLUG.fullmatch(value):
        raise _wrong(name, "a short name of letters, digits, - and _")
    return value


def read_hash(name: str, value: Any) -> str:
    if not isinstance(value, str) or not HASH.fullmatch(value):
        raise _wrong(name, "64 hexadecimal digits")
    return value


def reads_cell(resolution: int) -> Reader:
    """Return a reader of H3 cells of one resolution, in hexadecimal; it returns integers."""

    def read(name: str, value: Any) -> int:
        try:
            if isinstance(value, str):
                cell = h3.str_to_int(value)
                if h3.is_valid_cell(cell) and h3.get_resolution(cell) == resolution:
                    return int(cell)
        except (ValueError, OverflowError):
            pass
        raise _wrong(name, f"an H3 cell of resolution {resolution} in hexadecimal")

    return read


read_cell = reads_cell(grid.EVIDENCE_RESOLUTION)
read_minutes = reads_number(0, 100_000, "minutes, not negative")
read_latitude = reads_number(-90, 90, "degrees within ±90")
read_longitude = reads_number(-180, 180, "degrees within ±180")


def read_walked(name: str, value: Any) -> dict[int, CellMinutes]:
    """Read the cells of a tour and the minutes in each cell; a tuple contains the minutes of several passes. If a cell
    occurs several times, add up its minutes."""
    found: dict[int, CellMinutes] = {}
    if not isinstance(value, list):
        raise _wrong(name, "a list of objects with cell and minutes")
    for each in value:
        if not isinstance(each, dict) or "cell" not in each:
            raise _wrong(name, "a list of objects with cell and minutes")
        cell = read_cell("cell", each["cell"])
        columns = columns_of(_minutes_in_cell(each))
        if found.get(cell) is None:
            found[cell] = tuple(columns["pass_minutes"] or ()) or columns["minutes"]
        else:
            found[cell] = columns_of(found[cell])["minutes"] + (columns["minutes"] or 0.0)
    return found


def _minutes_in_cell(value: Mapping[str, Any]) -> CellMinutes:
    minutes = None if value.get("minutes") is None else read_minutes("minutes", value["minutes"])
    if value.get("passes") is None:
        return minutes
    passes: list[float] = reads_list_of(read_minutes)("passes", value["passes"])
    if not 0 < len(passes) <= MOST_PASSES:
        raise _wrong("passes", f"a list of 1 to {MOST_PASSES} minutes")
    if minutes is not None and abs(math.fsum(passes) - minutes) > ROUNDED:
        raise _wrong("passes", "a list of minutes whose sum is minutes")
    return passes


def read_line(name: str, value: Any) -> list[tuple[float, float]]:
    if not isinstance(value, list) or len(value) < 2:
        raise _wrong(name, "a list of at least two [longitude, latitude]")
    found = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise _wrong(name, "a list of [longitude, latitude]")
        found.append((read_longitude("longitude", pair[0]), read_latitude("latitude", pair[1])))
    return found


def read_steps(name: str, value: Any) -> list[tuple[str, datetime, bool]]:
    if not isinstance(value, list):
        raise _wrong(name, "a list of steps")
    found = []
    for step in value:
        if not isinstance(step, dict):
            raise _wrong(name, "a list of steps")
        by_reporter = read_flag("by_reporter", step.get("by_reporter", False))
        found.append((read_state("state", step.get("state")), read_moment("at", step.get("at")), by_reporter))
    return found


def read_answers(name: str, value: Any) -> dict[str, bool | int | str]:
    """Read answers to custom questions by key: true or false, a whole number, or text."""
    if not isinstance(value, dict):
        raise _wrong(name, "an object of answers by key")
    for key, answer in value.items():
        whole = isinstance(answer, int) and 0 <= answer <= LARGEST  # includes true and false
        words = isinstance(answer, str) and len(answer) <= MOST_WORDS and "\x00" not in answer
        if not KEY.fullmatch(key) or not (whole or words):
            raise _wrong(name, f"true, false, a number from 0 to {LARGEST} or text of at most {MOST_WORDS} characters")
    return value


def read_labels(name: str, value: Any) -> dict[str, str]:
    """Read one label per language."""
    if not isinstance(value, dict) or set(value) != set(LABEL_LANGUAGES):
        raise _wrong(name, "an object with a text for " + " and ".join(LABEL_LANGUAGES))
    return {language: _label(name, value[language], LONGEST_LABEL) for language in LABEL_LANGUAGES}


def read_questions(name: str, value: Any) -> list[dict[str, Any]]:
    """Read the custom questions of one version, in their order."""
    if not isinstance(value, list) or len(value) > MOST_QUESTIONS:
        raise _wrong(name, f"a list of at most {MOST_QUESTIONS} questions")
    found = []
    for each in value:
        if not isinstance(each, dict) or not KEY.fullmatch(str(each.get("key"))):
            raise _wrong(name, "a list of questions, each with a key of at most 8 letters and digits")
        choices = each.get("choices") or {language: [] for language in LABEL_LANGUAGES}
        if not isinstance(choices, dict) or set(choices) != set(LABEL_LANGUAGES):
            raise _wrong("choices", "an object with a list for " + " and ".join(LABEL_LANGUAGES))
        lists = {language: [_label("choices", text, LONGEST_CHOICE) for text in _list(choices[language])]
                 for language in LABEL_LANGUAGES}  # fmt: skip
        if len({len(texts) for texts in lists.values()}) > 1:
            raise _wrong("choices", "as many choices in each language")
        found.append({"key": each["key"], "kind": reads_choice(QuestionKind.values)("kind", each.get("kind")),
                      "label": read_labels("label", each.get("label")), "choices": lists})  # fmt: skip
    if len({each["key"] for each in found}) < len(found):
        raise _wrong(name, "a list of questions, each with a key of its own")
    return found


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong("choices", "lists of texts")
    return value


def _label(name: str, value: Any, length: int) -> str:
    found: str = reads_text(length)(name, value)
    return found


read_state = reads_choice(NeedState.values)


# --- corrected values ----------------------------------------------------------------------------------------------

_KINDS = reads_list_of(reads_choice(Category.values))


def _or_none(read: Reader) -> Reader:
    return lambda name, value: None if value is None else read(name, value)


CORRECTED_READERS: dict[str, Reader] = {
    "at": read_moment, "cell": _or_none(read_cell), "persons": read_count, "contacts": read_count,
    "minutes": _or_none(read_minutes), "asked": _KINDS, "given": _KINDS, "note_pinned": read_flag,
    "consent": read_flag, "answers": read_answers, "note": reads_text(20_000), "place_text": reads_text(300),
    "answers_in_words": read_answers, "district": _or_none(read_slug), "place_unknown": read_flag, "kinds": _KINDS,
    "urgency": reads_choice(Urgency.values), "title": reads_text(300),
}  # fmt: skip
"""Readers of the values that can be corrected, by name."""


def read_corrected(name: str, value: Any) -> dict[str, Any]:
    """Read the old or new values of a correction. The values keep their JSON form, because the history stores them in
    this form."""
    if not isinstance(value, dict):
        raise _wrong(name, "an object of values by name")
    if not value.keys() <= CORRECTED_READERS.keys():
        raise _wrong(name, "an object with values named " + ", ".join(CORRECTED_READERS))
    for key, each in value.items():
        CORRECTED_READERS[key](key, each)
    if "at" in value:
        return value | {"at": read_moment("at", value["at"]).isoformat()}
    return value
