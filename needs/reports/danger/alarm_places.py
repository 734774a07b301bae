"""The place of an alarm in words, as a dispatcher reads it out to the emergency services."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from needs.models import DangerAlarm
from needs.reports.danger.emergency_numbers import lines_for_flags
from volunteers.places.place_names import nearest


@dataclass(frozen=True, slots=True)
class AlarmPlace:
    """Where an alarm is. parts: the names of the place, the most exact first: the reporter's own words, the nearest
    address or street, a well-known place around, the district. district: name of the territory, or "". known: whether
    there is more than the district. on_map: whether the report has a place on the map. number: the emergency number to
    call."""

    parts: tuple[str, ...]
    district: str
    known: bool
    on_map: bool
    number: str

    @property
    def line(self) -> str:
        """The names in one line, to read out."""
        return ", ".join(self.parts)


def places_of(
    rows: Sequence[DangerAlarm], districts: Mapping[uuid.UUID, str], exact: Collection[uuid.UUID]
) -> dict[uuid.UUID, AlarmPlace]:
    """Return the place of each alarm, with at most two queries. districts: the name of the district of each alarm, or
    "". exact: alarms whose exact place the reader may see; of the others, only the district is returned."""
    reports = {row.pk: report for row in rows if row.pk in exact and (report := row.need or row.encounter)}
    points = {key: (report.point.y, report.point.x) for key, report in reports.items() if report.point}
    near = dict(zip(points, map(nearest.in_words, nearest.nearest_names([*points.values()])), strict=True))
    landmarks = nearest.landmarks_of([*{report.cell for report in reports.values() if report.cell}])
    found = {}
    for row in rows:
        names = list[str]()
        on_map = False
        if report := reports.get(row.pk):
            names = [name for name in (report.place_text, near.get(row.pk, "")) if name]
            on_map = report.cell is not None
            landmark = landmarks.get(report.cell, "") if report.cell else ""
            names += [landmark] if landmark and landmark not in " ".join(names) else []
        parts = (*names, *filter(None, [districts[row.pk]]))
        number = next(line.number for line in lines_for_flags(row.flags) if not line.by_text)
        found[row.pk] = AlarmPlace(parts, districts[row.pk], bool(names), on_map, number)
    return found


def has_exact(row: DangerAlarm) -> bool:
    """Return whether the report of an alarm has an exact place, on the map or in words."""
    report = row.need or row.encounter
    return report is not None and (report.point is not None or bool(report.place_text))
