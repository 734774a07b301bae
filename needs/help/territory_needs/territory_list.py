"""The list of a territory's unfinished needs. Order, names and map depend only on the cell of a need, never on the
exact place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.enums import NeedState, Urgency
from needs.help.nearby.nearby import Nearby
from needs.models import Commitment, Need, NeedQuerySet
from volunteers.models import Territory
from volunteers.places.territories import areas

STAGES: Mapping[str, tuple[NeedState, ...]] = {
    "sorting": (NeedState.HELD, NeedState.NEW, NeedState.VERIFIED, NeedState.REOPENED),
    "open": (NeedState.OPEN,),
    "taken": (NeedState.COMMITTED, NeedState.PARTLY_MET),
}
"""The unfinished states in three stages. Every unfinished state is in one of them."""
STAGE_LABELS: Mapping[str, str | Promise] = {
    "sorting": gettext_lazy("not yet open"),
    "open": gettext_lazy("open, nobody is on it"),
    "taken": gettext_lazy("somebody is on it"),
}
_ORDER = {Urgency.NOW: 0, Urgency.SOON: 1, Urgency.LATER: 2}


@dataclass(frozen=True, slots=True)
class Filter:
    """The filter of the list; "" for everything. stage: a key of STAGES."""

    kind: str = ""
    urgency: str = ""
    stage: str = ""


def unfinished_in(territory: Territory) -> NeedQuerySet:
    """Return the unfinished needs in a territory and the territories below it, including needs for which only the
    district is known. Check first that the reader coordinates the territory."""
    return areas.within(Need.objects.unfinished(), territory.slug)


def rows_of(territory: Territory, wanted: Filter) -> list[Nearby]:
    """Return the matching needs: the most urgent first, then those that have waited longest."""
    found = unfinished_in(territory).order_by()
    if wanted.kind:
        found = found.filter(kinds__contains=[wanted.kind])
    if wanted.urgency:
        found = found.filter(urgency=wanted.urgency)
    if wanted.stage:
        found = found.filter(state__in=STAGES[wanted.stage])
    values = found.values_list("pk", "kinds", "urgency", "cell", "at", "district__name")
    rows = [Nearby(key, kinds, level, cell, None, at, name or "") for key, kinds, level, cell, at, name in values]
    return sorted(rows, key=lambda row: (_ORDER[Urgency(row.urgency)], row.at, row.id))


def counts(territory: Territory) -> dict[str, int]:
    """Return the number of unfinished needs by stage."""
    numbers = {name: Count("pk", filter=Q(state__in=states)) for name, states in STAGES.items()}
    return unfinished_in(territory).order_by().aggregate(**numbers)


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a need, which a coordinator reads besides its cell.

    holders: associations, or “a volunteer”, who took it.
    """

    persons: int
    state: str
    holders: tuple[str, ...]


def progress_of(keys: Collection[UUID]) -> dict[UUID, Progress]:
    """Return the progress of needs."""
    held = Commitment.objects.running(timezone.now()).filter(need__in=keys).select_related("association")
    holders: dict[UUID, list[str]] = {}
    for each in held.order_by("pk"):
        holders.setdefault(each.need_id, []).append(each.association.name if each.association else _("a volunteer"))
    needs = Need.objects.filter(pk__in=keys)
    return {
        need.pk: Progress(need.persons, need.get_state_display(), tuple(dict.fromkeys(holders.get(need.pk, ()))))
        for need in needs.only("persons", "state")
    }
