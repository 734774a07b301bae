"""Serializers of the guide of places."""

from rest_framework import serializers

from needs.guide.places.free_beds.free_numbers import MOST
from needs.guide.places.place_kinds import CapacityKind, NoticeKind, PlaceAudience, PlaceKind
from volunteers.enums import Language


class GuideNoticeSerializer(serializers.Serializer):
    """A temporary notice in force."""

    kind = serializers.ChoiceField(choices=NoticeKind.choices)
    text = serializers.CharField(allow_blank=True)
    end = serializers.DateTimeField()


class GuideCapacitySerializer(serializers.Serializer):
    """The free number of one kind (beds, meals …) at a place. free: the number that is free and not reserved. said_at:
    the time at which a person gave the number."""

    kind = serializers.ChoiceField(choices=CapacityKind.choices)
    free = serializers.IntegerField()
    said_at = serializers.DateTimeField()
    reservable = serializers.BooleanField()


class GuidePlaceSerializer(serializers.Serializer):
    """A place of the guide. The address and the point of a place with a secret address are always empty.

    hours: the opening hours in the syntax of OpenStreetMap. open: true if the place is open now; null if the hours are
    not known. audience: the people who may come; empty for everybody.
    """

    id = serializers.UUIDField()
    name = serializers.CharField()
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=PlaceKind.choices))
    address = serializers.CharField(allow_blank=True)
    address_hidden = serializers.BooleanField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    hours = serializers.CharField(allow_blank=True)
    open = serializers.BooleanField(allow_null=True)
    open_until = serializers.DateTimeField(allow_null=True, help_text="When “open” changes next.")
    audience = serializers.ListField(child=serializers.ChoiceField(choices=PlaceAudience.choices))
    conditions = serializers.CharField(allow_blank=True)
    languages = serializers.ListField(child=serializers.ChoiceField(choices=Language.choices))
    step_free = serializers.BooleanField(allow_null=True)
    phone = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    website = serializers.CharField(allow_blank=True)
    about = serializers.CharField(allow_blank=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    checked_by = serializers.CharField(allow_blank=True, help_text="An association, or “a dispatcher”.")
    notices = GuideNoticeSerializer(many=True)
    capacities = GuideCapacitySerializer(many=True)


class FreeSerializer(serializers.Serializer):
    """The number that is free now, including reserved ones."""

    free = serializers.IntegerField(min_value=0, max_value=MOST)
