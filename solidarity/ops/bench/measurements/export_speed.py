"""Export of all reports to files, compared with a plain COPY of the same rows to CSV, and a workbook with xlsxwriter."""

import csv
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from django.utils import timezone

from mapping.enums import ExportFormat
from mapping.out.exports.row_export import stream_reports
from solidarity.ops.bench import bench_region
from solidarity.ops.bench.measurements.filing_and_fold import raw_connection
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, forget_peak, in_turn, median, once, peak_mb, resident_mb
from volunteers.models import Territory

_PLAIN = """COPY (
    SELECT id, at, cell, association_id, persons, contacts, asked, given FROM needs_encounter
    UNION ALL SELECT id, at, cell, NULL, persons, NULL, NULL, NULL FROM needs_citizenreport
) TO STDOUT (FORMAT csv, HEADER)"""

_GOALS = {ExportFormat.CSV: "≤ 1.2", ExportFormat.GEOJSON: "≤ 2", ExportFormat.XLSX: ""}
_MEMORY = "≤ 64 MB"


def measure(size: Size) -> list[Figure]:
    """Measure seconds and resident memory of each format."""
    root = Territory.objects.get(slug="bench")
    end = timezone.localdate()
    start = end - timedelta(days=bench_region.DAYS + 2)
    raw = raw_connection()
    found: list[Figure] = []
    with TemporaryDirectory() as folder:

        def plain() -> None:
            with (Path(folder) / "plain.csv").open("wb") as out:
                raw.cursor().copy_expert(_PLAIN, out)

        for format, goal in _GOALS.items():
            rows = 0

            def ours(format: ExportFormat = format) -> None:
                nonlocal rows
                with (Path(folder) / f"ours.{format}").open("wb") as out:
                    rows = stream_reports(format, root, start, end, out)

            before = resident_mb()
            forget_peak()
            seconds, reference = in_turn(ours, plain, size.repeat(3), warm=1)
            name, took, grown = f"export {format.value}", median(seconds), peak_mb() - before
            found.append(figure(f"{name} {size.label}", took, "s", median(reference), goal, f"{rows:,} rows"))
            found.append(figure(f"{name} memory", grown, "MB", before, _MEMORY, "above the resident memory before"))
        csv_path, book_path = Path(folder) / f"ours.{ExportFormat.CSV}", Path(folder) / "xlsxwriter.xlsx"
        by_library = once(lambda: _by_xlsxwriter(csv_path, book_path))
        found.append(figure("xlsxwriter by export xlsx", by_library, "s", took, "≥ 20", "same rows, constant memory"))
    raw.close()
    return found


def _by_xlsxwriter(rows: Path, out: Path) -> None:
    """Write the rows of a CSV export as a workbook of texts and numbers, with the memory of one row."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": True,
    }
    with rows.open(newline="") as lines, xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(csv.reader(lines)):
            sheet.write_row(number, 0, row)
