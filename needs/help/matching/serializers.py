"""Proposals, whom to ask about a need, batches and capacities."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from needs.enums import Category, Urgency
from needs.help.matching.forms import RADII_M
from needs.help.open_needs.need_serializers import HowManyField, KindsField
from volunteers.people.api.serializers import PlaceSerializer

MAX_PER_WEEK = 500


class ProposalSerializer(serializers.Serializer):
    """A need proposed to the reader. kinds: the kinds that are still free; association: the association for which the
    reader is asked."""

    id = serializers.UUIDField(source="proposal.pk")
    need = serializers.UUIDField(source="proposal.need_id")
    kinds = KindsField()
    urgency = serializers.ChoiceField(choices=Urgency.choices, source="proposal.need.urgency")
    persons = HowManyField(source="proposal.need.persons")
    reasons = serializers.ListField(child=serializers.CharField())
    association = serializers.CharField(allow_blank=True)
    made_at = serializers.DateTimeField(source="proposal.made_at")
    expires_at = serializers.DateTimeField(source="proposal.expires_at")


class FittingSerializer(serializers.Serializer):
    """An open need that fits what the reader offers."""

    need = serializers.UUIDField(source="need.pk")
    kinds = KindsField()
    urgency = serializers.ChoiceField(choices=Urgency.choices, source="need.urgency")
    persons = HowManyField(source="need.persons")
    reasons = serializers.ListField(child=serializers.CharField())


class PersonSerializer(serializers.Serializer):
    """A person who could be asked. name: name of the person, given only if the reader shares an association with
    them."""

    token = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    reasons = serializers.ListField(child=serializers.CharField())


class ReachableSerializer(serializers.Serializer):
    """An association with capacity left this week."""

    slug = serializers.CharField()
    name = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class AskedSerializer(serializers.Serializer):
    """A person who was asked before, and their answer in words."""

    name = serializers.CharField()
    answer = serializers.CharField()
    at = serializers.DateTimeField()


class WhomSerializer(serializers.Serializer):
    """Whom to ask about a need."""

    people = PersonSerializer(many=True)
    associations = ReachableSerializer(many=True)
    asked = AskedSerializer(many=True)


class AskSerializer(serializers.Serializer):
    """The people to ask, given by their tokens in the list of this need, or an association to ask."""

    people = serializers.ListField(child=serializers.CharField(max_length=64), max_length=20, default=list)
    association = serializers.SlugField(allow_blank=True, default="")


class NumberAskedSerializer(serializers.Serializer):
    """Number of people who are asked. Nobody is assigned."""

    asked = serializers.IntegerField()


class BatchAskSerializer(serializers.Serializer):
    """Propose a batch. seen: the value that came with the batch that was shown."""

    area = serializers.CharField(max_length=140, allow_blank=True, default="")
    seen = serializers.CharField(max_length=64)


class PairSerializer(serializers.Serializer):
    """A need and the person to ask."""

    need = serializers.UUIDField(source="need.pk")
    name = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class BatchSerializer(serializers.Serializer):
    """The proposals that would be made for all open needs, with the result of the greedy method for comparison. seen:
    the value to send with the request that proposes this batch."""

    seen = serializers.CharField()
    met = serializers.IntegerField()
    km = serializers.FloatField()
    greedy_met = serializers.IntegerField()
    greedy_km = serializers.FloatField()
    pairs = PairSerializer(many=True)


class CapacitiesSerializer(serializers.Serializer):
    """Weekly capacities. per_week: the number of needs per week, by kind. base: the middle of a cell; null if the
    capacity holds everywhere."""

    association = serializers.SlugField(read_only=True)
    per_week = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=MAX_PER_WEEK))
    used = serializers.DictField(
        child=serializers.IntegerField(), read_only=True, help_text="Commitments since Monday."
    )
    base = PlaceSerializer(allow_null=True, default=None)
    radius = serializers.ChoiceField(choices=RADII_M, default=5000)

    def validate_per_week(self, per_week: dict[str, int]) -> dict[str, int]:
        unknown = sorted(set(per_week) - set(Category.values))
        if unknown:
            raise serializers.ValidationError(_("Unknown kinds: %(kinds)s.") % {"kinds": ", ".join(unknown[:5])})
        return {kind: number for kind, number in per_week.items() if number}
