"""Filing from outside: one function per kind of report, for pages, the phone queue and the API.

A repeat of the same report changes nothing. A need over a limit waits for a moderator; it is never dropped
(docs/reliability.md). The cache holds the counters of the limits under keyed hashes, for at most a day; no device and
no address is stored anywhere.
"""

import hashlib
import logging
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from needs.attachments import photos
from needs.danger import alarms
from needs.enums import Channel
from needs.models import DangerAlarm, Encounter, Need, Tour
from needs.reports import filing
from needs.reports.declarations import EncounterDraft, NeedDraft, is_long_ago
from needs.reports.filing import Filed
from needs.retention import pseudonyms
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.http.client_address import address_of
from solidarity.lib.http.client_network import network_of
from solidarity.lib.rate_counters import DAY, HOUR, count, counter_key
from solidarity.lib.site.emergency_gate import Danger
from volunteers.models import User

log = logging.getLogger(__name__)

DEVICE_COOKIE = "device"
DEVICE_SECONDS = 180 * 24 * 3600


# --- filing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of a need. user: None without account. device: see device_of. network: see network_of."""

    user: User | None
    device: str
    network: str

    @property
    def source(self) -> str:
        """The account, or the device of a sender without account. Limits and pseudonyms apply to it."""
        return f"account:{self.user.key}" if self.user else self.device

    @property
    def trusted(self) -> bool:
        """Whether the sender is a member of an association and so has no limits."""
        return self.user is not None and self.user.memberships.current().exists()

    @property
    def dispatches(self) -> bool:
        return self.user is not None and self.user.memberships.dispatching().exists()


def file_encounter(draft: EncounterDraft, *, association: int, author: int, implied: Collection[str] = ()) -> Filed:
    """File an encounter from a page, a phone or a program; danger words raise its alarm in the same transaction.

    implied: fields that the server filled in. A repeat may differ in them and is still the same report.
    """
    with transaction.atomic():
        filed = _again(
            draft, Encounter, implied, lambda it: filing.log_encounter(it, association=association, author=author)
        )
        if filed.stored is InsertResult.NEW:
            filed = with_alarm(filed, alarms.raise_for_encounter(draft))
    return with_age(filed, draft)


def with_alarm(filed: Filed, alarm: DangerAlarm | None) -> Filed:
    """Return the result with the alarm that the report raised."""
    return replace(filed, alarm=tuple(alarm.flags)) if alarm else filed


def with_age(filed: Filed, draft: EncounterDraft) -> Filed:
    """Return the result with a warning if the encounter is too old to change the map."""
    if filed.stored is InsertResult.CONFLICT or not is_long_ago(draft.at):
        return filed
    return replace(filed, warnings=(_("This was more than 60 days ago. It is saved, but no longer changes the map."),))


def file_need(
    draft: NeedDraft,
    sender: Sender,
    *,
    implied: Collection[str] = ("at",),
    channel: str = Channel.WEB,
    photo: bytes | None = None,
    gate: Danger | None = None,
) -> Filed:
    """File a need from a page, a phone or a program, under the limits for anonymous filing.

    Its source becomes the sender's pseudonym of this month. implied: see file_encounter. photo: from
    ``photos.reencode``, stored in the same transaction. gate: the answer to the emergency gate.
    This answer, or danger words in the text, raise the need's alarm in the same transaction.
    """
    held = not sender.trusted and must_wait(draft.id, device=sender.source, network=sender.network)
    draft = replace(
        draft, source=pseudonyms.pseudonym(sender.source, timezone.now()), with_account=sender.user is not None
    )
    author = sender.user.pk if sender.user else None
    with transaction.atomic():
        filed = _again(
            draft,
            Need,
            (*implied, "source", "with_account"),
            lambda it: filing.report_need(it, author=author, held=held, extra=filing.Extra(channel)),
        )
        if photo is not None and filed.stored is not InsertResult.CONFLICT:
            photos.add_first(filed.id, photo)
        if filed.stored is InsertResult.NEW:
            filed = with_alarm(filed, alarms.raise_for_need(draft, gate, by_dispatcher=sender.dispatches))
    return filed


def file_call(draft: NeedDraft, gate: Danger | None, *, caller: str, channel: str = Channel.PHONE) -> Filed:
    """File a need that a dispatcher writes down from a telephone call or from messages, without the limits for
    anonymous filing.

    caller: the reporter's number or e-mail address; without one, the call's id. Its pseudonym of this month becomes the
    need's source, so that calls and messages from one number are one source. The need has no author, because the
    dispatcher is not its reporter. gate: see file_need.
    """
    draft = replace(draft, source=pseudonyms.pseudonym(f"phone:{caller}", timezone.now()))
    with transaction.atomic():
        filed = _again(draft, Need, ("at", "source"), lambda it: filing.report_need(it, extra=filing.Extra(channel)))
        if filed.stored is InsertResult.NEW:
            alarms.raise_for_need(draft, gate, by_dispatcher=True)
    return filed


def start_tour(*, id: uuid.UUID, at: datetime, implied: Collection[str] = (), **start: Any) -> Filed:
    """Start a tour; see ``filing.start_tour``. implied: see file_encounter."""
    filed = filing.start_tour(id=id, at=at, **start)
    if filed.stored is InsertResult.CONFLICT and "at" in implied:
        first = Tour.objects.filter(pk=id).values_list("at", flat=True).first()
        filed = filing.start_tour(id=id, at=first or at, **start)
    return filed


def _again[D: (EncounterDraft, NeedDraft)](
    draft: D, model: type[Model], implied: Collection[str], file: Callable[[D], Filed]
) -> Filed:
    """File. On a conflict, file again with the implied fields of the first filing, which a repeat cannot know."""
    filed = file(draft)
    if filed.stored is InsertResult.CONFLICT and implied:
        first = model._default_manager.filter(pk=draft.id).values(*implied).first()
        if first is not None:
            filed = file(replace(draft, **first))
    return filed


# --- devices and networks ------------------------------------------------------------------------------------------


def device_of(request: HttpRequest) -> str:
    """Return the random name of the device from its signed cookie, or a new one."""
    known = request.get_signed_cookie(DEVICE_COOKIE, default="", salt="needs.reports.intake", max_age=DEVICE_SECONDS)
    return known or uuid.uuid4().hex


def remember(response: HttpResponse, device: str) -> None:
    """Store the device's name in its signed cookie."""
    response.set_signed_cookie(
        DEVICE_COOKIE,
        device,
        salt="needs.reports.intake",
        max_age=DEVICE_SECONDS,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def sender_of(request: HttpRequest, device: str = "") -> Sender:
    """Return the sender of a request. device: from device_of, if known already; a batch must share one device."""
    user = request.user if isinstance(request.user, User) else None
    return Sender(user, device or device_of(request), network_of(request))


def minted_id(request: HttpRequest, sender: Sender) -> uuid.UUID:
    """Return the id of a need that came without one, because its page is kept for all readers and no script ran.

    The same content from the same browser in this hour or the last gets the same id, so that a form sent twice is stored once.
    Another known device with the same content gets its own.
    """
    digest = hashlib.sha256()
    for name in sorted(request.POST.keys() - {"csrfmiddlewaretoken", "id"}):
        digest.update(f"{name}={request.POST.getlist(name)}\n".encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            digest.update(b"".join(file.chunks()))
            file.seek(0)
    said = f"{address_of(request)} {request.headers.get('User-Agent', '')} {digest.hexdigest()}"
    hour = int(timezone.now().timestamp()) // HOUR
    this, last = (uuid.UUID(counter_key("minted", f"{said} {each}")[-32:]) for each in (hour, hour - 1))
    for each in (this, last):
        if Need.objects.filter(pk=each).exists():
            known = sender.user is not None or DEVICE_COOKIE in request.COOKIES
            return uuid.uuid4() if known and not is_sender_of(each, sender) else each
    return this


def is_sender_of(report: uuid.UUID, sender: Sender) -> bool:
    """Return whether a need or an encounter came from a sender: from the same account, or the same device."""
    need = Need.objects.filter(pk=report).values("source", "filed_at").first()
    if need is not None:
        return bool(need["source"]) and need["source"] == pseudonyms.pseudonym(sender.source, need["filed_at"])
    return sender.user is not None and Encounter.objects.filter(pk=report, author=sender.user).exists()


# --- limits --------------------------------------------------------------------------------------------------------


def must_wait(need: uuid.UUID, *, device: str, network: str) -> bool:
    """Return whether a need must wait for a moderator because its device or network has filed too many.

    A need counts once, however often it is sent. If the cache with the counters fails, every need waits.
    """
    limits = (
        (counter_key("device-hour", device), HOUR, settings.ANONYMOUS_PER_HOUR),
        (counter_key("device-day", device), DAY, settings.ANONYMOUS_PER_DAY),
        (counter_key("network-hour", network), HOUR, settings.ANONYMOUS_PER_NETWORK_HOUR),
    )
    try:
        first_time = cache.add(counter_key("need", str(need)), 1, DAY)
        counts = [count(key, seconds, add=first_time) for key, seconds, _limit in limits]
    except (RedisError, OSError):
        log.warning("the counters of anonymous filing cannot be reached: needs wait for a moderator")
        return True
    return any(number > limit for number, (_key, _seconds, limit) in zip(counts, limits, strict=True))
