"""Decisions between the entry of a place and the values of a source. Nothing changes before a person has decided."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from needs.guide.places import place_access
from needs.guide.places.imports.place_merge import HIDDEN_FIELDS, apply, same, values_of
from needs.guide.places.place_entries import By
from needs.guide.places.place_kinds import EditStep
from needs.models import Place, PlaceConflict, PlaceEdit
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


class Overtaken(Exception):
    """The entry has changed since the conflict was shown, or somebody else has decided; nothing was stored."""


def open_for(viewer: Viewer) -> "QuerySet[PlaceConflict]":
    """Return the undecided conflicts of the places whose entry the viewer may change, the oldest place first."""
    mine = place_access.editable(viewer).values("pk")
    found = PlaceConflict.objects.filter(place__in=mine, decided_at=None)
    hidden = found.filter(place__address_hidden=True, field__in=HIDDEN_FIELDS).values("pk")
    return (
        found.exclude(pk__in=hidden)
        .select_related("place__association", "place__checked_as")
        .order_by("at", "place", "field")
    )


def decide(conflict: int, by: By, *, take: bool) -> PlaceConflict:
    """Take the source's value, or keep ours. Raises Overtaken, and PlaceConflict.DoesNotExist."""
    now = timezone.now()
    with transaction.atomic():
        row = PlaceConflict.objects.select_for_update(of=("self",)).get(pk=conflict)
        place = Place.objects.listed().select_for_update(of=("self",)).filter(pk=row.place_id).first()
        if place is None or row.decided_at is not None or not same(row.field, values_of(place)[row.field], row.ours):
            raise Overtaken
        row.decided_at, row.decided_by, row.taken = now, by.user, take
        row.save(update_fields=["decided_at", "decided_by", "taken"])
        if take:
            _set(place, row.field, row.theirs, by)
    return row


def undo(conflict: PlaceConflict, by: By, decided_at: datetime) -> bool:
    """Open a conflict again and restore our value; return False if the entry was changed in the meantime."""
    with transaction.atomic():
        row = PlaceConflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
        place = Place.objects.listed().select_for_update(of=("self",)).filter(pk=row.place_id).first()
        if place is None or row.decided_at != decided_at:
            return False
        if PlaceConflict.objects.filter(place=place, source=row.source, field=row.field, decided_at=None).exists():
            return False
        if row.taken:
            if values_of(place)[row.field] != row.theirs:
                return False
            _set(place, row.field, row.ours, by)
        row.decided_at = row.decided_by = row.taken = None
        row.save(update_fields=["decided_at", "decided_by", "taken"])
    return True


def _set(place: Place, field: str, value: object, by: By) -> None:
    """Store a value with its history. This does not count as checking the entry, because the person looked at only one
    value."""
    before = values_of(place)[field]
    place.save(update_fields=apply(place, {field: value}))
    secret = place.address_hidden and field in HIDDEN_FIELDS
    said = ({}, {}) if secret else ({field: before}, {field: value})
    PlaceEdit.objects.create(
        place=place, author=by.user, association=by.association, step=EditStep.CHANGED, before=said[0], after=said[1]
    )
    details = {"step": EditStep.CHANGED.value, "values": 1}
    recording.record(by.user, Verb.GUIDE_CHANGED, "guide", place.pk, purpose=Purpose.COORDINATION, details=details)
