"""Recording that a team told somebody about a place.

The record does not count as help given or as a contact: it sends no ``evidence_changed``, and neither zones nor figures
use it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from needs.models import Place, Signposting, Tour
from volunteers.models import Association


@dataclass(frozen=True, slots=True)
class SignpostDraft:
    """A signposting before it is stored. cell: the cell of the team, of H3 resolution 9, or None."""

    id: uuid.UUID
    place: Place
    kind: str
    cell: int | None
    tour: Tour | None
    at: datetime


def record(draft: SignpostDraft, association: Association, author: int) -> Signposting:
    """Store that somebody was told about a place. The caller has to ensure that an id is stored only once."""
    return Signposting.objects.create(
        id=draft.id,
        place=draft.place,
        kind=draft.kind,
        cell=draft.cell,
        association=association,
        author_id=author,
        tour=draft.tour,
        at=draft.at,
    )


def told_on(tour: Tour) -> int:
    """Return the number of times that the crew of a tour told somebody about a place."""
    return Signposting.objects.filter(tour=tour).count()
