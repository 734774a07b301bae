"""Search for needs like the one that a caller describes, among the needs that the dispatcher works on.

The point is rounded to its cell, so that nobody can find an exact place by moving the pin step by step.
"""

from collections.abc import Sequence

from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.base.records.declarations import DraftPlace
from needs.enums import Category
from needs.help.triage import duplicates
from needs.help.triage.duplicates import Candidate
from needs.models import Need
from solidarity.lib import grid
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import streets

MOST = 5


def similar_to(
    viewer: Viewer, *, place: DraftPlace | None, place_text: str, kinds: Sequence[str], text: str
) -> list[Candidate]:
    """Return at most MOST needs near a place, or with a similar place in words, best first. Without kinds: all."""
    known = scope.needs_for(viewer)
    drafts = [Need(at=timezone.now(), kinds=list(kinds) or Category.values, text=text, place_text=place_text)]
    if place is not None:
        drafts.append(Need(at=timezone.now(), kinds=list(kinds) or Category.values, text=text, cell=cell_of(place)))
    found = {each.need.pk: each for draft in drafts for each in duplicates.candidates(draft, known)}
    return sorted(found.values(), key=lambda each: -each.similarity.score)[:MOST]


def address_suggestions(place: DraftPlace | None) -> list[str]:
    """Return addresses to offer for a tapped place: its streets, if the base map is installed."""
    if place is None:
        return []
    cell = cell_of(place)
    return streets.names_of([cell]).get(cell, [])


def cell_of(place: DraftPlace) -> int:
    """Return the cell (H3 resolution 9) of a place."""
    return grid.cell_of(place.latitude, place.longitude)
