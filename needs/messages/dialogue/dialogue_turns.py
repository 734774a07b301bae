"""One turn of a dialogue: read all waiting messages of a person, and ask at most one question.

``message_reading`` calls these functions with the person's row locked, inside one transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from needs.messages.channels.models import Correspondent, Dialogue, DialogueStep, InboundMessage
from needs.messages.dialogue import automatic_answers, dialogue_filing, dialogue_wording, handing_over
from needs.messages.dialogue.dialogue_drafts import QUESTIONS, DialogueDraft
from needs.messages.dialogue.message_language import language_of
from needs.messages.dialogue.message_words import LANGUAGES, of_language, readable, words
from needs.messages.dialogue.text_length import WholeText, joined, parts
from needs.messages.dialogue.understanding import Reason, Understood, understand
from needs.models import MailDetails, Need, ReporterAddress
from needs.reports.danger import alarm_receipts
from solidarity.lib import languages
from solidarity.lib.danger_words.flags import DangerFlag

_POLITE = frozenset(words("please thanks thank you svp stp merci s il vous plait por favor gracias va rog"))


MOST_WORDS = 7


class Command(StrEnum):
    STOP = "stop"
    START = "start"
    INFO = "info"
    STATUS = "status"


def command_of(text: str) -> tuple[Command, str] | None:
    """Return the command that a message consists of, and the language of its word; "" if several languages have this
    word. Apart from the command, the message may contain only numbers and polite words, which are ignored. So "Stop
    him!" is not a command, and a number after STATUS cannot select somebody else's report.
    """
    said = tuple(word for word in words(readable(text)) if not word.isdecimal())
    if not 0 < len(said) <= MOST_WORDS:
        return None
    bare = tuple(word for word in said if word not in _POLITE)
    found = [
        (Command(name), code)
        for code in LANGUAGES
        for name, entries in of_language(code).named("commands").items()
        if any(entry.words in (said, bare) for entry in entries)
    ]
    if not found:
        return None
    return found[0][0], found[0][1] if len(found) == 1 else ""


def warn(person: Correspondent, messages: Sequence[InboundMessage]) -> None:
    """Answer danger words with the emergency numbers, and raise the alarm of the need, which is filed first if
    necessary. The warning runs first and does not depend on any other step.
    """
    dialogue = open_dialogue(person)
    flags = sorted({flag for message in messages for flag in message.danger if flag in DangerFlag.values})
    text = "\n".join(each.text for each in joined(messages))
    _learn_language(person, text)
    asked = _asked(dialogue)
    found = _understood(text, person, asked)
    if dialogue.need_id is None:
        known = DialogueDraft.of(dialogue)
        known.add(text, found, asked=asked)
        dialogue.draft = {}
        follows = not all(automatic_answers.is_automatic(each) for each in messages)
        need = dialogue_filing.file(
            person, dialogue, known, at=messages[0].received_at, danger=True, follows=follows
        )  # fmt: skip
    else:
        need = dialogue_filing.add_words(
            dialogue, text, found.place, answers_where=asked == DialogueStep.PLACE, messages=messages
        )
    if _tell_numbers(person, dialogue, need, flags, messages[-1]):
        dialogue.step, dialogue.asked = DialogueStep.PLACE, [*dialogue.asked, DialogueStep.PLACE]
    dialogue.save(update_fields=["draft", "step", "asked"])
    InboundMessage.objects.filter(pk__in=[message.pk for message in messages]).update(dialogue=dialogue)


def _tell_numbers(
    person: Correspondent, dialogue: Dialogue, need: Need, flags: Sequence[str], message: InboundMessage
) -> bool:
    """Write the emergency numbers, and the question about the place if nobody knows it; return whether the question was
    asked."""

    def numbers() -> str:
        return dialogue_wording.danger(flags)

    def question() -> str:
        return dialogue_wording.question(DialogueStep.PLACE)

    def both() -> str:
        return f"{numbers()} {question()}"

    unknown = need.lacks_place and not need.place_text
    asks = unknown and person.stopped_at is None and DialogueStep.PLACE not in dialogue.asked
    if asks and parts(automatic_answers.in_words(person, both)) <= automatic_answers.MOST_PARTS:
        return automatic_answers.answer(person, both, dialogue=dialogue, to=message, danger=True)
    told = automatic_answers.answer(person, numbers, dialogue=dialogue, to=message, danger=True)
    return told and asks and automatic_answers.answer(person, question, dialogue=dialogue, to=message, danger=True)


def take(person: Correspondent, messages: Sequence[InboundMessage]) -> None:
    """Read the messages without danger words: first as commands, then for facts about the need."""
    said: list[WholeText] = []
    for each in joined(messages):
        command = command_of(each.text)
        if command is None:
            said.append(each)
            continue
        _learn_language(person, each.text, command[1])
        _obey(person, command[0], each.last)
    if said:
        _converse(person, said)


# --- commands ------------------------------------------------------------------------------------------------------


def _obey(person: Correspondent, command: Command, message: InboundMessage) -> None:
    current = person.dialogues.filter(closed_at=None).first()
    InboundMessage.objects.filter(pk=message.pk).update(dialogue=current)
    if command == Command.STOP:
        _stop(person, message)
    elif command == Command.START:
        _start(person, message)
    elif command == Command.INFO:
        automatic_answers.answer(person, dialogue_wording.info, dialogue=current, to=message)
    else:
        automatic_answers.answer(person, lambda: _status(person, current), dialogue=current, to=message)


def _stop(person: Correspondent, message: InboundMessage) -> None:
    """Stop all messages to the person, including news of their reports; confirm this once."""
    if person.stopped_at is not None:
        return
    confirm = automatic_answers.may_answer(person)
    person.stopped_at = timezone.now()
    person.save(update_fields=["stopped_at"])
    for address in ReporterAddress.objects.filter(need__dialogues__correspondent=person, medium=person.medium):
        if dialogue_filing.is_address_of(address, person):
            address.delete()
    if confirm:
        automatic_answers.answer(person, dialogue_wording.stopped, to=message, even_if_stopped=True)


def _start(person: Correspondent, message: InboundMessage) -> None:
    if person.stopped_at is not None:
        person.stopped_at = None
        person.save(update_fields=["stopped_at"])
        for dialogue in person.dialogues.filter(closed_at=None).exclude(need=None):
            dialogue_filing.follow(person, dialogue.need_id)  # type: ignore[arg-type]
    automatic_answers.answer(person, dialogue_wording.started, to=message)


def _status(person: Correspondent, current: Dialogue | None) -> str:
    """Return the step of the person's own latest report. The text of a message cannot select another report."""
    if current is not None and current.need_id is None:
        if current.step in QUESTIONS:
            return dialogue_wording.question(DialogueStep(current.step))
        return dialogue_wording.at_desk()
    need = Need.objects.filter(dialogues__correspondent=person, retracted_at=None).order_by("-filed_at").first()
    return dialogue_wording.status_of(need) if need else dialogue_wording.no_report()


# --- the need ------------------------------------------------------------------------------------------------------


def _converse(person: Correspondent, said: Sequence[WholeText]) -> None:
    dialogue = open_dialogue(person)
    last = said[-1].last
    text = "\n".join(each.text for each in said)
    keys = [message.pk for each in said for message in each.messages]
    InboundMessage.objects.filter(pk__in=keys).update(dialogue=dialogue)
    _learn_language(person, text)
    asked = _asked(dialogue)
    found = understand(text, automatic_answers.spoken(person), asked=asked)
    has_sounds = MailDetails.objects.filter(message__in=keys, sounds__gt=0).exists()
    if dialogue.need_id is not None:
        _add(person, dialogue, text, found, [message for each in said for message in each.messages], asked)
        if has_sounds:
            handing_over.to_desk(person, dialogue, answers=last)
        return
    known = DialogueDraft.of(dialogue)
    known.add(text, found, asked=asked)
    dialogue.draft = known.as_json()
    if dialogue.step == DialogueStep.DESK or has_sounds:
        handing_over.to_desk(person, dialogue, answers=last)
        return
    step = known.next_question(dialogue.asked)
    if step is None or person.stopped_at is not None:
        finish(person, dialogue, at=said[0].messages[0].received_at, answers=last)
        return
    if automatic_answers.answer(person, lambda: dialogue_wording.question(step), dialogue=dialogue, to=last):
        dialogue.step, dialogue.asked = step, [*dialogue.asked, step]
    dialogue.save(update_fields=["draft", "step", "asked"])


def _add(
    person: Correspondent,
    dialogue: Dialogue,
    text: str,
    found: Understood,
    messages: Sequence[InboundMessage],
    asked: str,
) -> None:
    """Add the words to the open need; thank the person at most once an hour."""
    if not text.strip():
        return
    last, where = messages[-1], asked == DialogueStep.PLACE
    dialogue_filing.add_words(dialogue, text, found.place, answers_where=where, messages=messages)
    if asked:
        dialogue.step = DialogueStep.DONE
        dialogue.save(update_fields=["step"])
        kinds = dialogue.need.kinds if dialogue.need else ()
        automatic_answers.answer(
            person,
            lambda: dialogue_wording.filed(kinds),
            dialogue=dialogue,
            to=last,
            with_link=_shows_link(dialogue),
        )
    elif not automatic_answers.was_told_lately(person, dialogue_wording.added):
        automatic_answers.answer(person, dialogue_wording.added, dialogue=dialogue, to=last)


def finish(person: Correspondent, dialogue: Dialogue, *, at: datetime, answers: InboundMessage | None = None) -> None:
    """File the need if its kind and its place are known, at least in words; else hand the messages to the desk."""
    known = DialogueDraft.of(dialogue)
    if not known.kinds or not known.has_place:
        handing_over.to_desk(person, dialogue, answers=answers)
        return
    dialogue_filing.file(person, dialogue, known, at=at)
    dialogue.draft = {}
    dialogue.save(update_fields=["draft"])
    automatic_answers.answer(
        person,
        lambda: dialogue_wording.filed(known.kinds or ()),
        dialogue=dialogue,
        to=answers,
        with_link=_shows_link(dialogue),
    )


def bury(person: Correspondent, messages: Sequence[InboundMessage]) -> None:
    """Hand messages to the desk if all attempts to read them failed. Only the text of the messages is kept; no rule
    reads it again."""
    dialogue = open_dialogue(person)
    InboundMessage.objects.filter(pk__in=[message.pk for message in messages]).update(dialogue=dialogue)
    known = DialogueDraft.of(dialogue)
    text = "\n".join(message.text for message in messages)
    known.add(text, Understood(reasons={"text": [Reason.FAILED]}), asked="")
    dialogue.draft = known.as_json()
    handing_over.to_desk(person, dialogue, answers=messages[-1])


def open_dialogue(person: Correspondent) -> Dialogue:
    """Return the person's open dialogue. If the need of the dialogue is over, close the dialogue and open another
    dialogue."""
    # Whoever answers at this moment refers to the dialogue and may hold its conversation, so its key is left free.
    waiting = person.dialogues.select_for_update(of=("self",), no_key=True).filter(closed_at=None)
    found = waiting.select_related("need").first()
    if found is not None:
        gone = found.need_id is None and found.step == DialogueStep.DONE
        if not gone and (found.need is None or not dialogue_filing.is_over(found.need)):
            return found
        handing_over.close(found)
    return Dialogue.objects.create(correspondent=person)


def _asked(dialogue: Dialogue) -> str:
    """Return the question that waits for an answer; "" if there is none."""
    return dialogue.step if dialogue.step in QUESTIONS and dialogue.step in dialogue.asked else ""


def _shows_link(dialogue: Dialogue) -> bool:
    return dialogue.need_id is not None and not alarm_receipts.is_discreet(dialogue.need_id)


def _understood(text: str, person: Correspondent, asked: str) -> Understood:
    """Return the information in a message with danger words; if the rules fail, return none, because the alarm must not
    wait."""
    try:
        return understand(text, automatic_answers.spoken(person), asked=asked)
    except Exception:
        return Understood(reasons={"text": [Reason.FAILED]})


def _learn_language(person: Correspondent, text: str, of_command: str = "") -> None:
    """Remember the language of the messages, if this site offers it."""
    found = of_command if of_command and not person.language else language_of(text, person.language)
    if found != person.language and found in languages.codes():
        person.language = found
        person.save(update_fields=["language"])
