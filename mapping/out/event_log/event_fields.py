"""Fields of events: reader, default and JSON Schema. Fields of reports are taken from the declarations of reports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mapping.out.event_log.value_readers import (
    MOST_PASSES,
    Reader,
    read_answers,
    read_cell,
    read_corrected,
    read_count,
    read_flag,
    read_latitude,
    read_line,
    read_longitude,
    read_minutes,
    read_moment,
    read_slug,
    read_uuid,
    read_walked,
    reads_choice,
    reads_list_of,
    reads_text,
)
from needs.base.records.field_declarations import DeclaredField, Draft, FieldType, fields_of
from needs.enums import Category

NULL = {"type": "null"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an event. read: function that checks a value and returns it. default: value of an omitted field; None
    also allows null."""

    read: Reader
    schema: Mapping[str, Any]
    required: bool = False
    default: Any = None
    meaning: str = ""

    def described(self) -> dict[str, Any]:
        """Return the JSON Schema of the field, with its meaning. The schema permits null if the field does."""
        nullable = not self.required and self.default is None
        found = {"anyOf": [dict(self.schema), NULL]} if nullable else dict(self.schema)
        return found | {"description": self.meaning} if self.meaning else found


def reference(name: str) -> dict[str, Any]:
    """Return a reference to a definition in the schema."""
    return {"$ref": f"#/$defs/{name}"}


def text(length: int) -> Field:
    return Field(reads_text(length), {"type": "string", "maxLength": length}, default="")


def choice(values: Iterable[str], default: str | None = None) -> Field:
    values = [str(each) for each in values]
    return Field(reads_choice(values), {"enum": values}, default=default)


ID = Field(read_uuid, reference("uuid"), required=True)
LINK = Field(read_uuid, reference("uuid"))
MOMENT = Field(read_moment, reference("moment"))
AT = replace(MOMENT, required=True)
SLUG = Field(read_slug, reference("slug"))
COUNT = Field(read_count, reference("count"))
FLAG = Field(read_flag, {"type": "boolean"}, default=False)
CELL = Field(read_cell, reference("cell"))
CATEGORIES = Field(reads_list_of(reads_choice(Category.values)), reference("categories"), default=())
MINUTES = Field(read_minutes, reference("minutes"))
CORRECTED = Field(read_corrected, reference("corrected"), required=True)
"""The values of a correction, by name."""

_PASSES = {"type": "array", "items": reference("minutes"), "minItems": 1, "maxItems": MOST_PASSES}
_BY_TYPE: dict[FieldType, Field] = {
    FieldType.COUNT: COUNT,
    FieldType.MINUTES: MINUTES,
    FieldType.FLAG: FLAG,
    FieldType.CATEGORIES: CATEGORIES,
    FieldType.DATETIME: MOMENT,
    FieldType.REPORT: LINK,
    FieldType.CELLS: Field(
        read_walked,
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "cell": reference("cell"),
                    "minutes": {"anyOf": [reference("minutes"), NULL]},
                    "passes": {"anyOf": [_PASSES, NULL]},
                },
                "required": ["cell"],
                "additionalProperties": False,
            },
        },
        default=(),
    ),
    FieldType.LINE: Field(
        read_line,
        {
            "type": "array",
            "minItems": 2,
            "items": {
                "type": "array",
                "prefixItems": [
                    {"type": "number", "minimum": -180, "maximum": 180},
                    {"type": "number", "minimum": -90, "maximum": 90},
                ],
                "items": False,
                "minItems": 2,
            },
        },
    ),
}
PLACE_FIELDS = {
    "lat": Field(read_latitude, reference("latitude")),
    "lng": Field(read_longitude, reference("longitude")),
    "cell": CELL,
}
_ANSWERS = {
    "question_set": replace(LINK, meaning="The version of the association's custom questions that was asked."),
    "answers": Field(read_answers, reference("answers"), default=()),
}


def log_fields(draft: type[Draft]) -> dict[str, Field]:
    """Return the event fields that a kind of report declares, keyed by their names in the log."""
    found: dict[str, Field] = {}
    for each in fields_of(draft):
        if not each.declared.event_log:
            continue
        if each.declared.type is FieldType.PLACE:
            found |= PLACE_FIELDS
        elif each.declared.type is FieldType.ANSWERS:
            found |= _ANSWERS | {"answers": replace(_ANSWERS["answers"], meaning=each.declared.meaning)}
        else:
            found[each.log_name] = _field(each)
    return found


def _field(each: DeclaredField) -> Field:
    said = each.declared
    if said.type is FieldType.TEXT:
        found = text(said.log_most or said.most)
    elif said.type is FieldType.CHOICE:
        assert said.choices is not None
        found = choice(said.choices.values)
    else:
        found = _BY_TYPE[said.type]
    return replace(found, required=said.log_required, default=said.log_default, meaning=said.meaning)


# --- fields in SQL -------------------------------------------------------------------------------------------------

_SQL_PLACE = "ST_Y(t.point::geometry) AS lat, ST_X(t.point::geometry) AS lng, to_hex(t.cell) AS cell"
"""``to_hex`` gives H3's own notation."""
_SQL_CELLS = (
    "ARRAY(SELECT CASE WHEN c.pass_minutes IS NULL THEN json_build_object('cell', to_hex(c.cell), 'minutes', c.minutes) "
    "ELSE json_build_object('cell', to_hex(c.cell), 'minutes', c.minutes, 'passes', c.pass_minutes) END "
    "FROM needs_tourcell c WHERE c.tour_id = t.id ORDER BY c.id)"
)


def log_columns(draft: type[Draft]) -> str:
    """Return the SELECT list of the fields that a kind of report declares; ``t`` is its table."""
    return ", ".join(_column(each) for each in fields_of(draft) if each.declared.event_log)


def _column(each: DeclaredField) -> str:
    kind = each.declared.type
    if kind is FieldType.PLACE:
        return _SQL_PLACE
    if kind is FieldType.ANSWERS:
        return "t.question_set_id AS question_set, t.answers || t.answers_in_words AS answers"
    if kind is FieldType.CELLS:
        return f'{_SQL_CELLS} AS "{each.log_name}"'
    if kind is FieldType.LINE:
        return f"ST_AsGeoJSON(t.{each.column}, 15)::json -> 'coordinates' AS \"{each.log_name}\""
    return f't.{each.column} AS "{each.log_name}"'


def plain_columns(draft: type[Draft], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that are copied unchanged from fields of the event."""
    converted = {FieldType.PLACE, FieldType.ANSWERS, FieldType.CELLS, FieldType.LINE}
    return {
        each.column: values[each.log_name]
        for each in fields_of(draft)
        if each.declared.event_log and each.declared.type not in converted
    }
