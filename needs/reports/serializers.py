"""Reports as JSON: the same limits and the same words as the forms."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from needs.custom_questions import answers, question_sets
from needs.custom_questions.answers import NO_ANSWERS, Answers
from needs.enums import Category, Origin, QuestionKind, Urgency
from needs.reports.filing import EncounterDraft, NeedDraft, Place
from needs.reports.forms import MOST_PERSONS
from needs.reports.report_times import not_in_the_future
from solidarity.lib.pii_check.messages import EVERYTHING, PLACE
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from volunteers.models import Association

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
ORIGINS = [(origin.value, origin.label) for origin in (Origin.SELF, Origin.CITIZEN)]


class Kinds(serializers.ListField):
    """Categories, in the sender's order, each once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.ChoiceField(choices=Category.choices), max_length=len(Category), **options)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


class ReportSerializer(PiiCheckedSerializer):
    """What encounters and needs share. id: minted by whoever sends it, so that it can be sent again."""

    id = serializers.UUIDField(required=False)
    at = serializers.DateTimeField(required=False, validators=[not_in_the_future, MinValueValidator(EARLIEST)])
    latitude = serializers.FloatField(required=False, allow_null=True, min_value=-90, max_value=90)
    longitude = serializers.FloatField(required=False, allow_null=True, min_value=-180, max_value=180)
    place_text = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        latitude, longitude = attrs.get("latitude"), attrs.get("longitude")
        if (latitude is None) != (longitude is None):
            missing = "latitude" if latitude is None else "longitude"
            raise serializers.ValidationError({missing: _("A place needs both latitude and longitude.")})
        attrs["place"] = None if latitude is None or longitude is None else Place(latitude, longitude)
        return attrs

    @property
    def implied(self) -> tuple[str, ...]:
        """The time is the server's when the sender gave none (needs.reports.intake)."""
        return () if "at" in self.validated_data else ("at",)


class EncounterSerializer(ReportSerializer):
    """An encounter. association: its short name, where the sender is a member of several.

    answers: to the association's own questions, by key; question_set: the version they were given to, else the newest.
    """

    pii_checked = {"note": EVERYTHING, "place_text": PLACE, "answers": EVERYTHING}

    association = serializers.SlugField(required=False)
    tour = serializers.UUIDField(required=False, allow_null=True)
    persons = serializers.IntegerField(min_value=0, max_value=MOST_PERSONS)
    contacts = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MOST_PERSONS)
    minutes = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=720)
    asked = Kinds(required=False, default=list)
    given = Kinds(required=False, default=list)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")
    note_pinned = serializers.BooleanField(required=False, default=False)
    consent = serializers.BooleanField(required=False, default=False)
    question_set = serializers.UUIDField(required=False, allow_null=True)
    answers = serializers.DictField(required=False, default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        super().validate(attrs)
        if attrs["place"] is None:
            raise serializers.ValidationError({"latitude": _("Say where: send latitude and longitude in degrees.")})
        contacts = attrs.get("contacts")
        if contacts is not None and contacts > attrs["persons"]:
            raise serializers.ValidationError({"contacts": _("No more people can be helped than were met.")})
        return attrs

    def answers_for(self, own: Association) -> Answers:
        """The answers, checked against the version that they were given to. Raises ValidationError."""
        said, named = self.validated_data["answers"], self.validated_data.get("question_set")
        if not said:
            return NO_ANSWERS
        sets = question_sets.sets_for([own], [str(named)] if named else ())
        asked = next((each for each in sets if named in (None, each.pk)), None)
        if asked is None:
            raise serializers.ValidationError({"question_set": _("This association asks no such questions.")})
        try:
            return answers.check(asked.pk, asked.questions.all(), said)
        except answers.Refused as refused:
            wrong = {key: [str(answers.WORDS[problem])] for key, problem in refused.problems.items()}
            raise serializers.ValidationError({"answers": wrong}) from None

    def draft(self, own: Association) -> EncounterDraft:
        data = self.validated_data
        return EncounterDraft(
            id=data.get("id") or uuid.uuid4(),
            at=data.get("at") or timezone.now(),
            place=data["place"],
            persons=data["persons"],
            contacts=data.get("contacts"),
            asked=data["asked"],
            given=data["given"],
            minutes=data.get("minutes"),
            note=data["note"],
            note_pinned=data["note_pinned"],
            consent=data["consent"],
            place_text=data["place_text"],
            tour=data.get("tour"),
            answers=self.answers_for(own),
        )


class QuestionSerializer(serializers.Serializer):
    """A question. choices_*: an answer is the position of one of them; the first is 0."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    label_en = serializers.CharField()
    label_fr = serializers.CharField()
    choices_en = serializers.ListField(child=serializers.CharField())
    choices_fr = serializers.ListField(child=serializers.CharField())


class QuestionSetSerializer(serializers.Serializer):
    """The questions that an association asks now. id: what an encounter names as its ``question_set``."""

    id = serializers.UUIDField()
    association = serializers.SlugField(source="association.slug")
    version = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    questions = QuestionSerializer(many=True)


class NeedSerializer(ReportSerializer):
    """A need, from anybody."""

    pii_checked = {"text": EVERYTHING, "place_text": PLACE}

    kinds = Kinds(allow_empty=False)
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False, default=Urgency.SOON)
    persons = serializers.IntegerField(required=False, default=1, min_value=1, max_value=MOST_PERSONS)
    text = serializers.CharField(required=False, allow_blank=True, max_length=5000, default="")
    origin = serializers.ChoiceField(choices=ORIGINS, required=False, default=Origin.CITIZEN)
    contact = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        super().validate(attrs)
        if attrs["place"] is None and not attrs["place_text"]:
            message = gettext_lazy("Say where: send latitude and longitude, or the place in words.")
            raise serializers.ValidationError({"place_text": message})
        return attrs

    def draft(self, *, with_account: bool) -> NeedDraft:
        data = self.validated_data
        return NeedDraft(
            id=data.get("id") or uuid.uuid4(),
            at=data.get("at") or timezone.now(),
            place=data["place"],
            kinds=data["kinds"],
            urgency=data["urgency"],
            persons=data["persons"],
            text=data["text"],
            place_text=data["place_text"],
            contact=data["contact"],
            origin=data.get("origin", Origin.CITIZEN),
            with_account=with_account,
        )


class FiledSerializer(serializers.Serializer):
    """The acknowledgement of a report: whoever sent it may forget it once the hash is theirs."""

    id = serializers.UUIDField()
    content_hash = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField(), required=False)


class NeedFiledSerializer(FiledSerializer):
    """The same of a need. follow: the path of its private page; held: it waits for a moderator."""

    follow = serializers.CharField()
    held = serializers.BooleanField()
