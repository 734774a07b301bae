"""The volunteers' API: promises, and handing them over."""

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

from needs.api.serializers import AnswerSerializer, check_safe
from needs.commitments import commitment_presenter, ending, exact_place, extending, handing_over
from needs.commitments.serializers import (
    AskHolderSerializer,
    AssociationCommitmentSerializer,
    CommitmentSerializer,
    DoneSerializer,
    FeedbackSerializer,
    HandOverSerializer,
    MateSerializer,
    MessageSerializer,
    OfferToSerializer,
    PlaceAndWordsSerializer,
    WithdrawSerializer,
    kinds_of,
)
from needs.conversations import relayed_messages
from needs.enums import CommitmentState, OutcomeReason, Side
from needs.guards import own_associations
from needs.models import Commitment, HandOver
from needs.open_needs import nearby
from volunteers.api.base import ApiView, ListView
from volunteers.api.errors import Conflict


def own_promise(user: Any, commitment: uuid.UUID) -> Commitment:
    """A promise of the reader's; Http404 otherwise."""
    return get_object_or_404(commitment_presenter.for_list(Commitment.objects.of(user)), pk=commitment)


def accept_rules(said: dict[str, Any]) -> None:
    """Raises ValidationError unless the rules of safety were accepted."""
    try:
        check_safe(said["safe"])
    except ValidationError as wrong:
        raise ValidationError({"safe": wrong.detail}) from None


class Commitments(ListView):
    """What the reader holds or held, the latest first."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(
        tags=["commitments"], summary="My promises", responses=CommitmentSerializer(many=True),
        parameters=[OpenApiParameter("state", str, enum=CommitmentState.values)],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        user: Any = request.user
        rows = commitment_presenter.for_list(Commitment.objects.of(user)).order_by("-made_at", "pk")
        state = request.query_params.get("state")
        if state and state not in CommitmentState.values:
            raise ValidationError(
                {"state": _("Choose one of: %(states)s.") % {"states": ", ".join(CommitmentState.values)}}
            )
        return self.page(request, rows.filter(state=state) if state else rows)


class AssociationCommitments(ListView):
    """What the reader's associations hold now: who, what, until when. No place: that is the holder's."""

    out = serializer_class = AssociationCommitmentSerializer

    @extend_schema(
        tags=["commitments"], summary="What my associations hold", responses=AssociationCommitmentSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        user: Any = request.user
        own_associations(user)
        every = commitment_presenter.for_list(Commitment.objects.of_associations(user)).running(timezone.now())
        return self.page(request, every.order_by("expires_at", "pk"))


class CommitmentView(ApiView):
    """One promise of the reader's."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(tags=["commitments"], summary="One promise of mine")
    def get(self, request: Request, commitment: uuid.UUID) -> Response:
        return self.answer(own_promise(request.user, commitment))


class Place(ApiView):
    """The exact place, for its holder."""

    out = serializer_class = PlaceAndWordsSerializer

    @extend_schema(
        tags=["commitments"], summary="Where somebody waits: for the holder, while they hold it; each look is logged"
    )
    def get(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        return self.answer(exact_place.look(commitment, user))


class Extend(ApiView):
    """More time."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(tags=["commitments"], summary="More time", request=None, responses=CommitmentSerializer)
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        extending.extend(own_promise(user, commitment).pk, user)
        return self.answer(own_promise(user, commitment))


class Done(ApiView):
    """It was brought, wholly or in part."""

    out = CommitmentSerializer
    serializer_class = DoneSerializer

    @extend_schema(tags=["commitments"], summary="It is done, wholly or in part", responses=CommitmentSerializer)
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        own, said = own_promise(user, commitment), self.said(DoneSerializer)
        verb = ending.done_by_others if said["by_others"] else ending.done
        verb(own.pk, user, kinds=kinds_of(said))
        return self.answer(own_promise(user, commitment))


class Withdraw(ApiView):
    """The need is for others again."""

    out = CommitmentSerializer
    serializer_class = WithdrawSerializer

    @extend_schema(tags=["commitments"], summary="Give it back", responses=CommitmentSerializer)
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        own = own_promise(user, commitment)
        ending.withdraw(own.pk, user, OutcomeReason(self.said(WithdrawSerializer)["reason"]))
        return self.answer(own_promise(user, commitment))


class Ask(ApiView):
    """Asking whoever holds a need that the reader may see."""

    out = HandOverSerializer
    serializer_class = AskHolderSerializer

    @extend_schema(tags=["commitments"], summary="Ask its holder for a need", responses={201: HandOverSerializer})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        found = get_object_or_404(Commitment, pk=commitment)
        nearby.open_need(self.viewer, found.need_id)
        said = self.said(AskHolderSerializer)
        accept_rules(said)
        return self.answer(handing_over.ask_for(found.pk, user, said["message"]), 201)


class Holders(ApiView):
    """The promises of others about an open need: whom one can ask for it."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(
        tags=["open needs"], summary="Promises of others about a need", responses=CommitmentSerializer(many=True)
    )
    def get(self, request: Request, need: uuid.UUID) -> Response:
        user: Any = request.user
        rows = commitment_presenter.other_holders(nearby.open_need(self.viewer, need), user)
        return Response(CommitmentSerializer(rows, many=True).data)


class Offer(ApiView):
    """Offering a need to somebody of one's association."""

    out = HandOverSerializer
    serializer_class = OfferToSerializer

    @extend_schema(
        tags=["commitments"], summary="Offer it to somebody of my association", responses={201: HandOverSerializer}
    )
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        own, said = own_promise(user, commitment), self.said(OfferToSerializer)
        to = next((mate for mate in handing_over.mates_of(user) if mate.key == said["to"]), None)
        if to is None:
            raise ValidationError({"to": _("Choose somebody of your associations; GET /api/v1/mates/ lists them.")})
        return self.answer(handing_over.offer(own.pk, user, to, said["message"]), 201)


class Mates(ApiView):
    """The other members of the reader's associations."""

    out = serializer_class = MateSerializer

    @extend_schema(tags=["commitments"], summary="Members of my associations", responses=MateSerializer(many=True))
    def get(self, request: Request) -> Response:
        user: Any = request.user
        return Response(MateSerializer(handing_over.mates_of(user), many=True).data)


class HandOvers(ApiView):
    """What waits for an answer: the reader's, or another's to the reader."""

    out = serializer_class = HandOverSerializer

    @extend_schema(
        tags=["commitments"], summary="Hand-overs without an answer", responses=HandOverSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        user: Any = request.user
        waiting = HandOver.objects.waiting(timezone.now())
        decides = HandOver.objects.decided_by(user).values("pk")
        rows = waiting.filter(Q(pk__in=decides) | Q(asked_by=user)).select_related("commitment__need")
        rows = rows.prefetch_related("commitment__parts").order_by("-asked_at", "pk")[:100]
        return Response(HandOverSerializer(rows, many=True, context={"request": request}).data)


class AnswerHandOver(ApiView):
    """Yes or no to a hand-over, by the one who decides."""

    out = HandOverSerializer
    serializer_class = AnswerSerializer

    @extend_schema(tags=["commitments"], summary="Say yes or no to a hand-over", responses=HandOverSerializer)
    def post(self, request: Request, hand: uuid.UUID) -> Response:
        user: Any = request.user
        found = get_object_or_404(HandOver.objects.decided_by(user), pk=hand)
        said = self.said(AnswerSerializer)
        if said["accept"] and found.to_id == user.pk:
            accept_rules(said)
        return self.answer(handing_over.answer(found.pk, user, accepted=said["accept"]))


class Messages(ApiView):
    """Words to the reporter, without learning who they are."""

    out = serializer_class = MessageSerializer

    @extend_schema(tags=["commitments"], summary="Messages of both sides", responses=MessageSerializer(many=True))
    def get(self, request: Request, commitment: uuid.UUID) -> Response:
        return Response(MessageSerializer(own_promise(request.user, commitment).relayed.all(), many=True).data)

    @extend_schema(tags=["commitments"], summary="Write to the reporter", responses={201: MessageSerializer})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        own, said = own_promise(user, commitment), self.said(MessageSerializer)
        return self.answer(
            relayed_messages.write_to_reporter(own.pk, user, said["text"], by_phone=said["by_phone"]), 201
        )


class FeedbackView(ApiView):
    """How it went, says the one who helped."""

    serializer_class = FeedbackSerializer

    @extend_schema(tags=["commitments"], summary="How it went", responses={204: None})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        own, said = own_promise(request.user, commitment), self.said(FeedbackSerializer)
        if not relayed_messages.say_how_it_went(own, Side.VOLUNTEER, **said):
            raise Conflict(_("You have said so before."))
        return Response(status=204)
