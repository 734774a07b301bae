"""The person in charge of a territory, and how to reach this person. A coordinator is shown only if they chose to be
shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone

from solidarity.lib.database.kept_query import KeptValues, one_of
from solidarity.lib.database.prepared_statements import array
from volunteers.enums import Duty
from volunteers.models import Assignment, Territory
from volunteers.places.territories.areas import paths_above


@dataclass(frozen=True, slots=True)
class PersonInCharge:
    """The person as shown. name: display name, perhaps empty, never the e-mail address. contact: the contact as the
    person wrote it. where: the territory in which the person is in charge."""

    name: str
    contact: str
    where: str


def in_charge_of(territories: Iterable[Territory]) -> dict[int, list[PersonInCharge]]:
    """For each territory id, return the coordinators who chose to be shown. If no coordinator of a territory chose
    this, return the coordinators shown for the nearest territory above."""
    wanted = list(territories)
    above = {path for territory in wanted for path in paths_above(territory.path)}
    by_path: dict[str, list[PersonInCharge]] = {}
    for path, *person in _SHOWN.rows(now=timezone.now(), paths=array(sorted(above))):
        by_path.setdefault(path, []).append(PersonInCharge(*person))
    return {territory.pk: _nearest(territory.path, by_path) for territory in wanted}


_SHOWN = KeptValues(
    {"now": datetime(2000, 1, 1, tzinfo=UTC), "paths": "{a}"},
    lambda now, paths: (
        Assignment.objects.current(now)
        .filter(one_of("territory__path", paths, "text"), duty=Duty.COORDINATOR, shown=True, user__is_active=True)
        .exclude(contact="")
        .order_by("started_at")
        .values_list("territory__path", "user__display_name", "contact", "territory__name")
    ),
)


def _nearest(path: str, by_path: dict[str, list[PersonInCharge]]) -> list[PersonInCharge]:
    return next((by_path[step] for step in paths_above(path) if step in by_path), [])


def choose(assignment: Assignment, *, shown: bool, contact: str) -> None:
    """Store whether a coordinator is shown as the person in charge. If the coordinator is not shown, delete their
    contact."""
    values = {"shown": shown, "contact": contact if shown else ""}
    Assignment.objects.coordinating().filter(pk=assignment.pk).update(**values)
