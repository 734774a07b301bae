"""The input of the partition of a public release, read from the database."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.cells import ledger
from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding import rebuild
from mapping.enums import Source
from mapping.map.releases.public import partition
from mapping.models import evidence_day
from needs.enums import ReportKind
from solidarity.lib import cell_geometry
from solidarity.lib.database import binary_copy

UNNAMED = -1  # the number of the source that represents all citizens without an account


def evidence_at(as_of: datetime, recent_days: float) -> tuple[partition.Evidence, dict[int, Model]]:
    """Return the evidence up to ``as_of`` that is known now, and the model of each commune. recent_days: days for which
    a tour's search counts as recent."""
    found, params_of = rebuild.compute(as_of)
    whole = rebuild.zoned_grid()
    day = evidence_day(as_of)
    sweeps, last = np.zeros(len(found)), np.full(len(found), -np.inf)
    m0 = np.zeros(len(found))
    for mask, params in found.by_model(params_of) if len(found) else []:
        tours = ledger.association_sums(params.model, day, of=f"e.kind = {ReportKind.TOUR:d}")
        row_of, known = cell_geometry.rows_of(tours.cell, found.cell)
        use = known & mask[row_of]
        sweeps[row_of[use]], last[row_of[use]] = tours.x[use], np.nan_to_num(tours.last[use], nan=-np.inf)
    for territory, params in params_of.items():
        m0[found.territory == territory] = params.m0
    sources = [_sources(as_of - timedelta(weeks=delay)) for delay in partition.DELAYS]
    evidence = partition.Evidence(
        cell=found.cell,
        parent8=whole.parent8,
        parent7=whole.parent7,
        commune=found.territory.astype(np.int64),
        m0=m0,
        seen=found.a + found.citizen_parts(params_of)[0],
        contacts=found.s,
        sweeps=sweeps,
        toured=last > day - recent_days,
        source_cell=np.concatenate([rows["cell"] for rows in sources]).astype(np.int64),
        source=np.concatenate([rows["origin"] for rows in sources]).astype(np.int64),
        source_delay=np.repeat(np.array(partition.DELAYS), [len(rows) for rows in sources]),
        source_monthly=np.concatenate([rows["monthly"] for rows in sources]) > 0,
    )
    return evidence, {territory: params.model for territory, params in params_of.items()}


def _sources(as_of: datetime) -> NDArray[Any]:
    """Return cell, origin and monthly of each source that has evidence in a cell within the window before ``as_of``.

    Citizens' pseudonyms change each month, so only one month of citizens' evidence is used; otherwise one person could
    count as two sources. This is the month of ``as_of``, or the month before if ``as_of`` is in the first half of its
    month.
    """
    day = evidence_day(as_of)
    local = timezone.localtime(as_of)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    start, end = evidence_day(first), day
    if local.day <= partition.WINDOW_DAYS / 2:
        start, end = evidence_day((first - timedelta(days=1)).replace(day=1)), evidence_day(first)
    return binary_copy.read(
        f"SELECT DISTINCT cell, CASE WHEN source = {Source.CITIZEN:d} THEN {UNNAMED}::bigint ELSE origin END AS origin, "
        f"(source = {Source.CITIZEN_ACCOUNT:d})::int AS monthly "
        "FROM mapping_evidence WHERE day > %(since)s AND day <= %(day)s "
        f"AND (source <= {Source.UNLOGGED:d} OR (day >= %(start)s AND day <= %(end)s)) ORDER BY cell, 2",
        [("cell", ">i8"), ("origin", ">i8"), ("monthly", ">i4")],
        {"since": day - partition.WINDOW_DAYS, "day": day, "start": start, "end": end},
    )
