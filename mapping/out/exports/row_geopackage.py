"""Row export as a GeoPackage: one point per report, at the centre of its cell. The file is written in steps, so that
memory use stays limited."""

import csv
import io
import tempfile
from collections.abc import Mapping
from datetime import datetime
from itertools import batched
from typing import IO, Any

from mapping.enums import ExportFormat
from mapping.out.exports.geopackage import GeoPackage
from mapping.out.exports.row_columns import ROW_COLUMNS, RowColumns
from mapping.out.exports.row_export import Progress, selected
from mapping.out.report_figures.report_period import Period
from volunteers.models import Territory

STEP = 20_000


def write(
    territory: Territory,
    period: Period,
    out: IO[bytes],
    progress: Progress | None = None,
    columns: RowColumns = ROW_COLUMNS,
) -> int:
    """Write the reports of a territory and a period as the layer ``reports``; return the number of rows. ``at`` is the
    local hour, without a time zone."""
    fixed: dict[str, type] = {"at": datetime, "latitude": float, "longitude": float}
    kinds = fixed | {name: column.python_type for name, column in columns.declared.items()}
    types = {name: kinds.get(name, str) for name in columns.names}
    with tempfile.TemporaryFile() as plain, GeoPackage() as package:
        with selected(territory, period, columns) as chosen:
            chosen.write(ExportFormat.CSV, plain)
        plain.seek(0)
        lines = csv.reader(io.TextIOWrapper(plain, encoding="utf-8", newline=""))
        next(lines)
        written = 0
        for rows in batched(lines, STEP, strict=False):
            _add(package, types, [_typed(types, row) for row in rows])
            written += len(rows)
            if progress is not None:
                progress(written)
        if not written:
            _add(package, types, [])
        package.copy_to(out)
    return written


def _add(package: GeoPackage, types: Mapping[str, type], rows: list[list[Any]]) -> None:
    import shapely

    names = list(types)
    longitudes, latitudes = ([row[names.index(name)] for row in rows] for name in ("longitude", "latitude"))
    points = shapely.to_wkb(shapely.points(longitudes, latitudes)) if rows else []
    package.add("reports", names, rows, list(points), list(types.values()), "Point")


def _typed(types: Mapping[str, type], row: list[str]) -> list[Any]:
    """Return a row of the CSV with its types; empty cells become None."""
    return [_read(text, kind) if text else None for kind, text in zip(types.values(), row, strict=True)]


def _read(text: str, kind: type) -> Any:
    if kind is bool:
        return text == "true"
    return datetime.fromisoformat(text) if kind is datetime else kind(text)
