"""What all parts of the API show of needs. No field of it holds more than its reader's page shows."""

from typing import Any

from rest_framework import serializers

from needs.commitments.forms import SafetyForm
from needs.enums import Category, Urgency
from needs.open_needs import nearby
from solidarity.lib import grid
from volunteers.api.serializers import Choices


class CellField(serializers.CharField):
    """The H3 cell of resolution 9 (some 350 m wide), in hexadecimal."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("read_only", True)
        options.setdefault("help_text", "H3 cell of resolution 9, some 350 m wide; null: no place is known.")
        super().__init__(**options, allow_null=True)

    def to_representation(self, value: Any) -> str:
        return grid.to_text(value)


class KindsField(serializers.ListField):
    """Categories, the leading one first."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.ChoiceField(choices=Category.choices), **options)


class HowManyField(serializers.ChoiceField):
    """For how many people, as volunteers are told."""

    def __init__(self, **options: Any) -> None:
        options["help_text"] = "one, some (2 to 4) or several"
        super().__init__(choices=[each.value for each in nearby.HowMany], **options)

    def to_representation(self, value: Any) -> str:
        return nearby.how_many(value).value


class OpenNeedSerializer(serializers.Serializer):
    """A need that can be taken, as everybody near it sees it: no exact place, no words, no contact.

    kinds: what nobody holds yet. distance: metres from the reader's base, to the hundred.
    """

    id = serializers.UUIDField()
    kinds = KindsField()
    urgency = serializers.ChoiceField(choices=Urgency.choices)
    persons = HowManyField()
    cell = CellField()
    distance = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()


class TakeSerializer(serializers.Serializer):
    """What somebody takes. kinds: left out, all that nobody holds. safe: the rules of safety were read and are kept."""

    kinds = Choices(Category.choices, required=False, allow_empty=False)
    association = serializers.SlugField(required=False, allow_null=True, default=None, help_text="For whom one acts.")
    safe = serializers.BooleanField()

    def validate_safe(self, safe: bool) -> bool:
        return check_safe(safe)


def check_safe(safe: bool) -> bool:
    """The rules of safety are accepted, or a ValidationError names the cure."""
    if not safe:
        raise serializers.ValidationError(SafetyForm.base_fields["safe"].error_messages["required"])
    return safe


class AnswerSerializer(serializers.Serializer):
    """Yes or no. safe: with a yes; the rules of safety were read and are kept."""

    accept = serializers.BooleanField()
    safe = serializers.BooleanField(required=False, default=False)

    def check_safe(self) -> None:
        """Raises ValidationError where somebody agrees to go without having accepted the rules."""
        try:
            check_safe(self.validated_data["safe"])
        except serializers.ValidationError as wrong:
            raise serializers.ValidationError({"safe": wrong.detail}) from None


class AreaSerializer(serializers.Serializer):
    """A territory that needs can be filtered by."""

    slug = serializers.CharField()
    name = serializers.CharField()
