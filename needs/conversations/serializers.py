"""Messages and feedback about a commitment."""

from rest_framework import serializers

from needs.enums import Side, WentWell
from solidarity.lib.pii_check.messages import EVERYTHING
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer


class MessageSerializer(PiiCheckedSerializer):
    """A message between holder and reporter. by_phone: a dispatcher also passes it on by telephone."""

    pii_checked = {"text": EVERYTHING}

    side = serializers.ChoiceField(choices=Side.choices, read_only=True)
    text = serializers.CharField(max_length=500, help_text="No names, no addresses. It is deleted after 14 days.")
    by_phone = serializers.BooleanField(default=False)
    at = serializers.DateTimeField(read_only=True)


class FeedbackSerializer(PiiCheckedSerializer):
    """Feedback: one of three answers and a text, no score."""

    pii_checked = {"text": EVERYTHING}

    went = serializers.ChoiceField(choices=WentWell.choices)
    unsafe = serializers.BooleanField(default=False, help_text="A dispatcher reads this and contacts you if needed.")
    text = serializers.CharField(max_length=1000, allow_blank=True, default="")
