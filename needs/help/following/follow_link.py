"""Sending the private follow link by text message or e-mail, at once. The address is used once and not stored.

Pages for reporters and pages for dispatchers use the same functions. ``link_limits`` contains the limits.
"""

import json
import logging
import uuid
from collections.abc import Callable
from enum import Enum

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from redis.exceptions import RedisError

from needs.enums import NeedState
from needs.help.following import link_limits
from needs.help.following.link_limits import Door
from needs.help.following.news_wording import NewsText, text_of_link
from needs.models import Need
from needs.reports import filing
from solidarity.lib import bounced_mail
from solidarity.lib.rate_counters import counter_key
from volunteers.enums import Medium
from volunteers.people.notifications import mail, phone_numbers, push, sms
from volunteers.people.notifications.delivery import NotDelivered

log = logging.getLogger(__name__)

REPEAT_SECONDS = 60  # within this time, the same link is not sent to the same address again


class Sending(Enum):
    """The result of sending a link. Only SENT means that the provider has accepted it."""

    SENT = "sent"
    NO_NEED = "no need"
    NO_NUMBER = "no number"
    TOO_OFTEN = "too often"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"


def path_of(need: uuid.UUID) -> str:
    """Return the path of a need's private follow page."""
    return reverse("needs:follow", args=[filing.follow_token(need)])


def link_of(need: uuid.UUID) -> str:
    """Return the private link at the site's configured address, as messages contain it."""
    return settings.SITE_URL + path_of(need)


def send_by_text(need_id: uuid.UUID, number: str, *, language: str = "", door: Door | None = None) -> Sending:
    """Send the private link of a need to a mobile number in any common notation. The number is not stored.

    language: the language of the reporter; by default the active language. door: the device and the network of the
    request; None for a dispatcher. Dispatchers can send to every country, and only the limits per need and per number
    apply to them. If the report waits for a moderator, only dispatchers can send its link. The function waits up to 10
    seconds for the provider, so call it after the transaction. The function returns failures as a result and never
    raises them.
    """
    if not sms.is_available():
        return Sending.UNAVAILABLE
    to = phone_numbers.mobile(number, anywhere=door is None)
    if to is None:
        return Sending.NO_NUMBER
    return _send(
        need_id, Medium.SMS, to, lambda need: post_text(to, text_of_link(need), link_of(need.pk)), language, door
    )


def send_by_mail(need_id: uuid.UUID, address: str, *, language: str = "", door: Door | None = None) -> Sending:
    """Send the private link of a need to a valid e-mail address, which is not stored. See ``send_by_text``."""
    to = address.strip()
    return _send(
        need_id, Medium.EMAIL, to, lambda need: post_mail(to, text_of_link(need), link_of(need.pk)), language, door
    )


def _send(
    need_id: uuid.UUID, medium: Medium, to: str, post: Callable[[Need], None], language: str, door: Door | None
) -> Sending:
    need = Need.objects.live().filter(pk=need_id).first()
    if need is None or (door is not None and need.state == NeedState.HELD):
        return Sending.NO_NEED
    again = counter_key("link-again", f"{need_id}:{link_limits.mailbox_of(to)}")
    try:
        if not cache.add(again, 1, REPEAT_SECONDS):
            return Sending.SENT
        if not link_limits.may_send_link(str(need_id), medium, to, door):
            cache.delete(again)
            return Sending.TOO_OFTEN
    except (RedisError, OSError):
        return Sending.FAILED
    try:
        with translation.override(language or translation.get_language()):
            post(need)
    except NotDelivered as refusal:
        log.info("the private link could not be sent by %s: %s", medium.value, refusal.reason)
        cache.delete(again)
        return Sending.FAILED
    return Sending.SENT


# --- one function per medium. Each sends in the active language and may raise delivery.NotDelivered ----------------


def post_text(number: str, text: NewsText, link: str) -> None:
    words = f"{text.title}. {text.body}" if text.body else text.title
    sms.post(number, f"{words[: sms.MOST_CHARACTERS]} {link}")


def post_mail(address: str, text: NewsText, link: str, *, stored: uuid.UUID | None = None) -> None:
    """Send the link by e-mail. stored: the id of the address, if it is stored for news.

    The message then says how to stop the news, and the address is deleted if the message bounces.
    """
    content = render_to_string(
        "needs/following/reporter_mail.txt", {"text": text, "link": link, "each_step": stored is not None}
    )
    made = EmailMessage(text.title, content, to=[address], headers={"Auto-Submitted": "auto-generated"})
    if stored is not None:
        made.extra_headers["Message-ID"] = bounced_mail.message_id(bounced_mail.REPORTER, stored)
        bounced_mail.bounce_to_us(made)
    mail.post(made)


def post_push(subscription: str, text: NewsText, path: str) -> None:
    """Send the link to a browser. subscription: the subscription of the browser as JSON, from
    ``reporter_addresses``."""
    payload = json.dumps({"title": text.title, "body": text.body, "path": path}, ensure_ascii=False)
    push.post(**json.loads(subscription), payload=payload)
