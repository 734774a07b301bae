"""The exact place of a need, shown only to its holder while they hold it. Every access is logged."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from needs.base.records.declarations import DraftPlace
from needs.help.commitments.ending import known_place
from needs.help.exact_places import budget, eligibility
from needs.models import Commitment, Need
from solidarity.lib import grid
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.place_names import cell_names, nearest


@dataclass(frozen=True, slots=True)
class ExactPlace:
    """A need as its holder sees it, without the contact. exact: False if ``place`` is only the centre of the cell."""

    place: DraftPlace | None
    exact: bool
    place_text: str
    title: str
    text: str
    persons: int


def name_of(seen: ExactPlace) -> str:
    """Return the street near a revealed place. Where only the cell is left, return the cell's name; "" without a
    place. The name of an exact place is as exact as the place: show it only where the place itself is shown."""
    if seen.place is None:
        return ""
    if seen.exact:
        return nearest.near_words(seen.place.latitude, seen.place.longitude)
    cell = grid.cell_of(seen.place.latitude, seen.place.longitude)
    return cell_names.lines([cell])[cell]


def reveal_place(commitment: uuid.UUID, user: User) -> ExactPlace:
    """Return place and description of a need that the person holds now. Record the access without the place.

    Raises Commitment.DoesNotExist for everybody else and after the commitment has ended. Raises Refused: NOT_VOUCHED,
    NOT_HERE, BUDGET, ASSOCIATION_BUDGET.
    """
    with transaction.atomic():
        # Lock the need before looking for the commitment, so that a request during a give-back does not get the place.
        of_commitment = Commitment.objects.of(user).filter(pk=commitment).values("need")
        Need.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=of_commitment).first()
        own = Commitment.objects.held_by(user, timezone.now()).select_related("need").get(pk=commitment)
        need = own.need
        eligibility.check_may_take(user, need)
        budget.open_place(user, need)
        recording.record(
            user, Verb.PLACE_SHOWN, "need", need.pk, purpose=Purpose.CARE, details={"exact": need.point is not None}
        )
    return ExactPlace(known_place(need), need.point is not None, need.place_text, need.title, need.text, need.persons)
