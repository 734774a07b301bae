"""The API of lending: the catalogue near the reader, their own items, wishes. The API shows distance bands, never a
place or an owner."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.models import Item, Wish
from needs.neighbours.lending import catalogue, distance_bands, item_changes, wishes
from needs.neighbours.lending.catalogue import Found, Start, TooManyStarts, Wanted
from needs.neighbours.lending.forms import MOST_PIECES, PERSONAL
from needs.neighbours.lending.item_changes import ItemDraft
from needs.neighbours.lending.item_kinds import ItemCategory, ItemCondition
from solidarity.lib import grid
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from volunteers.models import Association, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.api.base import ListView
from volunteers.people.api.errors import Conflict
from volunteers.people.api.serializers import PlaceSerializer

NEAR = [
    OpenApiParameter("category", str, enum=ItemCategory.values),
    OpenApiParameter("within", int, enum=distance_bands.LIMITS, description="Metres; without it, up to 20 km."),
    OpenApiParameter("area", str, description="The short name of a territory to start from; without it, your base."),
]
MOST_FOUND = catalogue.PER_PAGE * catalogue.MOST_PAGES


class NearSerializer(serializers.Serializer):
    """The query of a list of things near the reader."""

    within = serializers.ChoiceField(choices=distance_bands.LIMITS, default=distance_bands.LIMITS[-1])
    area = serializers.CharField(max_length=140, default="", allow_blank=True)


class ItemsNearSerializer(NearSerializer):
    category = serializers.ChoiceField(choices=ItemCategory.choices, default="", allow_blank=True)
    words = serializers.CharField(max_length=60, default="", allow_blank=True)


class ThingSerializer(serializers.Serializer):
    """An item that others lend, as everybody with an account sees it. association: short name of the association that
    lends the item, null if a person lends it. within: the upper end of the distance band, in metres."""

    id = serializers.UUIDField(source="item.id")
    category = serializers.ChoiceField(choices=ItemCategory.choices, source="item.category")
    name = serializers.CharField(source="item.name")
    about = serializers.CharField(source="item.about", allow_blank=True)
    condition = serializers.ChoiceField(choices=ItemCondition.choices, source="item.condition")
    quantity = serializers.IntegerField(source="item.quantity")
    association = serializers.SlugField(source="item.association.slug", default=None, allow_null=True)
    within = serializers.SerializerMethodField(help_text="Upper end of the band of its distance, in metres.")

    def get_within(self, row: Found) -> int:
        return distance_bands.LIMITS[row.band]


class OwnItemSerializer(serializers.Serializer):
    """An item that the reader answers for."""

    id = serializers.UUIDField()
    category = serializers.ChoiceField(choices=ItemCategory.choices)
    name = serializers.CharField()
    about = serializers.CharField(allow_blank=True)
    condition = serializers.ChoiceField(choices=ItemCondition.choices)
    quantity = serializers.IntegerField()
    association = serializers.SlugField(source="association.slug", default=None, allow_null=True)
    listed = serializers.BooleanField()
    minimum = serializers.IntegerField(allow_null=True)


class NewItemSerializer(PiiCheckedSerializer):
    """A new item. id: an id that you choose; a repeated request with the same id adds nothing. place: the place of the
    item; only its cell of about 1 km is stored; by default your base."""

    pii_checked = {"name": PERSONAL, "about": PERSONAL}

    id = serializers.UUIDField(required=False)
    category = serializers.ChoiceField(choices=ItemCategory.choices)
    name = serializers.CharField(max_length=80)
    about = serializers.CharField(max_length=500, default="", allow_blank=True)
    condition = serializers.ChoiceField(choices=ItemCondition.choices, default=ItemCondition.GOOD)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_PIECES, default=1)
    minimum = serializers.IntegerField(min_value=1, max_value=MOST_PIECES, default=None, allow_null=True)
    association = serializers.SlugField(default=None, allow_null=True)
    place = PlaceSerializer(default=None, allow_null=True)


class WishSerializer(serializers.Serializer):
    """Something that the reader looks for."""

    id = serializers.UUIDField()
    category = serializers.ChoiceField(choices=ItemCategory.choices)
    text = serializers.CharField(allow_blank=True)
    alert = serializers.BooleanField()
    until = serializers.DateTimeField()
    association = serializers.SlugField(source="association.slug", default=None, allow_null=True)


class NewWishSerializer(PiiCheckedSerializer):
    """A new wish. id: an id that you choose; a repeated request with the same id adds nothing. place: the place around
    which you look; only its cell of about 1 km is stored; by default your base."""

    pii_checked = {"text": PERSONAL}

    id = serializers.UUIDField(required=False)
    category = serializers.ChoiceField(choices=ItemCategory.choices)
    text = serializers.CharField(max_length=200, default="", allow_blank=True)
    days = serializers.IntegerField(min_value=1, max_value=90, default=30)
    alert = serializers.BooleanField(default=True)
    association = serializers.SlugField(default=None, allow_null=True)
    place = PlaceSerializer(default=None, allow_null=True)


def start_or_error(viewer: Viewer, area: str) -> Start:
    """Return the start of a search. Raises ValidationError, or Conflict after too many starts today."""
    try:
        start = catalogue.start_of(viewer, area)
    except TooManyStarts:
        raise Conflict(
            _("You searched from many places today. Search from one of them again, or wait until tomorrow.")
        ) from None
    if start is None:
        words = _("You cannot filter by this territory. GET /api/v1/areas/ lists the available ones.")
        raise ValidationError(
            {"area": words if area else _("Choose an area, or enter in your profile where you help.")}
        )
    return start


def place_or_error(viewer: Viewer, place: dict[str, float] | None) -> int:
    """Return the cell of a place, or of the reader's base. Raises ValidationError without both."""
    if place is not None:
        return distance_bands.coarse(grid.cell_of(place["latitude"], place["longitude"]))
    base = catalogue.base_of(viewer)
    if base is None:
        raise ValidationError({"place": _("Send a place, or enter in your profile where you help.")})
    return base


def association_or_error(user: User, slug: str | None) -> Association | None:
    """Return the association that a person acts for. Raises ValidationError unless the reader is a member of the
    association."""
    found = Association.objects.of(user).filter(slug=slug).first() if slug else None
    if slug and found is None:
        raise ValidationError({"association": _("You can only act for an association that you are a member of.")})
    return found


class Items(ListView):
    """The catalogue."""

    out = serializer_class = ThingSerializer

    @extend_schema(
        tags=["lending"], summary="Things to borrow, the nearest first", responses=ThingSerializer(many=True),
        parameters=[*NEAR, OpenApiParameter("words", str, description="Every word must occur.")],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        said = self.said(ItemsNearSerializer, request.query_params)
        start = start_or_error(self.viewer, said["area"])
        wanted = Wanted(said["category"], said["words"], int(said["within"]))
        return self.page(request, catalogue.nearest(self.user, start.cell, wanted, MOST_FOUND))

    @extend_schema(
        tags=["lending"], summary="Lend something", request=NewItemSerializer, responses={201: OwnItemSerializer}
    )
    def post(self, request: Request) -> Response:
        data = self.said(NewItemSerializer)
        names = ("category", "name", "about", "condition", "quantity")
        association = association_or_error(self.user, data["association"])
        draft = ItemDraft(
            **{name: data[name] for name in names}, cell=place_or_error(self.viewer, data["place"]),
            minimum=data["minimum"] if association else None,
        )  # fmt: skip
        made = item_changes.add(draft, self.user, association, data.get("id"))
        return self.answer(made, 201, out=OwnItemSerializer)


class OwnItems(ListView):
    """The reader's items, and the stock of their associations."""

    out = serializer_class = OwnItemSerializer

    @extend_schema(tags=["lending"], summary="What I lend, and the stock", responses=OwnItemSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.page(request, Item.objects.of(self.user).select_related("association").order_by("-made_at", "pk"))


class Wishes(ListView):
    """The things that the reader and their associations look for."""

    out = serializer_class = WishSerializer

    @extend_schema(tags=["lending"], summary="What I look for", responses=WishSerializer(many=True))
    def get(self, request: Request) -> Response:
        own = Wish.objects.of(self.user).open(timezone.now()).select_related("association")
        return self.page(request, own.order_by("-made_at", "pk"))

    @extend_schema(
        tags=["lending"], summary="Look for something", request=NewWishSerializer, responses={201: WishSerializer}
    )
    def post(self, request: Request) -> Response:
        data = self.said(NewWishSerializer)
        if data["category"] == ItemCategory.OTHER and not data["text"]:
            raise ValidationError({"text": _("Say what you look for, because “another thing” can be anything.")})
        made = wishes.make(
            self.user, data["category"], place_or_error(self.viewer, data["place"]),
            timezone.now() + timedelta(days=data["days"]), text=data["text"], alert=data["alert"],
            association=association_or_error(self.user, data["association"]), key=data.get("id"),
        )  # fmt: skip
        return self.answer(made, 201)
