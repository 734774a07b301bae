"""Field notes: text that a member of an association adds to a place, shown next to the figures until it expires.

Free text is never published: members of associations and the coordinators of the territory can read it, but volunteers
cannot.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from mapping.map.overrides import override_filing
from mapping.map.releases.reading import Reading
from mapping.models import FieldNote, Zone
from solidarity.lib import grid
from volunteers.models import Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import access

SHOWN_DAYS = 30
MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note as readers see it: it names the association but not the author. own: True if the reader may remove the
    note."""

    id: uuid.UUID
    text: str
    association: str
    at: datetime
    until: datetime
    own: bool


@dataclass(frozen=True, slots=True)
class ZoneNotes:
    """The notes of a zone. may: True if the reader may add a note."""

    notes: list[ShownNote]
    may: bool


def pin(
    zone: Zone, *, cell: int, text: str, days: int, association: int, author: int, id: uuid.UUID | None = None
) -> FieldNote:
    """Add a note to a cell of a zone, shown for some days. A repeated call with the same id stores nothing. Raise
    ValueError for a cell outside the zone and for days outside 1 to MOST_DAYS."""
    if cell not in override_filing.cells_of(zone) or not 1 <= days <= MOST_DAYS:
        raise ValueError("a note lies in a cell of its zone, for 1 to 90 days")
    now = timezone.now()
    note, _made = FieldNote.objects.get_or_create(
        id=id or uuid.uuid4(),
        defaults={
            "cell": cell,
            "territory": zone.territory,
            "text": text,
            "author_id": author,
            "association_id": association,
            "at": now,
            "expires_at": now + timedelta(days=days),
        },
    )
    return note


def remove(note: FieldNote) -> None:
    """Remove a note and delete its text."""
    note.removed_at = timezone.now()
    note.text = ""
    note.save(update_fields=["removed_at", "text"])


def removable(viewer: Viewer) -> QuerySet[FieldNote]:
    """Return the notes that a user may remove: their own notes, and the notes in territories that they coordinate."""
    coordinated = Territory.objects.coordinated_by(viewer).values("pk")
    return FieldNote.objects.filter(Q(author=viewer.user_or_404) | Q(territory__in=coordinated), removed_at=None)


def of_associations(user: User, since: datetime) -> QuerySet[FieldNote]:
    """Return the current notes that the reader's associations wrote after a datetime, the newest first."""
    own = Membership.objects.current().filter(user=user).values("association")
    notes = FieldNote.objects.current(timezone.now()).filter(association__in=own, at__gte=since)
    return notes.select_related("association", "territory").defer("territory__polygon").order_by("-at")


def zone_of(reading: Reading, note: FieldNote) -> Zone | None:
    """Return the zone of a reading that contains a note's cell."""
    latitude, longitude = grid.centre(note.cell)
    return reading.zones.filter(shape__contains=Point(longitude, latitude, srid=4326)).first()


def readable(viewer: Viewer, reading: Reading) -> bool:
    """Whether the viewer may read notes: members of associations and the territory's coordinators may."""
    return reading.live or access.is_member(viewer)


def of_reader(viewer: Viewer, reading: Reading, zone: Zone) -> ZoneNotes | None:
    """Return the notes of a zone, the newest first; None for readers without access."""
    if not readable(viewer, reading):
        return None
    found = (
        FieldNote.objects.current(timezone.now())
        .filter(cell__in=override_filing.cells_of(zone))
        .select_related("association")
    )
    mine = set(removable(viewer).filter(pk__in=[note.pk for note in found]).values_list("pk", flat=True))
    return ZoneNotes(
        [
            ShownNote(note.pk, note.text, note.association.name, note.at, note.expires_at, note.pk in mine)
            for note in found
        ],
        access.is_member(viewer),
    )


def counts(viewer: Viewer, reading: Reading) -> dict[str, int]:
    """Return the number of shown notes for each of the reader's zones, by zone key; zones without notes are left
    out."""
    if not reading.there or not readable(viewer, reading):
        return {}
    release = reading.release.pk if reading.release else None
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT z.key::text FROM mapping_fieldnote n JOIN volunteers_cell k ON k.cell = n.cell "
            "JOIN volunteers_territory t ON t.id = k.territory_id "
            "JOIN mapping_zone z ON z.territory_id = t.id AND z.release_id IS NOT DISTINCT FROM %s "
            "AND ST_Contains(z.shape, ST_SetSRID(ST_MakePoint(k.lng, k.lat), 4326)) "
            "WHERE n.removed_at IS NULL AND n.at <= %s AND n.expires_at > %s AND starts_with(t.path, %s)",
            [release, now, now, reading.territory.path],
        )
        return dict(Counter(key for (key,) in cursor.fetchall()))
