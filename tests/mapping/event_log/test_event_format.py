"""One line of the event log: what is accepted, and what is refused for which reason. These tests need no database."""

import json
from typing import Any

import h3
import pytest

from mapping.out.event_log.event_types import FIELDS, TYPES, Event, difference, read
from mapping.out.event_log.value_readers import ValueRefused

CELL = h3.latlng_to_cell(48.866, 2.35, 9)
COARSE = h3.cell_to_parent(CELL, 8)
ID = "6f6e1c9e-90ab-4f0e-9c38-1a4c1a7a0001"
AT = "2026-01-10T19:20:00+01:00"
LATER = "2026-01-10T20:20:00+01:00"
LEAST: dict[str, dict[str, Any]] = {
    "tour": {"start": AT, "association": "a"},
    "encounter": {"at": AT, "cell": CELL, "association": "a"},
    "need": {"at": AT},
    "aid": {"at": AT, "cell": CELL},
    "citizen_report": {"at": AT, "source": "s"},
    "override": {"at": AT, "cell": CELL, "persons": 2, "status": "covered", "expires_at": AT, "association": "a"},
    "retraction": {"at": AT, "kind": "aid", "report": ID},
    "correction": {"at": AT, "kind": "need", "report": ID, "before": {"persons": 1}, "after": {"persons": 2}},
    "question_set": {"association": "a", "version": 1, "questions": []},
    "place": {"name": "A day centre", "kinds": ["day_centre"], "cell": CELL},
    "item": {"association": "a", "category": "tent", "name": "Tent", "cell": COARSE},
    "stock_move": {"item": ID, "quantity": -2, "reason": "out", "at": AT},
    "offer": {
        "association": "a",
        "kind": "meal",
        "category": "food",
        "title": "30 meals",
        "cell": COARSE,
        "expires_at": AT,
    },
    "local_event": {"association": "a", "kind": "meal", "title": "Soup", "starts_at": AT, "ends_at": LATER},
}


def event(kind: str, /, **more: Any) -> Event:
    return read(json.dumps({"type": kind, "id": ID, **LEAST[kind], **more}))[0]


def test_every_type_has_a_least_form_and_its_defaults_are_complete() -> None:
    assert set(LEAST) == set(TYPES) == set(FIELDS)
    for kind in TYPES:
        assert event(kind).type == kind
        assert len(event(kind).hash()) == 64
    assert event("encounter").values["persons"] == 1
    assert event("need").values["kinds"] == ["other"]


def test_people_helped_are_all_met_when_something_was_given_and_nothing_else_is_said() -> None:
    assert event("encounter", persons=3).values["contacts"] == 0
    assert event("encounter", persons=3, given=["food"]).values["contacts"] == 3
    assert event("encounter", persons=3, given=["food"], contacts=1).values["contacts"] == 1


def test_a_point_gives_its_cell_and_a_cell_needs_no_point() -> None:
    pointed = event("encounter", lat=48.866, lng=2.35)
    assert h3.int_to_str(pointed.values["cell"]) == CELL and pointed.values["point"] == (48.866, 2.35)
    assert event("encounter").values["point"] is None


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("encounter", {"lat": 48.8}, "half_a_place"),
        ("encounter", {"lat": 40.0, "lng": 2.35}, "two_places"),
        ("encounter", {"cell": None}, "no_place"),
        ("aid", {"cell": None}, "no_place"),
        ("encounter", {"lat": 91, "lng": 2.35}, "wrong_value"),
        ("encounter", {"lat": float("nan"), "lng": 2.35}, "wrong_value"),
        ("encounter", {"cell": h3.cell_to_parent(CELL, 8)}, "wrong_value"),
        ("encounter", {"cell": "zzz"}, "wrong_value"),
        ("encounter", {"persons": -1}, "wrong_value"),
        ("encounter", {"persons": 1.5}, "wrong_value"),
        ("encounter", {"persons": True}, "wrong_value"),
        ("encounter", {"persons": float("inf")}, "wrong_value"),
        ("encounter", {"persons": 40000}, "wrong_value"),
        ("encounter", {"minutes": -0.1}, "wrong_value"),
        ("encounter", {"given": ["gold"]}, "wrong_value"),
        ("encounter", {"given": "food"}, "wrong_value"),
        ("encounter", {"consent": "yes"}, "wrong_value"),
        ("encounter", {"note": "a\x00b"}, "wrong_value"),
        ("encounter", {"tour": "1"}, "wrong_value"),
        ("encounter", {"at": "2026-01-10T19:20:00"}, "wrong_value"),
        ("encounter", {"at": None}, "missing_field"),
        ("encounter", {"association": None}, "no_association"),
        ("encounter", {"association": "a b"}, "wrong_value"),
        ("encounter", {"id": "x"}, "wrong_value"),
        ("tour", {"end": "2026-01-09T00:00:00Z"}, "wrong_value"),
        ("tour", {"cells": [{"minutes": 3}]}, "wrong_value"),
        ("tour", {"cells": {"a": 1}}, "wrong_value"),
        ("tour", {"line": [[2.3, 48.8]]}, "wrong_value"),
        ("need", {"steps": [{"state": "new"}]}, "wrong_value"),
        ("override", {"status": "fine"}, "wrong_value"),
        ("retraction", {"kind": "retraction"}, "wrong_value"),
        ("citizen_report", {"source": None}, "missing_field"),
        ("place", {"kinds": []}, "wrong_value"),
        ("place", {"cell": None}, "no_place"),
        ("place", {"hours": "Lu-Ve 9h-12h"}, "wrong_value"),
        ("place", {"website": "javascript:alert(1)"}, "wrong_value"),
        ("place", {"email": "nobody"}, "wrong_value"),
        ("item", {"cell": CELL}, "wrong_value"),
        ("item", {"association": None}, "no_association"),
        ("stock_move", {"quantity": 0}, "wrong_value"),
        ("stock_move", {"quantity": 1.5}, "wrong_value"),
        ("offer", {"quantity": 0}, "wrong_value"),
    ],
)
def test_a_wrong_event_is_refused_with_a_reason(kind: str, change: dict[str, Any], code: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        event(kind, **change)
    assert refusal.value.code == code
    assert str(refusal.value)


@pytest.mark.parametrize("line", ["", "{", "[]", "null", "7", "[" * 100_000, '{"type": "walk"}', '{"type": ["tour"]}'])
def test_what_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        read(line)
    assert refusal.value.code in ("no_json", "unknown_type")


def test_fields_that_nobody_knows_are_named() -> None:
    _event, unknown = read(json.dumps({"type": "aid", "id": ID, **LEAST["aid"], "colour": 1}))
    assert unknown == ["colour"]


def test_minutes_of_a_cell_named_twice_are_added() -> None:
    cells = [{"cell": CELL, "minutes": 5}, {"cell": CELL, "minutes": None}, {"cell": CELL, "minutes": 2}]
    assert list(event("tour", cells=cells).values["cells"].values()) == [7.0]


def test_copies_differ_in_what_the_field_saw_and_in_nothing_else() -> None:
    one = event("encounter", lat=48.866, lng=2.35, place_text="rue X", filed_at=AT, archive=True, hash="0" * 64)
    assert difference(event("encounter"), one) == []
    assert difference(event("encounter", persons=2), one) == ["persons"]
    assert difference(event("need", state="met", steps=[]), event("need")) == []
    walked = event("tour", end="2026-01-10T21:00:00+01:00", cells=[{"cell": CELL, "minutes": None}])
    assert difference(walked, event("tour")) == []
    assert difference(event("tour"), walked) == ["end", "cells"]
    assert difference(walked, event("tour", end="2026-01-10T21:00:00+01:00")) == []
    assert difference(event("aid"), event("aid", need=ID)) == []
    assert difference(event("aid", need=ID), event("aid")) == ["need"]
