"""The person in charge of a territory, and how to reach this person. A coordinator is shown only if they chose to be
shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from volunteers.models import Assignment, Territory


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
    shown = Assignment.objects.coordinating().filter(shown=True, user__is_active=True).exclude(contact="")
    by_path: dict[str, list[PersonInCharge]] = {}
    for each in shown.select_related("user", "territory").defer("territory__polygon").order_by("started_at"):
        person = PersonInCharge(each.user.display_name, each.contact, each.territory.name)
        by_path.setdefault(each.territory.path, []).append(person)
    return {territory.pk: _nearest(territory.path, by_path) for territory in territories}


def _nearest(path: str, by_path: dict[str, list[PersonInCharge]]) -> list[PersonInCharge]:
    while path:
        if path in by_path:
            return by_path[path]
        path = path.rstrip("/").rpartition("/")[0]
        path = f"{path}/" if path else ""
    return []


def choose(assignment: Assignment, *, shown: bool, contact: str) -> None:
    """Store whether a coordinator is shown as the person in charge. If the coordinator is not shown, delete their
    contact."""
    values = {"shown": shown, "contact": contact if shown else ""}
    Assignment.objects.coordinating().filter(pk=assignment.pk).update(**values)
