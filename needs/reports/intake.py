"""Filing of reports from pages, the phone queue and the API: one function per kind of report, and one for many reports.

All of them call ``_file``, which files a list of reports; a single report is a list of one.

A repeat of the same report changes nothing. A need over a limit waits for a moderator; it is never dropped
(docs/reliability.md). The cache holds the counters of the limits under keyed hashes, for at most a day; no device and
no address is stored anywhere.
"""

import hashlib
import logging
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from needs.base.attachments import photos
from needs.base.records.declarations import EncounterDraft, NeedDraft, is_long_ago
from needs.base.records.field_declarations import content_of
from needs.base.retention_rules import pseudonyms
from needs.enums import Category, Channel, NeedState
from needs.models import Crisis, CrisisCategory, DangerAlarm, Encounter, Need, Tour
from needs.reports import filing
from needs.reports.danger import alarms
from needs.reports.filing import Filed, Key, Row
from solidarity.lib.database.idempotent_insert import InsertResult, content_hash
from solidarity.lib.http.client_address import address_of
from solidarity.lib.http.client_network import network_of
from solidarity.lib.rate_counters import DAY, HOUR, counter_key, counts, first_times
from solidarity.lib.site.emergency_gate import Danger
from volunteers.models import User
from volunteers.people.vouching import vouching

log = logging.getLogger(__name__)

DEVICE_COOKIE = "device"
DEVICE_SECONDS = 180 * 24 * 3600

SOURCE_AFTER, CONFIRMED_REPORTS = timedelta(days=30), 3
"""The age of an account, and the number of its confirmed reports, from which it counts as a source of its own."""
MOST_AT_ONCE = 100
"""Reports per transaction. A longer list is filed in several, so that no lock is held for long."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of a need. user: None without an account. device: see device_of. network: see network_of."""

    user: User | None
    device: str
    network: str

    @property
    def source(self) -> str:
        """The account, or the device of a sender without an account. Limits and pseudonyms are computed for it."""
        return f"account:{self.user.key}" if self.user else self.device

    @property
    def trusted(self) -> bool:
        """Whether the sender is a member of an association and so has no limits."""
        return self.user is not None and self.user.memberships.current().exists()

    @property
    def counts_as_source(self) -> bool:
        """Whether the sender's account counts as a source of its own. Accounts are free, so a new one counts no more
        than a sender without an account, until an association knows the person, or others confirmed their reports."""
        if self.user is None or vouching.is_vouched(self.user):
            return self.user is not None
        if self.user.date_joined > timezone.now() - SOURCE_AFTER:
            return False
        return Need.objects.confirmed_for(self.user.pk)[:CONFIRMED_REPORTS].count() == CONFIRMED_REPORTS

    @property
    def dispatches(self) -> bool:
        return self.user is not None and self.user.memberships.dispatching().exists()


@dataclass(frozen=True, slots=True)
class EventOfReport:
    """The event and category of a report. crisis: None if the event ended while the form was open."""

    crisis: Crisis | None
    category: CrisisCategory


@dataclass(frozen=True, slots=True)
class ToFile:
    """A valid report. association: that of an encounter. implied, gate: see the functions ``file_…``. event: the event
    that the report belongs to, if any. held: a need over a limit, which waits for a moderator."""

    draft: EncounterDraft | NeedDraft
    implied: Collection[str] = ("at",)
    association: int | None = None
    gate: Danger | None = None
    event: EventOfReport | None = None
    held: bool = False

    @property
    def key(self) -> Key:
        return Encounter if isinstance(self.draft, EncounterDraft) else Need, self.draft.id


class NotStored(Exception):
    """The database refused this report; the others of its list are stored."""


def file_encounter(
    draft: EncounterDraft, *, association: int, author: int | None, implied: Collection[str] = ()
) -> Filed:
    """File an encounter from a page, a phone or a program; danger words raise its alarm in the same transaction.

    implied: fields that the server filled in. A repeat may have different values in these fields and is still the same
    report.
    """
    [filed] = _file([ToFile(draft, implied, association=association)], author)
    return filed


def file_need(
    draft: NeedDraft,
    sender: Sender,
    *,
    implied: Collection[str] = ("at",),
    channel: str = Channel.WEB,
    photo: bytes | None = None,
    gate: Danger | None = None,
    event: EventOfReport | None = None,
) -> Filed:
    """File a need from a page, a phone or a program, under the limits for anonymous filing.

    Its source becomes the sender's pseudonym of this month. implied: see file_encounter. photo: the result of
    ``photos.reencode``, stored in the same transaction. gate: the answer to the emergency gate. This answer, or danger
    words in the text, raise the need's alarm in the same transaction.
    """
    ready = _from(sender, [ToFile(draft, implied, gate=gate, event=event)])
    with nullcontext() if photo is None else transaction.atomic():
        [filed] = _file(ready, _author(sender), lambda: sender.dispatches, channel)
        if photo is not None and filed.stored is not InsertResult.CONFLICT:
            photos.add_first(filed.id, photo)
    return filed


def file_call(draft: NeedDraft, gate: Danger | None, *, caller: str, channel: str = Channel.PHONE) -> Filed:
    """File a need that a dispatcher writes down from a telephone call or from messages, without the limits for
    anonymous filing.

    caller: the reporter's number or e-mail address; without one, the call's id. Its pseudonym of this month becomes the
    need's source, so that calls and messages from one number are one source. The need has no author, because the
    dispatcher is not its reporter. gate: see file_need.
    """
    draft = replace(draft, source=pseudonyms.pseudonym(f"phone:{caller}", timezone.now()))
    [filed] = _file([ToFile(draft, ("at", "source"), gate=gate)], None, lambda: True, channel)
    return filed


def file_all(reports: Sequence[ToFile], sender: Sender, *, channel: str = Channel.WEB) -> list[Filed | NotStored]:
    """File reports of one sender; return the results in the same order.

    Of two reports with the same id, the first one counts and the second one is its repeat. A row that the database
    refuses does not stop the others.
    """
    ready, found = _from(sender, reports), []
    for start in range(0, len(ready), MOST_AT_ONCE):
        found += _chunk(ready[start : start + MOST_AT_ONCE], sender, channel)
    return found


def start_tour(*, id: uuid.UUID, at: datetime, implied: Collection[str] = (), **start: Any) -> Filed:
    """Start a tour; see ``filing.start_tour``. implied: see file_encounter."""
    filed = filing.start_tour(id=id, at=at, **start)
    if filed.stored is InsertResult.CONFLICT and "at" in implied:
        first = Tour.objects.filter(pk=id).values_list("at", flat=True).first()
        filed = filing.start_tour(id=id, at=first or at, **start)
    return filed


def _chunk(reports: Sequence[ToFile], sender: Sender, channel: str) -> list[Filed | NotStored]:
    """File in one transaction; if the database refuses this, file each report in its own transaction."""
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return [*_file(reports, _author(sender), lambda: sender.dispatches, channel)]
    except (DataError, IntegrityError, ValueError) as error:
        if len(reports) > 1:
            return [filed for each in reports for filed in _chunk([each], sender, channel)]
        log.warning("a report of a batch was refused by the database: %s", type(error).__name__)
        return [NotStored()]


def _author(sender: Sender) -> int | None:
    return sender.user.pk if sender.user else None


def _from(sender: Sender, reports: Sequence[ToFile]) -> list[ToFile]:
    """Return the reports with the sender's pseudonym; needs over a limit are held."""
    needs = [each.draft.id for each in reports if isinstance(each.draft, NeedDraft)]
    source = pseudonyms.pseudonym(sender.source, timezone.now()) if needs else ""
    held: set[uuid.UUID] = set()
    if needs and not sender.trusted:
        held = must_wait(needs, device=sender.source, network=sender.network)
    made = []
    for each in reports:
        if isinstance(each.draft, NeedDraft):
            known = replace(each.draft, source=source, with_account=sender.counts_as_source)
            gate = each.gate
            if each.event is not None:
                gate = gate or alarms.unwell_today(known.kinds, known.urgency)
            implied = (*each.implied, "source", "with_account")
            each = replace(each, draft=known, gate=gate, implied=implied, held=known.id in held)
        made.append(each)
    return made


def _file(
    reports: Sequence[ToFile], author: int | None, dispatches: Callable[[], bool] = bool, channel: str = Channel.WEB
) -> list[Filed]:
    """Store reports together with their alarms, or none of them. dispatches: whether a dispatcher files them."""
    first: dict[Key, ToFile] = {}
    for each in reports:
        first.setdefault(each.key, each)
    moment = timezone.now()
    rows = {
        key: _row(each, author, channel, moment + timedelta(microseconds=number))  # this keeps the sender's order
        for number, (key, each) in enumerate(first.items())
    }
    dangers = {key: found for key, each in first.items() if (found := _danger_in(each, dispatches))}
    with transaction.atomic(savepoint=False) if dangers else nullcontext():  # a single statement needs no transaction
        new = filing.store(rows)
        raised = {key: _raise_alarm(key, found) for key, found in dangers.items() if key in new}
    stored = _stored_before(rows.keys() - new if len(first) == len(reports) else rows.keys())
    results = []
    for each in reports:
        key = each.key
        if key in new:
            new.discard(key)  # a second report with this id counts as a repeat
            alarm, row = raised.get(key), rows[key]
            flags = tuple(alarm.flags) if alarm else None
            filed = Filed(each.draft.id, row["content_hash"], InsertResult.NEW, alarm=flags, held=each.held)
        else:
            filed = _repeat(each, stored.get(key))
        results.append(_completed(filed, each.draft))
    return results


def _row(report: ToFile, author: int | None, channel: str, filed_at: datetime) -> Row:
    if isinstance(report.draft, EncounterDraft):
        assert report.association is not None
        extra = filing.Extra(filed_at=filed_at)  # an encounter does not store a channel
        return filing.encounter_row(report.draft, association=report.association, author=author, extra=extra)
    state = NeedState.HELD if report.held else NeedState.NEW
    row = filing.need_row(report.draft, state, author=author, extra=filing.Extra(channel, filed_at=filed_at))
    event = report.event.crisis if report.event else None
    category = report.event.category if report.event and event else None
    return row | {"crisis_id": event and event.pk, "crisis_category_id": category and category.pk}


def _danger_in(report: ToFile, dispatches: Callable[[], bool]) -> alarms.Found | None:
    if isinstance(report.draft, EncounterDraft):
        return alarms.found_in_encounter(report.draft)
    return alarms.found_in_need(report.draft, report.gate, by_dispatcher=dispatches)


def _raise_alarm(key: Key, found: alarms.Found) -> DangerAlarm:
    model, report = key
    return alarms.raise_for(found, **{"encounter_id" if model is Encounter else "need_id": report})


def _stored_before(keys: Collection[Key]) -> dict[Key, Row]:
    """Return content hash and implied fields of stored reports."""
    found: dict[Key, Row] = {}
    fields: Mapping[type, tuple[str, ...]] = {Encounter: ("at",), Need: ("at", "source", "with_account")}
    for model in (Encounter, Need):
        ids = [key for kind, key in keys if kind is model]
        if ids:
            rows: Any = model.objects.filter(pk__in=ids).values("pk", "content_hash", *fields[model])
            found |= {(model, row["pk"]): row for row in rows}
    return found


def _repeat(report: ToFile, there: Row | None) -> Filed:
    """Return SAME if the content equals that of the stored report, apart from the fields that the server filled in."""
    hashed = content_hash(content_of(report.draft))
    if there is not None and hashed != there["content_hash"]:
        again = replace(report.draft, **{name: there[name] for name in report.implied})
        hashed = content_hash(content_of(again))
    same = there is not None and hashed == there["content_hash"]
    return Filed(report.draft.id, hashed, InsertResult.SAME if same else InsertResult.CONFLICT)


def _completed(filed: Filed, draft: EncounterDraft | NeedDraft) -> Filed:
    """Return the result with a warning if an encounter is too old to change the map. Mark a need for a place to
    sleep."""
    if isinstance(draft, NeedDraft):
        return replace(filed, shelter=Category.SHELTER in draft.kinds)
    if filed.stored is InsertResult.CONFLICT or not is_long_ago(draft.at):
        return filed
    return replace(filed, warnings=(_("This was more than 60 days ago. It is saved, but no longer changes the map."),))


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
    """Return the id of a need that came without one, because its page is cached for all readers and no script ran.

    If the same browser sends the same content twice within this hour and the hour before, both get the same id, so that
    the form is stored only once. Another known device with the same content gets another id.
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


def must_wait(needs: Sequence[uuid.UUID], *, device: str, network: str) -> set[uuid.UUID]:
    """Return the needs that must wait for a moderator because their device or network has filed too many.

    Needs are counted in order; each need counts once, even if it is sent several times. A need over the limits of its
    device does not count for the network: one phone must not use up what everybody in the wifi of a day centre can
    file. Forged devices stay below their own limits, so the limit of the network stops them. If the cache with the
    counters fails, every need waits.
    """
    limits = (
        (counter_key("device-hour", device), HOUR, settings.ANONYMOUS_PER_HOUR),
        (counter_key("device-day", device), DAY, settings.ANONYMOUS_PER_DAY),
    )
    network_key = counter_key("network-hour", network)
    try:
        first = first_times([counter_key("need", str(need)) for need in needs], DAY)
        found = counts([(key, seconds, int(add)) for add in first for key, seconds, _limit in limits])
        over_device = [
            any(number > limit for number, (_key, _seconds, limit) in zip(numbers, limits, strict=True))
            for numbers in batched(found, len(limits), strict=True)
        ]
        of_network = counts(
            [(network_key, HOUR, int(add and not over)) for add, over in zip(first, over_device, strict=True)]
        )
    except (RedisError, OSError):
        log.warning("the counters of anonymous filing cannot be reached: needs wait for a moderator")
        return set(needs)
    each = [*zip(needs, over_device, of_network, strict=True)]
    # If a need was sent twice, only the first one counts.
    waiting = {need: over or number > settings.ANONYMOUS_PER_NETWORK_HOUR for need, over, number in reversed(each)}
    return {need for need, waits in waiting.items() if waits}
