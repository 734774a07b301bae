"""Sending the private follow link by text message, at once. The number is used and not stored."""

import logging
import uuid
from enum import Enum

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from needs.models import Need
from needs.reports import filing
from volunteers.notifications import phone_numbers, sms
from volunteers.notifications.delivery import NotDelivered

log = logging.getLogger(__name__)


class Sending(Enum):
    """The result of sending a link. Only SENT means that the provider has accepted it."""

    SENT = "sent"
    NO_NEED = "no need"
    NO_NUMBER = "no number"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"


def link_of(need: uuid.UUID) -> str:
    """Return the private link at the site's configured address, as messages contain it."""
    return settings.SITE_URL + reverse("needs:follow", args=[filing.follow_token(need)])


def send_by_text(need_id: uuid.UUID, number: str, *, language: str = "") -> Sending:
    """Send the private link of a need to a telephone number, as people write it. The number is not stored.

    language: the reporter's; by default the active one. It waits up to sms.SECONDS for the provider, so call it after
    the transaction. A failure is a result, never an exception.
    """
    if not sms.is_available():
        return Sending.UNAVAILABLE
    to = phone_numbers.international(number)
    if to is None:
        return Sending.NO_NUMBER
    if not Need.objects.live().filter(pk=need_id).exists():
        return Sending.NO_NEED
    try:
        with translation.override(language or translation.get_language()):
            sms.post(to, f"{gettext('Information')}: {link_of(need_id)}")  # somebody else may hold the phone
    except NotDelivered as refusal:
        log.info("the private link could not be sent by text message: %s", refusal.reason)
        return Sending.FAILED
    return Sending.SENT
