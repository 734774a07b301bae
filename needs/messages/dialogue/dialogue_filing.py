"""Filing the need of a dialogue, adding later words and places to the need, and storing the address for its news.

All functions run in the transaction that reads the messages.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from django.contrib.gis.geos import Point
from django.utils import timezone

from needs.base.lifecycle import merge_chains
from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.conversations.writing import WritingRefused
from needs.enums import AlarmSource, Category, Channel, NeedState, Origin, ReportKind, Urgency, WordsWay
from needs.help.corrections import correcting
from needs.help.following import reporter_addresses
from needs.help.reporter_messages import reporter_writing
from needs.messages.channels.models import Correspondent, Dialogue, DialogueStep, InboundMessage
from needs.messages.dialogue import automatic_answers
from needs.messages.dialogue.dialogue_drafts import MOST_PLACE_TEXT, MOST_TEXT, DialogueDraft
from needs.messages.dialogue.understanding import PlaceGuess
from needs.models import Need, ReporterAddress
from needs.reports import intake
from needs.reports.danger import alarms
from needs.reports.danger.alarms import Came
from needs.reports.intake import Sender
from solidarity.lib import grid
from solidarity.lib.field_encryption import decrypt
from volunteers.enums import Medium
from volunteers.models import Territory

CHANNELS = {Medium.SMS: Channel.SMS, Medium.EMAIL: Channel.EMAIL}


def address_of(person: Correspondent) -> str:
    """Return the person's number or e-mail address; "" if it was encrypted with another key."""
    return decrypt(person.address) or ""


def sender_of(person: Correspondent) -> Sender:
    """Return the source of a person's reports. Telephone calls from the same number get the same source."""
    source = f"phone:{address_of(person) or person.pk}"
    return Sender(None, source, source)


def file(
    person: Correspondent, dialogue: Dialogue, known: DialogueDraft, *, at: datetime, danger: bool = False,
    follows: bool = True,
) -> Need:  # fmt: skip
    """File the need of a dialogue with all that is known; it has the id of the dialogue, so a repeated call files
    nothing.

    danger: True if the messages tell of danger; the urgency is then "now". An alarm is raised as for the public form.
    follows: whether news of the need go to the person's address.
    """
    spot = _point_of(known)
    draft = NeedDraft(
        id=dialogue.pk,
        at=min(at, timezone.now()),
        place=spot,
        kinds=known.kinds or [Category.OTHER],
        urgency=Urgency.NOW if danger else known.urgency or Urgency.SOON,
        persons=known.persons or 1,
        text=known.text,
        place_text=known.words_of_place(),
        contact=address_of(person)[:200],
        origin=Origin.SELF if known.own else Origin.CITIZEN,
    )
    filed = intake.file_need(
        draft, sender_of(person), implied=("at", "contact"), channel=CHANNELS[Medium(person.medium)]
    )
    need = Need.objects.get(pk=filed.id)
    slug = str((known.place or {}).get("district") or "")
    if spot is None and slug and (district := Territory.objects.zoned().filter(slug=slug).first()):
        need.district = district
        need.save(update_fields=["district"])
    dialogue.need, dialogue.step, dialogue.guess = need, DialogueStep.DONE, {}
    dialogue.save(update_fields=["need", "step", "guess"])
    if follows:
        follow(person, need.pk)
    return need


def follow(person: Correspondent, need: uuid.UUID) -> None:
    """Store the person's address for news of a need, unless they wrote STOP."""
    to = address_of(person)
    if to and person.stopped_at is None:
        with suppress(reporter_addresses.TooManyAddresses):
            reporter_addresses.keep(need, Medium(person.medium), to, automatic_answers.spoken(person))


def is_address_of(address: ReporterAddress, person: Correspondent) -> bool:
    """Whether news of a need is sent to the person's own number or e-mail address."""
    return (decrypt(address.address) or "").lower() == address_of(person)


def add_words(
    dialogue: Dialogue, text: str, place: PlaceGuess | None, *, answers_where: bool, messages: Sequence[InboundMessage]
) -> Need:
    """Add the words of a later message to the need of a dialogue, or to the need that it was merged into.

    If the place of the need is unknown, the place in the message becomes the place of the need. New danger words raise
    the need's alarm, or reopen it. The words are also in the conversation with the holder or the dispatchers.
    answers_where: the message answers the question about the place. messages: the messages that contained the words.
    """
    target = merge_chains.target_of(Need.objects.get(dialogues=dialogue))
    row = Need.objects.select_for_update(of=("self",), no_key=True).get(pk=target.pk)
    row.text = f"{row.text}\n{text}".strip()[:MOST_TEXT]
    old = row.cell
    if row.lacks_place and row.state in (NeedState.HELD, NeedState.NEW):
        if place is not None and place.latitude is not None and place.longitude is not None:
            row.point = Point(place.longitude, place.latitude, srid=4326)
            row.cell, row.fine_cell = grid.cells_of(place.latitude, place.longitude)
        words = (place.label or place.words if place else "") or (text.strip() if answers_where else "")
        row.place_text = row.place_text or words[:MOST_PLACE_TEXT]
    row.save(update_fields=["text", "point", "cell", "fine_cell", "place_text"])
    correcting.follow(ReportKind.NEED, row, old)
    *earlier, message = messages
    came = Came(WordsWay.RECEIVED, message.pk, others=[each.pk for each in earlier])
    if text.strip():
        with suppress(WritingRefused):  # the need contains these words already
            reporter_writing.write_from_reporter(row, text, message.received_at, id=message.pk, came=came)
    # After the message: a writer locks a conversation first, and then the alarm.
    alarms.raise_for_new_words([text], AlarmSource.WORDS, came=came, need_id=row.pk)
    return row


def is_over(need: Need) -> bool:
    """Whether a need, or the need that it was merged into, was closed or taken back."""
    goes_on = merge_chains.target_of(need)
    return need.retracted_at is not None or goes_on.retracted_at is not None or goes_on.is_finished


def _point_of(known: DialogueDraft) -> DraftPlace | None:
    place = known.place or {}
    if place.get("lat") is None or place.get("lng") is None:
        return None
    return DraftPlace(float(place["lat"]), float(place["lng"]))
