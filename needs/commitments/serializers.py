"""Proposals and promises, as those see them who made or got them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from needs.api.serializers import HowManyField, KindsField
from needs.commitments import extending, handing_over
from needs.commitments.commitment_presenter import held_kinds
from needs.commitments.ending import GIVE_BACK_REASONS
from needs.enums import Answer, Category, CommitmentState, OutcomeReason, Side, Urgency, WentWell
from needs.models import Commitment, HandOver
from solidarity.lib.pii_check.messages import EVERYTHING
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from volunteers.api.serializers import Choices, PlaceSerializer

REASONS = [(reason.value, reason.label) for reason in GIVE_BACK_REASONS]


class ProposalSerializer(serializers.Serializer):
    """A need proposed to the reader. kinds: what is still free; reasons: in words; association: for which one is asked."""

    id = serializers.UUIDField(source="proposal.pk")
    need = serializers.UUIDField(source="proposal.need_id")
    kinds = KindsField()
    urgency = serializers.ChoiceField(choices=Urgency.choices, source="proposal.need.urgency")
    persons = HowManyField(source="proposal.need.persons")
    reasons = serializers.ListField(child=serializers.CharField())
    association = serializers.CharField(allow_blank=True)
    made_at = serializers.DateTimeField(source="proposal.made_at")
    expires_at = serializers.DateTimeField(source="proposal.expires_at")


class FittingSerializer(serializers.Serializer):
    """An open need that fits what the reader offers."""

    need = serializers.UUIDField(source="need.pk")
    kinds = KindsField()
    urgency = serializers.ChoiceField(choices=Urgency.choices, source="need.urgency")
    persons = HowManyField(source="need.persons")
    reasons = serializers.ListField(child=serializers.CharField())


class PartSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Category.choices)
    held = serializers.BooleanField()
    met = serializers.BooleanField()


class CommitmentSerializer(serializers.Serializer):
    """A promise. expires_at: until when; no place: that has an address of its own, for the holder while they hold it."""

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
        return extending.left_to_extend(own)


class AssociationCommitmentSerializer(CommitmentSerializer):
    """A promise made for an association of the reader's. name: of the member who holds it."""

    name = serializers.CharField(source="volunteer.display_name", allow_blank=True)


class PlaceAndWordsSerializer(serializers.Serializer):
    """Where somebody waits. exact: false when only the middle of the area is still kept. There is no contact in it."""

    place = PlaceSerializer(allow_null=True)
    exact = serializers.BooleanField()
    place_text = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    persons = serializers.IntegerField()


class DoneSerializer(serializers.Serializer):
    """What was brought. kinds: left out, all; by_others: somebody else had brought it before."""

    kinds = Choices(Category.choices, required=False, allow_empty=False)
    by_others = serializers.BooleanField(default=False)


class WithdrawSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(choices=REASONS)


class AskHolderSerializer(PiiCheckedSerializer):
    """Asking whoever holds a need for it."""

    pii_checked = {"message": EVERYTHING}

    message = serializers.CharField(max_length=300, allow_blank=True, default="", help_text="No names, no numbers.")
    safe = serializers.BooleanField(help_text="The rules of safety were read and are kept.")


class OfferToSerializer(PiiCheckedSerializer):
    """Offering a need to somebody of one's association. to: the key of one of GET /api/v1/mates/."""

    pii_checked = {"message": EVERYTHING}

    to = serializers.UUIDField()
    message = serializers.CharField(max_length=300, allow_blank=True, default="", help_text="No names, no numbers.")


class MateSerializer(serializers.Serializer):
    """Another member of the reader's associations."""

    key = serializers.UUIDField()
    name = serializers.CharField(source="display_name", allow_blank=True)


class HandOverSerializer(serializers.Serializer):
    """Somebody asks a holder for a need, or is offered it. mine_to_decide: the reader says yes or no."""

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
        return not hand.answer and handing_over.decider_of(hand) == self.context["request"].user.pk


class MessageSerializer(PiiCheckedSerializer):
    """Words that the platform passes on between a holder and the reporter. by_phone: a dispatcher says it, too."""

    pii_checked = {"text": EVERYTHING}

    side = serializers.ChoiceField(choices=Side.choices, read_only=True)
    text = serializers.CharField(max_length=500, help_text="No names, no addresses. It is deleted after 14 days.")
    by_phone = serializers.BooleanField(default=False)
    at = serializers.DateTimeField(read_only=True)


class FeedbackSerializer(PiiCheckedSerializer):
    """How it went, in one of three answers and in words. No score."""

    pii_checked = {"text": EVERYTHING}

    went = serializers.ChoiceField(choices=WentWell.choices)
    unsafe = serializers.BooleanField(default=False, help_text="A dispatcher reads this and takes care of it.")
    text = serializers.CharField(max_length=1000, allow_blank=True, default="")


def kinds_of(said: dict[str, Any]) -> list[str] | None:
    """The kinds that were named; None for all."""
    kinds: list[str] | None = said.get("kinds")
    return kinds
