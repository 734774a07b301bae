"""Export of all reports to files, compared with a plain COPY of the same rows to CSV."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils import timezone

from mapping.enums import ExportFormat
from mapping.exports.row_export import stream_reports
from solidarity.ops.bench import bench_region
from solidarity.ops.bench.measurements.filing_and_fold import raw_connection
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, forget_peak, in_turn, median, peak_mb, resident_mb
from volunteers.models import Territory

_PLAIN = """COPY (
    SELECT id, at, cell, association_id, persons, contacts, asked, given FROM needs_encounter
    UNION ALL SELECT id, at, cell, NULL, persons, NULL, NULL, NULL FROM needs_citizenreport
) TO STDOUT (FORMAT csv, HEADER)"""


def measure(size: Size) -> list[Figure]:
    """Measure seconds and resident memory of both formats."""
    rounds = size.repeat(3)
    root = Territory.objects.get(slug="bench")
    end = timezone.localdate()
    start = end - timedelta(days=bench_region.DAYS + 2)
    raw = raw_connection()
    found = []
    with TemporaryDirectory() as folder:

        def plain() -> None:
            with (Path(folder) / "plain.csv").open("wb") as out:
                raw.cursor().copy_expert(_PLAIN, out)

        for format, goal in ((ExportFormat.CSV, "≤ 1.5"), (ExportFormat.GEOJSON, "≤ 3")):
            rows = 0

            def ours(format: ExportFormat = format) -> None:
                nonlocal rows
                with (Path(folder) / f"ours.{format}").open("wb") as out:
                    rows = stream_reports(format, root, start, end, out)

            before = resident_mb()
            forget_peak()
            seconds, reference = in_turn(ours, plain, rounds, warm=1)
            note = f"{rows:,} rows, +{peak_mb() - before:.0f} MB on {before:.0f} MB resident"
            found.append(
                figure(f"export {format.value} {size.label}", median(seconds), "s", median(reference), goal, note)
            )
    raw.close()
    return found
