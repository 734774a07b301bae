"""Conversations."""

from typing import Any

from rest_framework import serializers

from needs.conversations.models import LONGEST, SUBJECTS, Speaker
from solidarity.lib.pii_check.messages import EVERYTHING
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer


class MessageSerializer(PiiCheckedSerializer):
    """A message. id: an id chosen by the sender, so that a repeated call stores nothing. by_phone: true if a dispatcher
    must also pass the message on to a reporter by telephone."""

    pii_checked = {"text": EVERYTHING}

    id = serializers.UUIDField(required=False)
    speaker = serializers.ChoiceField(choices=Speaker.choices, read_only=True)
    who = serializers.CharField(read_only=True, help_text="role, and where people help together the first name")
    own = serializers.BooleanField(read_only=True)
    text = serializers.CharField(max_length=LONGEST, help_text="No names, no addresses. It is deleted after 14 days.")
    by_phone = serializers.BooleanField(default=False)
    at = serializers.DateTimeField(read_only=True)

    def to_representation(self, line: Any) -> Any:
        message = line.message
        return super().to_representation(
            {
                **{name: getattr(message, name) for name in ("id", "speaker", "text", "by_phone", "at")},
                "who": line.who,
                "own": line.own,
            }
        )


class ConversationSerializer(serializers.Serializer):
    """A thread in which the reader takes part. kind, about, on: the three parts of the conversation's address. speaker:
    the role in which the reader writes."""

    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in SUBJECTS], source="subject.kind", read_only=True)
    about = serializers.UUIDField(source="subject.row.pk", read_only=True)
    on = serializers.DateTimeField(source="subject.occurrence", read_only=True, allow_null=True)
    title = serializers.CharField(source="subject.title", read_only=True)
    speaker = serializers.ChoiceField(choices=Speaker.choices, read_only=True)
    unread = serializers.IntegerField(read_only=True)
    last_at = serializers.DateTimeField(source="last.at", read_only=True)
