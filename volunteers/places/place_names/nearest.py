"""The name nearest to a point, and the best-known place of cells."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from solidarity.lib import grid
from volunteers.places.place_names.models import LANDMARKS, PlaceKind
from volunteers.places.territories import streets

NUMBER_WITHIN, STREET_WITHIN, LANDMARK_WITHIN = 60, 120, 350
"""Distances in metres from which a house number, a street or a landmark names a point."""
CELL_WITHIN = 500
"""Distance in metres from a cell's centre within which a landmark can name the cell."""
_METRES_PER_DEGREE = 111_320
# In French, these words are not capitalised after a house number or inside a sentence.
_STREET_WORDS = re.compile(
    r"(rue|avenue|boulevard|place|quai|impasse|passage|allées?|cours|chemin|route|square|villa|cité|sentier|ruelle|"
    r"esplanade|faubourg|galerie|rond-point|parvis|promenade|voie|hameau|porte|pont)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NearestName:
    """The name of a place near a point. house_number: the house number as written, or "". distance: the distance in
    metres."""

    kind: str
    name: str
    house_number: str
    context: str
    distance: float

    def __str__(self) -> str:
        """Return "12 rue de Crimée", "rue de Crimée" or "near Gare du Nord"."""
        if self.kind in LANDMARKS:
            return _("near %(place)s") % {"place": _isolated(self.name)}
        return address_line(self.house_number, self.name)


def address_line(house_number: str, street: str) -> str:
    """Return a house number and a street in one line, or the street alone."""
    inside = street[:1].lower() + street[1:] if _STREET_WORDS.match(street) else street
    return f"{house_number} {inside}" if house_number else inside


def nearest_name(latitude: float, longitude: float) -> NearestName | None:
    """Return the name nearest to a point, as :func:`nearest_names` finds it."""
    return nearest_names([(latitude, longitude)])[0]


def nearest_names(points: Sequence[tuple[float, float]]) -> list[NearestName | None]:
    """Return the name nearest to each point (latitude, longitude), in one query: house number, else street, else
    landmark; None if nothing near has a name.

    Without imported names, it is the longest street of the point's cell in the base map. Pass the centre of the cell,
    never the exact place, for a reader who may not open the exact place.
    """
    if not points:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAREST,
            {
                "lat": [lat for lat, _lng in points], "lng": [lng for _lat, lng in points],
                "number_within": NUMBER_WITHIN, "street_within": STREET_WITHIN, "landmark_within": LANDMARK_WITHIN,
                "number_box": max(_degrees(STREET_WITHIN, lat) for lat, _lng in points),
                "landmark_box": max(_degrees(LANDMARK_WITHIN, lat) for lat, _lng in points),
                "landmarks": [str(kind) for kind in LANDMARKS],
            },
        )  # fmt: skip
        found = {number - 1: NearestName(*row) for number, *row in cursor.fetchall()}
    cells = {number: grid.cell_of(*point) for number, point in enumerate(points) if number not in found}
    named = streets.names_of([*{*cells.values()}])
    for number, cell in cells.items():
        if names := named.get(cell):
            found[number] = NearestName(PlaceKind.STREET, names[0], "", "", STREET_WITHIN)
    return [found.get(number) for number in range(len(points))]


def near_words(latitude: float, longitude: float) -> str:
    """Return “near 12 rue de Crimée” or “near Gare du Nord”; "" if nothing near has a name."""
    return in_words(nearest_name(latitude, longitude))


def in_words(found: NearestName | None) -> str:
    """Return a name as “near 12 rue de Crimée” or “near Gare du Nord”; "" for None."""
    if found is None or found.kind in LANDMARKS:
        return str(found or "")
    return _("near %(place)s") % {"place": _isolated(address_line(found.house_number, found.name))}


def _isolated(name: str) -> str:
    """Isolate a name in a right-to-left sentence, where "12 rue …" would otherwise become "rue … 12"."""
    return f"\u2068{name}\u2069" if get_language_bidi() else name


def landmarks_of(cells: Sequence[int]) -> dict[int, str]:
    """Return the name of the best-known place in or near each cell of resolution 9, in one query.

    A cell without a landmark within CELL_WITHIN has the name of its longest street; a cell without any name is
    omitted.
    """
    if not cells:
        return {}
    centres = [grid.centre(cell) for cell in cells]
    with connection.cursor() as cursor:
        cursor.execute(
            _LANDMARKS,
            {
                "cells": list(cells), "lat": [lat for lat, _lng in centres], "lng": [lng for _lat, lng in centres],
                "box": max(_degrees(CELL_WITHIN, lat) for lat, _lng in centres), "within": CELL_WITHIN,
                "landmarks": [str(kind) for kind in LANDMARKS],
            },
        )  # fmt: skip
        found: dict[int, str] = dict(cursor.fetchall())
    for cell, named in streets.names_of([cell for cell in cells if cell not in found]).items():
        if named:
            found[cell] = named[0]
    return found


def _degrees(metres: float, latitude: float) -> float:
    """Return the half-width in degrees of a box that contains all points within a distance."""
    return metres / _METRES_PER_DEGREE / max(math.cos(math.radians(latitude)), 0.01)


# A house number names the point if it is close, a street if it passes close, and so on. A street that is known only by
# its house numbers is assumed to pass where these numbers are.
_NEAREST = """
    SELECT here.number, best.kind, best.name, best.house_number, best.context, best.distance
    FROM unnest(%(lat)s::float[], %(lng)s::float[]) WITH ORDINALITY AS here (lat, lng, number),
    LATERAL (SELECT ST_SetSRID(ST_MakePoint(here.lng, here.lat), 4326) AS at) AS point,
    LATERAL (
        SELECT CASE WHEN turn = 2 THEN 'street' ELSE kind END AS kind, name,
               CASE WHEN turn = 1 THEN house_number ELSE '' END AS house_number, context, distance
        FROM (
            SELECT *, CASE WHEN kind = 'house_number' AND distance <= %(number_within)s THEN 1
                           WHEN kind IN ('house_number', 'street') AND distance <= %(street_within)s THEN 2
                           WHEN kind = ANY(%(landmarks)s) AND distance <= %(landmark_within)s THEN 3 END AS turn
            FROM (
                SELECT kind, name, house_number, context, importance,
                       ST_Distance(shape::geography, point.at::geography) AS distance
                FROM volunteers_placename
                WHERE (shape && ST_Expand(point.at, %(number_box)s) AND kind IN ('house_number', 'street'))
                   OR (shape && ST_Expand(point.at, %(landmark_box)s) AND kind = ANY(%(landmarks)s))
            ) AS near
        ) AS ranked
        WHERE turn IS NOT NULL
        ORDER BY turn, CASE WHEN turn = 3 THEN distance - 3 * importance ELSE distance END, name, ranked.house_number
        LIMIT 1
    ) AS best
"""
# A landmark inside the cell comes first; for a landmark outside, its distance lowers its rank.
_LANDMARKS = """
    SELECT wanted.cell, best.name
    FROM unnest(%(cells)s::bigint[], %(lat)s::float[], %(lng)s::float[]) AS wanted (cell, lat, lng),
    LATERAL (SELECT ST_SetSRID(ST_MakePoint(wanted.lng, wanted.lat), 4326) AS at) AS centre,
    LATERAL (
        SELECT name FROM (
            SELECT name, importance, place.cell = wanted.cell AS inside,
                   ST_Distance(place.point::geography, centre.at::geography) AS distance
            FROM volunteers_placename AS place
            WHERE place.shape && ST_Expand(centre.at, %(box)s) AND place.kind = ANY(%(landmarks)s)
        ) AS near
        WHERE distance <= %(within)s
        ORDER BY inside DESC, importance - distance / 10 DESC, name
        LIMIT 1
    ) AS best
"""
