"""Forms, API and models agree with the declaration of each report, field by field."""

import dataclasses
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone

from mapping.out.event_log.event_types import DRAFT_OF, FIELDS
from mapping.out.exports.row_export import COLUMNS
from needs.base.records.declarations import DRAFTS, DraftPlace, EncounterDraft, NeedDraft
from needs.base.records.field_declarations import (
    PLAIN,
    DeclaredField,
    Draft,
    Fades,
    FieldType,
    content_of,
    declared,
    fields_of,
    plain_fields,
)
from needs.base.retention_rules import registry
from needs.doors.retention import own_data
from needs.enums import ReportKind
from needs.models import Aid, CitizenReport, Encounter, Need, Tour
from needs.reports import filing
from needs.reports.encounter_forms import EncounterForm
from needs.reports.forms import form_field
from needs.reports.need_forms import NeedForm
from needs.reports.serializers import EncounterSerializer, NeedSerializer
from solidarity.lib.database.idempotent_insert import content_hash

MODELS: dict[ReportKind, type[models.Model]] = {
    ReportKind.TOUR: Tour,
    ReportKind.ENCOUNTER: Encounter,
    ReportKind.NEED: Need,
    ReportKind.AID: Aid,
    ReportKind.CITIZEN_REPORT: CitizenReport,
}
EVERY = [
    pytest.param(kind, each, id=f"{kind.name.lower()}-{each.name}")
    for kind, draft in DRAFTS.items()
    for each in fields_of(draft)
]
TYPES = {
    FieldType.COUNT: models.PositiveSmallIntegerField,
    FieldType.MINUTES: models.FloatField,
    FieldType.FLAG: models.BooleanField,
    FieldType.CHOICE: models.CharField,
    FieldType.DATETIME: models.DateTimeField,
    FieldType.ANSWERS: models.JSONField,
    FieldType.REPORT: models.ForeignKey,
}


@pytest.mark.parametrize(("kind", "field"), EVERY)
def test_the_model_has_a_column_that_holds_the_field(kind: ReportKind, field: DeclaredField) -> None:
    said = field.declared
    # Cells have their own table; a place is stored as a point and cells.
    if said.type in (FieldType.CELLS, FieldType.PLACE):
        return
    column: Any = MODELS[kind]._meta.get_field(field.column)
    if said.type in TYPES:
        assert isinstance(column, TYPES[said.type])
    if said.type is FieldType.CATEGORIES:
        assert said.choices is not None
        assert list(column.base_field.choices) == list(said.choices.choices)
    if said.type is FieldType.CHOICE:
        assert said.choices is not None
        assert list(column.choices) == list(said.choices.choices)
    if said.type is FieldType.TEXT and not isinstance(column, models.BinaryField):
        assert column.max_length is not None and column.max_length >= said.most
    if field.default is None and said.type is not FieldType.COUNT:  # the default of contacts is computed
        assert column.null


@pytest.mark.parametrize(("kind", "field"), EVERY)
def test_free_text_is_checked_for_personal_data_and_deleted_in_time(kind: ReportKind, field: DeclaredField) -> None:
    said = field.declared
    if said.free_text:
        assert said.type in (FieldType.TEXT, FieldType.ANSWERS)
        assert said.fades is not Fades.STAYS
        assert said.pii or not (said.form or said.api)


@pytest.mark.parametrize(("kind", "field"), EVERY)
def test_a_retention_rule_covers_each_field_that_fades(kind: ReportKind, field: DeclaredField) -> None:
    fades = field.declared.fades
    if fades is Fades.STAYS:
        return
    [rule] = [rule for rule in registry.rules() if rule.name == fades.value]
    name = "point" if field.declared.type is FieldType.PLACE else field.column
    assert f"{MODELS[kind]._meta.label}.{name}" in rule.covers


@pytest.mark.parametrize(("kind", "field"), EVERY)
def test_the_file_of_ones_own_data_has_the_field(kind: ReportKind, field: DeclaredField) -> None:
    secret = f"{MODELS[kind]._meta.label}.{field.column}" in own_data.SECRET
    assert secret == (not field.declared.own_data) or kind is ReportKind.CITIZEN_REPORT  # these reports have no account


@pytest.mark.parametrize(
    ("draft", "form", "serializer"),
    [(EncounterDraft, EncounterForm, EncounterSerializer), (NeedDraft, NeedForm, NeedSerializer)],
)
def test_form_and_api_have_the_declared_fields_with_their_limits(
    draft: type[Draft], form: Any, serializer: Any
) -> None:
    for each in plain_fields(draft):
        said = each.declared
        if said.form:
            field = form.base_fields[each.name]
            if said.type in (FieldType.COUNT, FieldType.MINUTES):
                assert (field.min_value, field.max_value) == (said.least, said.most)
            if said.type is FieldType.TEXT:
                assert field.max_length == said.most
            assert field.label == said.label
        assert (each.name in serializer().fields) == said.api
        if said.api:
            field = serializer().fields[each.name]
            assert field.help_text == said.meaning
            if said.type in (FieldType.COUNT, FieldType.MINUTES):
                assert (field.min_value, field.max_value) == (said.least, said.most)
            if said.type is FieldType.TEXT:
                assert field.max_length == said.most
        assert (each.name in form.pii_checked) == bool(said.pii)
        assert (each.name in serializer.pii_checked) == bool(said.pii)


@pytest.mark.parametrize("kind", DRAFT_OF)
def test_event_log_and_row_export_have_the_declared_fields(kind: str) -> None:
    for each in fields_of(DRAFT_OF[kind]):
        said = each.declared
        if said.type in PLAIN:
            assert (each.log_name in FIELDS[kind]) == said.event_log
        if said.row_export:
            assert said.row_export in COLUMNS
            assert not said.free_text


def test_free_text_and_contacts_leave_in_no_row_export() -> None:
    texts = {each.name for draft in DRAFTS.values() for each in fields_of(draft) if each.declared.free_text}
    assert texts & set(COLUMNS) == set()


def test_every_field_has_a_meaning_that_is_a_sentence() -> None:
    for draft in DRAFTS.values():
        for each in fields_of(draft):
            assert each.declared.meaning[0].isupper() and each.declared.meaning.endswith("."), each.name


def test_values_equal_to_the_default_do_not_change_the_content_hash() -> None:
    at, key = timezone.now(), uuid.uuid4()
    draft = EncounterDraft(id=key, at=at, place=DraftPlace(48.866, 2.35), persons=1)
    same = dataclasses.replace(draft, asked=[], note="", minutes=None)
    assert content_hash(content_of(draft)) == content_hash(content_of(same))
    assert set(content_of(draft)) == {"id", "at", "place", "persons"}


@pytest.mark.parametrize("field", fields_of(EncounterDraft), ids=lambda each: each.name)
def test_every_declared_field_changes_the_content_hash(field: DeclaredField) -> None:
    draft = EncounterDraft(id=uuid.UUID(int=1), at=timezone.now(), place=DraftPlace(48.866, 2.35), persons=1)
    other: Any = object()
    assert content_of(draft) != content_of(dataclasses.replace(draft, **{field.name: other}))


@pytest.mark.parametrize(("kind", "draft"), DRAFTS.items())
def test_filing_writes_every_plain_field(kind: ReportKind, draft: type[Draft]) -> None:
    required = {"source": "s", "persons": 1, "kinds": ["food"]}
    given = {each.name: required[each.name] for each in fields_of(draft) if each.required and each.name in required}
    place = {} if kind is ReportKind.TOUR else {"place": DraftPlace(48.866, 2.35)}
    made: Any = draft
    row = filing.columns_of(made(at=timezone.now(), **place, **given))
    assert {each.column for each in plain_fields(draft)} <= set(row)


def test_the_form_field_of_a_choice_offers_what_is_declared() -> None:
    offered = [value for value, _label in form_field(NeedDraft, "origin").choices]
    assert offered == list(declared(NeedDraft, "origin").declared.offered)


def test_the_documentation_of_the_event_log_names_each_declared_field() -> None:
    page = (Path(settings.ROOT) / "docs" / "event-log.md").read_text(encoding="utf-8")
    for kind, draft in DRAFT_OF.items():
        section = page.split(f"## `{kind}`")[1].split("\n## ")[0]
        for each in plain_fields(draft):
            if each.declared.event_log:
                assert f"`{each.log_name}`" in section, (kind, each.log_name)


def test_every_model_of_a_report_is_declared() -> None:
    reports = {model for model in apps.get_app_config("needs").get_models() if issubclass(model, Aid.__mro__[1])}
    assert reports == set(MODELS.values()) - {Tour}
