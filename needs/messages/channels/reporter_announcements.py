"""Telling a reporter about a new message. Notifications contain no text, no name and no place.

A reporter is told at the addresses that they chose, at the number or address from which they wrote, and in their
account if they have one. At night, text messages and e-mails are sent only if the message is urgent.
"""

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from needs.base.dispatch_scope import scope
from needs.conversations.models import Message, Speaker
from needs.help.following import follow_link, reporter_news
from needs.messages.channels import outgoing_messages
from needs.messages.channels.inbox import digest_of
from needs.messages.channels.models import MOST_SENT
from needs.models import Dialogue, Need, OutboundMessage, ReporterAddress
from needs.reports.danger import alarm_receipts, alarms
from solidarity.lib.danger_words.matcher import flags_of_texts
from solidarity.lib.field_encryption import decrypt
from solidarity.lib.pii_check.messages import look
from solidarity.lib.site import site_choices
from volunteers.enums import Medium, Topic
from volunteers.models import NotificationSettings
from volunteers.people.notifications.content_policy import ForbiddenContent, check_content
from volunteers.people.notifications.notifying import Message as Words
from volunteers.people.notifications.notifying import after_quiet, notify

NIGHT = time(22), time(7)
"""The hours in which no text message and no e-mail wakes a reporter, in the site's time zone."""
IN_TOUCH = timedelta(hours=1)
"""A reporter who wrote within this time is awake and waits for the answer."""


def tell_reporter(*, need: Need, message: Message, **_more: Any) -> None:
    """Tell the reporter of a need about a message, and a dispatcher if the message must be passed on by telephone."""
    start = timezone.now() if _is_urgent(need, message) else after_night(timezone.now())
    reached = _answer_the_same_way(need, message, start)
    reporter_news.tell_message(need.pk, message.pk, start, _addresses_in(need, reached))
    if need.author is not None and need.author_id != message.author_id and not _is_dispatcher(need):
        notify([need.author], Topic.COMMITMENT, f"message:{message.pk}", lambda: Words(
            _("A message about a need that you reported"), _("Open the page to read it and to answer."),
            reverse("needs:conversation_about", args=["need", need.pk]) if message.speaker == Speaker.DESK
            else reverse("needs:mine"),
        ))  # fmt: skip
    if message.by_phone:
        _tell_who_passes_on(need, message)


def _is_dispatcher(need: Need) -> bool:
    """Whether a dispatcher filed the need for somebody, for example on the telephone."""
    return scope.need_dispatchers(need).filter(pk__in=[need.author_id]).exists()


def _is_urgent(need: Need, message: Message) -> bool:
    """Whether a message may wake the reporter: it is about danger to life, or answers what they have just written."""
    if flags_of_texts([message.text]) or alarms.of_report(need.pk) is not None:
        return True
    wrote = Message.objects.of_reporter(need.pk).filter(speaker=Speaker.REPORTER)
    return wrote.filter(at__gt=message.at - IN_TOUCH).exists()


def after_night(now: datetime) -> datetime:
    """Return the end of the night if a datetime is within NIGHT; else the datetime itself."""
    return after_quiet(NotificationSettings(quiet_from=NIGHT[0], quiet_until=NIGHT[1]), now)


def _answer_the_same_way(need: Need, message: Message, start: datetime) -> set[tuple[str, str]]:
    """Send a message to the number or address from which the reporter wrote, if its dialogue is open.

    Return the medium and the digest of each address that gets the message.
    """
    reached = set()
    for dialogue in Dialogue.objects.filter(need=need, closed_at=None).select_related("correspondent"):
        to = dialogue.correspondent
        with translation.override(to.language or site_choices.main_language()):
            text = text_for_channel(need, message)
        made = outgoing_messages.write(to, text, dialogue=dialogue, by=message.author)
        if made is not None:
            OutboundMessage.objects.filter(pk=made.pk).update(not_before=start)
            reached.add((to.medium, to.digest))
    return reached


def _addresses_in(need: Need, reached: set[tuple[str, str]]) -> set[uuid.UUID]:
    """Return the addresses for news that get the message already, so that nobody is told twice."""
    if not reached:
        return set()
    rows = ReporterAddress.objects.filter(need=need).exclude(medium=Medium.PUSH)
    return {
        row.pk for row in rows if (row.medium, digest_of(Medium(row.medium), decrypt(row.address) or "")) in reached
    }


def text_for_channel(need: Need, message: Message) -> str:
    """Return the text to send by text message or e-mail: the message itself if it contains no personal data, else a
    hint with the link to the page that shows it. If violence is possible, somebody else may hold the phone, so the hint
    does not even say that there is a message."""
    link = follow_link.link_of(need.pk)
    if alarm_receipts.is_discreet(need.pk):
        return f"{_('There is something new.')} {link}"
    if not look(message.text) and len(message.text) <= MOST_SENT:
        try:
            check_content(message.text)
        except ForbiddenContent:
            pass
        else:
            return message.text
    return f"{_('Somebody wrote to you. You can read it and answer on the page.')} {link}"


def _tell_who_passes_on(need: Need, message: Message) -> None:
    notify(scope.need_dispatchers(need), Topic.TRIAGE, f"pass-on:{message.pk}", lambda: Words(
        _("A message to pass on by telephone"), _("A volunteer who takes care of a need asks you to call the reporter."),
        reverse("needs:commitment_desk"),
    ))  # fmt: skip
