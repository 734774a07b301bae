"""Storing incoming messages, each once, and starting the task that reads them."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from needs.messages.channels.models import MOST_RECEIVED, Correspondent, InboundMessage, ReceivedId
from needs.messages.channels.waking import read_soon
from solidarity.lib.field_encryption import encrypt
from volunteers.enums import Medium


def correspondent_of(medium: Medium, address: str) -> Correspondent:
    """Return the correspondent with an address; create one if there is none. address: a telephone number in the format
    E.164, or an e-mail address."""
    plain = address.strip().lower()
    found, _made = Correspondent.objects.get_or_create(
        medium=medium, digest=digest_of(medium, plain), defaults={"address": encrypt(plain)}
    )
    return found


def digest_of(medium: Medium, address: str) -> str:
    """Return the keyed hash by which an address is found again."""
    return salted_hmac("needs.channels", f"{medium}:{address.strip().lower()}", algorithm="sha256").hexdigest()


def receive(
    medium: Medium,
    *,
    gateway: str,
    provider_id: str,
    sender: str,
    text: str,
    received_at: datetime,
    reference: str = "",
    part: int = 1,
    parts: int = 1,
) -> InboundMessage | None:
    """Store a message, and start the task that reads it after the commit.

    Return None if the message was already stored, even if it has been deleted since. sender: a telephone number in the
    format E.164, or an e-mail address; the gateway's signature was checked before. reference, part, parts: the same
    fields as in ``InboundMessage``.
    """
    with transaction.atomic():
        if medium == Medium.SMS and not _is_new(gateway, provider_id):
            return None
        row = InboundMessage(
            correspondent=correspondent_of(medium, sender), gateway=gateway, provider_id=provider_id[:200],
            text=text.replace("\0", "")[:MOST_RECEIVED], received_at=received_at,
            reference=reference[:200], part=part, parts=parts,
        )  # fmt: skip
        InboundMessage.objects.bulk_create([row], ignore_conflicts=True)
        if not InboundMessage.objects.filter(pk=row.pk).exists():
            return None
        Correspondent.objects.filter(pk=row.correspondent_id).update(last_at=timezone.now())
        transaction.on_commit(read_soon, robust=True)
    return row


def _is_new(gateway: str, provider_id: str) -> bool:
    """Keep the hash of a message's id. Return whether it was unknown."""
    digest = salted_hmac("needs.channels.ids", f"{gateway}:{provider_id[:200]}", algorithm="sha256").hexdigest()
    return ReceivedId.objects.get_or_create(digest=digest)[1]
