"""The border between the automatic dialogue and the desk: handing over, taking up again, closing."""

from django.utils import timezone

from needs.messages.channels.models import Correspondent, Dialogue, DialogueStep
from needs.messages.dialogue import automatic_answers, dialogue_wording
from needs.messages.dialogue.dialogue_drafts import DialogueDraft
from needs.models import InboundMessage
from solidarity.lib import grid
from volunteers.models import Territory
from volunteers.places.territories import duties


def to_desk(person: Correspondent, dialogue: Dialogue, *, answers: InboundMessage | None = None) -> None:
    """Put a dialogue into the queue of the dispatchers of its place, with the values guessed so far, and tell the
    person."""
    known = DialogueDraft.of(dialogue)
    dialogue.step, dialogue.to_desk_at = DialogueStep.DESK, dialogue.to_desk_at or timezone.now()
    dialogue.guess, dialogue.territory = known.guess(), dialogue.territory or _territory(person, known)
    dialogue.save(update_fields=["step", "to_desk_at", "guess", "territory", "draft"])
    if not automatic_answers.was_told_lately(person, dialogue_wording.at_desk):
        automatic_answers.answer(person, dialogue_wording.at_desk, dialogue=dialogue, to=answers)


def _territory(person: Correspondent, known: DialogueDraft) -> Territory | None:
    """Return the territory of the place, else the territory of the person's last report; None if neither is known."""
    place = known.place or {}
    if place.get("lat") is not None and place.get("lng") is not None:
        return duties.territory_of(grid.cell_of(place["lat"], place["lng"]))
    if place.get("district"):
        return Territory.objects.zoned().filter(slug=place["district"]).first()
    last = person.dialogues.exclude(need=None).select_related("need__district").order_by("-opened_at").first()
    if last is None or last.need is None:
        return None
    return duties.territory_of(last.need.cell) or last.need.district


def close(dialogue: Dialogue) -> None:
    """End a dialogue: the person's next message opens a new one. The values that the rules found in its messages are
    deleted."""
    dialogue.closed_at, dialogue.step, dialogue.draft, dialogue.guess = timezone.now(), DialogueStep.DONE, {}, {}
    dialogue.taken_by = dialogue.taken_at = None
    dialogue.save(update_fields=["closed_at", "step", "draft", "guess", "taken_by", "taken_at"])
