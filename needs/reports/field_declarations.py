"""What is declared about a field of a report, and how to read it. The declarations are in needs.reports.declarations."""

import dataclasses
import functools
import typing
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise

from solidarity.lib.pii_check.detection import Kind


class Draft:
    """A report before it is filed. id: made by the sender. at: when it happened."""

    __slots__ = ()
    id: uuid.UUID
    at: datetime


type Choices = type[TextChoices]


class FieldType(Enum):
    """What a field holds; each reader of the declaration has one rule per type."""

    COUNT = "count"
    MINUTES = "minutes"
    FLAG = "flag"
    CHOICE = "choice"
    CATEGORIES = "categories"
    TEXT = "text"
    DATETIME = "datetime"
    PLACE = "place"
    REPORT = "report"  # the UUID of another report
    ANSWERS = "answers"
    CELLS = "cells"
    LINE = "line"


PLAIN = frozenset(
    {FieldType.COUNT, FieldType.MINUTES, FieldType.FLAG, FieldType.CHOICE, FieldType.CATEGORIES, FieldType.TEXT}
)
"""Types of one column, one form field and one JSON value."""


class Fades(Enum):
    """The retention rule that empties a field; STAYS: it is kept as long as the report."""

    STAYS = ""
    POINTS = "points"
    WORDS = "words"
    CONTACTS = "contacts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What is declared about a field.

    meaning: one sentence, for the API's documentation and the event log's schema. label, help, required_message: for the
    form. least, most: limits of forms and API (most: of a text, its length). choices: all values; offered: those that
    forms and API take, empty for all. pii: what the PII check looks for; declared for free text alone. fades: its
    retention rule, which finds the texts (FieldType.TEXT) of POINTS and WORDS here and names every other column itself.
    form, api: whether people and programs can send it. event_log: whether the event log has it;
    log_name, log_default, log_most, log_required: there. row_export: the field's column in row exports, or "" if it has none.
    own_data: whether the file with one's own data has it. column: its column in the database, "" for the same name.
    free_text, own_data: read by the tests alone, which hold the PII check, retention and that file against them.
    """

    type: FieldType
    meaning: str
    label: str | Promise = ""
    help: str | Promise = ""
    required_message: str | Promise = ""
    least: int = 0
    most: int = 0
    initial: object = None
    choices: Choices | None = None
    offered: tuple[str, ...] = ()
    pii: tuple[Kind, ...] = ()
    free_text: bool = False
    fades: Fades = Fades.STAYS
    form: bool = True
    api: bool = True
    event_log: bool = True
    log_name: str = ""
    log_default: object = None
    log_most: int = 0
    log_required: bool = False
    row_export: str = ""
    own_data: bool = True
    column: str = ""

    def offered_choices(self) -> list[tuple[str, str | Promise]]:
        """Return (value, label) of the values that forms and API take."""
        assert self.choices is not None
        labels = dict(self.choices.choices)
        return [(str(each), labels[each]) for each in self.offered or labels]


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """A field of a draft. default: of the draft; ``dataclasses.MISSING`` where it must be given."""

    name: str
    declared: Declared
    default: object

    @property
    def required(self) -> bool:
        return self.default is dataclasses.MISSING

    @property
    def column(self) -> str:
        return self.declared.column or self.name

    @property
    def log_name(self) -> str:
        return self.declared.log_name or self.name


def fields_of(draft: type[Draft]) -> tuple[DeclaredField, ...]:
    """Return the declared fields of a kind of report, in their order."""
    return _read(draft)  # type: ignore[arg-type]  # a class can be hashed, which mypy does not see


@functools.cache
def _read(draft: type[Draft]) -> tuple[DeclaredField, ...]:
    hints = typing.get_type_hints(draft, include_extras=True)
    found = []
    for each in dataclasses.fields(typing.cast(Any, draft)):
        declared = next((extra for extra in getattr(hints[each.name], "__metadata__", ())), None)
        if declared is not None:
            default = each.default if each.default_factory is dataclasses.MISSING else each.default_factory()
            found.append(DeclaredField(each.name, declared, default))
    return tuple(found)


def plain_fields(draft: type[Draft]) -> tuple[DeclaredField, ...]:
    """Return the fields that are one column, one form field and one JSON value."""
    return tuple(each for each in fields_of(draft) if each.declared.type in PLAIN)


def declared(draft: type[Draft], name: str) -> DeclaredField:
    """Return one field by its name; KeyError when it is not declared."""
    return {each.name: each for each in fields_of(draft)}[name]


def fields_to_check(draft: type[Draft], *without: str) -> dict[str, tuple[Kind, ...]]:
    """Return the fields that the PII check reads, each with what it looks for."""
    return {each.name: each.declared.pii for each in fields_of(draft) if each.declared.pii and each.name not in without}


def declared_values(draft: type[Draft], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of plain fields that are in ``data``, by name."""
    return {each.name: data[each.name] for each in plain_fields(draft) if each.name in data}


def content_of(draft: Draft) -> dict[str, Any]:
    """Return what identifies the content of a draft, by field.

    Values equal to the default are left out, so that a field declared later does not change the hash of a report that a
    phone still holds.
    """
    content: dict[str, Any] = {"id": draft.id}
    for each in fields_of(type(draft)):
        value = getattr(draft, each.name)
        if isinstance(value, tuple):  # the same content as a list
            value = list(value)
        if each.required or value != (list(each.default) if isinstance(each.default, tuple) else each.default):
            content[each.name] = dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value  # type: ignore[arg-type]
    return content
