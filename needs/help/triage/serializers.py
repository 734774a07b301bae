"""Serializers of needs for dispatchers."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import REASONS, Actor
from needs.enums import CallResult, Channel, NeedState, Origin, OutcomeReason, ReportKind, Urgency
from needs.help.corrections.correcting import version_of
from needs.help.corrections.serializers import PastCorrectionSerializer, corrections_of
from needs.help.open_needs.need_serializers import CellField, KindsField
from needs.help.triage.bulk import MAX_NEEDS, BulkAction
from needs.help.triage.forms import AGAIN_IN
from needs.models import Merge, Need
from solidarity.lib.pii_check.messages import EVERYTHING
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from volunteers.people.api.serializers import PlaceSerializer


class HolderSerializer(serializers.Serializer):
    """The person who works on a need. mine: true if the reader holds the lock."""

    name = serializers.CharField(source="holder.display_name", allow_blank=True)
    mine = serializers.BooleanField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()


class TriageNeedSerializer(serializers.Serializer):
    """A need in the queue, without its words and its exact place. call_at: the time at which to call back.

    cell, district, place_unknown: at most one of them; none as long as the place in words has not been looked up.
    locked_until: the end of another person's lock.
    """

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=NeedState.choices)
    state_at = serializers.DateTimeField()
    kinds = KindsField()
    met_kinds = KindsField()
    urgency = serializers.ChoiceField(choices=Urgency.choices)
    persons = serializers.IntegerField()
    cell = CellField()
    district = serializers.SlugField(source="district.slug", default=None, allow_null=True)
    place_unknown = serializers.BooleanField()
    at = serializers.DateTimeField()
    filed_at = serializers.DateTimeField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    origin = serializers.ChoiceField(choices=Origin.choices)
    association = serializers.SerializerMethodField()
    crisis = serializers.SerializerMethodField()
    has_contact = serializers.SerializerMethodField()
    call_at = serializers.SerializerMethodField()
    locked_until = serializers.SerializerMethodField()
    locked_by = serializers.SerializerMethodField()

    def get_association(self, need: Need) -> str | None:
        return need.association.slug if need.association else None

    def get_crisis(self, need: Need) -> str | None:
        return need.crisis.slug if need.crisis else None

    def get_has_contact(self, need: Need) -> bool:
        return need.contact is not None

    def get_call_at(self, need: Need) -> datetime | None:
        return getattr(need, "call_at", None)

    def get_locked_until(self, need: Need) -> datetime | None:
        lock = _lock(need)
        return lock.expires_at if lock else None

    def get_locked_by(self, need: Need) -> str | None:
        lock = _lock(need)
        return lock.holder.display_name if lock else None


def _lock(need: Need) -> Any:
    lock = getattr(need, "lock", None)
    return lock if lock is not None and lock.expires_at > timezone.now() else None


class StepSerializer(serializers.Serializer):
    """One step of a need."""

    before = serializers.ChoiceField(choices=NeedState.choices, allow_blank=True)
    state = serializers.ChoiceField(choices=NeedState.choices)
    at = serializers.DateTimeField()
    by_reporter = serializers.BooleanField()
    by = serializers.CharField(source="by.display_name", default=None, allow_null=True)
    reason = serializers.ChoiceField(choices=OutcomeReason.choices, allow_blank=True)
    text = serializers.CharField(allow_blank=True)


class CallSerializer(PiiCheckedSerializer):
    """An attempt to call back. again_in: number of hours until the next call; next_at: the time of the next call."""

    pii_checked = {"note": EVERYTHING}

    result = serializers.ChoiceField(choices=CallResult.choices)
    note = serializers.CharField(
        max_length=500, allow_blank=True, default="", help_text="No names, no telephone numbers."
    )
    again_in = serializers.ChoiceField(choices=AGAIN_IN, write_only=True, allow_null=True, default=None)
    at = serializers.DateTimeField(read_only=True)
    by = serializers.CharField(source="by.display_name", read_only=True, default=None, allow_null=True)
    next_at = serializers.DateTimeField(read_only=True, allow_null=True)


class NextStateSerializer(serializers.Serializer):
    """A state to which a dispatcher can move a need, and the possible reasons; one of the reasons must be given."""

    state = serializers.ChoiceField(choices=NeedState.choices)
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=OutcomeReason.choices))


class MergeSerializer(serializers.Serializer):
    """A merge of two needs."""

    id = serializers.UUIDField()
    kept = serializers.UUIDField(source="kept_id")
    merged = serializers.UUIDField(source="merged_id")
    at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class TriageNeedDetailSerializer(TriageNeedSerializer):
    """A need with everything that its page shows. point: the exact place, until retention deletes it; every access is
    logged."""

    title = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    place_text = serializers.CharField(allow_blank=True)
    point = serializers.SerializerMethodField()
    next_states = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()
    calls = serializers.SerializerMethodField()
    merges = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField(help_text="Number of corrections; send it back as ``seen``.")
    corrections = serializers.SerializerMethodField()

    def get_version(self, need: Need) -> int:
        return version_of(ReportKind.NEED, need.pk)

    @extend_schema_field(PastCorrectionSerializer(many=True))
    def get_corrections(self, need: Need) -> Any:
        return PastCorrectionSerializer(corrections_of(ReportKind.NEED, need.pk), many=True).data

    @extend_schema_field(PlaceSerializer(allow_null=True))
    def get_point(self, need: Need) -> Any:
        return {"latitude": need.point.y, "longitude": need.point.x} if need.point else None

    @extend_schema_field(NextStateSerializer(many=True))
    def get_next_states(self, need: Need) -> Any:
        states = [
            state for state in transitions.possible_states(need.state, Actor.DISPATCHER) if state != NeedState.DUPLICATE
        ]
        return [{"state": str(s), "reasons": [str(reason) for reason in REASONS.get(s, ())]} for s in states]

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, need: Need) -> Any:
        return StepSerializer(need.steps.select_related("by"), many=True).data

    @extend_schema_field(CallSerializer(many=True))
    def get_calls(self, need: Need) -> Any:
        return CallSerializer(need.calls.select_related("by"), many=True).data

    @extend_schema_field(MergeSerializer(many=True))
    def get_merges(self, need: Need) -> Any:
        here = Merge.objects.filter(kept=need, undone_at=None) | Merge.objects.filter(merged=need, undone_at=None)
        return MergeSerializer(here.order_by("at", "pk"), many=True).data


class MoveSerializer(PiiCheckedSerializer):
    """A step. seen: the state that the dispatcher saw; the step fails if it has changed."""

    pii_checked = {"text": EVERYTHING}

    state = serializers.ChoiceField(choices=NeedState.choices)
    seen = serializers.ChoiceField(choices=NeedState.choices)
    reason = serializers.ChoiceField(choices=OutcomeReason.choices, allow_blank=True, default="")
    text = serializers.CharField(max_length=1000, allow_blank=True, default="")


class ContactSerializer(serializers.Serializer):
    """The reporter's contact; null if it was encrypted with another key."""

    contact = serializers.CharField(allow_null=True)


class LockSerializer(serializers.Serializer):
    """Taking a need's lock. over: true to take the lock even from somebody else."""

    over = serializers.BooleanField(default=False)


class CandidateSerializer(serializers.Serializer):
    """A possible duplicate, and what both have in common. metres: number of metres between the points, rounded to
    ten."""

    need = TriageNeedSerializer()
    percent = serializers.IntegerField(source="similarity.percent", help_text="Similarity; sets the order.")
    near = serializers.CharField(source="similarity.near.value")
    metres = serializers.IntegerField(source="similarity.metres_about", allow_null=True)
    hours_apart = serializers.IntegerField(source="similarity.hours_apart")
    kinds = KindsField(source="similarity.kinds")
    words_percent = serializers.IntegerField(source="similarity.words_percent", allow_null=True)


class ChosenSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    seen = serializers.ChoiceField(choices=NeedState.choices)


class BulkSerializer(PiiCheckedSerializer):
    """The same step for many needs."""

    pii_checked = {"text": EVERYTHING}

    action = serializers.ChoiceField(choices=BulkAction.choices)
    needs: Any = serializers.ListSerializer(child=ChosenSerializer(), allow_empty=False, max_length=MAX_NEEDS)
    reason = serializers.ChoiceField(choices=OutcomeReason.choices, allow_blank=True, default="")
    text = serializers.CharField(max_length=1000, allow_blank=True, default="")


class ResultSerializer(serializers.Serializer):
    """The result for one need. failure: the reason for a failure; empty on success."""

    id = serializers.UUIDField(source="need")
    failure = serializers.CharField(allow_blank=True)


class AgedSerializer(serializers.Serializer):
    """A need, and the steps or information that it lacks, in words. closes_at: the time at which the need expires."""

    id = serializers.UUIDField(source="need.pk")
    state = serializers.ChoiceField(choices=NeedState.choices, source="need.state")
    urgency = serializers.ChoiceField(choices=Urgency.choices, source="need.urgency")
    filed_at = serializers.DateTimeField(source="need.filed_at")
    missing = serializers.ListField(child=serializers.CharField())
    closes_at = serializers.DateTimeField(allow_null=True)


class BandSerializer(serializers.Serializer):
    """Needs of one age range, in days; only the oldest needs are listed."""

    days = serializers.IntegerField()
    until = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField()
    needs = AgedSerializer(many=True)
