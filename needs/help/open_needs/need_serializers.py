"""Shared serializers of needs. The serializers show no more than the page for the same user."""

from typing import Any

from rest_framework import serializers

from needs.enums import Category, Urgency
from needs.help.nearby import nearby
from needs.help.open_needs.commitment_forms import SafetyForm
from solidarity.lib import grid
from volunteers.people.api.serializers import Choices


class CellField(serializers.CharField):
    """An H3 cell of resolution 9 (about 350 m wide), in hexadecimal."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("read_only", True)
        options.setdefault("help_text", "H3 cell of resolution 9, about 350 m wide; null without a known place.")
        super().__init__(**options, allow_null=True)

    def to_representation(self, value: Any) -> str:
        return grid.to_text(value)


class KindsField(serializers.ListField):
    """The kinds of a need, the main kind first."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.ChoiceField(choices=Category.choices), **options)


class HowManyField(serializers.ChoiceField):
    """The number of people as one of three ranges: volunteers do not see the exact number."""

    def __init__(self, **options: Any) -> None:
        options["help_text"] = "one, some (2 to 4) or several"
        super().__init__(choices=[each.value for each in nearby.HowMany], **options)

    def to_representation(self, value: Any) -> str:
        return nearby.how_many(value).value


class OpenNeedSerializer(serializers.Serializer):
    """An open need as volunteers near it see it: without exact place, texts and contact.

    kinds: the kinds of help to which nobody is committed yet. distance: the distance from your base in metres, rounded
    to hundreds.
    """

    id = serializers.UUIDField()
    kinds = KindsField()
    urgency = serializers.ChoiceField(choices=Urgency.choices)
    persons = HowManyField()
    cell = CellField()
    distance = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    district = serializers.CharField(
        allow_blank=True, help_text="The district, if only that is known of the place; there is then no distance."
    )


class TakeSerializer(serializers.Serializer):
    """A commitment to a need. kinds: the kinds of help to take; by default all kinds to which nobody is committed.
    safe: true if you accept the safety rules."""

    kinds = Choices(Category.choices, required=False, allow_empty=False)
    association = serializers.SlugField(
        required=False, allow_null=True, default=None, help_text="Association for which you act."
    )
    safe = serializers.BooleanField()

    def validate_safe(self, safe: bool) -> bool:
        return check_safe(safe)


def check_safe(safe: bool) -> bool:
    """Return safe if the safety rules are accepted; raise ValidationError otherwise."""
    if not safe:
        raise serializers.ValidationError(SafetyForm.base_fields["safe"].error_messages["required"])
    return safe


class AnswerSerializer(serializers.Serializer):
    """Yes or no. safe: true if you accept the safety rules; required with the answer yes."""

    accept = serializers.BooleanField()
    safe = serializers.BooleanField(required=False, default=False)


class AreaSerializer(serializers.Serializer):
    """A territory for filtering needs."""

    slug = serializers.CharField()
    name = serializers.CharField()
