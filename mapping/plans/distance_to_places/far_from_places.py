"""People expected farther than a distance from an open place, tonight.

The number of people is the sum of the people whom the coverage model expects in the cells (docs/model.md). A figure is
therefore an estimate for an area and says nothing about a single person. A distance is the straight line from the
centre of a cell to the place; a cell is about 350 m across, so the figures for 400 m are rough. Places with a secret
address are left out, because figures that depend on the distance to them would reveal where they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import Polygon
from django.utils import timezone
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mapping.coverage.cells import stored_states
from mapping.coverage.cells.cell_states import territory_params_of
from mapping.coverage.unseen.unseen_estimate import SumRanges
from needs.guide.find_help import nearest_places, open_times
from needs.guide.places.place_kinds import NoticeKind, PlaceAudience, PlaceKind
from needs.models import Place, PlaceNotice
from solidarity.lib import grid
from volunteers.models import Territory
from volunteers.places.territories import people_counts

DISTANCES = (400, 800, 1_600)
"""Metres."""
NIGHT = (time(20), time(8))
LEAST = timedelta(hours=1)
"""How long a place has to be open in the night."""
_METRES_A_DEGREE = 111_195.0

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class People:
    """A number of expected people as a whole number, with its 90 % interval."""

    persons: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class KindFigures:
    """open: number of places of the kind that are open tonight. unknown: number of places with unknown hours; they do
    not count as open. far: people beyond each of DISTANCES."""

    kind: PlaceKind
    open: int
    unknown: int
    far: Sequence[People]


@dataclass(frozen=True, slots=True)
class FarFigures:
    """The figures of a territory for [start, end). counted: False without a count that has a source; nobody
    may then read numbers of people. everybody: number of all expected people."""

    start: datetime
    end: datetime
    cells: int
    counted: bool
    everybody: People
    kinds: Sequence[KindFigures]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Centres of cells as degrees, their territories, and the mean and variance of the people expected in each."""

    territory: NDArray[np.int32]
    latitude: Floats
    longitude: Floats
    mean: Floats
    variance: Floats


def tonight(now: datetime) -> tuple[datetime, datetime]:
    """Return the rest of the current night or the whole next night: 20:00 to 08:00 in the site's time zone."""
    local = timezone.localtime(now)
    first = local.date() - timedelta(days=1) if local.time() < NIGHT[1] else local.date()
    start = timezone.make_aware(datetime.combine(first, NIGHT[0]))
    end = timezone.make_aware(datetime.combine(first + timedelta(days=1), NIGHT[1]))
    return max(start, now), end


def figures(territory: Territory, now: datetime, who: str = "") -> FarFigures:
    """Return the figures of a territory and all territories below it.

    who: a PlaceAudience for whom the places must be open; for "", only places that are for everybody count.
    """
    start, end = tonight(now)
    cells = _cells(territory)
    ranges = SumRanges.on(timezone.localdate(now), territory_params_of())
    found = []
    places = _places(territory, who)
    notices = nearest_places.notices_of(places, now)
    is_open = {place.pk: _is_open(place, notices.get(place.pk, []), start, end) for place in places}
    for kind in PlaceKind:
        own = [place for place in places if kind in place.kinds]
        there = [place for place in own if is_open[place.pk]]
        metres = _metres_to_nearest(cells, there)
        found.append(
            KindFigures(
                kind=kind,
                open=len(there),
                unknown=sum(is_open[place.pk] is None for place in own),
                far=[_people(cells, metres > distance, ranges) for distance in DISTANCES],
            )
        )
    everybody = _people(cells, np.ones(len(cells.mean), dtype=bool), ranges)
    counted = people_counts.has_source(territory)
    return FarFigures(start, end, len(cells.mean), counted, everybody, found)


def _cells(territory: Territory) -> _Cells:
    below = list(Territory.objects.under(territory).values_list("pk", flat=True))
    states = stored_states.load("territory = ANY(%s)", [below])
    posterior = states.posterior
    assert posterior is not None
    centres = np.array([grid.centre(cell) for cell in states.cell.tolist()], dtype=np.float64).reshape(-1, 2)
    rate = np.where(posterior.rate > 0, posterior.rate, np.inf)
    return _Cells(states.territory, centres[:, 0], centres[:, 1], posterior.shape / rate, posterior.shape / rate**2)


def _places(territory: Territory, who: str) -> list[Place]:
    """Return the places in the territory, and those around it that are near enough to matter."""
    west, south, east, north = Territory.objects.filter(pk=territory.pk).aggregate(box=Extent("polygon"))["box"]
    margin = DISTANCES[-1] / _METRES_A_DEGREE
    wide = margin / max(np.cos(np.radians(max(abs(south), abs(north)))), 0.01)
    box = Polygon.from_bbox((west - wide, south - margin, east + wide, north + margin))
    box.srid = 4326
    places = Place.objects.listed().filter(address_hidden=False, point__intersects=box)
    if who:
        return list(nearest_places.open_to(places, who))
    return list(places.exclude(audience__overlap=sorted(set(PlaceAudience.values) - {PlaceAudience.ANIMALS})))


def _is_open(place: Place, notices: Sequence[PlaceNotice], start: datetime, end: datetime) -> bool | None:
    """Return whether a place is open for at least LEAST in [start, end) and not full; None if its hours are not
    known."""
    full = any(notice.kind == NoticeKind.FULL and notice.end >= end for notice in notices)
    spans = open_times.open_times(place, notices, start, end - start).spans
    if spans is None:
        return None
    needed = min(LEAST, end - start)
    return not full and any(b - a >= needed for a, b in spans)


def _metres_to_nearest(cells: _Cells, places: Sequence[Place]) -> Floats:
    """Return the distance of each cell's centre to the nearest place; infinity without places."""
    if not places or not len(cells.mean):
        return np.full(len(cells.mean), np.inf)
    scale = np.cos(np.radians(float(cells.latitude.mean())))
    there = np.array([(place.point.y, place.point.x * scale) for place in places]) * _METRES_A_DEGREE
    here = np.stack([cells.latitude, cells.longitude * scale], axis=1) * _METRES_A_DEGREE
    metres: Floats = cKDTree(there).query(here)[0]
    return metres


def _people(cells: _Cells, where: NDArray[np.bool_], ranges: SumRanges) -> People:
    mean = cells.mean[where]
    low, high = ranges.of(cells.territory[where], mean, cells.variance[where])
    return People(round(float(mean.sum())), round(low), round(high))
