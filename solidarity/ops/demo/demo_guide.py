"""The demonstration's guide of places: invented shelters, meals and showers, with free beds, notices and a conflict."""

import csv
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.gis.geos import Point

from needs.guide.places.imports.place_merge import values_of
from needs.guide.places.place_kinds import CapacityKind, NoticeKind
from needs.models import Place, PlaceCapacity, PlaceConflict, PlaceNotice, PlaceSource
from solidarity.lib import grid
from solidarity.ops.demo.people import SPACE, Cast

GUIDE = Path(__file__).parent / "fixtures" / "demo_guide.csv"
SECRET = "maison-lilas"
"""The refuge whose address is secret."""
DISPUTED, DISPUTED_HOURS = "maison-du-noyer", "Mo-Fr 09:00-16:00; PH off"
_BEDS: tuple[tuple[str, CapacityKind, int, int, int, bool], ...] = (
    ("halte-des-lampions", CapacityKind.BEDS, 40, 6, 20, True),
    ("dortoir-des-quatre-vents", CapacityKind.BEDS, 24, 0, 35, True),
    ("maison-lilas", CapacityKind.ROOMS, 8, 1, 90, False),
    ("nuit-des-quais", CapacityKind.BEDS, 60, 11, 50, True),
    ("foyer-du-grand-pin", CapacityKind.ROOMS, 15, 2, 240, False),
    ("halte-boussole", CapacityKind.BEDS, 18, 3, 15, True),
    ("refuge-belleville", CapacityKind.BEDS, 30, 4, 600, False),
    ("table-ronde", CapacityKind.MEALS, 120, 45, 30, False),
    ("accueil-des-arcades", CapacityKind.LOCKERS, 30, 2, 180, False),
)
"""Place, what it has, total number, free number, minutes since somebody reported these numbers, whether tours may
reserve."""
_NOTICES: tuple[tuple[str, NoticeKind, str, int], ...] = (
    ("bains-de-la-butte", NoticeKind.CLOSED, "Chaudière en panne.", 3),
    ("dortoir-des-quatre-vents", NoticeKind.FULL, "", 1),
    ("soupe-des-halles", NoticeKind.OTHER, "Grand froid : un second service à 21 h 30.", 2),
)
"""Place, what is different, in words, for how many days."""


def enter(cast: Cast, until: datetime) -> dict[str, int]:
    """Store the guide and delete the guide of an earlier demonstration; return row counts."""
    with GUIDE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places = {row["slug"]: _place(row, cast, until) for row in rows}
    Place.objects.filter(pk__in=[place.pk for place in places.values()]).delete()
    Place.objects.bulk_create(places.values())
    PlaceCapacity.objects.bulk_create(
        PlaceCapacity(
            place=places[slug], kind=kind, total=total, free=free, reservable=reservable,
            set_at=until - timedelta(minutes=minutes), set_by_id=places[slug].checked_by_id,
        )
        for slug, kind, total, free, minutes, reservable in _BEDS
    )  # fmt: skip
    PlaceNotice.objects.bulk_create(
        PlaceNotice(
            place=places[slug], kind=kind, text=text, author_id=places[slug].checked_by_id,
            start=until - timedelta(hours=6), end=until + timedelta(days=days), made_at=until - timedelta(hours=6),
        )
        for slug, kind, text, days in _NOTICES
    )  # fmt: skip
    _dispute(places[DISPUTED], until)
    return {"places": len(places), "place_capacities": len(_BEDS)}


def _place(row: dict[str, str], cast: Cast, until: datetime) -> Place:
    latitude, longitude = float(row["latitude"]), float(row["longitude"])
    team = int(row["team"]) if row["team"] else None
    association = None if team is None else cast.associations[team]
    checked = until - timedelta(days=int(row["days"]), hours=3)
    return Place(
        id=uuid.uuid5(SPACE, f"place {row['slug']}"),
        name=row["name"],
        kinds=_words(row["kinds"]),
        association_id=association,
        point=Point(longitude, latitude, srid=4326),
        cell=grid.cell_of(latitude, longitude),
        address=row["address"],
        address_hidden=row["slug"] == SECRET,
        hours=row["hours"],
        audience=_words(row["audience"]),
        conditions=row["conditions"],
        languages=_words(row["languages"]),
        step_free=row["step_free"] == "yes",
        phone=row["phone"],
        checked_at=checked,
        checked_by_id=cast.logins["coordinator"] if team is None else cast.members[team][0],
        checked_as_id=association,
        made_at=checked,
    )


def _words(cell: str) -> list[str]:
    return cell.split(";") if cell else []


def _dispute(place: Place, until: datetime) -> None:
    """Let another guide give other opening hours for a place."""
    said = {**values_of(place), "hours": DISPUTED_HOURS}
    read_at = until - timedelta(hours=20)
    PlaceSource.objects.create(place=place, source="soliguide", key="demo-1", values=said, read_at=read_at)
    PlaceConflict.objects.create(
        place=place, source="soliguide", field="hours", ours=place.hours, theirs=DISPUTED_HOURS, at=read_at
    )
