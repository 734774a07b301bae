"""Web Push (RFC 8030, 8291, 8292): encrypted for the browser, signed with the deployment's VAPID key."""

import base64
import hashlib
import json
from functools import lru_cache
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from solidarity.lib.http import outgoing
from volunteers.enums import Medium, Topic
from volunteers.models import PushSubscription, User
from volunteers.people.notifications.delivery import NotDelivered, OutgoingMessage, Undeliverable
from volunteers.people.notifications.unsubscribing import own_settings

SECONDS = 10
KEPT_SECONDS = 24 * 3600
"""Time for which the push service stores a message for an offline browser."""
MOST_BROWSERS = 10
GONE = (404, 410)


class NotOurs(ValueError):
    """A refused subscription: an unknown push service or invalid keys."""


class Gone(Undeliverable):
    """The browser no longer exists (404, 410); its subscription can be deleted."""


def is_available() -> bool:
    """Return whether this deployment has a signing key."""
    return bool(settings.VAPID_PRIVATE_KEY)


def public_key() -> str:
    """Return the public key with which browsers subscribe, as an uncompressed point in base64url; empty without a
    private key."""
    return _public_of(settings.VAPID_PRIVATE_KEY) if settings.VAPID_PRIVATE_KEY else ""


@lru_cache(maxsize=4)
def _public_of(private: str) -> str:
    number = int.from_bytes(_unpack(private), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpack(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def send(message: OutgoingMessage) -> None:
    """Send to every browser of the person, and delete browsers that no longer exist (404, 410). The message counts as
    sent if at least one browser gets it.

    Raise NotDelivered for a temporary failure, Undeliverable if no browser is left or all browsers refuse.
    """
    browsers = list(PushSubscription.objects.filter(user=message.user))
    payload = json.dumps(
        {"title": message.title, "body": message.body, "path": message.path or "/"}, ensure_ascii=False
    )
    refusals = []
    for browser in browsers:
        try:
            _post(browser, payload)
        except NotDelivered as refusal:
            refusals.append(refusal)
    if len(refusals) < len(browsers):
        return
    later = [refusal for refusal in refusals if not isinstance(refusal, Undeliverable)]
    raise later[0] if later else refusals[0] if refusals else Undeliverable("no browser")


def _post(browser: PushSubscription, payload: str) -> None:
    try:
        post(browser.endpoint, browser.p256dh, browser.auth, payload)
    except Gone:
        browser.delete()
        raise
    PushSubscription.objects.filter(pk=browser.pk).update(last_used_at=timezone.now())


def post(endpoint: str, p256dh: str, auth: str, payload: str) -> None:
    """Encrypt a JSON payload for a browser and send it to its push service.

    Raise Gone, Undeliverable for another permanent failure, or NotDelivered for a temporary one.
    """
    from pywebpush import WebPushException, webpush  # loads aiohttp, which no other part of the program needs

    if not is_available():
        raise Undeliverable("no key")
    if not is_known_service(endpoint):
        raise Undeliverable("unknown push service")
    keys = {"p256dh": p256dh, "auth": auth}
    try:
        with outgoing.session() as caller:
            webpush(
                {"endpoint": endpoint, "keys": keys}, payload, vapid_private_key=settings.VAPID_PRIVATE_KEY,
                vapid_claims={"sub": settings.VAPID_CONTACT}, timeout=SECONDS, ttl=KEPT_SECONDS, requests_session=caller,
            )  # fmt: skip
    except WebPushException as error:
        status = error.status_code or 0
        if status in GONE:
            raise Gone("the browser is gone") from None
        if 400 <= status < 500 and status not in (408, 425, 429):
            raise Undeliverable(f"HTTP {status}") from None
        raise NotDelivered(f"HTTP {status}") from None
    except requests.RequestException as error:
        raise NotDelivered(type(error).__name__) from None


def is_known_service(endpoint: str) -> bool:
    """Return whether an address belongs to a push service in settings.PUSH_SERVICES. Only these services are called.

    An entry is a host name, a name with a leading dot for all subdomains, or a whole origin (for tests).
    """
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:  # an open bracket, or a port that is no number or too large
        return False
    if f"{parts.scheme}://{parts.netloc}" in settings.PUSH_SERVICES:
        return True
    if parts.scheme != "https" or parts.username or port not in (None, 443):
        return False
    return any(host == entry or (entry[:1] == "." and host.endswith(entry)) for entry in settings.PUSH_SERVICES)


def subscribe(user: User, endpoint: str, p256dh: str, auth: str) -> PushSubscription:
    """Store a browser's subscription. A browser belongs to the last person who subscribed with it. Raise NotOurs.

    If the person has enabled no topic for this medium, enable all topics.
    """
    check_subscription(endpoint, p256dh, auth)
    with transaction.atomic():
        own = own_settings(user)
        row, _made = PushSubscription.objects.update_or_create(
            endpoint_hash=hash_of(endpoint),
            defaults={"user": user, "endpoint": endpoint, "p256dh": p256dh.rstrip("="), "auth": auth.rstrip("=")},
        )
        if not any(pair.endswith(f":{Medium.PUSH}") for pair in own.wanted):
            own.wanted = sorted({*own.wanted, *(f"{topic}:{Medium.PUSH}" for topic in Topic)})
            own.save(update_fields=["wanted"])
        kept = PushSubscription.objects.filter(user=user).order_by("-made_at", "-pk").values("pk")[:MOST_BROWSERS]
        PushSubscription.objects.filter(user=user).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return row


def check_subscription(endpoint: str, p256dh: str, auth: str) -> None:
    """Raise NotOurs unless the endpoint belongs to a known push service and the keys are valid."""
    if not is_known_service(endpoint) or len(endpoint) > 1000:
        raise NotOurs("unknown push service")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _unpack(p256dh))
        if len(_unpack(auth)) != 16:
            raise ValueError
    except ValueError:
        raise NotOurs("no keys") from None


def unsubscribe(user: User, endpoint: str) -> bool:
    """Delete the subscription of one of the person's browsers; return False if it does not belong to this person."""
    deleted, _each = PushSubscription.objects.filter(user=user, endpoint_hash=hash_of(endpoint)).delete()
    return bool(deleted)


def hash_of(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()
