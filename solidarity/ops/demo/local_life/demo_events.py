"""The demonstration's local events: a meal, a clothes morning, a round with four stops, and one cancelled day."""

import uuid
from datetime import datetime, time, timedelta

from django.contrib.gis.geos import Point

from needs.models import EventException, EventSeat, LocalEvent, Place, RoundStop
from needs.neighbours.local_events import event_entries, occurrences
from needs.neighbours.local_events.models import LocalEventKind
from solidarity.lib import grid
from solidarity.ops.demo.narrative.story import PARIS
from solidarity.ops.demo.people import SPACE, Cast

_EVENTS: tuple[tuple[str, LocalEventKind, str, str, int, tuple[int, int], int, str], ...] = (
    ("soup", LocalEventKind.MEAL, "Grande soupe du soir", "soupe-des-halles", 0, (19, 21), 6,
     "Soupe, pain et café. Venez comme vous êtes. Les places sont pour celles et ceux qui servent."),
    ("clothes", LocalEventKind.CLOTHES, "Matinée vêtements chauds", "vestiaire-deux-manches", 1, (9, 12), 4,
     "Manteaux, chaussures et chaussettes, à essayer sur place."),
    ("round", LocalEventKind.ROUND, "Le camion du canal", "", 0, (20, 22), 3, "Boissons chaudes, soins simples, un mot."),
    ("meeting", LocalEventKind.MEETING, "Accueil des nouveaux bénévoles", "table-ronde", 3, (18, 20), 12,
     "Une heure pour comprendre, une heure pour poser vos questions."),
)  # fmt: skip
"""Name, kind, title, place of the guide, days from the end of the story, hours, places, what people should know."""
_STOPS = (
    ("Gare Imaginaire, parvis", 48.8800, 2.3570, 0, 25),
    ("Place du Tilleul", 48.8712, 2.3655, 35, 20),
    ("Quai des Tilleuls-Bas", 48.8740, 2.3700, 65, 20),
    ("Place du Bassin-Clair", 48.8855, 2.3790, 95, 25),
)
"""Name, latitude, longitude, minutes after the start, minutes there."""


def enter(cast: Cast, until: datetime) -> dict[str, int]:
    """Store the events, and delete the events of an earlier demonstration; return row counts."""
    ids = {name: uuid.uuid5(SPACE, f"event {name}") for name, *_rest in _EVENTS}
    LocalEvent.objects.filter(pk__in=ids.values()).delete()
    for number, (name, kind, title, place, days, (begins, ends), seats, about) in enumerate(_EVENTS):
        day = (until.astimezone(PARIS) + timedelta(days=days)).date()
        starts_at, ends_at = (datetime.combine(day, time(hour), tzinfo=PARIS) for hour in (begins, ends))
        walk_in = kind is not LocalEventKind.MEETING
        row = LocalEvent(
            id=ids[name], kind=kind, title=title, about=about, association_id=cast.associations[number % 2],
            author_id=cast.members[number % 2][0], starts_at=starts_at, ends_at=ends_at, seats=seats,
            repeats="FREQ=DAILY" if name == "soup" else "FREQ=WEEKLY" if walk_in else "",
            over_at=None if walk_in else ends_at, walk_in=walk_in, public=walk_in, made_at=until, changed_at=until,
            brings=[LocalEventKind.DRINKS, LocalEventKind.CARE] if name == "round" else [],
            place=Place.objects.get(pk=uuid.uuid5(SPACE, f"place {place}")) if place else None,
        )  # fmt: skip
        row.save(force_insert=True)
        if name == "round":
            _stops(row)
        event_entries.settle_cell(row)
        _join(row, cast, until)
    _cancel_one(LocalEvent.objects.get(pk=ids["clothes"]), until)
    return {"local_events": len(ids), "round_stops": len(_STOPS)}


def _stops(row: LocalEvent) -> None:
    RoundStop.objects.bulk_create(
        RoundStop(
            event=row, order=order, name=name, point=Point(longitude, latitude, srid=4326),
            cell=grid.cell_of(latitude, longitude), minutes=minutes, stays=stays,
        )
        for order, (name, latitude, longitude, minutes, stays) in enumerate(_STOPS)
    )  # fmt: skip


def _join(row: LocalEvent, cast: Cast, until: datetime) -> None:
    """Let two volunteers help at the next day of an event."""
    coming = occurrences.coming(row, until)
    for volunteer in cast.volunteers[:2] if coming else ():
        EventSeat.objects.create(event=row, occurrence=coming[0].key, user_id=volunteer, at=until - timedelta(hours=5))


def _cancel_one(row: LocalEvent, until: datetime) -> None:
    """Cancel the second coming day."""
    cancelled = occurrences.coming(row, until)[1]
    EventException.objects.create(
        event=row, occurrence=cancelled.key, cancelled=True, word="Le local est fermé ce jour-là.", at=until
    )
