"""Overview of a territory for its coordinators: the territories directly below it, and its open needs."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Q, Sum

from mapping.enums import STATUS_KEYS, Status
from mapping.map.zone_list import Count, tally
from mapping.models import Zone
from mapping.unseen.unseen_estimate import UNSEARCHED
from needs.models import Need
from volunteers.accounts.viewer import Viewer
from volunteers.models import Cell, Territory


def start_territory(viewer: Viewer, remembered: str | None) -> Territory | None:
    """Return the territory that a coordinator viewed last, or else the first one that they coordinate."""
    coordinated = Territory.objects.coordinated_by(viewer)
    own = coordinated.filter(slug=remembered).first() if remembered else None
    return own or coordinated.order_by("path").first()


@dataclass(frozen=True, slots=True)
class Part:
    """A territory below the one shown. unseen: its unseen estimate, rounded. counts: its number of zones by status."""

    territory: Territory
    unseen: int
    counts: list[Count]


def parts_of(territory: Territory) -> list[Part]:
    """Return the territories directly below, by name. The figures of each include the live zones of all territories
    below it."""
    children = list(Territory.objects.filter(parent=territory).defer("polygon").order_by("name"))
    tallies: dict[int, dict[str, int]] = {child.pk: dict.fromkeys(STATUS_KEYS.values(), 0) for child in children}
    people: dict[int, float] = dict.fromkeys(tallies, 0.0)
    found = (
        Zone.objects.live()
        .within(territory)
        .values("territory__path", "status")
        .annotate(number=models.Count("pk"), persons=Sum("persons", filter=Q(status__in=UNSEARCHED)))
    )
    for row in found:
        for child in children:
            if row["territory__path"].startswith(child.path):
                tallies[child.pk][STATUS_KEYS[Status(row["status"])]] += row["number"]
                people[child.pk] += row["persons"] or 0.0
    return [Part(child, round(people[child.pk]), tally(tallies[child.pk])) for child in children]


def open_needs(territory: Territory) -> int:
    """Return the number of unfinished needs in the territory."""
    cells = Cell.objects.filter(territory__in=Territory.objects.under(territory).values("pk")).values("cell")
    return Need.objects.unfinished().filter(cell__in=cells).count()
