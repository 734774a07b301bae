"""The volunteers' API: commitments and hand-overs."""

import uuid
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.base.dispatch_scope.guards import own_associations
from needs.enums import CommitmentState, OutcomeReason, Side
from needs.help.commitments import commitment_presenter, ending, exact_place, extending, feedback, hand_overs
from needs.help.commitments.commitment_presenter import own_commitment
from needs.help.nearby import nearby
from needs.help.open_needs.commitment_serializers import (
    AskHolderSerializer,
    AssociationCommitmentSerializer,
    CommitmentSerializer,
    DoneSerializer,
    FeedbackSerializer,
    HandOverSerializer,
    MateSerializer,
    OfferToSerializer,
    PlaceAndWordsSerializer,
    WithdrawSerializer,
    kinds_of,
)
from needs.help.open_needs.need_serializers import AnswerSerializer, check_safe
from needs.models import Commitment, HandOver
from volunteers.people.api.base import ApiView, ListView
from volunteers.people.api.errors import Conflict


def check_rules_accepted(data: dict[str, Any]) -> None:
    """Raise ValidationError unless the safety rules were accepted."""
    try:
        check_safe(data["safe"])
    except ValidationError as wrong:
        raise ValidationError({"safe": wrong.detail}) from None


class Commitments(ListView):
    """The reader's commitments, the latest first."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(
        tags=["commitments"], summary="My commitments", responses=CommitmentSerializer(many=True),
        parameters=[OpenApiParameter("state", str, enum=CommitmentState.values)],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows = commitment_presenter.for_list(Commitment.objects.of(self.user)).order_by("-made_at", "pk")
        state = request.query_params.get("state")
        if state and state not in CommitmentState.values:
            raise ValidationError(
                {"state": _("Choose one of: %(states)s.") % {"states": ", ".join(CommitmentState.values)}}
            )
        return self.page(request, rows.filter(state=state) if state else rows)


class AssociationCommitments(ListView):
    """Running commitments of the reader's associations: the holder, the kinds and the expiry of each. The place is
    shown only to the holder."""

    out = serializer_class = AssociationCommitmentSerializer

    @extend_schema(
        tags=["commitments"],
        summary="Commitments of my associations",
        responses=AssociationCommitmentSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        own_associations(self.user)
        every = commitment_presenter.for_list(Commitment.objects.of_associations(self.user)).running(timezone.now())
        return self.page(request, every.order_by("expires_at", "pk"))


class CommitmentView(ApiView):
    """One commitment of the reader's."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(tags=["commitments"], summary="One of my commitments")
    def get(self, request: Request, commitment: uuid.UUID) -> Response:
        return self.answer(own_commitment(self.user, commitment))


class ExactPlaceView(ApiView):
    """The exact place, for the holder."""

    out = serializer_class = PlaceAndWordsSerializer

    @extend_schema(
        tags=["commitments"], summary="The exact place: for the holder, while they hold it; every access is logged"
    )
    def get(self, request: Request, commitment: uuid.UUID) -> Response:
        return self.answer(exact_place.reveal_place(commitment, self.user))


class Extend(ApiView):
    """Extending a commitment."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(tags=["commitments"], summary="Extend", request=None, responses=CommitmentSerializer)
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        extending.extend(own_commitment(self.user, commitment).pk, self.user)
        return self.answer(own_commitment(self.user, commitment))


class Done(ApiView):
    """Recording that the need was met, wholly or in part."""

    out = CommitmentSerializer
    serializer_class = DoneSerializer

    @extend_schema(tags=["commitments"], summary="Done, wholly or in part", responses=CommitmentSerializer)
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        own, data = own_commitment(self.user, commitment), self.said(DoneSerializer)
        verb = ending.mark_done_by_others if data["by_others"] else ending.mark_done
        verb(own.pk, self.user, kinds=kinds_of(data))
        return self.answer(own_commitment(self.user, commitment))


class Withdraw(ApiView):
    """Giving the need back."""

    out = CommitmentSerializer
    serializer_class = WithdrawSerializer

    @extend_schema(tags=["commitments"], summary="Give back", responses=CommitmentSerializer)
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        own, data = own_commitment(self.user, commitment), self.said(WithdrawSerializer)
        ending.withdraw(own.pk, self.user, OutcomeReason(data["reason"]), near=data["near"])
        return self.answer(own_commitment(self.user, commitment))


class Ask(ApiView):
    """Ask the holder of a need to hand over their commitment. The reader must be allowed to see the need."""

    out = HandOverSerializer
    serializer_class = AskHolderSerializer

    @extend_schema(tags=["commitments"], summary="Ask the holder for a commitment", responses={201: HandOverSerializer})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        found = get_object_or_404(Commitment, pk=commitment)
        nearby.open_need(self.viewer, found.need_id)
        data = self.said(AskHolderSerializer)
        check_rules_accepted(data)
        return self.answer(hand_overs.ask_holder(found.pk, self.user, data["message"]), 201)


class Holders(ApiView):
    """Other people's commitments to an open need. The reader can ask their holders for a hand-over."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(
        tags=["open needs"], summary="Commitments of others about a need", responses=CommitmentSerializer(many=True)
    )
    def get(self, request: Request, need: uuid.UUID) -> Response:
        rows = commitment_presenter.other_holders(nearby.open_need(self.viewer, need), self.user)
        return Response(CommitmentSerializer(rows, many=True).data)


class HandOverOffer(ApiView):
    """Offering a commitment to a fellow member."""

    out = HandOverSerializer
    serializer_class = OfferToSerializer

    @extend_schema(tags=["commitments"], summary="Offer it to a fellow member", responses={201: HandOverSerializer})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        own, data = own_commitment(self.user, commitment), self.said(OfferToSerializer)
        to = next((mate for mate in hand_overs.fellow_members(self.user) if mate.key == data["to"]), None)
        if to is None:
            raise ValidationError({"to": _("Choose a member of your associations; GET /api/v1/mates/ lists them.")})
        return self.answer(hand_overs.offer(own.pk, self.user, to, data["message"]), 201)


class Mates(ApiView):
    """The other members of the reader's associations."""

    out = serializer_class = MateSerializer

    @extend_schema(tags=["commitments"], summary="Members of my associations", responses=MateSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(MateSerializer(hand_overs.fellow_members(self.user), many=True).data)


class HandOvers(ApiView):
    """Unanswered hand-overs: the hand-overs that the reader asked for, and the hand-overs that the reader must
    answer."""

    out = serializer_class = HandOverSerializer

    @extend_schema(tags=["commitments"], summary="Unanswered hand-overs", responses=HandOverSerializer(many=True))
    def get(self, request: Request) -> Response:
        waiting = HandOver.objects.waiting(timezone.now())
        decides = HandOver.objects.decided_by(self.user).values("pk")
        rows = waiting.filter(Q(pk__in=decides) | Q(asked_by=self.user)).select_related("commitment__need")
        rows = rows.prefetch_related("commitment__parts").order_by("-asked_at", "pk")[:100]
        return Response(HandOverSerializer(rows, many=True, context={"request": request}).data)


class AnswerHandOver(ApiView):
    """Accepting or declining a hand-over."""

    out = HandOverSerializer
    serializer_class = AnswerSerializer

    @extend_schema(tags=["commitments"], summary="Accept or decline a hand-over", responses=HandOverSerializer)
    def post(self, request: Request, hand: uuid.UUID) -> Response:
        found = get_object_or_404(HandOver.objects.decided_by(self.user), pk=hand)
        data = self.said(AnswerSerializer)
        if data["accept"] and found.to_id == self.user.pk:
            check_rules_accepted(data)
        return self.answer(hand_overs.answer(found.pk, self.user, accepted=data["accept"]))


class FeedbackView(ApiView):
    """Feedback of the holder."""

    serializer_class = FeedbackSerializer

    @extend_schema(tags=["commitments"], summary="Give feedback", responses={204: None})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        own, data = own_commitment(self.user, commitment), self.said(FeedbackSerializer)
        if not feedback.give_feedback(own, Side.VOLUNTEER, **data):
            raise Conflict(_("You have already given feedback."))
        return Response(status=204)
