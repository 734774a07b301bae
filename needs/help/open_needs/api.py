"""The volunteers' API of open needs."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.base.need_filters.api_filters import NearParameters
from needs.help.commitments import taking
from needs.help.commitments.commitment_presenter import own_commitment
from needs.help.nearby import nearby
from needs.help.nearby.nearby import Wanted
from needs.help.open_needs.commitment_serializers import CommitmentSerializer, kinds_of
from needs.help.open_needs.need_serializers import AreaSerializer, OpenNeedSerializer, TakeSerializer
from needs.models import Need
from volunteers.models import Association
from volunteers.people.api.base import ApiView, ListView
from volunteers.places.territories import areas


class Areas(ApiView):
    """Territories by which the reader can filter."""

    out = serializer_class = AreaSerializer

    @extend_schema(tags=["me"], summary="Territories to filter by", responses=AreaSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(AreaSerializer(areas.areas_for(self.viewer), many=True).data)


class OpenNeeds(ListView):
    """Needs that can be taken, the nearest first."""

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
        return [
            {
                "id": row.id, "kinds": row.kinds, "urgency": row.urgency, "persons": row.persons,
                "cell": row.cell, "distance": row.rounded, "at": row.at,
                "district": row.district,
            }
            for row in rows
        ]  # fmt: skip


class OpenNeed(ApiView):
    """One open need."""

    out = serializer_class = OpenNeedSerializer

    @extend_schema(tags=["open needs"], summary="One open need")
    def get(self, request: Request, need: uuid.UUID) -> Response:
        found = nearby.open_need(self.viewer, need)
        return self.answer({
            "id": found.pk, "kinds": taking.free_kinds(found), "urgency": found.urgency, "persons": found.persons,
            "cell": found.cell, "distance": nearby.rounded_distance(self.user, found), "at": found.at,
            "district": found.district.name if found.district else "",
        })  # fmt: skip


class Take(ApiView):
    """Taking a need."""

    out = CommitmentSerializer
    serializer_class = TakeSerializer

    @extend_schema(tags=["open needs"], summary="Take a need, wholly or in part", responses={201: CommitmentSerializer})
    def post(self, request: Request, need: uuid.UUID) -> Response:
        user = self.user
        found, data = nearby.open_need(self.viewer, need), self.said(TakeSerializer)
        association = None
        if data["association"]:
            association = Association.objects.of(user).filter(slug=data["association"]).first()
            if association is None:
                raise ValidationError(
                    {"association": _("You can only act for an association that you are a member of.")}
                )
        own = taking.take(found, user, kinds=kinds_of(data), association=association)
        return self.answer(own_commitment(user, own.pk), 201)
