"""Queries for a zone's history, its active overrides and its field notes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from mapping.models import FieldNote, Override, ZoneChange

STEPS, NOTES = 20, 20


def history(zone: UUID, until: datetime | None = None) -> QuerySet[ZoneChange]:
    """Return the latest steps of a zone's history up to a datetime, the latest step first."""
    steps = ZoneChange.objects.filter(zone=zone)
    if until is not None:
        steps = steps.filter(at__lte=until)
    return steps.order_by("-at", "-pk")[:STEPS]


def overrides(cells: Collection[int], now: datetime) -> QuerySet[Override]:
    """Return the overrides in force in some cells, the latest first. Overrides name cells of resolution 9."""
    return Override.objects.pinning(now).filter(cell__in=list(cells)).select_related("association").order_by("-at")


def notes(cells: Collection[int], now: datetime) -> QuerySet[FieldNote]:
    """Return the current field notes in some cells."""
    return FieldNote.objects.current(now).filter(cell__in=list(cells)).select_related("association")[:NOTES]
