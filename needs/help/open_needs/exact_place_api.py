"""The API of exact places: the reader's budget and offers; for dispatchers, the offers for a need."""

import uuid

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from needs.base.dispatch_scope import scope
from needs.base.dispatch_scope.api_permissions import DISPATCHERS
from needs.help.exact_places import budget, eligibility, help_offers
from needs.help.nearby import nearby
from needs.help.open_needs.exact_place_serializers import (
    BudgetSerializer,
    HelpAnswerSerializer,
    HelpOfferSerializer,
    NewHelpOfferSerializer,
    OfferOfNeedSerializer,
)
from needs.models import HelpOffer
from volunteers.people.api.base import ApiView
from volunteers.people.api.errors import Conflict


class BudgetView(ApiView):
    """The reader's budget of today."""

    out = serializer_class = BudgetSerializer

    @extend_schema(tags=["me"], summary="How many exact places I have seen today, and how many I may see")
    def get(self, request: Request) -> Response:
        own = budget.budget_of(self.user)
        names = ("used", "most", "tour_used", "tour_most", "left")
        return self.answer({name: getattr(own, name) for name in names} | {"paused": eligibility.is_paused(self.user)})


class Offers(ApiView):
    """The reader's offers for needs that are still open."""

    out = serializer_class = HelpOfferSerializer

    @extend_schema(tags=["open needs"], summary="My offers of help", responses=HelpOfferSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(HelpOfferSerializer(help_offers.open_offers(self.user), many=True).data)


class OfferHelp(ApiView):
    """Offer to help with a need; only for people for whom nobody vouches. The offer does not hold the need, and it
    shows only the need's cell."""

    out = HelpOfferSerializer
    serializer_class = NewHelpOfferSerializer

    @extend_schema(tags=["open needs"], summary="Offer to help with a need", responses={201: HelpOfferSerializer})
    def post(self, request: Request, need: uuid.UUID) -> Response:
        found, data = nearby.open_need(self.viewer, need), self.said(NewHelpOfferSerializer)
        return self.answer(help_offers.make(found, self.user, data["text"]), 201)

    @extend_schema(tags=["open needs"], summary="Withdraw my offer", request=None, responses={204: None})
    def delete(self, request: Request, need: uuid.UUID) -> Response:
        own = get_object_or_404(HelpOffer.objects.waiting(), user=self.user, need=need)
        help_offers.withdraw(own)
        return Response(status=204)


class OffersOfNeed(ApiView):
    """Offers of help for a need that the reader works on."""

    permission_classes = DISPATCHERS
    out = serializer_class = OfferOfNeedSerializer

    @extend_schema(tags=["triage"], summary="Offers of help for a need", responses=OfferOfNeedSerializer(many=True))
    def get(self, request: Request, need: uuid.UUID) -> Response:
        rows = scope.need_for(self.viewer, need).help_offers.select_related("user")
        return Response(OfferOfNeedSerializer(rows, many=True).data)


class AnswerOffer(ApiView):
    """Allow a person to take one need."""

    permission_classes = DISPATCHERS
    out = OfferOfNeedSerializer
    serializer_class = HelpAnswerSerializer

    @extend_schema(tags=["triage"], summary="Allow or decline an offer of help", responses=OfferOfNeedSerializer)
    def post(self, request: Request, need: uuid.UUID, offer: uuid.UUID) -> Response:
        own = scope.need_for(self.viewer, need)
        found = get_object_or_404(own.help_offers.select_related("user", "need"), pk=offer)
        if not help_offers.answer(found, allowed=self.said(HelpAnswerSerializer)["allow"], by=self.user):
            raise Conflict(_("This was already answered."))
        return self.answer(found)
