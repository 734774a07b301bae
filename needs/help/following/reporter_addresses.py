"""Storing, showing and deleting the addresses to which news of each step is sent."""

import json
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils.crypto import salted_hmac

from needs.models import Need, ReporterAddress
from solidarity.lib.field_encryption import decrypt, encrypt
from volunteers.enums import Medium
from volunteers.people.notifications import phone_numbers, push

MOST_ADDRESSES = 3  # maximum number of addresses per need and medium


class TooManyAddresses(Exception):
    """The need has MOST_ADDRESSES of this medium already."""


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """An address as the follow page shows it. name: the masked address; "" for a browser. endpoint_hash: SHA-256 of a
    browser."""

    pk: uuid.UUID
    medium: Medium
    name: str
    endpoint_hash: str


def keep(need: uuid.UUID, medium: Medium, to: str, language: str) -> ReporterAddress:
    """Store an address, encrypted. If the address is known, only its language changes. Raises TooManyAddresses."""
    with transaction.atomic():
        Need.objects.select_for_update(of=("self",)).get(pk=need)
        own = ReporterAddress.objects.filter(need=need)
        known = own.filter(digest=_digest(need, medium, to)).first()
        if known is not None:
            known.address, known.language = encrypt(to), language
            known.save(update_fields=["address", "language"])
            return known
        if own.filter(medium=medium).count() >= MOST_ADDRESSES:
            raise TooManyAddresses
        return ReporterAddress.objects.create(
            need_id=need, medium=medium, address=encrypt(to), digest=_digest(need, medium, to), language=language
        )


def keep_browser(need: uuid.UUID, language: str, *, endpoint: str, p256dh: str, auth: str) -> ReporterAddress:
    """Store a browser's subscription for one need, without an account. Raises push.NotOurs, TooManyAddresses."""
    push.check_subscription(endpoint, p256dh, auth)
    keys = {"p256dh": p256dh.rstrip("="), "auth": auth.rstrip("=")}
    return keep(need, Medium.PUSH, json.dumps({"endpoint": endpoint, **keys}, sort_keys=True), language)


def stop(need: uuid.UUID, address: uuid.UUID) -> bool:
    """Delete an address of a need with its waiting news; return False if the need has no such address."""
    return bool(ReporterAddress.objects.filter(need=need, pk=address).delete()[0])


def stop_browser(need: uuid.UUID, endpoint: str) -> bool:
    """Delete a browser's address; return False if the need has no such browser."""
    hashed = push.hash_of(endpoint)
    return any(stop(need, each.pk) for each in shown(need) if each.endpoint_hash == hashed)


def shown(need: uuid.UUID) -> list[ShownAddress]:
    """Return the addresses of a need. They are masked, because a shared link must not reveal a number."""
    found = []
    for row in ReporterAddress.objects.filter(need=need):
        to = decrypt(row.address)
        if to is not None:
            endpoint = json.loads(to)["endpoint"] if row.medium == Medium.PUSH else ""
            hashed = push.hash_of(endpoint) if endpoint else ""
            found.append(ShownAddress(row.pk, Medium(row.medium), _masked(row.medium, to), hashed))
    return found


def _masked(medium: str, to: str) -> str:
    if medium == Medium.SMS:
        return phone_numbers.mask(to)
    if medium == Medium.EMAIL:
        name, _at, host = to.partition("@")
        return f"{name[:1]}•••@{host[:1]}•••"
    return ""


def _digest(need: uuid.UUID, medium: str, to: str) -> str:
    value = json.loads(to)["endpoint"] if medium == Medium.PUSH else to.lower()
    return salted_hmac("needs.following.addresses", f"{need}:{medium}:{value}", algorithm="sha256").hexdigest()
