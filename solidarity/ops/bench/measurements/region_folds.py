"""Folds of two regions at once by two processes, beside one region by one process."""

import multiprocessing
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

import h3.api.basic_int as h3
from django.db import connection, connections

from mapping.coverage.folding import fold
from mapping.models import CellTouch, UnfoldedReport
from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.enums import ReportKind
from needs.reports import intake
from solidarity.lib import grid
from solidarity.lib.database.region import region_of
from solidarity.lib.grid import EVIDENCE_RESOLUTION
from solidarity.ops.bench import bench_region
from solidarity.ops.bench.measurements.filing_and_fold import Sequence as Drafts
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median
from volunteers.models import Cell

_ROUNDS = 3
_WARM = 10

type _Report = tuple[uuid.UUID, int]


def measure(size: Size) -> list[Figure]:
    """Return the folds per second of two regions at once; the reference is one region alone in the same run."""
    fold.fold_outbox()
    folds = size.repeat(200, 5)
    regions = _two_regions()
    single, double = [], []
    for number in range(_ROUNDS):
        reports = [_filed(region, folds + _WARM, 3 * number + place) for place, region in enumerate(regions)]
        alone = _filed(regions[number % 2], folds + _WARM, 3 * number + 2)
        if number % 2:
            double.append(_folds_per_second(reports))
            single.append(_folds_per_second([alone]))
        else:
            single.append(_folds_per_second([alone]))
            double.append(_folds_per_second(reports))
    if CellTouch.objects.exists() or UnfoldedReport.objects.exists():
        raise RuntimeError("the regions were not folded completely")
    note = f"reference: one region, one process; {_ROUNDS} rounds of {folds} folds in each region, in turn"
    return [figure("fold two regions", median(double), "1/s", median(single), "≥ 1.6", note)]


def _two_regions() -> tuple[int, int]:
    """Return two regions with many cells that have no neighbour in common, because a zone can lie in a region and in its
    neighbour; in a small run, the two regions with the most cells."""
    counts = Counter(map(region_of, Cell.objects.values_list("cell", flat=True)))
    ordered = [region for region, _count in counts.most_common()]
    apart = [region for region in ordered[1:] if h3.grid_distance(ordered[0], region) > 2]
    return ordered[0], (apart or ordered[1:])[0]


def _filed(region: int, number: int, seed: int) -> list[_Report]:
    """File encounters at places inside a region, away from its border if it has such cells; return them without their
    outbox rows."""
    known = Cell.objects.filter(cell__in=h3.cell_to_children(region, EVIDENCE_RESOLUTION)).order_by("cell")
    every = list(known.values_list("cell", flat=True))
    cells = [cell for cell in every if {region_of(near) for near in h3.grid_disk(cell, 3)} == {region}] or every
    drafts, own, found = Drafts(seed), bench_region.association().pk, []
    for place in range(number):
        cell = cells[place * 7919 % len(cells)]
        draft = drafts.draft()
        moved = EncounterDraft(
            at=draft.at,
            place=DraftPlace(*grid.centre(cell)),
            persons=draft.persons,
            minutes=20,
            asked=["food"],
            given=["food"],
        )
        intake.file_encounter(moved, association=own, author=None)
        found.append((moved.id, cell))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mapping_celltouch WHERE report = ANY(%s)", [[report for report, _cell in found]])
    return found


def _folds_per_second(reports: Sequence[Sequence[_Report]]) -> float:
    """Fold lists of reports one by one, each list in a process of its own, all at once; return the folds per second of all
    processes together."""
    connections.close_all()  # a process must not share a connection with its parent
    context: Any = multiprocessing.get_context("fork")
    start, times = context.Barrier(len(reports)), context.Queue()
    children = [context.Process(target=_fold_each, args=(some, start, times)) for some in reports]
    for child in children:
        child.start()
    spans = [times.get(timeout=600) for _child in children]
    for child in children:
        child.join()
    if failed := [span for span in spans if isinstance(span, str)]:
        raise RuntimeError(failed[0])
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    return float(sum(len(some) - _WARM for some in reports) / (last - first))


def _fold_each(reports: Sequence[_Report], start: Any, times: Any) -> None:
    """Append each report to the outbox and fold its region; put the first and the last moment into ``times``."""
    try:
        for number, (report, cell) in enumerate(reports):
            if number == _WARM:
                start.wait(timeout=60)
                began = time.monotonic()
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO mapping_celltouch (kind, report, new_cell, at) VALUES (%s, %s, %s, now())",
                    [int(ReportKind.ENCOUNTER), report, cell],
                )
            until = time.monotonic() + 10
            while not fold.fold_region(region_of(cell)):  # in a small run, the other process may hold the region
                if time.monotonic() > until:
                    raise RuntimeError("a region was not folded")
        times.put((began, time.monotonic()))
    except BaseException as error:
        times.put(type(error).__name__)
        raise
    finally:
        connections.close_all()
