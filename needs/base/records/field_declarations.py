"""Classes for the declarations of report fields, and functions to read them; declarations.py has the declarations."""

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
    """A report before it is filed. id: id of the report, chosen by the sender. at: the time at which the reported event
    happened."""

    __slots__ = ()
    id: uuid.UUID
    at: datetime


type Choices = type[TextChoices]


class FieldType(Enum):
    """Type of a field. Forms, API, event log and exports each have one rule per type."""

    COUNT = "count"
    MINUTES = "minutes"
    FLAG = "flag"
    CHOICE = "choice"
    CATEGORIES = "categories"
    TEXT = "text"
    DATETIME = "datetime"
    PLACE = "place"
    REPORT = "report"  # a UUID of another report
    ANSWERS = "answers"
    CELLS = "cells"
    LINE = "line"


PLAIN = frozenset(
    {FieldType.COUNT, FieldType.MINUTES, FieldType.FLAG, FieldType.CHOICE, FieldType.CATEGORIES, FieldType.TEXT}
)
"""Types that are stored in one column and sent as one form field or JSON value."""


class Fades(Enum):
    """The retention rule that empties a field. STAYS: the field is kept as long as the report."""

    STAYS = ""
    POINTS = "points"
    WORDS = "words"
    CONTACTS = "contacts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Declaration of a field.

    meaning: one sentence for the API documentation and the event log's schema. label, help, required_message: texts of
    the form. initial: initial value of the form. least, most: limits in forms and API; for a text, most is its length.
    choices: all values. offered: the values that forms and API accept; empty if they accept all. pii: what the PII
    check looks for; only for free text. fades: the retention rule of the field. The rules POINTS and WORDS read their
    text fields from here. form, api: whether the form and the API accept the field. event_log: whether the event log
    contains it. log_name, log_default, log_most, log_required: the schema of the field in the event log. row_export:
    name of the field's column in row exports; "" for none. row_heading, row_tag: the heading of this column in files
    for people, and its HXL tag; only the first field of a column needs them. column: name of the database column; ""
    for the same name.
    free_text, own_data: only tests read these, to check the PII check, the retention rules and own-data exports.
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
    row_heading: str | Promise = ""
    row_tag: str = ""
    own_data: bool = True
    column: str = ""

    def offered_choices(self) -> list[tuple[str, str | Promise]]:
        """Return (value, label) of the values that forms and API accept."""
        assert self.choices is not None
        labels = dict(self.choices.choices)
        return [(str(each), labels[each]) for each in self.offered or labels]


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """A field of a draft. default: its default in the draft; ``dataclasses.MISSING`` if it is required."""

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
    """Return the declared fields of a kind of report, in order of declaration."""
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
    """Return the fields with a type in PLAIN."""
    return _plain(draft)  # type: ignore[arg-type]


@functools.cache
def _plain(draft: type[Draft]) -> tuple[DeclaredField, ...]:
    return tuple(each for each in fields_of(draft) if each.declared.type in PLAIN)


def columns_by_field(draft: type[Draft]) -> tuple[tuple[str, str], ...]:
    """Return (field, column) of the plain fields and of the links to other reports."""
    return _columns(draft)  # type: ignore[arg-type]


@functools.cache
def _columns(draft: type[Draft]) -> tuple[tuple[str, str], ...]:
    stored = (*PLAIN, FieldType.REPORT)
    return tuple((each.name, each.column) for each in fields_of(draft) if each.declared.type in stored)


def declared(draft: type[Draft], name: str) -> DeclaredField:
    """Return a field by its name. Raises KeyError for an undeclared field."""
    return {each.name: each for each in fields_of(draft)}[name]


def fields_to_check(draft: type[Draft], *without: str) -> dict[str, tuple[Kind, ...]]:
    """Return the fields that the PII check reads, each with the kinds of PII to look for."""
    return {each.name: each.declared.pii for each in fields_of(draft) if each.declared.pii and each.name not in without}


def declared_values(draft: type[Draft], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values in ``data`` of plain fields, by name."""
    return {each.name: data[each.name] for each in plain_fields(draft) if each.name in data}


def content_of(draft: Draft) -> dict[str, Any]:
    """Return the values that are hashed as the content of a draft, by field.

    Default values are left out, so that a new field does not change the hash of reports still waiting on a phone.
    """
    content: dict[str, Any] = {"id": draft.id}
    for name, required, default in _defaults(type(draft)):  # type: ignore[arg-type]
        value = getattr(draft, name)
        if isinstance(value, tuple):  # a tuple and a list have the same content
            value = list(value)
        if required or value != default:
            content[name] = dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value  # type: ignore[arg-type]
    return content


@functools.cache
def _defaults(draft: type[Draft]) -> tuple[tuple[str, bool, object], ...]:
    """Return (name, required, default) of each field, with a list for a tuple."""
    listed = (
        (each, list(each.default) if isinstance(each.default, tuple) else each.default) for each in fields_of(draft)
    )
    return tuple((each.name, each.required, default) for each, default in listed)
