"""Reasons in words, to dispatchers and to the volunteer."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from needs.help.matching.match_wording import own_sentences, sentences

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
EVENING = {"code": "free", "start": "2026-03-03T17:00:00+00:00", "end": "2026-03-03T21:00:00+00:00"}
REASONS: list[dict[str, Any]] = [
    {"code": "distance", "metres": 900},
    EVENING,
    {"code": "skills", "skills": ["first_aid"]},
    {"code": "languages", "languages": ["ar", "fr"]},
    {"code": "load", "load": 1, "most": 3},
]


def test_the_volunteer_reads_that_hours_and_languages_are_their_own() -> None:
    with translation.override("en"):
        own = own_sentences(REASONS, NOW)
    assert own == [
        "900 m from where you start",
        "tomorrow: your Tuesday evening, 18:00 to 22:00",
        "you can: first aid",
        "you speak Arabic, French",
    ]


def test_dispatchers_read_about_a_third_person_with_room_left() -> None:
    with translation.override("en"):
        words = sentences(REASONS, NOW)
    assert words[0] == "900 m away"
    assert words[1].startswith("free tomorrow")
    assert words[3:] == ["speaks Arabic, French", "has room for 2 more needs"]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-03-02T17:00:00+00:00", "2026-03-02T21:00:00+00:00", "today: your Monday evening, 18:00 to 22:00"),
        ("2026-03-05T07:00:00+00:00", "2026-03-05T11:00:00+00:00", "your Thursday morning, 08:00 to 12:00"),
        ("2026-03-05T13:00:00+00:00", "2026-03-05T16:00:00+00:00", "your Thursday afternoon, 14:00 to 17:00"),
        ("2026-03-06T00:00:00+00:00", "2026-03-06T02:00:00+00:00", "your Friday night, 01:00 to 03:00"),
    ],
)
def test_each_part_of_the_day_has_its_name(start: str, end: str, words: str) -> None:
    with translation.override("en"):
        assert own_sentences([{"code": "free", "start": start, "end": end}], NOW) == [words]


def test_unknown_codes_and_withdrawn_choices_are_skipped() -> None:
    with translation.override("en"):
        assert own_sentences([{"code": "older"}, {"code": "languages", "languages": ["xx"]}], NOW) == []
