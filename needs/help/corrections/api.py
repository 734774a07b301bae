"""The API for members to correct encounters. ``needs.help.triage.api`` corrects needs with the same function."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.enums import ReportKind
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.help.corrections.correction_refusals import CorrectionRefused
from needs.help.corrections.serializers import (
    EncounterCorrectionSerializer,
    EncounterDetailSerializer,
    encounter_changes,
)
from needs.models import Encounter
from volunteers.models import User
from volunteers.people.api.base import ApiView


@contextmanager
def naming_the_field() -> Iterator[None]:
    """Turn a refused correction into a ValidationError that names the field."""
    try:
        yield
    except CorrectionRefused as refused:
        raise ValidationError({refused.field or "non_field_errors": str(refused.text)}) from None


def by_of(user: User, data: dict[str, Any]) -> By:
    return By(user, data.get("reason", ""), data.get("id"))


class EncounterView(ApiView):
    """One encounter of the reader's associations."""

    out = EncounterDetailSerializer
    serializer_class = EncounterCorrectionSerializer

    @extend_schema(tags=["reports"], summary="One encounter and its corrections", responses=EncounterDetailSerializer)
    def get(self, request: Request, report: uuid.UUID) -> Response:
        return self.answer(self._row(Encounter.objects.live().of_associations(self.user), report))

    @extend_schema(
        tags=["reports"], summary="Correct an encounter within 72 hours", request=EncounterCorrectionSerializer,
        responses=EncounterDetailSerializer,
    )  # fmt: skip
    def patch(self, request: Request, report: uuid.UUID) -> Response:
        row = self._row(Encounter.objects.correctable_by(self.user, timezone.now()), report)
        form = EncounterCorrectionSerializer(data=request.data, partial=True, context={"request": request})
        form.is_valid(raise_exception=True)
        if "seen" not in form.validated_data:
            raise ValidationError({"seen": form.fields["seen"].error_messages["required"]})
        changes = encounter_changes(form, row)
        data = form.validated_data
        with naming_the_field():
            correcting.correct(ReportKind.ENCOUNTER, row.pk, changes, by_of(self.user, data), seen=data["seen"])
        return self.answer(self._row(Encounter.objects.filter(pk=report), report))

    def _row(self, rows: Any, report: uuid.UUID) -> Encounter:
        found: Encounter = get_object_or_404(rows.select_related("association"), pk=report)
        return found
