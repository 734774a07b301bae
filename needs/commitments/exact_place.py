"""The exact place of a need, shown only to its holder while they hold it. Every access is logged."""

import uuid
from dataclasses import dataclass

from django.utils import timezone

from needs.commitments.ending import known_place
from needs.models import Commitment
from needs.reports.declarations import Place
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import User


@dataclass(frozen=True, slots=True)
class ExactPlace:
    """A need as its holder sees it, without contact. exact: False if ``place`` is only the centre of the cell."""

    place: Place | None
    exact: bool
    place_text: str
    title: str
    text: str
    persons: int


def reveal_place(commitment: uuid.UUID, user: User) -> ExactPlace:
    """Return place and description of a need that the person holds now. Log the access, without the place.

    Raises Commitment.DoesNotExist for everybody else, and after the commitment has ended.
    """
    own = Commitment.objects.held_by(user, timezone.now()).select_related("need").get(pk=commitment)
    need = own.need
    recording.record(
        user, Verb.PLACE_SHOWN, "need", need.pk, purpose=Purpose.CARE, details={"exact": need.point is not None}
    )
    return ExactPlace(known_place(need), need.point is not None, need.place_text, need.title, need.text, need.persons)
