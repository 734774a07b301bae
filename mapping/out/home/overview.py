"""Overview of a territory for its coordinators: the territories directly below it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models

from mapping.enums import STATUS_KEYS, Status
from mapping.map.estimates import reader_estimate
from mapping.map.pages.zone_list import Count, tally
from mapping.models import Zone
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import people_counts


def start_territory(viewer: Viewer, remembered: str | None) -> Territory | None:
    """Return the territory that a coordinator viewed last, or else the first one that they coordinate."""
    coordinated = Territory.objects.coordinated_by(viewer)
    own = coordinated.filter(slug=remembered).first() if remembered else None
    return own or coordinated.order_by("path").first()


@dataclass(frozen=True, slots=True)
class Part:
    """A territory directly below the shown territory. unseen: the unseen estimate of the part, None before the first
    estimate and without a count. counts: the number of zones of the part, by status."""

    territory: Territory
    unseen: int | None
    counts: list[Count]


def parts_of(territory: Territory, now: datetime) -> list[Part]:
    """Return the territories directly below, by name. The counts of a territory include the live zones of all
    territories below it."""
    children = list(Territory.objects.filter(parent=territory).defer("polygon").order_by("name"))
    tallies: dict[int, dict[str, int]] = {child.pk: dict.fromkeys(STATUS_KEYS.values(), 0) for child in children}
    found = (
        Zone.objects.live().within(territory).values("territory__path", "status").annotate(number=models.Count("pk"))
    )
    for row in found:
        for child in children:
            if row["territory__path"].startswith(child.path):
                tallies[child.pk][STATUS_KEYS[Status(row["status"])]] += row["number"]
    counted = people_counts.territories_with_source()
    people = reader_estimate.of_territories([child for child in children if child.pk in counted], now)
    return [
        Part(child, people.get(child.pk), tally(tallies[child.pk], has_count=child.pk in counted)) for child in children
    ]
