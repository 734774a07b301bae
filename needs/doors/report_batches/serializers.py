"""Serializers of a batch: its body, and the result of each report."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from needs.crises.api import CrisisReportSerializer
from needs.reports.serializers import EmergencyNumberSerializer, EncounterSerializer, NeedSerializer
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer

MOST_REPORTS = 500


class BatchedEncounterSerializer(EncounterSerializer):
    """An encounter of a batch."""

    kind = serializers.ChoiceField(choices=["encounter"])
    id = serializers.UUIDField()


class BatchedNeedSerializer(NeedSerializer):
    """A need of a batch."""

    kind = serializers.ChoiceField(choices=["need"])
    id = serializers.UUIDField()


class BatchedCrisisReportSerializer(CrisisReportSerializer):
    """A report to an event. crisis: the short name of the event."""

    kind = serializers.ChoiceField(choices=["crisis"])
    id = serializers.UUIDField()
    crisis = serializers.SlugField()


KINDS: dict[str, type[PiiCheckedSerializer]] = {
    "encounter": BatchedEncounterSerializer,
    "need": BatchedNeedSerializer,
    "crisis": BatchedCrisisReportSerializer,
}


@extend_schema_field(
    PolymorphicProxySerializer(component_name="BatchedReport", serializers=dict(KINDS), resource_type_field_name="kind")
)
class AnyReportField(serializers.DictField):
    """A report of any kind, which is checked independently of the others."""


class BatchSerializer(serializers.Serializer):
    """Reports, each with its ``kind``, an ``id`` chosen by the sender, and the fields of its kind."""

    reports = serializers.ListField(
        child=AnyReportField(), allow_empty=False, max_length=MOST_REPORTS,
        help_text=f"1 to {MOST_REPORTS} reports.",
        error_messages={"max_length": _("Send at most {max_length} reports at once.")},
    )  # fmt: skip

    def to_internal_value(self, data: Any) -> Any:
        """Return the reports as they were sent; a report that is not an object is refused without affecting the
        others."""
        said = data.get("reports") if isinstance(data, dict) else None
        if not isinstance(said, list) or not 0 < len(said) <= MOST_REPORTS:
            return super().to_internal_value(data)
        return {"reports": said}


class BatchedResultSerializer(serializers.Serializer):
    """The result of one report; the results are in the order of the reports in the request.

    status: 201 new, 200 stored before with the same content, 409 another report has this id, 422 invalid, 401 or 404 as
    for a single report, 500 not stored. content_hash: hash of the stored content; with it, the sender can delete its
    copy. errors: the error messages by field.
    """

    id = serializers.CharField()
    status = serializers.IntegerField()
    content_hash = serializers.CharField(required=False)
    danger = serializers.BooleanField(required=False)
    numbers = EmergencyNumberSerializer(many=True, required=False)
    follow = serializers.CharField(required=False)
    held = serializers.BooleanField(required=False)
    warnings = serializers.ListField(child=serializers.CharField(), required=False)
    errors = serializers.DictField(  # type: ignore[assignment]  # a field of the answer
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


class BatchResultSerializer(serializers.Serializer):
    """The results of a batch."""

    results = BatchedResultSerializer(many=True)
