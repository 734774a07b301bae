"""Automatic answers in the person's language. Limits ensure that a flood of messages leads to only a few answers."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.utils import timezone, translation

from needs.help.following.follow_link import link_of
from needs.messages.channels import outgoing_messages
from needs.messages.channels.models import Correspondent, Dialogue, InboundMessage, OutboundMessage
from needs.messages.dialogue.text_length import parts
from needs.models import MailDetails
from solidarity.lib import languages
from solidarity.lib.site import site_choices
from volunteers.enums import Medium
from volunteers.people.notifications.content_policy import ForbiddenContent

MOST_IN_AN_HOUR, MOST_IN_A_DAY = 6, 20
MOST_DANGER_IN_AN_HOUR = 9
"""Maximum number of automatic answers to one person. The limit for emergency numbers is a little higher."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_PARTS = 2
_PLAIN = str.maketrans("’‘\u00a0\u202f–—", "''  --")


def spoken(person: Correspondent) -> str:
    """Return the language for answers to a person."""
    return person.language if person.language in languages.codes() else site_choices.main_language()


def may_answer(person: Correspondent, *, danger: bool = False) -> bool:
    """Return whether an answer may be written: the person has not written STOP and is below the limit of answers.

    danger: the answer has emergency numbers for a danger that the person just wrote about; these are sent even after
    STOP.
    """
    if person.stopped_at is not None and not danger:
        return False
    now = timezone.now()
    sent = OutboundMessage.objects.filter(correspondent=person, by=None)
    hour = sent.filter(written_at__gt=now - HOUR).count()
    if danger:
        return hour < MOST_DANGER_IN_AN_HOUR
    return hour < MOST_IN_AN_HOUR and sent.filter(written_at__gt=now - DAY).count() < MOST_IN_A_DAY


def in_words(person: Correspondent, wording: Callable[[], str]) -> str:
    """Return a text in the person's language."""
    with translation.override(spoken(person)):
        return plain(wording())


def plain(text: str) -> str:
    """Return a text in which quotes, dashes and non-breaking spaces are replaced by characters of the GSM alphabet."""
    return text.translate(_PLAIN)


def is_automatic(message: InboundMessage) -> bool:
    """Return whether a machine may have written a message. Nothing is sent to it, so that machines never answer each
    other."""
    return MailDetails.objects.filter(message=message.pk, automatic=True).exists()


def answer(
    person: Correspondent,
    wording: Callable[[], str],
    *,
    dialogue: Dialogue | None = None,
    to: InboundMessage | None = None,
    danger: bool = False,
    even_if_stopped: bool = False,
    with_link: bool = False,
) -> bool:
    """Write an answer in the person's language; return whether it was written. wording: function that returns the text.
    to: the message that is answered; an automatic mail gets no answer.

    with_link: if True, add the private link of the dialogue's need, provided that the message then still has at most
    MOST_PARTS parts.
    """
    if not even_if_stopped and not may_answer(person, danger=danger):
        return False
    if to is not None and person.medium == Medium.EMAIL and is_automatic(to):
        return False
    even_if_stopped = even_if_stopped or danger
    text = in_words(person, wording)
    if with_link and dialogue is not None and dialogue.need_id is not None:
        linked = f"{text} {link_of(dialogue.need_id)}"
        if person.medium == Medium.EMAIL or parts(linked) <= MOST_PARTS:
            with suppress(ForbiddenContent):  # a token may look like a telephone number
                return _write(person, linked, dialogue, to, even_if_stopped)
    return _write(person, text, dialogue, to, even_if_stopped)


def _write(
    person: Correspondent, text: str, dialogue: Dialogue | None, to: InboundMessage | None, even_if_stopped: bool
) -> bool:
    return (
        outgoing_messages.write(person, text, dialogue=dialogue, answers=to, even_if_stopped=even_if_stopped)
        is not None
    )


def was_told_lately(person: Correspondent, wording: Callable[[], str]) -> bool:
    """Return whether the person got this answer within the last hour."""
    text = in_words(person, wording)
    since = timezone.now() - HOUR
    return OutboundMessage.objects.filter(correspondent=person, text=text, written_at__gt=since).exists()
