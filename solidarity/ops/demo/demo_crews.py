"""Planned tours of the demonstration's next evening, with seats, a waiting list, stops, and words to the next crew."""

import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import h3

from needs.enums import NeedState, StopKind
from needs.models import Need, NextCrewWord, PlannedTour, Seat, SeatWish, TourStop
from needs.tours.tour_stops.places_near import places_for
from needs.tours.tour_stops.trips import Trip
from solidarity.lib import grid
from solidarity.ops.demo.narrative.story import PARIS
from solidarity.ops.demo.people import SPACE, TEAMS, Cast
from volunteers.models import Cell, Territory

SHORTEST, LONGEST_WALK = 3, 10
"""Cells between the two needs at the ends of a planned tour."""


@dataclass(frozen=True, slots=True)
class _Evening:
    """A planned tour. team: the association that makes the tour. at: the start of the tour in local time. seats: number
    of seats for volunteers. joined, waiting: number of volunteers who joined and number of volunteers who wait."""

    team: int
    at: time
    seats: int = 0
    joined: int = 0
    waiting: int = 0
    note: str = ""


_EVENINGS = (
    _Evening(0, time(20, 0), seats=2, joined=1, note="Rendez-vous au local, thermos et couvertures."),
    _Evening(2, time(20, 30), seats=1, joined=1, waiting=1),
    _Evening(4, time(21, 0)),
)
_WORDS = (
    (0, "La soupe part avant 20 h : prévoir du pain. Le passage sous la voie est fermé pour travaux.", 3),
    (0, "Demande de sacs de couchage grand froid dans tout le secteur.", 20),
    (4, "Deux chiens peu rassurés près du canal : rester à distance, parler doucement.", 9),
)
"""Team, word, hours since it was written."""
FIRST_NOTE = "Commencer par prendre les duvets au local."


def enter(cast: Cast, until: datetime) -> dict[str, int]:
    """Store the evening and the words, and delete the rows of an earlier demonstration; return row counts."""
    keys = [_key(f"plan {each.team}") for each in _EVENINGS]
    PlannedTour.objects.filter(pk__in=keys).delete()
    NextCrewWord.objects.filter(pk__in=[_key(f"word {number}") for number in range(len(_WORDS))]).delete()
    plans = [plan for each in _EVENINGS if (plan := _plan(each, cast, until)) is not None]
    return {"planned tours": len(plans), "words to the next crew": _words(cast, until)}


def next_evening(until: datetime, at: time) -> datetime:
    """Return the next moment with a local time that is at least an hour away."""
    local = until.astimezone(PARIS)
    found = datetime.combine(local.date(), at, PARIS)
    return found if found > local + timedelta(hours=1) else found + timedelta(days=1)


def _plan(evening: _Evening, cast: Cast, until: datetime) -> PlannedTour | None:
    cells = _walk(TEAMS[evening.team].home)
    if not cells:
        return None
    plan = PlannedTour.objects.create(
        pk=_key(f"plan {evening.team}"), association_id=cast.associations[evening.team],
        author_id=cast.members[evening.team][0], start=next_evening(until, evening.at), minutes=150, cells=cells,
        seats=evening.seats, note=evening.note, made_at=until - timedelta(days=1),
    )  # fmt: skip
    others = cast.volunteers[1:]  # the volunteer's login finds a free seat
    for volunteer in others[: evening.joined]:
        Seat.objects.create(plan=plan, volunteer_id=volunteer, at=until - timedelta(hours=20))
    for volunteer in others[evening.joined : evening.joined + evening.waiting]:
        SeatWish.objects.create(plan=plan, volunteer_id=volunteer, at=until - timedelta(hours=5))
    _stops(plan, cast.members[evening.team][0])
    return plan


def _walk(arrondissements: tuple[int, ...]) -> list[int]:
    """Return cells in a line between two open needs of an arrondissement; empty if there are none. The needs near this
    route can then be added to the tour."""
    known = Need.objects.filter(state=NeedState.OPEN).exclude(cell=None).values("cell")
    home = [f"paris-{number}" for number in arrondissements]
    cells = list(
        Cell.objects.filter(cell__in=known, territory__slug__in=home).order_by("cell").values_list("cell", flat=True)
    )
    for first in cells:
        for last in cells:
            steps = h3.grid_distance(grid.to_text(first), grid.to_text(last))
            if SHORTEST <= steps <= LONGEST_WALK:
                return [grid.from_text(each) for each in h3.grid_path_cells(grid.to_text(first), grid.to_text(last))]
    return cells[:1]


def _stops(plan: PlannedTour, author: int) -> None:
    """A note at the beginning, and a place of the guide near the route. The reader can add the needs near the route."""
    TourStop.objects.create(
        plan=plan, position=0, kind=StopKind.NOTE, cell=plan.cells[0], text=FIRST_NOTE, author_id=author
    )
    for place in places_for(Trip(plan, None))[:1]:
        TourStop.objects.create(
            plan=plan, position=1, kind=StopKind.PLACE, cell=place.cell, place=place, author_id=author
        )


def _words(cast: Cast, until: datetime) -> int:
    for number, (team, text, hours) in enumerate(_WORDS):
        at = until - timedelta(hours=hours)
        NextCrewWord.objects.create(
            pk=_key(f"word {number}"), association_id=cast.associations[team], author_id=cast.members[team][-1], text=text,
            territory=Territory.objects.get(slug=f"paris-{TEAMS[team].home[0]}"), at=at, expires_at=at + timedelta(days=2),
        )  # fmt: skip
    return len(_WORDS)


def _key(name: str) -> uuid.UUID:
    return uuid.uuid5(SPACE, f"crews {name}")
