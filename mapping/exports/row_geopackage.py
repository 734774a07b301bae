"""Row export as a GeoPackage: one point per report, at the centre of its cell. The file is written in steps, so that
memory use stays limited."""

import csv
import io
import tempfile
from datetime import datetime
from itertools import batched
from typing import IO, Any

from mapping.enums import ExportFormat
from mapping.exports.geopackage import GeoPackage
from mapping.exports.row_export import COLUMNS, Progress, selected
from mapping.zone_reports.report_period import Period
from volunteers.models import Territory

STEP = 20_000

_KINDS: dict[str, type] = {
    "at": datetime, "latitude": float, "longitude": float, "persons": int, "contacts": int, "minutes": float,
}  # fmt: skip


def write(territory: Territory, period: Period, out: IO[bytes], progress: Progress | None = None) -> int:
    """Write the reports of a territory and a period as the layer ``reports``; return the number of rows. ``at`` is the
    local hour, without a time zone."""
    with tempfile.TemporaryFile() as plain, GeoPackage() as package:
        with selected(territory, period) as chosen:
            chosen.write(ExportFormat.CSV, plain)
        plain.seek(0)
        lines = csv.reader(io.TextIOWrapper(plain, encoding="utf-8", newline=""))
        next(lines)
        written = 0
        for rows in batched(lines, STEP, strict=False):
            _add(package, [_typed(row) for row in rows])
            written += len(rows)
            if progress is not None:
                progress(written)
        if not written:
            _add(package, [])
        package.copy_to(out)
    return written


def _add(package: GeoPackage, rows: list[list[Any]]) -> None:
    import shapely

    longitudes, latitudes = ([row[COLUMNS.index(name)] for row in rows] for name in ("longitude", "latitude"))
    points = shapely.to_wkb(shapely.points(longitudes, latitudes)) if rows else []
    package.add("reports", COLUMNS, rows, list(points), [_KINDS.get(name, str) for name in COLUMNS], "Point")


def _typed(row: list[str]) -> list[Any]:
    """Return a row of the CSV with its types; empty cells become None."""
    return [_read(text, _KINDS.get(name, str)) if text else None for name, text in zip(COLUMNS, row, strict=True)]


def _read(text: str, kind: type) -> Any:
    return datetime.fromisoformat(text) if kind is datetime else kind(text)
