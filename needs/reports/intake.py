"""What comes in from outside: filing again without harm, whose device it was, and how much is too much.

Past a limit a need waits for a moderator; it is never dropped (reliability.md, "anonymous filing"). The counters live in
the cache under keyed hashes: no device and no address is stored anywhere, and nothing outlives a day.
"""

import hashlib
import hmac
import ipaddress
import logging
import uuid
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from redis.exceptions import RedisError

from needs.enums import Channel
from needs.models import Encounter, Need, Tour
from needs.reports import filing, pseudonyms
from needs.reports.filing import EncounterDraft, Filed, NeedDraft
from solidarity.lib.database.idempotent_insert import Stored

log = logging.getLogger(__name__)

DEVICE_COOKIE = "device"
DEVICE_SECONDS = 180 * 24 * 3600
HOUR = 3600
DAY = 24 * HOUR


# --- filing again without harm -------------------------------------------------------------------------------------


def file_encounter(draft: EncounterDraft, *, association: int, author: int, implied: Collection[str] = ()) -> Filed:
    """File an encounter. implied: fields of the draft that the server filled in, so that a repeat cannot know them."""
    return _once(draft, Encounter, implied, lambda it: filing.log_encounter(it, association=association, author=author))


def file_need(
    draft: NeedDraft,
    *,
    device: str,
    author: int | None,
    held: bool,
    implied: Collection[str] = ("at",),
    channel: str = Channel.WEB,
) -> Filed:
    """File a need; its source becomes the device's pseudonym of this month. held: it waits for a moderator."""
    draft = replace(draft, source=pseudonyms.pseudonym(device, timezone.now()))
    return _once(
        draft,
        Need,
        (*implied, "source", "with_account"),
        lambda it: filing.report_need(it, author=author, held=held, extra=filing.Extra(channel)),
    )


def start_tour(*, id: uuid.UUID, at: datetime, implied: Collection[str] = (), **start: Any) -> Filed:
    """Open a tour; see ``filing.start_tour``."""
    filed = filing.start_tour(id=id, at=at, **start)
    if filed.stored is Stored.CONFLICT and "at" in implied:
        first = Tour.objects.filter(pk=id).values_list("at", flat=True).first()
        filed = filing.start_tour(id=id, at=first or at, **start)
    return filed


def _once(draft: Any, model: type[Model], implied: Collection[str], file: Callable[[Any], Filed]) -> Filed:
    """What the server filled in is taken from the first filing, so that the same form sent twice is the same report."""
    filed = file(draft)
    if filed.stored is Stored.CONFLICT and implied:
        first = model._default_manager.filter(pk=draft.id).values(*implied).first()
        if first is not None:
            filed = file(replace(draft, **first))
    return filed


# --- devices and networks ------------------------------------------------------------------------------------------


def device_of(request: HttpRequest) -> str:
    """The random name of the reader's device from its signed cookie; a new one where there is none."""
    kept = request.get_signed_cookie(DEVICE_COOKIE, default="", salt="needs.reports.intake", max_age=DEVICE_SECONDS)
    return kept or uuid.uuid4().hex


def remember(response: HttpResponse, device: str) -> None:
    """Give the device its name back."""
    response.set_signed_cookie(
        DEVICE_COOKIE,
        device,
        salt="needs.reports.intake",
        max_age=DEVICE_SECONDS,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def network_of(request: HttpRequest) -> str:
    """The reader's network: /24 of an IPv4 address, /48 of an IPv6 one. X-Forwarded-For counts behind a proxy only."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        # The last entry is the one that our own proxy wrote; those before it can say anything.
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip() or address
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))


# --- limits --------------------------------------------------------------------------------------------------------


def must_wait(need: uuid.UUID, *, device: str, network: str) -> bool:
    """Whether a need has to wait for a moderator: its device or its network has filed too many.

    A need counts once, however often it is sent. When the counters are away it waits as well.
    """
    limits = (
        (_key("device-hour", device), HOUR, settings.ANONYMOUS_PER_HOUR),
        (_key("device-day", device), DAY, settings.ANONYMOUS_PER_DAY),
        (_key("network-hour", network), HOUR, settings.ANONYMOUS_PER_NETWORK_HOUR),
    )
    try:
        first_time = cache.add(_key("need", str(need)), 1, DAY)
        counts = [_count(key, seconds, add=first_time) for key, seconds, _limit in limits]
    except (RedisError, OSError):
        log.warning("the counters of anonymous filing are away: needs wait for a moderator")
        return True
    return any(count > limit for count, (_name, _seconds, limit) in zip(counts, limits, strict=True))


def _count(key: str, seconds: int, *, add: bool) -> int:
    """The counter's value, after one more if ``add``; it starts anew ``seconds`` after its first use."""
    if not add:
        return int(cache.get(key, 0))
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out between the two calls
        cache.set(key, 1, seconds)
        return 1


def _key(kind: str, value: str) -> str:
    digest = hmac.new(f"{settings.SECRET_KEY}:intake".encode(), f"{kind}:{value}".encode(), hashlib.sha256)
    return f"intake:{digest.hexdigest()[:40]}"
