"""Territories with names that match a typed text, in natural order: 2e before 10e."""

from dataclasses import dataclass

from django.db import connection

from volunteers.places.place_names.name_storing import words_sql
from volunteers.places.place_names.query_words import Typed


@dataclass(frozen=True, slots=True)
class FoundTerritory:
    """A territory found. centre: latitude and longitude of the centre. bounds: the west, south, east and north edges,
    in degrees."""

    slug: str
    name: str
    within: str
    centre: tuple[float, float]
    bounds: tuple[float, float, float, float]


def matching(typed: Typed, limit: int) -> list[FoundTerritory]:
    """Return the territories with names that contain each typed word, as a whole word or as the beginning of a word.

    A number may be part of the name of a territory ("Paris 14").
    """
    asked = [list(word.alternatives) for word in typed.words]
    if typed.number is not None:
        asked.append([str(typed.number)])
    starts = [word for alternatives in asked for word in alternatives]
    groups = [number for number, alternatives in enumerate(asked) for _word in alternatives]
    with connection.cursor() as cursor:
        cursor.execute(_MATCHING, {"starts": starts, "groups": groups, "count": len(asked), "limit": limit})
        rows = cursor.fetchall()
    return [
        FoundTerritory(slug, name, within, (lat, lng), (west, south, east, north))
        for slug, name, within, lat, lng, west, south, east, north in rows
    ]


_MATCHING = f"""
    SELECT slug, name, within, ST_Y(centre), ST_X(centre), ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
    FROM (
        SELECT place.slug, place.name, coalesce(parent.name, '') AS within, ST_PointOnSurface(place.polygon) AS centre,
               ST_Envelope(place.polygon) AS box
        FROM volunteers_territory AS place LEFT JOIN volunteers_territory AS parent ON parent.id = place.parent_id,
        LATERAL (SELECT {words_sql("place.name")} AS words) AS own
        WHERE %(count)s = (
            SELECT count(DISTINCT asked.number) FROM unnest(%(starts)s::text[], %(groups)s::int[]) AS asked (start, number)
            WHERE EXISTS (
                SELECT FROM unnest(own.words) AS word
                WHERE CASE WHEN asked.start ~ '^[0-9]+$' THEN word ~ ('^' || asked.start || '[^0-9]*$')
                           ELSE starts_with(word, asked.start) END
            )
        )
        ORDER BY place.name LIMIT %(limit)s
    ) AS found
"""
