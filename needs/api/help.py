"""The volunteers' API: open needs, proposals, promises."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs import areas, commitments, grid
from needs.api.filters import NearParameters
from needs.api.help_serializers import (
    AskHolderSerializer,
    AssociationCommitmentSerializer,
    CommitmentSerializer,
    DoneSerializer,
    FeedbackSerializer,
    FittingSerializer,
    HandOverSerializer,
    MateSerializer,
    MessageSerializer,
    OfferToSerializer,
    PlaceAndWordsSerializer,
    ProposalSerializer,
    WithdrawSerializer,
    kinds_of,
)
from needs.api.serializers import AnswerSerializer, AreaSerializer, OpenNeedSerializer, TakeSerializer, check_safe
from needs.commitments import Wanted, near, showing
from needs.enums import CommitmentState, OutcomeReason, Side
from needs.matching import proposing
from needs.matching import showing as matching
from needs.models import Commitment, HandOver, Need, Proposal
from needs.views.own import own_associations
from volunteers.api.base import ApiView, ListView
from volunteers.api.errors import Conflict
from volunteers.models import Association


class Areas(ApiView):
    """Territories that the reader can filter by."""

    out = serializer_class = AreaSerializer

    @extend_schema(tags=["me"], summary="Territories to filter by", responses=AreaSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(AreaSerializer(areas.areas_for(request.user), many=True).data)


# --- open needs ------------------------------------------------------------------------------------------------------


class OpenNeeds(ListView):
    """What can be taken, the nearest first."""

    queryset = Need.objects.none()
    filter_backends = (DjangoFilterBackend,)
    filterset_class = NearParameters
    out = serializer_class = OpenNeedSerializer

    @extend_schema(
        tags=["open needs"], summary="Open needs, the nearest first", responses=OpenNeedSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        user: Any = request.user
        asked = NearParameters.read(request)
        within = asked.said.get("within")
        wanted = Wanted(within=int(within) if within else None, area=asked.search.area)
        rows = commitments.open_needs(user, wanted)
        return self.page(request, [row for row in rows if asked.finds(row.kinds, row.urgency, row.at, row.cell)])

    def shown(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        persons = dict(Need.objects.filter(pk__in=[row.id for row in rows]).values_list("pk", "persons"))
        return [
            {
                "id": row.id, "kinds": row.kinds, "urgency": row.urgency, "persons": persons.get(row.id, 1),
                "cell": row.cell, "distance": row.rounded, "at": row.at,
            }
            for row in rows
        ]  # fmt: skip


class OpenNeed(ApiView):
    """One open need."""

    out = serializer_class = OpenNeedSerializer

    @extend_schema(tags=["open needs"], summary="One open need")
    def get(self, request: Request, need: uuid.UUID) -> Response:
        user: Any = request.user
        found, base = commitments.open_need(user, need), near.base_cell(user)
        distance = grid.distance_m(base, found.cell) if base is not None and found.cell is not None else None
        return self.answer({
            "id": found.pk, "kinds": commitments.free_kinds(found), "urgency": found.urgency, "persons": found.persons,
            "cell": found.cell, "distance": distance and max(round(distance / 100) * 100, 100), "at": found.at,
        })  # fmt: skip


class Take(ApiView):
    """Taking a need."""

    out = CommitmentSerializer
    serializer_class = TakeSerializer

    @extend_schema(tags=["open needs"], summary="Take a need, wholly or in part", responses={201: CommitmentSerializer})
    def post(self, request: Request, need: uuid.UUID) -> Response:
        user: Any = request.user
        found, said = commitments.open_need(user, need), self.said(TakeSerializer)
        association = None
        if said["association"]:
            association = Association.objects.of(user).filter(slug=said["association"]).first()
            if association is None:
                raise ValidationError(
                    {"association": _("You can only act for an association that you are a member of.")}
                )
        own = commitments.take(found, user, kinds=kinds_of(said), association=association)
        return self.answer(_own(user, own.pk), 201)


# --- proposals -------------------------------------------------------------------------------------------------------


class Proposals(ApiView):
    """What waits for the reader's answer."""

    out = serializer_class = ProposalSerializer

    @extend_schema(tags=["proposals"], summary="Proposed to me", responses=ProposalSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = matching.own_proposals(request.user, timezone.now())
        return Response(ProposalSerializer(rows, many=True).data)


class Fitting(ApiView):
    """What else fits."""

    out = serializer_class = FittingSerializer

    @extend_schema(
        tags=["proposals"], summary="Open needs that fit what I offer", responses=FittingSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response(FittingSerializer(matching.fitting(request.user, timezone.now()), many=True).data)


class AnswerProposal(ApiView):
    """Yes or no to a proposal."""

    out = CommitmentSerializer
    serializer_class = AnswerSerializer

    @extend_schema(
        tags=["proposals"], summary="Say yes or no", responses={201: CommitmentSerializer, 204: None},
        description="201 with the promise for a yes, 204 for a no: this need is not proposed again.",
    )  # fmt: skip
    def post(self, request: Request, proposal: uuid.UUID) -> Response:
        user: Any = request.user
        own, said = get_object_or_404(Proposal, pk=proposal, volunteer=user), self.said(AnswerSerializer)
        if said["accept"]:
            _accept_rules(said)
        try:
            taken = proposing.answer(own.pk, user, accept_it=said["accept"])
        except proposing.TooLate:
            raise Conflict(_("This was answered before, or its time is over.")) from None
        return Response(status=204) if taken is None else self.answer(_own(user, taken.pk), 201)


def _accept_rules(said: dict[str, Any]) -> None:
    try:
        check_safe(said["safe"])
    except ValidationError as wrong:
        raise ValidationError({"safe": wrong.detail}) from None


# --- promises --------------------------------------------------------------------------------------------------------


def _own(user: Any, commitment: uuid.UUID) -> Commitment:
    """A promise of the reader's; Http404 otherwise."""
    return get_object_or_404(showing.for_list(Commitment.objects.of(user)), pk=commitment)


class Commitments(ListView):
    """What the reader holds or held, the latest first."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(
        tags=["commitments"], summary="My promises", responses=CommitmentSerializer(many=True),
        parameters=[OpenApiParameter("state", str, enum=CommitmentState.values)],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        user: Any = request.user
        rows = showing.for_list(Commitment.objects.of(user)).order_by("-made_at", "pk")
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
        every = showing.for_list(Commitment.objects.of_associations(user)).running(timezone.now())
        return self.page(request, every.order_by("expires_at", "pk"))


class CommitmentView(ApiView):
    """One promise of the reader's."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(tags=["commitments"], summary="One promise of mine")
    def get(self, request: Request, commitment: uuid.UUID) -> Response:
        return self.answer(_own(request.user, commitment))


class Place(ApiView):
    """The exact place, for its holder."""

    out = serializer_class = PlaceAndWordsSerializer

    @extend_schema(
        tags=["commitments"], summary="Where somebody waits: for the holder, while they hold it; each look is logged"
    )
    def get(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        return self.answer(commitments.look(commitment, user))


class Extend(ApiView):
    """More time."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(tags=["commitments"], summary="More time", request=None, responses=CommitmentSerializer)
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        commitments.extend(_own(user, commitment).pk, user)
        return self.answer(_own(user, commitment))


class Done(ApiView):
    """It was brought, wholly or in part."""

    out = CommitmentSerializer
    serializer_class = DoneSerializer

    @extend_schema(tags=["commitments"], summary="It is done, wholly or in part", responses=CommitmentSerializer)
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        own, said = _own(user, commitment), self.said(DoneSerializer)
        verb = commitments.done_by_others if said["by_others"] else commitments.done
        verb(own.pk, user, kinds=kinds_of(said))
        return self.answer(_own(user, commitment))


class Withdraw(ApiView):
    """The need is for others again."""

    out = CommitmentSerializer
    serializer_class = WithdrawSerializer

    @extend_schema(tags=["commitments"], summary="Give it back", responses=CommitmentSerializer)
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        own = _own(user, commitment)
        commitments.withdraw(own.pk, user, OutcomeReason(self.said(WithdrawSerializer)["reason"]))
        return self.answer(_own(user, commitment))


class Ask(ApiView):
    """Asking whoever holds a need that the reader may see."""

    out = HandOverSerializer
    serializer_class = AskHolderSerializer

    @extend_schema(tags=["commitments"], summary="Ask its holder for a need", responses={201: HandOverSerializer})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        found = get_object_or_404(Commitment, pk=commitment)
        commitments.open_need(user, found.need_id)
        said = self.said(AskHolderSerializer)
        _accept_rules(said)
        return self.answer(commitments.ask_for(found.pk, user, said["message"]), 201)


class Holders(ApiView):
    """The promises of others about an open need: whom one can ask for it."""

    out = serializer_class = CommitmentSerializer

    @extend_schema(
        tags=["open needs"], summary="Promises of others about a need", responses=CommitmentSerializer(many=True)
    )
    def get(self, request: Request, need: uuid.UUID) -> Response:
        user: Any = request.user
        rows = showing.other_holders(commitments.open_need(user, need), user)
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
        own, said = _own(user, commitment), self.said(OfferToSerializer)
        to = next((mate for mate in commitments.mates_of(user) if mate.key == said["to"]), None)
        if to is None:
            raise ValidationError({"to": _("Choose somebody of your associations; GET /api/v1/mates/ lists them.")})
        return self.answer(commitments.offer(own.pk, user, to, said["message"]), 201)


class Mates(ApiView):
    """The other members of the reader's associations."""

    out = serializer_class = MateSerializer

    @extend_schema(tags=["commitments"], summary="Members of my associations", responses=MateSerializer(many=True))
    def get(self, request: Request) -> Response:
        user: Any = request.user
        return Response(MateSerializer(commitments.mates_of(user), many=True).data)


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
            _accept_rules(said)
        return self.answer(commitments.answer(found.pk, user, accepted=said["accept"]))


class Messages(ApiView):
    """Words to the reporter, without learning who they are."""

    out = serializer_class = MessageSerializer

    @extend_schema(tags=["commitments"], summary="Messages of both sides", responses=MessageSerializer(many=True))
    def get(self, request: Request, commitment: uuid.UUID) -> Response:
        return Response(MessageSerializer(_own(request.user, commitment).relayed.all(), many=True).data)

    @extend_schema(tags=["commitments"], summary="Write to the reporter", responses={201: MessageSerializer})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        user: Any = request.user
        own, said = _own(user, commitment), self.said(MessageSerializer)
        return self.answer(commitments.write_to_reporter(own.pk, user, said["text"], by_phone=said["by_phone"]), 201)


class FeedbackView(ApiView):
    """How it went, says the one who helped."""

    serializer_class = FeedbackSerializer

    @extend_schema(tags=["commitments"], summary="How it went", responses={204: None})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        own, said = _own(request.user, commitment), self.said(FeedbackSerializer)
        if not commitments.say_how_it_went(own, Side.VOLUNTEER, **said):
            raise Conflict(_("You have said so before."))
        return Response(status=204)
