"""News for the reporter of a need: each step, each relayed message, each lapse of a commitment.

``tell_reporter`` writes one row per address in the transaction of the event; a worker sends it (``news_sending``). A
constraint allows one row per address and event, so that nobody is told anything twice. News of a step waits for PAUSE.
If the same person undoes the step in this time, the reporter is told neither of the step nor of the undoing.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from needs.base.lifecycle import merge_chains
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import News, OutcomeReason
from needs.models import Need, NeedStep, ReporterAddress, ReporterNews
from solidarity.lib.debounced_task import DebouncedTask
from solidarity.lib.http import undo_offers
from solidarity.lib.late_task import LateTask
from volunteers.enums import Medium

PAUSE = timedelta(seconds=undo_offers.OVER_SECONDS)


@dataclass(frozen=True, slots=True)
class ReporterEvent:
    """An event to tell.

    of: the id of the step, message or commitment; with this id, a repeated call changes nothing.
    """

    news: News
    of: str


def lapse_of(commitment: uuid.UUID) -> ReporterEvent:
    """Return the event for a commitment that ended without help."""
    return ReporterEvent(News.LAPSED, str(commitment))


def tell_reporter(need_id: uuid.UUID, event: ReporterEvent) -> int:
    """Tell the reporter of a need, and the reporters of needs that were merged into it, at the addresses that they
    chose.

    Return the number of new rows; a repeat writes none. Call this in the transaction of the event. The news is sent
    after the commit.
    """
    return _write(merge_chains.with_merged(need_id), event, set())


def _write(
    needs: Iterable[uuid.UUID], event: ReporterEvent, without: set[uuid.UUID], *, start: datetime | None = None
) -> int:
    """Write the rows of an event, but none for the addresses in ``without``; return their number. start: the earliest
    time for sending text messages and e-mails."""
    addresses = dict(ReporterAddress.objects.filter(need__in=needs).values_list("pk", "medium"))
    known = set(ReporterNews.objects.filter(news=event.news, of=event.of).values_list("address", flat=True))
    waits = event.news == News.STEP
    soon = timezone.now() + (PAUSE if waits else timedelta(0))
    rows = [
        ReporterNews(
            address_id=address,
            news=event.news,
            of=event.of,
            not_before=soon if start is None or medium == Medium.PUSH else start,
        )
        for address, medium in addresses.items()
        if address not in known | without
    ]
    ReporterNews.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        transaction.on_commit((_after_pause if waits else _at_once).soon, robust=True)
    return len(rows)


def tell_step(*, row: Need, cause: Cause, **_more: Any) -> None:
    """Tell the reporter of a step that somebody else made (receiver of ``need_moved``). ``commitments.ending`` tells
    them of an expired commitment, because the need may keep its state then."""
    if cause.actor is Actor.REPORTER or cause.reason == OutcomeReason.LAPSED:
        return
    step, previous = [*row.steps.order_by("-at", "-pk")[:2], None, None][:2]
    if step is not None:
        undone = _take_back(step, previous) if previous is not None else set()
        _write(merge_chains.with_merged(row.pk), ReporterEvent(News.STEP, str(step.pk)), undone)


def _take_back(step: NeedStep, previous: NeedStep) -> set[uuid.UUID]:
    """If a step undoes the same person's previous step, delete the unsent news of that step; return its addresses."""
    if step.by_id is None or (step.by_id, step.before, step.state) != (previous.by_id, previous.state, previous.before):
        return set()
    unsent = ReporterNews.objects.filter(news=News.STEP, of=str(previous.pk), attempts=0)
    gone = set(unsent.select_for_update(skip_locked=True).values_list("address", flat=True))
    unsent.filter(address__in=gone).delete()
    return gone


def tell_message(need: uuid.UUID, message: uuid.UUID, start: datetime, without: set[uuid.UUID]) -> None:
    """Tell the reporter that somebody wrote to them, but not at the addresses in ``without``. Reporters of merged needs
    do not see these messages. start: the earliest time for sending text messages and e-mails."""
    _write([need], ReporterEvent(News.MESSAGE, str(message)), without, start=start)


def _queued(seconds: float) -> DebouncedTask:
    return DebouncedTask(
        LateTask("needs.tasks.send_reporter_news").load,
        seconds=seconds,
        expires=50,
        thread="queue reporter news",
        fallback="the scheduled task will send the news",
    )


_at_once, _after_pause = _queued(1.0), _queued(PAUSE.total_seconds() + 1)
