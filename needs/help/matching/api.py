"""The matching API: whom to ask about a need, batches and capacities; for volunteers, their proposals."""

import uuid
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.base.dispatch_scope import list_log, scope
from needs.base.dispatch_scope.api_permissions import ASSOCIATION_DISPATCHERS, DISPATCHERS
from needs.base.dispatch_scope.guards import dispatched
from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import TAKEABLE_STATES
from needs.help.commitments.commitment_presenter import own_commitment
from needs.help.matching import batch, candidates, capacities, match_presenter, proposals
from needs.help.matching.serializers import (
    AskSerializer,
    BatchAskSerializer,
    BatchSerializer,
    CapacitiesSerializer,
    FittingSerializer,
    NumberAskedSerializer,
    ProposalSerializer,
    WhomSerializer,
)
from needs.help.open_needs.commitment_api import check_rules_accepted
from needs.help.open_needs.commitment_serializers import CommitmentSerializer
from needs.help.open_needs.exact_place_serializers import HelpOfferSerializer
from needs.help.open_needs.need_serializers import AnswerSerializer
from needs.models import Capacity, HelpOffer, Proposal
from solidarity.lib.grid import snap
from volunteers.models import Association
from volunteers.people.api.base import ApiView, viewer_of
from volunteers.people.api.errors import Conflict
from volunteers.places.territories import areas


class Whom(ApiView):
    """People and associations that fit a need, with the reasons."""

    permission_classes = DISPATCHERS
    out = WhomSerializer
    serializer_class = AskSerializer

    @extend_schema(tags=["matching"], summary="Whom to ask about a need", responses=WhomSerializer)
    def get(self, request: Request, need: uuid.UUID) -> Response:
        found, now = scope.need_for(self.viewer, need), timezone.now()
        takeable = found.state in TAKEABLE_STATES
        pairs = candidates.volunteers_for_need(found, now) if takeable else []
        there = match_presenter.associations(found, now) if takeable else []
        return self.answer({
            "people": match_presenter.people(pairs, self.user, now),
            "associations": [dict(zip(("slug", "name", "reasons"), row, strict=True)) for row in there],
            "asked": match_presenter.asked_before(found, self.user, now),
        })  # fmt: skip

    @extend_schema(
        tags=["matching"], summary="Propose a need to people or to an association", responses=NumberAskedSerializer
    )
    def post(self, request: Request, need: uuid.UUID) -> Response:
        found, data = scope.need_for(self.viewer, need), self.said(AskSerializer)
        if data["association"]:
            association = get_object_or_404(Association, slug=data["association"])
            made = proposals.ask_association(found, association, self.user)
        elif data["people"]:
            made = proposals.propose(found, match_presenter.chosen(found, data["people"], timezone.now()), self.user)
        else:
            raise ValidationError({"people": _("Choose whom to ask.")})
        return self.answer({"asked": len(made)}, out=NumberAskedSerializer)


class Batch(ApiView):
    """All open needs of a territory with the volunteers in reach."""

    permission_classes = DISPATCHERS
    out = BatchSerializer
    serializer_class = BatchAskSerializer

    @extend_schema(
        tags=["matching"], summary="What would be proposed for all open needs", responses=BatchSerializer,
        parameters=[OpenApiParameter("area", str, description="The short name of a territory.")],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        now = timezone.now()
        area = request.query_params.get("area", "")
        found = _plan(request, area, now)
        list_log.record(self.user, "batch", len(found.pairs), SearchQuery(area=area))
        return self.answer({
            "seen": found.digest,
            "met": found.best.met,
            "km": round(float(found.best.km), 3),
            "greedy_met": found.greedy.met,
            "greedy_km": round(float(found.greedy.km), 3),
            "pairs": match_presenter.batch_rows(found, self.user, now),
        })  # fmt: skip

    @extend_schema(tags=["matching"], summary="Propose a batch", responses=NumberAskedSerializer)
    def post(self, request: Request) -> Response:
        data, now = self.said(BatchAskSerializer), timezone.now()
        found = _plan(request, data["area"], now)
        if data["seen"] != found.digest:
            raise Conflict(_("Something has changed since you read the batch. Read it again."))
        made = proposals.propose_pairs([pair[:2] for pair in found.pairs], self.user, now)
        return self.answer({"asked": len({row.volunteer_id for row in made})}, out=NumberAskedSerializer)


def _plan(request: Request, area: str, now: datetime) -> batch.Plan:
    if area and area not in {each.slug for each in areas.areas_for(viewer_of(request))}:
        raise ValidationError(
            {"area": _("You cannot filter by this territory; GET /api/v1/areas/ lists those that you can use.")}
        )
    needs = scope.needs_for(viewer_of(request)).takeable()
    return batch.plan(areas.within(needs, area) if area else needs, now)


class Capacities(ApiView):
    """Weekly capacities of an association that the reader dispatches for."""

    permission_classes = ASSOCIATION_DISPATCHERS
    out = serializer_class = CapacitiesSerializer

    @extend_schema(tags=["matching"], summary="Weekly capacities of an association")
    def get(self, request: Request, association: str) -> Response:
        return self.answer(_offered(get_object_or_404(dispatched(self.user), slug=association)))

    @extend_schema(tags=["matching"], summary="Replace the weekly capacities of an association")
    def put(self, request: Request, association: str) -> Response:
        own = get_object_or_404(dispatched(self.user), slug=association)
        data = self.said(CapacitiesSerializer)
        base = snap(data["base"]["latitude"], data["base"]["longitude"]) if data["base"] else None
        capacities.save_capacities(own, data["per_week"], base, data["radius"])
        return self.answer(_offered(own))


def _offered(own: Association) -> dict[str, Any]:
    rows = list(Capacity.objects.filter(association=own).order_by("kind"))
    base = next((row.base for row in rows if row.base is not None), None)
    gone = capacities.used([own.pk], timezone.now())
    return {
        "association": own.slug,
        "per_week": {row.kind: row.per_week for row in rows},
        "used": {row.kind: gone[own.pk, row.kind] for row in rows},
        "base": {"latitude": round(base.y, 5), "longitude": round(base.x, 5)} if base else None,
        "radius": rows[0].radius if rows else 5000,
    }


# --- for volunteers: their proposals ---


class Proposals(ApiView):
    """The reader's unanswered proposals."""

    out = serializer_class = ProposalSerializer

    @extend_schema(tags=["proposals"], summary="My proposals", responses=ProposalSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = match_presenter.own_proposals(self.user, timezone.now())
        return Response(ProposalSerializer(rows, many=True).data)


class Fitting(ApiView):
    """Other needs that fit."""

    out = serializer_class = FittingSerializer

    @extend_schema(
        tags=["proposals"], summary="Open needs that fit what I offer", responses=FittingSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response(FittingSerializer(match_presenter.fitting(self.viewer, timezone.now()), many=True).data)


class AnswerProposal(ApiView):
    """Accepting or declining a proposal."""

    out = CommitmentSerializer
    serializer_class = AnswerSerializer

    @extend_schema(
        tags=["proposals"], summary="Accept or decline",
        responses={201: CommitmentSerializer, 202: HelpOfferSerializer, 204: None},
        description="201 with the commitment if accepted; 202 with an offer of help if nobody vouches for you: a "
        "dispatcher answers; 204 if declined: this need is not proposed again.",
    )  # fmt: skip
    def post(self, request: Request, proposal: uuid.UUID) -> Response:
        own, data = get_object_or_404(Proposal, pk=proposal, volunteer=self.user), self.said(AnswerSerializer)
        if data["accept"]:
            check_rules_accepted(data)
        try:
            taken = proposals.answer(own.pk, self.user, accept_it=data["accept"])
        except proposals.TooLate:
            raise Conflict(_("This was already answered, or the time to answer is over.")) from None
        if isinstance(taken, HelpOffer):
            return self.answer(taken, 202, out=HelpOfferSerializer)
        return Response(status=204) if taken is None else self.answer(own_commitment(self.user, taken.pk), 201)
