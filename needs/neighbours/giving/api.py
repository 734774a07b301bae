"""The API of offers: the list near the reader, offering, asking, answering."""

import uuid

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.enums import Category
from needs.models import Need, Offer, OfferRequest
from needs.neighbours.giving import need_offers, offer_changes, offer_requests
from needs.neighbours.giving.offer_changes import FoundOffer, OfferDraft
from needs.neighbours.giving.offer_kinds import OfferKind, OfferRequestState
from needs.neighbours.lending import distance_bands
from needs.neighbours.lending.api import NEAR, NearSerializer, association_or_error, place_or_error, start_or_error
from needs.neighbours.lending.forms import MOST_PIECES, PERSONAL
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from volunteers.people.api.base import ApiView, ListView
from volunteers.people.api.serializers import PlaceSerializer


class GivingNearSerializer(NearSerializer):
    category = serializers.ChoiceField(choices=Category.choices, default="", allow_blank=True)


class GiftSerializer(serializers.Serializer):
    """Something that others give. association: short name of the association that gives the thing, null if a person
    gives it. left: the quantity that is not promised yet."""

    id = serializers.UUIDField(source="offer.id")
    kind = serializers.ChoiceField(choices=OfferKind.choices, source="offer.kind")
    category = serializers.ChoiceField(choices=Category.choices, source="offer.category")
    title = serializers.CharField(source="offer.title")
    about = serializers.CharField(source="offer.about", allow_blank=True)
    left = serializers.IntegerField()
    starts_at = serializers.DateTimeField(source="offer.starts_at")
    expires_at = serializers.DateTimeField(source="offer.expires_at")
    association = serializers.SlugField(source="offer.association.slug", default=None, allow_null=True)
    within = serializers.SerializerMethodField(help_text="Upper end of the band of its distance, in metres.")

    def get_within(self, row: FoundOffer) -> int:
        return distance_bands.LIMITS[row.band]


class OwnOfferSerializer(serializers.Serializer):
    """Something that the reader gives."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=OfferKind.choices)
    category = serializers.ChoiceField(choices=Category.choices)
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class NewOfferSerializer(PiiCheckedSerializer):
    """Something new to give. id: an id that you choose; a repeated request with the same id adds nothing. place: the
    place of the thing; only its cell of about 1 km is stored; by default your base. expires_at: the end of the offer,
    at most two weeks from now."""

    pii_checked = {"title": PERSONAL, "about": PERSONAL}

    id = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=OfferKind.choices)
    category = serializers.ChoiceField(choices=Category.choices)
    title = serializers.CharField(max_length=80)
    about = serializers.CharField(max_length=300, default="", allow_blank=True)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_PIECES, default=1)
    starts_at = serializers.DateTimeField(default=timezone.now)
    expires_at = serializers.DateTimeField()
    association = serializers.SlugField(default=None, allow_null=True)
    place = PlaceSerializer(default=None, allow_null=True)

    def validate(self, said: dict[str, object]) -> dict[str, object]:
        wrong = offer_changes.wrong_times(said["starts_at"], said["expires_at"], timezone.now())  # type: ignore[arg-type]
        if wrong:
            raise ValidationError({"expires_at": wrong})
        return said


class OfferRequestSerializer(serializers.Serializer):
    """A request that the reader made. reply: the message about where and when to fetch the thing, after the giver has
    agreed."""

    id = serializers.UUIDField()
    offer = serializers.UUIDField(source="offer_id")
    quantity = serializers.IntegerField()
    need = serializers.UUIDField(source="need_id", allow_null=True)
    state = serializers.ChoiceField(choices=OfferRequestState.choices)
    reply = serializers.CharField(allow_blank=True)
    asked_at = serializers.DateTimeField()


class NewOfferRequestSerializer(PiiCheckedSerializer):
    """A request for a part of an offer. need: a need that you take care of, that you could take, or that you
    dispatch."""

    pii_checked = {"message": PERSONAL}

    quantity = serializers.IntegerField(min_value=1, max_value=MOST_PIECES, default=1)
    message = serializers.CharField(max_length=300, default="", allow_blank=True)
    association = serializers.SlugField(default=None, allow_null=True)
    need = serializers.UUIDField(default=None, allow_null=True)


class Giving(ListView):
    """The things that other people give near the reader."""

    out = serializer_class = GiftSerializer

    @extend_schema(
        tags=["giving"], summary="What others give, the nearest first", responses=GiftSerializer(many=True),
        parameters=[*NEAR[1:], OpenApiParameter("category", str, enum=Category.values)],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        said = self.said(GivingNearSerializer, request.query_params)
        start = start_or_error(self.viewer, said["area"])
        categories = (said["category"],) if said["category"] else ()
        found = offer_changes.near(self.user, start.cell, categories=categories, within=int(said["within"]))
        return self.page(request, found)

    @extend_schema(
        tags=["giving"], summary="Give something", request=NewOfferSerializer, responses={201: OwnOfferSerializer}
    )
    def post(self, request: Request) -> Response:
        data = self.said(NewOfferSerializer)
        names = ("kind", "category", "title", "about", "quantity", "starts_at", "expires_at")
        draft = OfferDraft(**{name: data[name] for name in names}, cell=place_or_error(self.viewer, data["place"]))
        association = association_or_error(self.user, data["association"])
        return self.answer(
            offer_changes.add(draft, self.user, association, data.get("id")), 201, out=OwnOfferSerializer
        )


class OwnOffers(ListView):
    """The offers of the reader."""

    out = serializer_class = OwnOfferSerializer

    @extend_schema(tags=["giving"], summary="What I give", responses=OwnOfferSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.page(request, Offer.objects.of(self.user).order_by("-made_at", "pk"))


class OfferRequests(ListView):
    """The requests of the reader for things that other people give."""

    out = serializer_class = OfferRequestSerializer

    @extend_schema(tags=["giving"], summary="What I asked for", responses=OfferRequestSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.page(request, OfferRequest.objects.filter(asker=self.user).order_by("-asked_at", "pk"))


class AskForOffer(ApiView):
    """Ask for a part of an offer."""

    out = OfferRequestSerializer
    serializer_class = NewOfferRequestSerializer

    @extend_schema(tags=["giving"], summary="Ask for it", responses={201: OfferRequestSerializer})
    def post(self, request: Request, gift: uuid.UUID) -> Response:
        if not Offer.objects.visible(timezone.now()).filter(pk=gift).exists():
            raise Http404
        data = self.said(NewOfferRequestSerializer)
        need: Need | None = need_offers.need_to_ask_for(self.viewer, data["need"]) if data["need"] else None
        made = offer_requests.ask(
            gift, self.user, data["quantity"], message=data["message"], need=need,
            association=association_or_error(self.user, data["association"]),
        )  # fmt: skip
        return self.answer(made, 201)
