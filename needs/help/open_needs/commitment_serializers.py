"""Commitments and hand-overs, as their holders see them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from needs.enums import Answer, Category, CommitmentState, OutcomeReason, Urgency, WentWell
from needs.help.commitments import extending, hand_overs
from needs.help.commitments.commitment_presenter import held_kinds
from needs.help.commitments.ending import GIVE_BACK_REASONS
from needs.help.open_needs.need_serializers import HowManyField, KindsField
from needs.models import Commitment, HandOver
from solidarity.lib.pii_check.messages import EVERYTHING
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from volunteers.people.api.serializers import Choices, PlaceSerializer

REASONS = [(reason.value, reason.label) for reason in GIVE_BACK_REASONS]


class PartSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Category.choices)
    held = serializers.BooleanField()
    met = serializers.BooleanField()


class CommitmentSerializer(serializers.Serializer):
    """A commitment. expires_at: the time at which the commitment ends. The place has its own URL, open only to the
    current holder."""

    id = serializers.UUIDField()
    need = serializers.UUIDField(source="need_id")
    urgency = serializers.ChoiceField(choices=Urgency.choices, source="need.urgency")
    persons = HowManyField(source="need.persons")
    parts = PartSerializer(many=True)
    association = serializers.SlugField(source="association.slug", default=None, allow_null=True)
    state = serializers.ChoiceField(choices=CommitmentState.choices)
    reason = serializers.ChoiceField(choices=OutcomeReason.choices, allow_blank=True)
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    extensions_left = serializers.SerializerMethodField()

    def get_extensions_left(self, own: Commitment) -> int:
        return extending.extensions_left(own)


class AssociationCommitmentSerializer(CommitmentSerializer):
    """A commitment for one of the reader's associations. name: name of the member who holds the commitment."""

    name = serializers.CharField(source="volunteer.display_name", allow_blank=True)


class PlaceAndWordsSerializer(serializers.Serializer):
    """Place and description of a need, without contact. exact: false when only the middle of the area is left."""

    place = PlaceSerializer(allow_null=True)
    exact = serializers.BooleanField()
    place_text = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    persons = serializers.IntegerField()


class DoneSerializer(serializers.Serializer):
    """What was met. kinds: the kinds of help that were given, by default all. by_others: true if somebody else had
    already met the need."""

    kinds = Choices(Category.choices, required=False, allow_empty=False)
    by_others = serializers.BooleanField(default=False)


class WithdrawSerializer(serializers.Serializer):
    """The reason for giving a need back. near: false if the device knows that it was not near the place; it is not
    stored."""

    reason = serializers.ChoiceField(choices=REASONS)
    near = serializers.BooleanField(allow_null=True, default=None)


class AskHolderSerializer(PiiCheckedSerializer):
    """A request to a holder."""

    pii_checked = {"message": EVERYTHING}

    message = serializers.CharField(max_length=300, allow_blank=True, default="", help_text="No names, no numbers.")
    safe = serializers.BooleanField(help_text="The rules of safety were read and accepted.")


class OfferToSerializer(PiiCheckedSerializer):
    """An offer to a fellow member. to: a key from GET /api/v1/mates/."""

    pii_checked = {"message": EVERYTHING}

    to = serializers.UUIDField()
    message = serializers.CharField(max_length=300, allow_blank=True, default="", help_text="No names, no numbers.")


class MateSerializer(serializers.Serializer):
    """Another member of the reader's associations."""

    key = serializers.UUIDField()
    name = serializers.CharField(source="display_name", allow_blank=True)


class HandOverSerializer(serializers.Serializer):
    """A request for a commitment, or an offer of it. mine_to_decide: true if the reader decides about the hand-over."""

    id = serializers.UUIDField()
    commitment = serializers.UUIDField(source="commitment_id")
    need = serializers.UUIDField(source="commitment.need_id")
    kinds = serializers.SerializerMethodField()
    urgency = serializers.ChoiceField(choices=Urgency.choices, source="commitment.need.urgency")
    message = serializers.CharField(allow_blank=True)
    asked_at = serializers.DateTimeField()
    answer = serializers.ChoiceField(choices=Answer.choices, allow_blank=True)
    mine_to_decide = serializers.SerializerMethodField()

    @extend_schema_field(KindsField())
    def get_kinds(self, hand: HandOver) -> list[str]:
        return held_kinds(hand.commitment)

    def get_mine_to_decide(self, hand: HandOver) -> bool:
        return not hand.answer and hand_overs.decider_of(hand) == self.context["request"].user.pk


def kinds_of(data: dict[str, Any]) -> list[str] | None:
    """Return the kinds in the data; None stands for all kinds."""
    kinds: list[str] | None = data.get("kinds")
    return kinds


class FeedbackSerializer(PiiCheckedSerializer):
    """Feedback: one of three answers and a text, no score."""

    pii_checked = {"text": EVERYTHING}

    went = serializers.ChoiceField(choices=WentWell.choices)
    unsafe = serializers.BooleanField(default=False, help_text="A dispatcher reads this and contacts you if needed.")
    text = serializers.CharField(max_length=1000, allow_blank=True, default="")
