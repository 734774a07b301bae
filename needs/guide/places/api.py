"""API of the guide of places: reading places, saying what is free."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from needs.guide.places import opening, place_presenter
from needs.guide.places.free_beds import free_beds_wording, free_numbers
from needs.guide.places.place_kinds import NoticeKind, PlaceKind
from needs.guide.places.serializers import FreeSerializer, GuidePlaceSerializer
from needs.models import Place, PlaceCapacity, PlaceNotice
from volunteers.people.api.base import ApiView, ListView

type Shown = dict[str, Any]


class GuidePlaces(ListView):
    """Places of the guide, by name."""

    permission_classes = (AllowAny,)
    out = serializer_class = GuidePlaceSerializer
    queryset = Place.objects.none()

    @extend_schema(
        tags=["guide of places"], summary="List places", responses=GuidePlaceSerializer(many=True),
        parameters=[OpenApiParameter("kind", str, enum=PlaceKind.values, description="Only places with this kind.")],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows, kind = Place.objects.listed(), request.query_params.get("kind", "")
        if kind and kind not in PlaceKind.values:
            raise ValidationError({"kind": [_("Unknown kind. Send one of these: %(kinds)s.") % _all_kinds()]})
        if kind:
            rows = rows.of_kinds([kind])
        return self.page(request, rows.select_related("checked_as").order_by("name", "pk"))

    def shown(self, rows: Sequence[Any]) -> list[Shown]:
        return _shown(rows, timezone.now())


def _all_kinds() -> dict[str, str]:
    return {"kinds": ", ".join(PlaceKind.values)}


class GuidePlace(ApiView):
    """One place of the guide."""

    permission_classes = (AllowAny,)
    out = serializer_class = GuidePlaceSerializer

    @extend_schema(tags=["guide of places"], summary="Get a place")
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        place = get_object_or_404(Place.objects.listed().select_related("checked_as"), pk=pk)
        return self.answer(_shown([place], timezone.now())[0])


class GuideCapacity(ApiView):
    """The free number of one kind at a place."""

    out = GuidePlaceSerializer
    serializer_class = FreeSerializer

    @extend_schema(
        tags=["guide of places"], summary="Say how many are free, as a member of the place",
        responses=GuidePlaceSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: uuid.UUID, kind: str) -> Response:
        place = get_object_or_404(Place.objects.listed().select_related("checked_as"), pk=pk)
        row = PlaceCapacity.objects.filter(place=place, kind=kind).first()
        if row is None or not free_numbers.may_set(self.viewer, place):
            raise Http404
        try:
            free_numbers.set_free(row.pk, self.said(FreeSerializer)["free"], self.user)
        except free_numbers.MoreThanInAll as error:
            said = _("There are only %(n)d in all. Change that number first.") % {"n": error.total}
            raise ValidationError({"free": [said]}) from None
        return self.answer(_shown([place], timezone.now())[0])


def _shown(places: Sequence[Place], now: datetime) -> list[Shown]:
    """Return places as the serializer takes them, with two queries for all of them."""
    notices = defaultdict(list)
    for notice in PlaceNotice.objects.in_force(now).filter(place__in=places).order_by("start"):
        notices[notice.place_id].append(notice)
    lines = free_beds_wording.lines_by_place(places, now)
    return [_one(place, notices[place.pk], lines.get(place.pk, []), now) for place in places]


def _one(place: Place, notices: list[PlaceNotice], lines: list[Any], now: datetime) -> Shown:
    hidden, said = place.address_hidden, opening.opening(place.hours, now)
    closed = any(notice.kind == NoticeKind.CLOSED for notice in notices)
    plain = (
        "name", "kinds", "address_hidden", "hours", "audience", "conditions", "languages", "step_free", "phone", "email",
        "website", "about", "checked_at",
    )  # fmt: skip
    return {
        **{name: getattr(place, name) for name in plain},
        "id": place.pk,
        "address": "" if hidden else place.address,
        "latitude": None if hidden else round(place.point.y, 6),
        "longitude": None if hidden else round(place.point.x, 6),
        "open": False if closed else said.is_open,
        "open_until": None if closed else said.until,
        "checked_by": place_presenter.checker_of(place),
        "notices": notices,
        "capacities": [
            {
                "kind": line.capacity.kind,
                "free": line.left,
                "said_at": line.capacity.set_at,
                "reservable": line.capacity.reservable,
            }
            for line in lines
        ],
    }
