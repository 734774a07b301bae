"""Adding, changing, checking and closing entries of the guide. Every change is stored with its author (PlaceEdit)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from needs.guide.places.place_kinds import EditStep
from needs.models import Place, PlaceConflict, PlaceEdit, PlaceImportChange, PlaceSource
from solidarity.lib import grid
from volunteers.models import Association, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

type Values = dict[str, Any]
"""Values of an entry, as JSON can hold them: the columns of PLAIN, latitude, longitude, association (a key or None)."""

PLAIN = (
    "name", "kinds", "address", "address_hidden", "hours", "audience", "conditions", "languages", "step_free", "phone",
    "email", "website", "about",
)  # fmt: skip
SECRET_FIELDS = ("point", "address")  # the names of the columns, which are also the names in records of other guides
SECRET = ("latitude", "longitude", "address")
"""Values that are not written down elsewhere if the address is hidden."""


@dataclass(frozen=True, slots=True)
class By:
    """The person who changes an entry. association: the association in whose name the person acts; None for dispatchers
    and coordinators."""

    user: User
    association: Association | None = None


class Outdated(Exception):
    """Somebody else changed the entry in the meantime; nothing was stored. current: the present values of the entry."""

    def __init__(self, current: Values) -> None:
        super().__init__("the entry has changed")
        self.current = current


def values_of(place: Place) -> Values:
    """Return the values of an entry."""
    values = {name: getattr(place, name) for name in PLAIN}
    point = {"latitude": round(place.point.y, 6), "longitude": round(place.point.x, 6)}
    return {**values, **point, "association": place.association_id}


def add(values: Values, by: By) -> Place:
    """Store a new place."""
    place = Place(id=uuid.uuid4())
    with transaction.atomic():
        _apply(place, values)
        _checked(place, by, timezone.now())
        place.save(force_insert=True)
        _record(place, by, EditStep.ADDED)
    return place


def change(place: uuid.UUID, values: Values, by: By, *, seen: Values | None = None) -> Place:
    """Store new values of an entry, and that they were checked now.

    seen: the values that the person read; None skips the check. Raises Outdated, and Place.DoesNotExist for a place
    that is closed for good.
    """
    with transaction.atomic():
        row = Place.objects.listed().select_for_update(of=("self",)).get(pk=place)
        before, hidden = values_of(row), row.address_hidden
        if seen is not None and seen != before:
            raise Outdated(before)
        _apply(row, values)
        _checked(row, by, timezone.now())
        row.save()
        after = values_of(row)
        names = [name for name in after if after[name] != before[name]]
        if names:
            kept = [name for name in names if name not in SECRET or not (hidden or row.address_hidden)]
            changes = ({name: before[name] for name in kept}, {name: after[name] for name in kept})
            _record(row, by, EditStep.CHANGED, *changes, number=len(names))
            if row.address_hidden and not hidden:
                _forget_address(row)
    return row


def merged(seen: Mapping[str, Any], current: Mapping[str, Any], mine: Mapping[str, Any]) -> Values:
    """Return the values of two people who changed an entry at the same time: for each value, mine if I changed it, else
    theirs."""
    return {name: mine[name] if mine[name] != seen.get(name) else current[name] for name in current}


def check(place: Place, by: By) -> None:
    """Store that somebody checked the whole entry and found it right."""
    _checked(place, by, timezone.now())
    row = {name: getattr(place, name) for name in ("checked_at", "checked_by", "checked_as")}
    Place.objects.filter(pk=place.pk).update(**row)


def close(place: Place, by: By) -> datetime | None:
    """Remove a place that no longer exists from the guide. Return the time; None if it was closed already."""
    now = timezone.now()
    with transaction.atomic():
        if not Place.objects.listed().filter(pk=place.pk).update(closed_at=now):
            return None
        _record(place, by, EditStep.CLOSED)
    return now


def reopen(place: Place, by: By, closed_at: datetime) -> bool:
    """Undo a closing; return False if the place was opened or closed again in the meantime."""
    with transaction.atomic():
        if not Place.objects.filter(pk=place.pk, closed_at=closed_at).update(closed_at=None):
            return False
        _record(place, by, EditStep.REOPENED)
    return True


def _apply(place: Place, values: Values) -> None:
    for name in PLAIN:
        if name in values:
            setattr(place, name, values[name])
    if "association" in values:
        place.association_id = values["association"]
    if "latitude" in values:
        place.point = Point(values["longitude"], values["latitude"], srid=4326)
        place.cell = grid.cell_of(values["latitude"], values["longitude"])


def _checked(place: Place, by: By, now: datetime) -> None:
    place.checked_at, place.checked_by, place.checked_as = now, by.user, by.association


def _forget_address(place: Place) -> None:
    """Remove an address that has become secret from the history and from the stored values of other guides."""
    PlaceConflict.objects.filter(place=place, field__in=SECRET_FIELDS).delete()
    for said in PlaceSource.objects.filter(place=place):
        said.values = {name: value for name, value in said.values.items() if name not in SECRET_FIELDS}
        said.save(update_fields=["values"])
    for change in PlaceImportChange.objects.filter(place=place):
        for old in (change.before, change.after, change.source_before or {}):
            for name in SECRET_FIELDS:
                old.pop(name, None)
        change.save(update_fields=["before", "after", "source_before"])
    for edit in PlaceEdit.objects.filter(place=place, step=EditStep.CHANGED):
        for values in (edit.before, edit.after):
            for name in SECRET:
                values.pop(name, None)
        edit.save(update_fields=["before", "after"])


def _record(
    place: Place, by: By, step: EditStep, before: Values | None = None, after: Values | None = None, *, number: int = 0
) -> None:
    PlaceEdit.objects.create(
        place=place, author=by.user, association=by.association, step=step, before=before or {}, after=after or {}
    )
    details = {"step": step.value, "values": number}
    recording.record(by.user, Verb.GUIDE_CHANGED, "guide", place.pk, purpose=Purpose.COORDINATION, details=details)
