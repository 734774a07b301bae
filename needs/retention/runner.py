"""The runner: every rule in its own transaction, and a stored report of what was done."""

import logging
import traceback
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from needs.models import RetentionRun
from needs.retention import registry
from solidarity.lib.database.advisory_locks import lock

log = logging.getLogger(__name__)

LOCK = "needs.retention"


@dataclass(slots=True)
class Done:
    """What a run did, or would do. counts: rule → rows. failed: rules that could not be carried out."""

    at: datetime
    dry_run: bool
    counts: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def run(now: datetime | None = None, *, dry_run: bool = False, again: dict[str, int] | None = None) -> Done:
    """Carry out every rule, or count what is due; the report is stored. Safe to repeat.

    A rule that fails does not keep the others from being carried out: what was to be forgotten does not wait for what
    cannot be. again: what was erased anew after a restore, for the report.
    """
    done = Done(now or timezone.now(), dry_run)
    started = timezone.now()
    for rule in registry.rules():
        try:
            with transaction.atomic():
                lock([LOCK])
                done.counts[rule.name] = rule.count(done.at) if dry_run else rule.carry_out(done.at)
        except Exception as error:
            done.failed.append(rule.name)
            # Without the message: a database's message may quote what is in a row.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("Retention: %s failed: %s\n%s", rule.name, type(error).__name__, where)
    RetentionRun.objects.create(
        at=started,
        finished_at=timezone.now(),
        dry_run=dry_run,
        after_restore=again is not None,
        counts=done.counts,
        again=again or {},
        failed=done.failed,
    )
    return done
