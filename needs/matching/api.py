"""The dispatchers' API of matching: whom to ask about a need, many needs at once, capacities. Nobody is assigned."""

import hashlib
import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.api.permissions import DISPATCHERS
from needs.enums import TAKEABLE_STATES, Category
from needs.matching import batch, candidates, capacities, match_presenter, proposals
from needs.matching.forms import RADII_M
from needs.models import Capacity, Need
from needs.triage.serializers import (
    AskSerializer,
    BatchAskSerializer,
    BatchSerializer,
    NumberAskedSerializer,
    WhomSerializer,
)
from solidarity.lib.grid import snap
from volunteers.api.base import ApiView, viewer_of
from volunteers.api.errors import Conflict
from volunteers.api.serializers import PlaceSerializer
from volunteers.models import Association, Membership
from volunteers.territories import areas

MOST_PER_WEEK = 500


class Whom(ApiView):
    """People and associations that fit a need, with the reasons."""

    permission_classes = DISPATCHERS
    out = WhomSerializer
    serializer_class = AskSerializer

    @extend_schema(tags=["matching"], summary="Whom to ask about a need", responses=WhomSerializer)
    def get(self, request: Request, need: uuid.UUID) -> Response:
        found, now = get_object_or_404(Need.objects.live(), pk=need), timezone.now()
        takeable = found.state in TAKEABLE_STATES
        there = match_presenter.associations(found, now) if takeable else []
        return self.answer({
            "people": match_presenter.people(candidates.whom_to_ask(found, now), request.user, now) if takeable else [],
            "associations": [dict(zip(("slug", "name", "reasons"), row, strict=True)) for row in there],
            "asked": match_presenter.asked_before(found, request.user, now),
        })  # fmt: skip

    @extend_schema(
        tags=["matching"], summary="Propose a need to people or to an association", responses=NumberAskedSerializer
    )
    def post(self, request: Request, need: uuid.UUID) -> Response:
        user: Any = request.user
        found, said = get_object_or_404(Need.objects.live(), pk=need), self.said(AskSerializer)
        if said["association"]:
            association = get_object_or_404(Association, slug=said["association"])
            made = proposals.ask_association(found, association, user)
        elif said["people"]:
            made = proposals.propose(found, match_presenter.chosen(found, said["people"], timezone.now()), user)
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
        found = _plan(request, request.query_params.get("area", ""), now)
        return self.answer({
            "seen": _seen(found),
            "met": found.best.met,
            "km": round(float(found.best.km), 3),
            "greedy_met": found.greedy.met,
            "greedy_km": round(float(found.greedy.km), 3),
            "pairs": match_presenter.batch_rows(found, request.user, now),
        })  # fmt: skip

    @extend_schema(tags=["matching"], summary="Propose a batch that was looked at", responses=NumberAskedSerializer)
    def post(self, request: Request) -> Response:
        user: Any = request.user
        said, now = self.said(BatchAskSerializer), timezone.now()
        found = _plan(request, said["area"], now)
        if said["seen"] != _seen(found):
            raise Conflict(_("Something changed since you looked. Look at the batch again."))
        made = proposals.propose_pairs([pair[:2] for pair in found.pairs], user, now)
        return self.answer({"asked": len({row.volunteer_id for row in made})}, out=NumberAskedSerializer)


def _plan(request: Request, area: str, now: Any) -> batch.Plan:
    if area and area not in {each.slug for each in areas.areas_for(viewer_of(request))}:
        raise ValidationError(
            {"area": _("This is no territory that you can filter by; GET /api/v1/areas/ lists them.")}
        )
    needs = Need.objects.takeable()
    return batch.plan(areas.within(needs, area) if area else needs, now)


def _seen(found: batch.Plan) -> str:
    return hashlib.sha256(repr([pair[:2] for pair in found.pairs]).encode()).hexdigest()


class CapacitiesSerializer(serializers.Serializer):
    """What an association can do in a week. per_week: kind → number. base: the middle of a cell; null: everywhere."""

    association = serializers.SlugField(read_only=True)
    per_week = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=MOST_PER_WEEK))
    used = serializers.DictField(child=serializers.IntegerField(), read_only=True, help_text="Promised since Monday.")
    base = PlaceSerializer(allow_null=True, default=None)
    radius = serializers.ChoiceField(choices=RADII_M, default=5000)

    def validate_per_week(self, per_week: dict[str, int]) -> dict[str, int]:
        unknown = sorted(set(per_week) - set(Category.values))
        if unknown:
            raise serializers.ValidationError(_("These are no kinds: %(kinds)s.") % {"kinds": ", ".join(unknown[:5])})
        return {kind: number for kind, number in per_week.items() if number}


class Capacities(ApiView):
    """What an association that the reader dispatches for can do in a week."""

    permission_classes = DISPATCHERS
    out = serializer_class = CapacitiesSerializer

    @extend_schema(tags=["matching"], summary="What an association can do in a week")
    def get(self, request: Request, association: str) -> Response:
        return self.answer(_offered(_own(request.user, association)))

    @extend_schema(tags=["matching"], summary="Replace what an association can do in a week")
    def put(self, request: Request, association: str) -> Response:
        own, said = _own(request.user, association), self.said(CapacitiesSerializer)
        base = snap(said["base"]["latitude"], said["base"]["longitude"]) if said["base"] else None
        capacities.store(own, said["per_week"], base, said["radius"])
        return self.answer(_offered(own))


def _own(user: Any, slug: str) -> Association:
    dispatched = Membership.objects.dispatching().filter(user=user).values("association")
    return get_object_or_404(Association.objects.filter(pk__in=dispatched), slug=slug)


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
