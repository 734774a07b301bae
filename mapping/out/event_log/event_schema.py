"""The JSON Schema of the event log, generated from the declared fields of the events."""

from typing import Any

from mapping.out.event_log.event_fields import (
    CATEGORIES,
    CELL,
    COUNT,
    FLAG,
    MINUTES,
    MOMENT,
    NULL,
    SLUG,
    reference,
    text,
)
from mapping.out.event_log.event_types import FIELDS, PLACED, TYPES
from mapping.out.event_log.value_readers import SMALL
from needs.base.records.answers import LARGEST, LONGEST_CHOICE, LONGEST_LABEL, MOST_QUESTIONS, MOST_WORDS
from needs.enums import Category, NeedState, QuestionKind, Urgency
from solidarity.lib.labels import LABEL_LANGUAGES


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _per_language(schema: dict[str, Any]) -> dict[str, Any]:
    return _object(dict.fromkeys(LABEL_LANGUAGES, schema), *LABEL_LANGUAGES)


def _degrees(limit: int) -> dict[str, Any]:
    return {"type": "number", "minimum": -limit, "maximum": limit}


def _or_null(schema: Any) -> dict[str, Any]:
    return {"anyOf": [dict(schema), NULL]}


_KEY = {"type": "string", "pattern": "^[0-9a-z]{1,8}$"}

_DEFINITIONS: dict[str, Any] = {
    "uuid": {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
    "moment": {
        "type": "string",
        "format": "date-time",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$",
        "description": "ISO 8601 with the offset from UTC",
    },
    "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]{1,60}$"},
    "cell": {"type": "string", "pattern": "^89[0-9a-f]{13}$", "description": "H3 cell of resolution 9, hexadecimal"},
    "count": {"type": "integer", "minimum": 0, "maximum": SMALL},
    "minutes": {"type": "number", "minimum": 0, "maximum": 100_000, "description": "0: no search"},
    "latitude": _degrees(90),
    "longitude": _degrees(180),
    "categories": {"type": "array", "items": {"enum": Category.values}},
    "state": {"enum": NeedState.values},
    "steps": {
        "type": "array",
        "items": _object(
            {"state": reference("state"), "at": reference("moment"), "by_reporter": {"type": "boolean"}}, "state", "at"
        ),
    },
    "answers": {
        "type": "object",
        "propertyNames": _KEY,
        "additionalProperties": {
            "anyOf": [
                {"type": "boolean"},
                {"type": "integer", "minimum": 0, "maximum": LARGEST},
                {"type": "string", "maxLength": MOST_WORDS},
            ]
        },
    },
    "corrected": _object(
        {
            "at": MOMENT.schema, "cell": _or_null(CELL.schema), "persons": COUNT.schema, "contacts": COUNT.schema,
            "minutes": _or_null(MINUTES.schema), "asked": CATEGORIES.schema, "given": CATEGORIES.schema,
            "note_pinned": FLAG.schema, "consent": FLAG.schema, "answers": reference("answers"),
            "note": text(20_000).schema, "place_text": text(300).schema, "answers_in_words": reference("answers"),
            "district": _or_null(SLUG.schema), "place_unknown": FLAG.schema, "kinds": CATEGORIES.schema,
            "urgency": {"enum": Urgency.values}, "title": text(300).schema,
        }
    ),
    "questions": {
        "type": "array",
        "maxItems": MOST_QUESTIONS,
        "items": _object(
            {
                "key": _KEY,
                "kind": {"enum": QuestionKind.values},
                "label": _per_language({"type": "string", "maxLength": LONGEST_LABEL}),
                "choices": _per_language({"type": "array", "items": {"type": "string", "maxLength": LONGEST_CHOICE}}),
            },
            "key", "kind", "label",
        ),
    },
    "whole_place": {
        "if": {"properties": {"lat": {"type": "number"}}, "required": ["lat"]},
        "then": {"properties": {"lng": {"type": "number"}}, "required": ["lng"]},
        "else": {"properties": {"lng": NULL}},
    },
    "some_place": {
        "anyOf": [
            {"required": ["lat", "lng"], "properties": {"lat": {"type": "number"}, "lng": {"type": "number"}}},
            {"required": ["cell"], "properties": {"cell": {"type": "string"}}},
        ]
    },
}  # fmt: skip


def event_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one line of the log."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One event of the Solidarity event log, version 1",
        "description": "One line of a JSON Lines file. docs/event-log.md explains the fields.",
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(TYPES)}},
        "allOf": [
            {"if": {"properties": {"type": {"const": kind}}}, "then": reference(kind)} for kind in TYPES
        ],
        "$defs": _DEFINITIONS | {kind: _event(kind) for kind in TYPES},
    }  # fmt: skip


def _event(kind: str) -> dict[str, Any]:
    fields = FIELDS[kind]
    required = [name for name, field in fields.items() if field.required]
    found = _object(
        {"type": {"const": kind}} | {name: each.described() for name, each in fields.items()}, "type", *required
    )
    places = ["whole_place"] if "lat" in fields else []
    if kind in PLACED:
        places.append("some_place")
    return found | ({"allOf": [reference(each) for each in places]} if places else {})
