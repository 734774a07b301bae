"""Sums of a lake through DuckDB: the same arithmetic as SQL, with all cores of one machine."""

from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from mapping.coverage.cells import help_by_day, ledger
from mapping.coverage.cells.coverage_model import REPORTS, SEARCHES, Model, on_grid_sql, trusts
from mapping.coverage.folding.evidence_sums import EvidenceSums
from mapping.coverage.lake.engines import Done
from mapping.coverage.lake.lake_sums import NOTHING
from mapping.coverage.lake.manifest import INSTALL, LakeError, LakeFile
from mapping.enums import Source

_ASSOCIATIONS = f"""
    SELECT cell,
           sum({on_grid_sql("weight * persons * fade", SEARCHES)}),
           sum({on_grid_sql("weight * seen * fade", SEARCHES)}),
           coalesce(max(days) FILTER (WHERE hours IS DISTINCT FROM 0), 'NaN'::DOUBLE)
    FROM (SELECT cell, days, persons, hours,
                 CASE source WHEN {Source.LOGGED:d} THEN 1.0::DOUBLE ELSE $half END AS weight,
                 CASE WHEN hours IS NULL THEN $unlogged WHEN hours = 0 THEN 0.0::DOUBLE
                      ELSE 1 - exp(-least($rho * least(hours, 1e6), {ledger.FAR})) END AS seen,
                 exp(-least($k * ($day - days), {ledger.FAR})) AS fade
          FROM read_parquet($files, hive_partitioning = false) WHERE source <= {Source.UNLOGGED:d} AND days <= $day)
    GROUP BY cell ORDER BY cell"""
_CITIZENS = f"""
    SELECT cell, sum({on_grid_sql(f"least(weight, $most) * exp(-least($k * ($day - latest), {ledger.FAR}))", REPORTS)})
    FROM (SELECT cell, sum(trust) AS weight, max(latest) AS latest
          FROM (SELECT cell, floor(days) AS whole, max(days) AS latest,
                       max(CASE source WHEN {Source.CITIZEN_ACCOUNT:d} THEN $account ELSE $citizen END) AS trust
                FROM read_parquet($files, hive_partitioning = false)
                WHERE source >= {Source.CITIZEN_ACCOUNT:d} AND days <= $day GROUP BY cell, whole, origin)
          GROUP BY cell, whole)
    GROUP BY cell ORDER BY cell"""
_HELP = """
    SELECT cell, floor(days) AS whole, sum(contacts) FROM read_parquet($files, hive_partitioning = false)
    WHERE contacts > 0 AND days >= $since AND days <= $day GROUP BY cell, whole ORDER BY cell, whole"""


def sums(folder: str, files: Sequence[LakeFile], model: Model, day: float, done: Done) -> EvidenceSums:
    """Return the sums at a day of some files, equal to lake_sums.sums within 1e-12. Raise LakeError, also for a file that is
    missing or damaged: the checksum of each file is compared first. What does not fit into memory is put into the lake's
    folder, and deleted afterwards."""
    try:
        import duckdb
    except ModuleNotFoundError:
        raise LakeError(f"The engine duckdb needs DuckDB, which is not installed: {INSTALL}") from None
    if not files:
        return NOTHING
    for file in files:
        file.checked(folder)
    common = {"files": [f"{folder}/{file.path}" for file in files], "day": day}
    with TemporaryDirectory(dir=folder) as spill, duckdb.connect(config={"temp_directory": spill}) as connection:

        def columns(query: str, **values: float) -> list[Any]:
            found = connection.execute(query, common | values).fetchnumpy()
            return [
                np.ma.filled(column, np.nan) if np.ma.isMaskedArray(column) else column for column in found.values()
            ]

        associations = columns(
            _ASSOCIATIONS, half=model.unlogged_weight, rho=model.search_rate, k=float(np.log(2) / model.half_life),
            unlogged=float(-np.expm1(-model.search_rate * model.unlogged_hours)),
        )  # fmt: skip
        account, citizen = trusts(model)
        citizens = columns(
            _CITIZENS, most=model.cell_day_limit, k=float(np.log(2) / model.half_life), account=account, citizen=citizen,
        )  # fmt: skip
        helped = columns(_HELP, since=float(np.floor(day)) - help_by_day.WINDOW_DAYS)
    done(sum(file.rows for file in files))
    return EvidenceSums(ledger.Sums(*associations), *citizens, *helped)
