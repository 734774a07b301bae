"""The exact place of a need: only for whoever holds it, only while they do, and every look stands in the audit log."""

import uuid
from dataclasses import dataclass

from django.utils import timezone

from needs.commitments.ending import place_of
from needs.models import Commitment
from needs.reports.declarations import Place
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import User


@dataclass(frozen=True, slots=True)
class Exact:
    """What a holder sees. exact: False when retention has left only the middle of the area. No contact is in it."""

    place: Place | None
    exact: bool
    place_text: str
    title: str
    text: str
    persons: int


def look(commitment: uuid.UUID, user: User) -> Exact:
    """The place and the words of a need that a person holds now.

    That it was looked at stands in the audit log, the place is not. Raises Commitment.DoesNotExist for everybody else, and afterwards.
    """
    own = Commitment.objects.held_by(user, timezone.now()).select_related("need").get(pk=commitment)
    need = own.need
    recording.record(
        user, Verb.PLACE_SHOWN, "need", need.pk, purpose=Purpose.CARE, details={"exact": need.point is not None}
    )
    return Exact(place_of(need), need.point is not None, need.place_text, need.title, need.text, need.persons)
