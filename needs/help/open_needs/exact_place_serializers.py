"""Offers of help in the API."""

from rest_framework import serializers

from needs.enums import HelpAnswer
from needs.help.open_needs.commitment_forms import SafetyForm
from solidarity.lib.pii_check.messages import EVERYTHING
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer


class HelpOfferSerializer(serializers.Serializer):
    """An offer to help with a need. answer: the answer of a dispatcher; empty until it is given."""

    id = serializers.UUIDField()
    need = serializers.UUIDField(source="need_id")
    text = serializers.CharField(allow_blank=True)
    made_at = serializers.DateTimeField()
    answer = serializers.ChoiceField(choices=HelpAnswer.choices, allow_blank=True)


class OfferOfNeedSerializer(HelpOfferSerializer):
    """An offer as dispatchers read it. name: name of the volunteer."""

    name = serializers.CharField(source="user.display_name", allow_blank=True)


class NewHelpOfferSerializer(PiiCheckedSerializer):
    """A new offer. safe: true if you accept the safety rules."""

    pii_checked = {"text": EVERYTHING}

    text = serializers.CharField(max_length=300, allow_blank=True, default="", help_text="No names, no numbers.")
    safe = serializers.BooleanField()

    def validate_safe(self, safe: bool) -> bool:
        if not safe:
            raise serializers.ValidationError(SafetyForm.base_fields["safe"].error_messages["required"])
        return safe


class HelpAnswerSerializer(serializers.Serializer):
    """A dispatcher's answer: whether the person can take this one need."""

    allow = serializers.BooleanField()


class BudgetSerializer(serializers.Serializer):
    """The reader's budget of exact places. used, most: number of places opened today, and the maximum. tour_used,
    tour_most: the same for the reader's running tour. paused: true if they cannot take needs today."""

    used = serializers.IntegerField()
    most = serializers.IntegerField()
    tour_used = serializers.IntegerField()
    tour_most = serializers.IntegerField()
    left = serializers.IntegerField()
    paused = serializers.BooleanField()
