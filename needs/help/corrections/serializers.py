"""Serializers of corrections."""

import uuid
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from needs.base.records.declarations import DraftPlace, EncounterDraft, NeedDraft, not_in_the_future
from needs.base.records.field_declarations import declared, declared_values, fields_to_check
from needs.enums import Category, ReportKind, Urgency
from needs.help.corrections.correcting import version_of
from needs.help.open_needs.need_serializers import CellField
from needs.models import Correction, CorrectionQuerySet, Encounter
from needs.reports.serializers import EncounterSerializer, Kinds, ReportSerializer, declared_fields
from solidarity.lib.pii_check.messages import EVERYTHING
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from volunteers.models import Territory
from volunteers.people.api.serializers import PlaceSerializer


def corrections_of(kind: ReportKind, report: uuid.UUID) -> CorrectionQuerySet:
    """Return the corrections of a report with their authors, the oldest first."""
    return Correction.objects.of(kind, report).select_related("author")


class PastCorrectionSerializer(serializers.Serializer):
    """One correction. before, after: the changed values, by name; a place is its cell. by: name of the person who made
    the correction; empty for a deleted account."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    by = serializers.CharField(source="author.display_name", default=None, allow_null=True)
    reason = serializers.CharField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    def get_before(self, row: Correction) -> dict[str, Any]:
        return row.old_values

    def get_after(self, row: Correction) -> dict[str, Any]:
        return row.new_values


_ID = "Id of the correction, chosen by you, so that a repeat is recognised."
_SEEN = {"min_value": 0, "help_text": "The version that you read. If it is not the current one, the answer is 409."}
_REASON = {"max_length": 300, "allow_blank": True, "required": False, "help_text": "No names, no telephone numbers."}


class NeedCorrectionSerializer(PiiCheckedSerializer):
    """New values of a need. Leave out values that do not change. Send only one of point, district and place_unknown."""

    pii_checked = {"title": EVERYTHING, "reason": EVERYTHING}

    seen = serializers.IntegerField(**_SEEN)  # type: ignore[arg-type]
    id = serializers.UUIDField(required=False, help_text=_ID)
    reason = serializers.CharField(**_REASON)  # type: ignore[arg-type]
    latitude = serializers.FloatField(required=False, min_value=-90, max_value=90)
    longitude = serializers.FloatField(required=False, min_value=-180, max_value=180)
    district = serializers.SlugRelatedField(
        slug_field="slug", queryset=Territory.objects.zoned(), required=False,
        help_text="Short name of the territory, if only that is known.",
    )  # fmt: skip
    place_unknown = serializers.BooleanField(required=False, help_text="true: nobody knows the place.")
    kinds = Kinds(required=False, allow_empty=False)
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False)
    persons = serializers.IntegerField(
        min_value=1, max_value=declared(NeedDraft, "persons").declared.most, required=False
    )
    title = serializers.CharField(max_length=300, allow_blank=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("latitude" in attrs) != ("longitude" in attrs):
            missing = "longitude" if "latitude" in attrs else "latitude"
            raise serializers.ValidationError({missing: _("A place needs both latitude and longitude.")})
        if attrs.get("place_unknown") is False:
            raise serializers.ValidationError({"place_unknown": _("Send the place or its district instead.")})
        if sum(name in attrs for name in ("latitude", "district", "place_unknown")) > 1:
            words = _("Send one of these: latitude and longitude, district, place_unknown.")
            raise serializers.ValidationError({"district": words})
        return attrs

    @staticmethod
    def changes(data: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments for ``correcting.correct``, from the validated data."""
        names = ("kinds", "urgency", "persons", "title", "district", "place_unknown")
        found = {name: data[name] for name in names if name in data}
        return found | ({"place": DraftPlace(data["latitude"], data["longitude"])} if "latitude" in data else {})


@declared_fields(EncounterDraft, "tour")
class EncounterCorrectionSerializer(ReportSerializer):
    """New values of an encounter. Leave out values that do not change. answers: all answers to the questions that were
    asked."""

    pii_checked = {**fields_to_check(EncounterDraft), "reason": EVERYTHING}

    seen = serializers.IntegerField(**_SEEN)  # type: ignore[arg-type]
    reason = serializers.CharField(**_REASON)  # type: ignore[arg-type]
    at = serializers.DateTimeField(required=False, validators=[not_in_the_future])
    answers = serializers.DictField(required=False)


class EncounterDetailSerializer(serializers.Serializer):
    """An encounter for members of its association. point: the exact place, until retention deletes it."""

    id = serializers.UUIDField()
    association = serializers.SlugField(source="association.slug")
    tour = serializers.UUIDField(source="tour_id", allow_null=True)
    at = serializers.DateTimeField()
    filed_at = serializers.DateTimeField()
    cell = CellField()
    point = serializers.SerializerMethodField()
    place_text = serializers.CharField()
    persons = serializers.IntegerField()
    contacts = serializers.IntegerField()
    minutes = serializers.FloatField(allow_null=True)
    asked = serializers.ListField(child=serializers.ChoiceField(choices=Category.choices))
    given = serializers.ListField(child=serializers.ChoiceField(choices=Category.choices))
    note = serializers.CharField()
    note_pinned = serializers.BooleanField()
    consent = serializers.BooleanField()
    question_set = serializers.UUIDField(source="question_set_id", allow_null=True)
    answers = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField(help_text="Number of corrections; send it back as ``seen``.")
    corrections = serializers.SerializerMethodField()

    @extend_schema_field(PlaceSerializer(allow_null=True))
    def get_point(self, row: Encounter) -> Any:
        return {"latitude": row.point.y, "longitude": row.point.x} if row.point else None

    def get_answers(self, row: Encounter) -> dict[str, Any]:
        return {**row.answers, **row.answers_in_words}

    def get_version(self, row: Encounter) -> int:
        return version_of(ReportKind.ENCOUNTER, row.pk)

    @extend_schema_field(PastCorrectionSerializer(many=True))
    def get_corrections(self, row: Encounter) -> Any:
        return PastCorrectionSerializer(corrections_of(ReportKind.ENCOUNTER, row.pk), many=True).data


def encounter_changes(form: EncounterCorrectionSerializer, row: Encounter) -> dict[str, Any]:
    """Return the arguments for ``correcting.correct``, from a valid form. Raises ValidationError for wrong answers."""
    data = form.validated_data
    found = declared_values(EncounterDraft, data)
    if "at" in data:
        found["at"] = data["at"]
    if data.get("place") is not None:
        found["place"] = data["place"]
    if "answers" in data:
        asked = {"answers": data["answers"], "question_set": row.question_set_id}
        found["answers"] = EncounterSerializer.answers_from(asked, row.association)
    return found
