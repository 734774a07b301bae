"""News for the reporter of a need: each step, each relayed message, each lapse of a commitment.

``tell_reporter`` writes one row per address in the transaction of the event; a worker sends it (``news_sending``). A
constraint keeps one row per address and event, so that nothing is told twice.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from celery import Task
from django.db import transaction

from needs.enums import CommitmentState, NeedState, News
from needs.lifecycle.transitions import Actor, Cause
from needs.models import Commitment, Merge, Need, RelayedMessage, ReporterAddress, ReporterNews
from solidarity.lib.debounced_task import DebouncedTask


@dataclass(frozen=True, slots=True)
class ReporterEvent:
    """What happened. of: the id of the step, message or commitment; it makes a repeated call harmless."""

    news: News
    of: str


def lapse_of(commitment: uuid.UUID) -> ReporterEvent:
    """Return the event that a commitment ended without help."""
    return ReporterEvent(News.LAPSED, str(commitment))


def tell_reporter(need_id: uuid.UUID, event: ReporterEvent) -> int:
    """Tell the reporter of a need, and those of needs merged into it, at the addresses that they chose.

    Return the number of new rows; a repeat writes none. Call it in the transaction of the event: it sends after the
    commit.
    """
    addresses = ReporterAddress.objects.filter(need__in=_with_merged([need_id])).values_list("pk", flat=True)
    known = set(ReporterNews.objects.filter(news=event.news, of=event.of).values_list("address", flat=True))
    rows = [
        ReporterNews(address_id=address, news=event.news, of=event.of) for address in addresses if address not in known
    ]
    ReporterNews.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        transaction.on_commit(_sending.soon, robust=True)
    return len(rows)


def tell_step(*, row: Need, before: str, cause: Cause, **_more: Any) -> None:
    """Tell the reporter of a step that somebody else made (receiver of ``need_moved``)."""
    if cause.actor is Actor.REPORTER:
        return
    if before == NeedState.COMMITTED and cause.actor is Actor.CLOCK:
        lapsed = Commitment.objects.filter(need=row, state=CommitmentState.EXPIRED).order_by("-ended_at").first()
        if lapsed is not None:
            tell_reporter(row.pk, lapse_of(lapsed.pk))
            return
    step = row.steps.order_by("-at", "-pk").first()
    if step is not None:
        tell_reporter(row.pk, ReporterEvent(News.STEP, str(step.pk)))


def tell_message(message: RelayedMessage) -> None:
    """Tell the reporter that the holder wrote to them."""
    tell_reporter(message.commitment.need_id, ReporterEvent(News.MESSAGE, str(message.pk)))


def _with_merged(needs: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return needs with all needs that were merged into them, directly or not."""
    found, new = set[uuid.UUID](), set(needs)
    while new:
        found |= new
        merged = Merge.objects.filter(kept__in=new, undone_at=None).values_list("merged", flat=True)
        new = set(merged) - found
    return found


def _task() -> "Task[Any, Any]":
    from needs.tasks import send_reporter_news

    return send_reporter_news


_sending = DebouncedTask(
    _task, seconds=1.0, expires=50, thread="queue reporter news", fallback="the scheduled task will send the news"
)
