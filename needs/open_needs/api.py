"""The volunteers' API: open needs, proposals."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.api.filters import NearParameters
from needs.api.serializers import AnswerSerializer, AreaSerializer, OpenNeedSerializer, TakeSerializer
from needs.commitments import taking
from needs.commitments.api import accept_rules, own_promise
from needs.commitments.serializers import CommitmentSerializer, FittingSerializer, ProposalSerializer, kinds_of
from needs.matching import match_presenter as matching
from needs.matching import proposals
from needs.models import Need, Proposal
from needs.open_needs import nearby
from needs.open_needs.nearby import Wanted
from solidarity.lib import grid
from volunteers.api.base import ApiView, ListView
from volunteers.api.errors import Conflict
from volunteers.models import Association
from volunteers.territories import areas


class Areas(ApiView):
    """Territories that the reader can filter by."""

    out = serializer_class = AreaSerializer

    @extend_schema(tags=["me"], summary="Territories to filter by", responses=AreaSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(AreaSerializer(areas.areas_for(self.viewer), many=True).data)


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
        asked = NearParameters.read(request)
        within = asked.said.get("within")
        wanted = Wanted(within=int(within) if within else None, area=asked.search.area)
        rows = nearby.open_needs(self.viewer, wanted)
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
        found, base = nearby.open_need(self.viewer, need), nearby.base_cell(user)
        distance = grid.distance_m(base, found.cell) if base is not None and found.cell is not None else None
        return self.answer({
            "id": found.pk, "kinds": taking.free_kinds(found), "urgency": found.urgency, "persons": found.persons,
            "cell": found.cell, "distance": distance and max(round(distance / 100) * 100, 100), "at": found.at,
        })  # fmt: skip


class Take(ApiView):
    """Taking a need."""

    out = CommitmentSerializer
    serializer_class = TakeSerializer

    @extend_schema(tags=["open needs"], summary="Take a need, wholly or in part", responses={201: CommitmentSerializer})
    def post(self, request: Request, need: uuid.UUID) -> Response:
        user: Any = request.user
        found, said = nearby.open_need(self.viewer, need), self.said(TakeSerializer)
        association = None
        if said["association"]:
            association = Association.objects.of(user).filter(slug=said["association"]).first()
            if association is None:
                raise ValidationError(
                    {"association": _("You can only act for an association that you are a member of.")}
                )
        own = taking.take(found, user, kinds=kinds_of(said), association=association)
        return self.answer(own_promise(user, own.pk), 201)


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
        return Response(FittingSerializer(matching.fitting(self.viewer, timezone.now()), many=True).data)


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
            accept_rules(said)
        try:
            taken = proposals.answer(own.pk, user, accept_it=said["accept"])
        except proposals.TooLate:
            raise Conflict(_("This was answered before, or its time is over.")) from None
        return Response(status=204) if taken is None else self.answer(own_promise(user, taken.pk), 201)
