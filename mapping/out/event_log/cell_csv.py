"""Cells and their state as lines of CSV."""

from collections.abc import Iterator
from datetime import datetime

import h3.api.basic_int as h3
import numpy as np
from django.db import connection

from mapping.coverage.folding import rebuild
from mapping.enums import STATUS_KEYS, Status
from solidarity.lib.files import hxl_tags
from volunteers.models import Territory

COLUMNS = ("cell", "lat", "lng", "A", "X", "X_T", "S", "mean", "P", "status")


def lines(as_of: datetime, territory: Territory | None = None, *, tagged: bool = False) -> Iterator[str]:
    """Yield a header and one line per cell, ordered by cell. The states are computed from the ledger at a datetime.

    cell: H3 index in hexadecimal. lat, lng: centre in degrees. A, X: decayed sums, including the citizens' share. X_T:
    search effort of associations only. S: contacts of the last seven days. mean: expected number of persons present. P:
    chance that help is missing. Both are empty where nobody counted the people. A program that parses a number of this
    file gets exactly the same float. tagged: if True, add a row of HXL tags.
    """
    found, params_of = rebuild.compute(as_of, ledger_only=True)
    yield ",".join(COLUMNS) + "\n"
    if tagged:
        yield hxl_tags.line_of(hxl_tags.tags_of("cells", COLUMNS)).decode()
    posterior = found.posterior
    if posterior is None:
        return
    chosen = np.ones(len(found), dtype=bool)
    if territory is not None:
        inside = list(Territory.objects.under(territory).values_list("pk", flat=True))
        chosen = np.isin(found.territory, inside)
    citizens_a, citizens_x = found.citizen_parts(params_of)
    columns = [found.a + citizens_a, found.x + citizens_x, found.xt, found.s, posterior.mean, posterior.chance]
    keys = {int(status): STATUS_KEYS[status] for status in Status}
    table = np.column_stack(columns)[chosen].tolist()
    rows = zip(
        found.cell[chosen].tolist(),
        found.territory[chosen].tolist(),
        table,
        found.computed[chosen].tolist(),
        strict=True,
    )
    for cell, owner, numbers, status in rows:
        texts = list(map(repr, (*h3.cell_to_latlng(cell), *numbers)))
        if not params_of[owner].counted:
            texts[-2:] = ["", ""]
        yield ",".join([h3.int_to_str(cell), *texts, keys[status]]) + "\n"


def reports_elsewhere() -> int:
    """Return the number of visits and other reports in cells outside all territories. The model ignores them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT (e.kind, e.report, e.cell)) FROM mapping_evidence e "
            "WHERE NOT EXISTS (SELECT 1 FROM volunteers_cell k WHERE k.cell = e.cell)"
        )
        return int(cursor.fetchone()[0])
