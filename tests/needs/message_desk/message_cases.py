"""Dialogues that wait for a dispatcher, stored as the dialogue stores them."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from needs.messages.channels import inbox
from needs.models import Correspondent, Dialogue, InboundMessage
from volunteers.enums import Medium
from volunteers.models import Territory

NUMBER = "+33612345678"
HERE = {"lat": 48.8660, "lng": 2.3500, "words": "under the old bridge"}
GUESS: dict[str, Any] = {
    "kinds": ["blanket"], "urgency": "now", "persons": 2, "place": HERE,
    "reasons": {"kinds": ["cold", "blanket"], "urgency": "danger", "place": "landmark"},
}  # fmt: skip


def wrote(dialogue: Dialogue, text: str, *, minutes_ago: float = 0, danger: tuple[str, ...] = ()) -> InboundMessage:
    """Store a further message of a dialogue."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return InboundMessage.objects.create(
        correspondent=dialogue.correspondent, dialogue=dialogue, gateway="generic", provider_id=str(uuid.uuid4()),
        text=text, received_at=at, stored_at=at, danger=list(danger), read_at=at,
    )  # fmt: skip


def waiting(
    territory: Territory | None, *texts: str, number: str = NUMBER, minutes_ago: float = 10, language: str = "fr",
    danger: tuple[str, ...] = (), **more: Any,
) -> Dialogue:  # fmt: skip
    """Store a dialogue with messages that waits for the dispatchers of a territory."""
    person = inbox.correspondent_of(more.pop("medium", Medium.SMS), number)
    Correspondent.objects.filter(pk=person.pk).update(language=language)
    at = timezone.now() - timedelta(minutes=minutes_ago)
    row = Dialogue.objects.create(
        correspondent=person, step="desk", to_desk_at=at, opened_at=at, territory=territory,
        **{"guess": GUESS, **more},
    )  # fmt: skip
    for text in texts or ("two people under the old bridge, cold, blanket pls",):
        wrote(row, text, minutes_ago=minutes_ago, danger=danger)
    return Dialogue.objects.select_related("correspondent", "territory").get(pk=row.pk)
