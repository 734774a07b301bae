"""Cells and their state as lines of CSV."""

from collections.abc import Iterator
from datetime import datetime

import h3.api.basic_int as h3
import numpy as np
from django.db import connection

from mapping.coverage.folding import rebuild
from mapping.enums import STATUS_KEYS, Status
from volunteers.models import Territory

COLUMNS = ("cell", "lat", "lng", "A", "X", "X_T", "S", "mean", "P", "status")


def lines(as_of: datetime, territory: Territory | None = None) -> Iterator[str]:
    """A header and one line a cell, ordered by cell, computed from the ledger at a moment.

    cell: H3's hexadecimal spelling. lat, lng: its centre, degrees. A, X: decayed sums, the citizens' share included.
    X_T: search of associations alone. S: decayed contacts. mean: persons present. P: chance that help is missing.
    Numbers are written so that reading them gives the same float.
    """
    found, _grounds = rebuild.compute(as_of, ledger_only=True)
    yield ",".join(COLUMNS) + "\n"
    posterior = found.posterior
    if posterior is None:
        return
    chosen = np.ones(len(found), dtype=bool)
    if territory is not None:
        inside = list(Territory.objects.under(territory).values_list("pk", flat=True))
        chosen = np.isin(found.territory, inside)
    columns = [found.a + found.ac, found.x + found.xc, found.xt, found.s, posterior.mean, posterior.chance]
    keys = {int(status): STATUS_KEYS[status] for status in Status}
    table = np.column_stack(columns)[chosen].tolist()
    for cell, numbers, status in zip(found.cell[chosen].tolist(), table, found.computed[chosen].tolist(), strict=True):
        yield ",".join([h3.int_to_str(cell), *map(repr, (*h3.cell_to_latlng(cell), *numbers)), keys[status]]) + "\n"


def reports_elsewhere() -> int:
    """Return how many evidence rows are in cells of no territory: they count nowhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM mapping_evidence e WHERE NOT EXISTS (SELECT 1 FROM volunteers_cell k WHERE k.cell = e.cell)"
        )
        return int(cursor.fetchone()[0])
