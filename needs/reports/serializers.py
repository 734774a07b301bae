"""Serializers of reports, from the same declarations as the forms."""

import functools
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.fields import get_error_detail
from rest_framework.utils.formatting import lazy_format

from needs.base.custom_questions import question_sets
from needs.base.records import answers
from needs.base.records.answers import NO_ANSWERS, Answers
from needs.base.records.declarations import DraftPlace, EncounterDraft, NeedDraft, not_in_the_future
from needs.base.records.field_declarations import (
    PLAIN,
    Draft,
    FieldType,
    declared,
    declared_values,
    fields_of,
    fields_to_check,
)
from needs.enums import Category, QuestionKind
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from volunteers.models import Association

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
ORIGINS = declared(NeedDraft, "origin").declared.offered_choices()


class Kinds(serializers.ListField):
    """Categories in the sender's order, without duplicates."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.ChoiceField(choices=Category.choices), max_length=len(Category), **options)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


def serializer_field(draft: type[Draft], name: str) -> serializers.Field:
    """Return the serializer field of a declared field."""
    found = declared(draft, name)
    said = found.declared
    options: dict[str, Any] = {"required": found.required, "help_text": said.meaning}
    if found.default is None:
        options["allow_null"] = True
    elif not found.required:
        options["default"] = list if found.default == () else found.default
    if said.type is FieldType.COUNT:
        return serializers.IntegerField(min_value=said.least, max_value=said.most, **options)
    if said.type is FieldType.MINUTES:
        return serializers.FloatField(min_value=said.least, max_value=said.most, **options)
    if said.type is FieldType.FLAG:
        return serializers.BooleanField(**options)
    if said.type is FieldType.TEXT:
        return serializers.CharField(allow_blank=True, max_length=said.most, **options)
    if said.type is FieldType.REPORT:
        return serializers.UUIDField(**options)
    if said.type is FieldType.CATEGORIES:
        return Kinds(allow_empty=not found.required, **options)
    return serializers.ChoiceField(choices=said.offered_choices(), **options)


def declared_fields[S: type[serializers.Serializer]](draft: type[Draft], *without: str) -> Callable[[S], S]:
    """Return a class decorator that adds the declared fields that a serializer does not define itself, except
    ``without``."""

    def decorate(serializer: S) -> S:
        known = serializer._declared_fields
        own = {
            each.name: serializer_field(draft, each.name)
            for each in fields_of(draft)
            if each.declared.api
            and each.name not in {*known, *without}
            and each.declared.type in (*PLAIN, FieldType.REPORT)
        }
        serializer._declared_fields = {**known, **own}
        return serializer

    return decorate


def implied_in(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that the server fills in for validated data: the time, if the sender left it out."""
    return () if "at" in data else ("at",)


class ReportSerializer(PiiCheckedSerializer):
    """Fields that encounters and needs share. id: an id chosen by the sender, so that a repeated request is
    recognised."""

    id = serializers.UUIDField(required=False)
    at = serializers.DateTimeField(required=False, validators=[not_in_the_future, MinValueValidator(EARLIEST)])
    latitude = serializers.FloatField(required=False, allow_null=True, min_value=-90, max_value=90)
    longitude = serializers.FloatField(required=False, allow_null=True, min_value=-180, max_value=180)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        latitude, longitude = attrs.get("latitude"), attrs.get("longitude")
        if (latitude is None) != (longitude is None):
            missing = "latitude" if latitude is None else "longitude"
            raise serializers.ValidationError({missing: _("A place needs both latitude and longitude.")})
        attrs["place"] = None if latitude is None or longitude is None else DraftPlace(latitude, longitude)
        return attrs

    @property
    def implied(self) -> tuple[str, ...]:
        """Fields that the server filled in: the time, if the sender left it out."""
        return implied_in(self.validated_data)

    @staticmethod
    def common(data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the id, time and place for a draft."""
        return {"id": data.get("id") or uuid.uuid4(), "at": data.get("at") or timezone.now(), "place": data["place"]}


class FieldsMadeOnce(serializers.Serializer):
    """Fields that are made once per process and shared by all requests, because making them takes longer than checking
    a report. These fields must not use the request or ``partial``, which belong to one serializer only.

    A field that was not sent is not checked; it gets its default or stays out, as in ``Field.run_validation``."""

    @property
    def fields(self) -> Any:
        assert not self.partial
        return _fields_of(type(self))

    def _read_only_defaults(self) -> dict[str, Any]:
        return {}  # these serializers have no read-only fields; see _plan_of

    def to_internal_value(self, data: Any) -> Any:
        if type(data) is not dict:
            return super().to_internal_value(data)
        found: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, field, default, check in _plan_of(type(self)):
            if name not in data and default is not _ASKED:
                if default is not serializers.empty:
                    found[name] = default() if callable(default) else default
                continue
            try:
                value = field.run_validation(data.get(name, serializers.empty))
                found[name] = getattr(self, check)(value) if check else value
            except serializers.ValidationError as error:
                errors[name] = error.detail
            except DjangoValidationError as error:
                errors[name] = get_error_detail(error)
        if errors:
            raise serializers.ValidationError(errors)
        return found


_ASKED = object()
"""In place of a default: the field itself decides what its absence means."""


@functools.cache
def _plan_of(serializer: type[serializers.Serializer]) -> tuple[tuple[str, Any, Any, str], ...]:
    """Return (name, field, default, method of the serializer that checks it) of the fields of a body. default: see
    _ASKED; ``empty`` for none. Method: "" for none."""
    plan = []
    for name, field in _fields_of(serializer).items():
        check = f"validate_{name}" if hasattr(serializer, f"validate_{name}") else ""
        assert not field.read_only and field.source == name and (field.required or not check), name
        plan.append((name, field, _ASKED if field.required else field.default, check))
    return tuple(plan)


@functools.cache
def _fields_of(serializer: type[serializers.Serializer]) -> Any:
    made: Any = serializers.Serializer.fields
    fields = made.func(serializer())
    for field in fields.values():
        _translate_each_time(field)
    return fields


def _translate_each_time(field: Any) -> None:
    """Make the messages of a field follow the reader's language. REST framework's ``lazy_format`` keeps the language of
    its first reader, because its fields belong to one request."""
    for validator in field.validators:
        said = getattr(validator, "message", None)
        if isinstance(said, lazy_format):
            assert said.format_string is not None  # the format is None when the message is read
            validator.message = format_lazy(said.format_string, *said.args, **said.kwargs)
    if hasattr(field, "child"):
        _translate_each_time(field.child)


@declared_fields(EncounterDraft)
class EncounterSerializer(FieldsMadeOnce, ReportSerializer):
    """An encounter. association: its short name, for members of several associations.

    answers: the answers to the association's custom questions, by key; question_set: the version that was asked, by
    default the newest version.
    """

    pii_checked = fields_to_check(EncounterDraft)

    association = serializers.SlugField(required=False)
    question_set = serializers.UUIDField(required=False, allow_null=True)
    answers = serializers.DictField(required=False, default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        super().validate(attrs)
        if attrs["place"] is None:
            raise serializers.ValidationError({"latitude": _("Say where: send latitude and longitude in degrees.")})
        contacts = attrs.get("contacts")
        if contacts is not None and contacts > attrs["persons"]:
            raise serializers.ValidationError({"contacts": _("You cannot have helped more people than you met.")})
        return attrs

    @staticmethod
    def answers_from(data: Mapping[str, Any], own: Association) -> Answers:
        """Return the answers, checked against the question set that was asked. Raises ValidationError."""
        given, named = data["answers"], data.get("question_set")
        if not given:
            return NO_ANSWERS
        sets = question_sets.sets_for([own], [str(named)] if named else ())
        asked = next((each for each in sets if named in (None, each.pk)), None)
        if asked is None:
            raise serializers.ValidationError({"question_set": _("This association does not ask these questions.")})
        try:
            return answers.check(asked.pk, asked.questions.all(), given)
        except answers.AnswersRefused as refused:
            wrong = {key: [str(answers.WORDS[problem])] for key, problem in refused.problems.items()}
            raise serializers.ValidationError({"answers": wrong}) from None

    def draft(self, own: Association) -> EncounterDraft:
        return self.draft_of(self.validated_data, own)

    @classmethod
    def draft_of(cls, data: Mapping[str, Any], own: Association) -> EncounterDraft:
        """Return the draft of validated data. Raises ValidationError for wrong answers to the association's questions."""
        values = declared_values(EncounterDraft, data)
        return EncounterDraft(**cls.common(data), **values, tour=data.get("tour"), answers=cls.answers_from(data, own))


class QuestionSerializer(serializers.Serializer):
    """A question. label, choices: the texts in each language. The answer to a choice is the position of the chosen
    text; the first position is 0."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    label = serializers.DictField(child=serializers.CharField(), source="labels")  # type: ignore[assignment]
    choices = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), source="choice_labels")


class QuestionSetSerializer(serializers.Serializer):
    """The current questions of an association. id: the ``question_set`` of an encounter."""

    id = serializers.UUIDField()
    association = serializers.SlugField(source="association.slug")
    version = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    questions = QuestionSerializer(many=True)


@declared_fields(NeedDraft)
class NeedSerializer(FieldsMadeOnce, ReportSerializer):
    """A need, from anybody."""

    pii_checked = fields_to_check(NeedDraft)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        super().validate(attrs)
        if attrs["place"] is None and not attrs["place_text"]:
            message = gettext_lazy("Say where: send latitude and longitude, or the place in words.")
            raise serializers.ValidationError({"place_text": message})
        return attrs

    def draft(self) -> NeedDraft:
        return self.draft_of(self.validated_data)

    @classmethod
    def draft_of(cls, data: Mapping[str, Any]) -> NeedDraft:
        """Return the draft of validated data."""
        return NeedDraft(**cls.common(data), **declared_values(NeedDraft, data))


class EmergencyNumberSerializer(serializers.Serializer):
    """A telephone number to call, and what it is for."""

    number = serializers.CharField()
    purpose = serializers.CharField()


class FiledSerializer(serializers.Serializer):
    """Acknowledgement of a report. The sender can delete its copy once it has the content hash.

    danger: true if the report mentions danger to life and its alarm waits for a dispatcher. Show the numbers to the
    sender at once, the most suitable first. A need for a place to sleep has the number of the country for shelter, also
    without danger.
    """

    id = serializers.UUIDField()
    content_hash = serializers.CharField()
    danger = serializers.BooleanField()
    numbers = EmergencyNumberSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField(), required=False)


class NeedFiledSerializer(FiledSerializer):
    """Acknowledgement of a need. follow: path of the private page of the need. held: true if the need waits for a
    moderator."""

    follow = serializers.CharField()
    held = serializers.BooleanField()
