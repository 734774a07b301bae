"""Names of the statuses: the figures choose the name of “not searched”, and the model gives the number of days."""

import pytest
from django.utils import translation

from mapping.enums import STATUS_KEYS, Status
from mapping.map.wording import status_words
from mapping.map.wording.sentences import search_band


@pytest.mark.parametrize(
    ("searched_days", "name"),
    [
        (None, "never searched (14 days)"),
        (15, "never searched (14 days)"),
        (14, "searched too little"),
        (7, "searched too little"),
        (0, "searched too little"),
    ],
)
def test_the_last_search_chooses_the_name(searched_days: int | None, name: str) -> None:
    with translation.override("en"):
        assert status_words.status_of_figures(Status.NOT_SEARCHED, searched_days, 14) == name


def test_the_number_of_days_is_the_models() -> None:
    with translation.override("en"):
        assert status_words.status_of_figures(Status.NOT_SEARCHED, 15, 21) == "searched too little"
        assert status_words.status_of_figures(Status.NOT_SEARCHED, 22, 21) == "never searched (21 days)"
        assert status_words.status_of_figures(Status.NOT_SEARCHED, 2, 1) == "never searched (1 day)"


@pytest.mark.parametrize("status", [status for status in Status if status != Status.NOT_SEARCHED])
def test_figures_do_not_change_the_name_of_another_status(status: Status) -> None:
    with translation.override("en"):
        named = {status_words.status_of_figures(status, days, 14) for days in (None, 3, 90)}
        assert named == {status_words.status_in_general(STATUS_KEYS[status])}


def test_the_legend_begins_with_the_main_message_and_has_both_names_of_not_searched() -> None:
    with translation.override("en"):
        entries = status_words.legend(14)
    assert [entry.status for entry in entries if entry.main] == [entries[0].status] == ["to_verify"]
    assert {entry.status for entry in entries} == set(STATUS_KEYS.values()) - {"searched"}
    assert [entry.status for entry in status_words.legend(14, "searches")] == [
        "to_verify",
        "not_searched",
        "searched",
    ]
    assert {entry.status for entry in status_words.legend(14, "both")} == set(STATUS_KEYS.values())
    names = {entry.status: [name for name, _note in entry.names] for entry in entries}
    assert names["not_searched"] == ["never searched (14 days)", "searched too little"]
    assert all(note for entry in entries for _name, note in entry.names)


@pytest.mark.parametrize("recent", [7, 14, 30])
def test_a_volunteers_band_decides_the_name_so_the_name_tells_nothing_more(recent: int) -> None:
    with translation.override("en"):
        names: dict[str, set[str]] = {}
        for days in [None, *range(90)]:
            name = status_words.status_of_figures(Status.NOT_SEARCHED, days, recent)
            names.setdefault(search_band(days, recent), set()).add(name)
    assert all(len(found) == 1 for found in names.values()), names
    digits = {letter for band in names for letter in band if letter.isdigit()}
    assert digits <= set(str(recent))  # the model's number of days is the only number


def test_the_main_message_counts_and_is_silent_about_none() -> None:
    with translation.override("en"):
        assert [status_words.to_verify(number) for number in (0, 1, 12)] == [
            "",
            "1 zone to verify",
            "12 zones to verify",
        ]
        assert [status_words.places_to_verify(number) for number in (0, 1)] == ["", "1 place to verify"]
