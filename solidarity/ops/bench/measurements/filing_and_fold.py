"""Filing, fold and full recompute."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import psycopg2
from django.db import connection, transaction
from django.utils import timezone

from mapping.coverage.folding import debounced_fold, fold, rebuild, reconciliation
from mapping.models import CellTouch
from needs.base.records.declarations import DraftPlace, EncounterDraft, PresenceDraft
from needs.enums import ReportKind
from needs.reports import filing, intake
from solidarity.ops.bench import bench_region
from solidarity.ops.bench.sizes import Size, label
from solidarity.ops.bench.timing import (
    Figure,
    figure,
    forget_peak,
    in_turn,
    median,
    once,
    peak_mb,
    percentile,
    resident_mb,
)
from volunteers.models import Cell


class Sequence:
    """An endless sequence of encounter drafts inside the region."""

    def __init__(self, seed: int) -> None:
        self.lat, self.lng = bench_region.points(20_000, seed)
        self.next = 0

    def draft(self) -> EncounterDraft:
        self.next = (self.next + 1) % 20_000
        return EncounterDraft(
            at=timezone.now() - timedelta(hours=1),
            place=DraftPlace(float(self.lat[self.next]), float(self.lng[self.next])),
            persons=self.next % 5,
            minutes=20,
            asked=["food", "blanket"],
            given=["food"],
        )


def raw_connection() -> Any:
    values = connection.settings_dict
    raw = psycopg2.connect(
        dbname=values["NAME"], host=values["HOST"], port=values["PORT"] or None, user=values["USER"],
        password=values["PASSWORD"] or None, options="-c jit=off",
    )  # fmt: skip
    raw.autocommit = True
    return raw


def report(number: int, drafts: Sequence, association: int) -> None:
    """File the next report: three citizens' reports per seven encounters, as in the ledger."""
    draft = drafts.draft()
    if number % 10 < 3:
        seen = PresenceDraft(at=draft.at, place=draft.place, source=f"s{number}")
        filing.report_presence(seen)
    else:
        intake.file_encounter(draft, association=association, author=None)


def fold_one(rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds to fold one report, and the seconds to claim and delete one row of the outbox."""
    drafts, own = Sequence(13), bench_region.association().pk
    fold.fold_outbox()
    seconds, nothing = [], []
    for number in range(rounds + 20):
        report(number, drafts, own)
        _wait_until_queued()
        seconds.append(once(fold.fold_outbox))
        CellTouch.objects.create(kind=ReportKind.AID, report=uuid.uuid4())
        nothing.append(once(claim_alone))
    return seconds[20:], nothing[20:]


def _wait_until_queued() -> None:
    """Wait until the thread that queues the fold of the last report has ended. A worker that folds does not file, so this
    thread must not take its time."""
    for thread in threading.enumerate():
        if thread.name == debounced_fold.THREAD:
            thread.join()


def claim_alone() -> None:
    """Take rows from the outbox in a transaction. This is the minimum work of a fold."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM mapping_celltouch WHERE id = ANY(ARRAY(SELECT id FROM mapping_celltouch ORDER BY id "
            "LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING kind, report",
            [fold.BATCH],
        )
        cursor.fetchall()


def fold_many(batches: int, reports: int) -> tuple[float, float]:
    """Return the median seconds per report to fold batches of so many reports, and to only claim and delete the rows."""
    drafts, own = Sequence(14), bench_region.association().pk
    ours, nothing = [], []
    for _ in range(batches):
        for number in range(reports):
            report(number, drafts, own)
        ours.append(once(fold.fold_outbox) / reports)
        CellTouch.objects.bulk_create(CellTouch(kind=ReportKind.AID, report=uuid.uuid4()) for _ in range(reports))
        nothing.append(once(claim_alone) / reports)
    return median(ours), median(nothing)


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds with a ledger of ``rows`` reports. folds, claims: as fold_one. filed: median to file one report. stored:
    median to recompute and store everything. grown: megabytes that a recompute takes above the base."""

    rows: int
    folds: list[float]
    claims: list[float]
    filed: float
    stored: float
    grown: float


def _times(rows: int, size: Size) -> _Times:
    """Fill the ledger with ``rows`` reports, and measure."""
    bench_region.fill(rows)
    folds, claims = fold_one(size.repeat(300))
    filed = _filed(size.repeat(300))
    before = resident_mb()
    forget_peak()
    return _Times(rows, folds, claims, filed, _stored(size), peak_mb() - before)


def fold_figures(size: Size) -> list[Figure]:
    """Measure the fold of one report and the recompute with ledgers of growing size, how both and filing grow, and the
    fold of batches. Leave ``size.rows`` reports."""
    times = [_times(rows, size) for rows in (*(each for each in size.growth if each != size.rows), size.rows)]
    times.sort(key=lambda each: each.rows)
    most = min(fold.BATCH, size.rows)
    each, bare = fold_many(size.repeat(2), most)
    small = times[0]
    found = []
    for at in times:
        name, claim = label(at.rows), median(at.claims)
        limit, ten = (1.2, "≤ 1.2 s") if at.rows <= size.rows else (6.0, "≤ 6 s")
        note = f"{Cell.objects.count():,} cells"
        found += [
            figure(f"fold {name}", 1e3 * median(at.folds), "ms", 1e3 * claim, "p50 ≤ 3.5 ms", _BESIDE),
            figure(f"fold {name} p95", 1e3 * percentile(at.folds, 0.95), "ms", 1e3 * percentile(at.claims, 0.95),
                   "p95 ≤ 7 ms", _BESIDE),
            figure(f"recompute {name} stored", at.stored, "s", limit, ten, note),
            figure(f"recompute {name} memory", at.grown, "MB", small.grown, "≤ 1.2", _ABOVE),
        ]  # fmt: skip
    return [
        *found,
        figure(f"fold {size.label} in batches", 1e3 * each, "ms", 1e3 * bare, "≤ .2 ms",
               f"{1 / each:,.0f} folds/s in batches of {most:,}"),
        figure("growth of filing", _exponent(times, lambda at: at.filed), "", 0.1, "≤ 1", _GROWTH),
        figure("growth of fold", _exponent(times, lambda at: median(at.folds)), "", 0.1, "≤ 1", _GROWTH),
        figure("growth of recompute", _exponent(times, lambda at: at.stored), "", 1.0, "≤ 1",
               f"{_GROWTH}; {label(small.rows)} to {label(times[-1].rows)}"),
    ]  # fmt: skip


_ABOVE = "above the resident memory before; reference: with the fewest reports"
_BESIDE = "reference: claim and delete alone"
_GROWTH = "exponent of the time against the number of reports; reference: the goal"


def _exponent(times: list[_Times], seconds: Callable[[_Times], float]) -> float:
    """Return the exponent with which a time grows with the number of reports: the slope between the logarithms."""
    rows, taken = [at.rows for at in times], [seconds(at) for at in times]
    return float(np.polyfit(np.log(rows), np.log(taken), 1)[0])


def _filed(rounds: int) -> float:
    """Return the median seconds to file one report; fold the reports afterwards."""
    drafts, own = Sequence(15), bench_region.association().pk
    seconds = [once(partial(report, number, drafts, own)) for number in range(rounds)]
    fold.fold_outbox()
    return median(seconds)


def _stored(size: Size) -> float:
    """Return the median seconds to recompute and store everything."""
    return median([once(rebuild.recompute_all) for _ in range(size.repeat(3))])


_PLAIN = """
    SELECT cell, sum(persons * exp(-ln(2::float8) * age / 10)) AS demand, sum(contacts * exp(-ln(2::float8) * age / 5)) AS aid
    FROM bench_bare, LATERAL (SELECT extract(epoch FROM (now() - at))::float8 / 86400 AS age) a GROUP BY cell"""


def full_recompute(size: Size) -> list[Figure]:
    """Compare the computation of all cells' sums, posterior and status from the evidence with a plain GROUP BY with
    decay."""
    rounds = size.repeat(5)
    raw = raw_connection()
    cursor = raw.cursor()

    def plain() -> None:
        cursor.execute(_PLAIN)
        cursor.fetchall()

    rebuild.zoned_grid()
    before = resident_mb()
    forget_peak()
    ours, theirs = in_turn(lambda: rebuild.compute(timezone.now()), plain, rounds, warm=1)
    grown = peak_mb() - before
    raw.close()
    stored = _stored(size)
    name, reference = f"recompute {size.label}", median(theirs)
    return [
        figure(name, median(ours), "s", reference, "≤ 1.5", f"+{grown:.0f} MB; sums, posterior, status"),
        figure(f"{name} stored", stored, "s", reference, "≤ 1.2 s", "the same with zones drawn and all written"),
    ]


def difference() -> list[Figure]:
    """Measure the largest difference between the folded state and the ledger."""
    found = reconciliation.reconcile().difference
    largest = float(np.inf) if found is None else found
    return [figure("state against ledger", largest, "", 1e-9, "≤ 1", "largest difference; reference: what may differ")]
