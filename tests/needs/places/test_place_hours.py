"""Opening hours: the table by weekday, its rules, its words and its form."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from needs.guide.places.hours import week_table
from needs.guide.places.hours.forms import HoursForm
from needs.guide.places.hours.hours_wording import hours_words
from tests.needs.places.place_cases import sent

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = datetime(2026, 11, 27, 13, 0, tzinfo=PARIS)


@pytest.mark.parametrize(
    "hours",
    [
        "Mo-Fr 09:00-12:00,14:00-18:00; PH off; 2026 Dec 24-2026 Dec 26 off",
        "Nov 01-Mar 31 Mo-Su 20:00-06:00; 2026 Dec 24 10:00-14:00",
        "Mo,We,Fr 18:00-24:00",
        "Fr-Mo 09:00-10:00",
        "24/7; PH off",
        "09:00-12:00; Sa,Su off",
    ],
)  # fmt: skip
def test_rules_that_a_table_can_say_come_back_the_same(hours: str) -> None:
    table = week_table.read(hours)
    assert table is not None
    assert week_table.read(week_table.write(table)) == table
    form = HoursForm(hours=hours)
    data = {
        form.add_prefix(name): f"{value:%H:%M}" if hasattr(value, "hour") else str(value)
        for name, value in form.initial.items()
        if value not in ("", False)
    }
    again = HoursForm(data)
    assert again.is_valid(), again.errors
    assert week_table.read(again.said) == table


@pytest.mark.parametrize(
    "hours", ['Mo-Fr 09:00-17:00 "by appointment"', "Dec 25 off; Mo 09:00-10:00", "sunrise-sunset"]
)
def test_rules_that_say_more_than_a_table_stay_as_they_are(hours: str) -> None:
    assert week_table.read(hours) is None
    form = HoursForm(hours=hours)
    assert (form["way"].value(), form["rules"].value()) == ("rules", hours)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("Mo-Fr 09:00-18:00", "Open until 18:00"),
        ("Mo 09:00-18:00", "Closed. Opens Monday at 09:00"),
        ("Sa 09:00-18:00", "Closed. Opens tomorrow at 09:00"),
        ("Fr 20:00-24:00", "Closed. Opens 20:00"),
        ("Fr 10:00-24:00", "Open until 00:00"),
        ("24/7", "Open now"),
        ("", "Opening hours not known"),
    ],
)
def test_a_sentence_says_when_it_closes_or_opens_next(hours: str, words: str) -> None:
    with translation.override("en"):
        assert hours_words(hours, FRIDAY).now.replace("\xa0", " ") == words


def test_the_week_season_holidays_and_exceptions_are_said_in_words() -> None:
    hours = "Nov 01-Mar 31 Mo-Fr 09:00-12:00,14:00-18:00; PH off; 2026 Dec 24-2026 Dec 26 off; 2020 Dec 24 off"
    with translation.override("en"):
        words = hours_words(hours, FRIDAY)
    assert [line.name for line in words.days if line.today] == ["Friday"]
    assert [line.hours == "" for line in words.days] == [False] * 5 + [True] * 2
    assert list(words.notes) == [
        "Only from 1 November to 31 March", "On public holidays: closed", "From 24 Dec 2026 to 26 Dec 2026: closed",
    ]  # fmt: skip


def test_rules_without_a_table_show_the_next_seven_days() -> None:
    words = hours_words('Mo-Fr 09:00-17:00 "by appointment"', FRIDAY)
    assert words.dated
    assert [bool(line.hours) for line in words.days] == [True, False, False, True, True, True, True]


def test_the_error_of_wrong_rules_says_from_where_they_cannot_be_read() -> None:
    form = HoursForm({"hours-way": "rules", "hours-rules": "Mo-Fr 9h-12h", "hours-holidays": "usual"})
    assert not form.is_valid()
    assert "cannot be read from “9h-12h” on" in str(form.errors["rules"])


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"hours-d0a_until": ""}, "d0a_until"),
        ({"hours-d0a_from": "25:00"}, "d0a_from"),
        ({"hours-season": "on", "hours-first_month": "2", "hours-first_day": "30"}, "first_day"),
        ({"hours-holidays": "other"}, "holidays_from"),
        ({"hours-e0_last": "2026-12-24"}, "e0_first"),
        ({"hours-e0_first": "2026-12-24", "hours-e0_last": "2026-12-23"}, "e0_last"),
        ({"hours-d0a_from": "", "hours-d0a_until": ""}, "way"),
    ],
)
def test_each_mistake_in_the_table_names_its_field(typed: dict[str, str], field: str) -> None:
    form = HoursForm(sent() | typed)
    assert not form.is_valid()
    assert field in form.errors
