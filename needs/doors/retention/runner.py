"""The retention run: each rule in its own transaction, and a stored record of the run."""

import logging
import traceback
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from needs.base.retention_rules import registry
from needs.models import RetentionRun
from solidarity.lib.database.advisory_locks import lock

log = logging.getLogger(__name__)

LOCK = "needs.retention"


@dataclass(slots=True)
class Run:
    """Result of a run or dry run. counts: number of rows by rule. failed: names of the rules that failed."""

    at: datetime
    dry_run: bool
    counts: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def run(now: datetime | None = None, *, dry_run: bool = False, again: dict[str, int] | None = None) -> Run:
    """Carry out every rule, or only count the rows in a dry run, and store a record. Safe to repeat.

    A failing rule does not stop the others. again: numbers of erasures repeated after a restore, for the record.
    """
    done = Run(now or timezone.now(), dry_run)
    started = timezone.now()
    for rule in registry.rules():
        try:
            with transaction.atomic():
                lock([LOCK])
                done.counts[rule.name] = rule.count(done.at) if dry_run else rule.carry_out(done.at)
        except Exception as error:
            done.failed.append(rule.name)
            # Omit the message: a database error may quote a row.
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
