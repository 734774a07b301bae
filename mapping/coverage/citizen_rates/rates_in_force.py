"""The version of the rates that is in force at a datetime, and the rate of each cell."""

from collections.abc import Collection, Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells.cell_states import TerritoryParams
from mapping.coverage.cells.coverage_model import Floats
from mapping.coverage.citizen_rates.rate_estimates import rates_at
from mapping.models import CitizenRates


def versions_in_force(territories: Collection[int], moment: datetime) -> dict[int, CitizenRates]:
    """Return the newest version of each territory that was made by ``moment``. Territories without a version are left
    out."""
    rows = (
        CitizenRates.objects.filter(territory__in=list(territories), made_at__lte=moment)
        .order_by("territory_id", "-made_at", "-pk")
        .distinct("territory_id")
    )
    return {row.territory_id: row for row in rows}


def rates_in_force(
    cell: NDArray[np.int64],
    territory: NDArray[np.int32],
    params_of: Mapping[int, TerritoryParams],
    moment: datetime,
) -> Floats:
    """Return the rate κ of each cell at the given time; 0 in a territory without a version or where nobody logs
    searches."""
    found = np.zeros(len(cell))
    logging = [key for key, params in params_of.items() if not params.presence_only]
    for key, version in versions_in_force(logging, moment).items():
        here = territory == key
        quarters, rates = np.array(version.quarters, dtype=np.int64), np.array(version.rates)
        found[here] = rates_at(cell[here], quarters, rates, version.rate)
    return found
