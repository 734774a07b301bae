"""Files of a frozen zone report: two kinds of CSV, GeoJSON, GeoPackage, workbook, PDF. Each file contains the unchanged
numbers of the payload."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mapping.enums import ExportFormat
from mapping.models import ZoneReport
from mapping.out.exports import report_tables, report_workbook
from mapping.out.exports.geopackage import GeoPackage
from mapping.out.exports.report_tables import ReportTable, Small
from mapping.out.zone_reports.external import external_report
from mapping.out.zone_reports.report_pdf import pdf_of
from mapping.out.zone_reports.report_presenter import present
from solidarity.lib.files.formula_injection import neutral
from volunteers.models import Territory

# Maximum number of rows of zones in a PDF; the other files contain all zones.
PRINTED_ZONES = 500


def write_file(report: ZoneReport, format: ExportFormat, out: IO[bytes]) -> None:
    """Write a report in a format to a binary file, in the active language."""
    FILES[format].write(report, out)


# --- plain text ----------------------------------------------------------------------------------------------------


def _write_csv(report: ZoneReport, out: IO[bytes]) -> None:
    """Write the main table for programs: UTF-8, commas, codes, ISO times. The file has no byte order mark."""
    main = report_tables.tables_of(report)[0]
    _table(
        out,
        "utf-8",
        ",",
        [column.key for column in main.columns],
        ([_coded(cell) for cell in row] for row in main.rows),
    )


def _write_words(report: ZoneReport, out: IO[bytes]) -> None:
    """Write the main table for people: UTF-8 with a byte order mark, semicolons, values in words."""
    main = report_tables.tables_of(report)[0]
    shown = [place for place, column in enumerate(main.columns) if not column.code]
    heads = [main.columns[place].head for place in shown]
    _table(out, "utf-8-sig", ";", heads, ([in_words(row[place]) for place in shown] for row in main.rows))


def _table(out: IO[bytes], encoding: str, delimiter: str, heads: list[str], rows: Any) -> None:
    text = io.TextIOWrapper(out, encoding=encoding, newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n" if delimiter == "," else "\r\n")
    writer.writerow([neutral(head) for head in heads])
    writer.writerows(rows)
    text.flush()
    text.detach()


def _plain(value: Any) -> Any:
    """Return a value for programs: times in ISO 8601, None for numbers too small to be shown."""
    if isinstance(value, Small):
        return None
    return value.isoformat() if isinstance(value, date) else value


def _coded(value: Any) -> Any:
    """Return a value for a CSV file for programs."""
    return neutral(value) if isinstance(value, str) else _plain(value)


def in_words(value: Any) -> str:
    """Return a value as people of the active language write it, in the deployment's time zone."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, float):
        return number_format(value, use_l10n=True)
    return neutral(value) if isinstance(value, str) else str(value)


# --- maps ----------------------------------------------------------------------------------------------------------


def _write_geojson(report: ZoneReport, out: IO[bytes]) -> None:
    """Write a FeatureCollection (RFC 7946) of the table with shapes; its member ``report`` describes the report."""
    shaped = next(table for table in report_tables.tables_of(report) if table.shapes is not None)
    features = [
        {
            "type": "Feature",
            "id": record["key"],
            "geometry": {"type": "MultiPolygon", "coordinates": shape},
            "properties": {name: _plain(value) for name, value in record.items()},
        }
        for record, shape in zip(shaped.records(), shaped.shapes or (), strict=True)
    ]
    whole = {"type": "FeatureCollection", "report": _head(report), "features": features}
    out.write(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode())


_HEAD = ("territory", "period", "before", "as_of", "left_out", "of_shown", "uncertain", "unseen")


def _head(report: ZoneReport) -> dict[str, Any]:
    """Return the description of the report, for files that contain a description in addition to the zones."""
    payload = report.payload
    if report.external:
        shown = {table.key: table.records() for table in report_tables.tables_of(report) if table.shapes is None}
        return {
            **{name: payload[name] for name in _HEAD if name in payload},
            **{
                key: [{name: _plain(value) for name, value in row.items()} for row in rows]
                for key, rows in shown.items()
            },
        }
    names = ("territory", "period", "cut_off", "models", "statuses", "all", "lacking", "cells", "totals")
    return {name: payload[name] for name in names} | {
        "to_verify": payload.get("to_verify", payload.get("unseen")),  # reports before 0.3 call it “unseen”
        "left_unseen": payload.get("left_unseen"),
        "recurring": payload.get("recurring"),
        "parts": payload.get("parts"),
    }


def _write_geopackage(report: ZoneReport, out: IO[bytes]) -> None:
    """Write a layer for each table. The parts have the borders of their territories."""
    import shapely

    with GeoPackage() as package:
        for table in report_tables.tables_of(report):
            shapes = None
            if table.shapes is not None:
                shapes = [shapely.multipolygons([_polygon(part) for part in shape]).wkb for shape in table.shapes]
            elif table.key == "parts":
                shapes = _borders(table)
            names = [column.key for column in table.columns]
            rows = [[None if isinstance(cell, Small) else cell for cell in row] for row in table.rows]
            package.add(table.key, names, rows, shapes)
        package.copy_to(out)


def _polygon(rings: Any) -> Any:
    import shapely

    return shapely.Polygon(rings[0], rings[1:])


def _borders(parts: ReportTable) -> list[bytes | None]:
    slugs = [record["slug"] for record in parts.records()]
    known = dict(Territory.objects.filter(slug__in=slugs).values_list("slug", "polygon"))
    return [bytes(known[slug].wkb) if slug in known else None for slug in slugs]


# --- PDF -----------------------------------------------------------------------------------------------------------


def _write_pdf(report: ZoneReport, out: IO[bytes]) -> None:
    if report.external:
        out.write(external_report.pdf(report))
        return
    page = present(report)
    context = {
        "report": report,
        "page": page,
        "zones": page.zones.rows[:PRINTED_ZONES],
        "zone_heads": page.zones.heads,
        "zones_left_out": max(0, len(page.zones.rows) - PRINTED_ZONES),
    }
    out.write(pdf_of("mapping/zone_reports/report_pdf.html", context))


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A format of files of zone reports. use: what the file of an internal report is for. external_use: the same for an
    external report."""

    write: Callable[[ZoneReport, IO[bytes]], None]
    use: Promise | str
    external_use: Promise | str


FILES: dict[ExportFormat, ReportFile] = {
    ExportFormat.PDF: ReportFile(
        _write_pdf,
        gettext_lazy("to print, tagged for screen readers"),
        gettext_lazy("to keep or send, tagged for screen readers"),
    ),
    ExportFormat.XLSX: ReportFile(
        report_workbook.write,
        gettext_lazy("for a spreadsheet, with the figures by week and charts"),
        gettext_lazy("for a spreadsheet, with the figures by week and charts"),
    ),
    ExportFormat.WORDS: ReportFile(
        _write_words,
        gettext_lazy("the zones in words, for any spreadsheet"),
        gettext_lazy("the parts in words, for any spreadsheet"),
    ),
    ExportFormat.CSV: ReportFile(
        _write_csv,
        gettext_lazy("the zones with codes and ISO times"),
        gettext_lazy("the parts with codes and ISO dates"),
    ),
    ExportFormat.GEOPACKAGE: ReportFile(
        _write_geopackage,
        gettext_lazy("the zones and parts for QGIS"),
        gettext_lazy("the public map and the parts for QGIS"),
    ),
    ExportFormat.GEOJSON: ReportFile(
        _write_geojson, gettext_lazy("the zones for a map"), gettext_lazy("the public map with the figures")
    ),
}
"""The formats of zone reports, in the order of the page."""

_WITHOUT_COUNTS: dict[ExportFormat, Promise] = {
    ExportFormat.XLSX: gettext_lazy("for a spreadsheet"),
    ExportFormat.GEOPACKAGE: gettext_lazy("the parts for QGIS"),
    ExportFormat.GEOJSON: gettext_lazy("the parts for a map"),
}
"""What files of reports without counts are for, where it differs from other external reports."""


def uses_of(report: ZoneReport) -> list[tuple[ExportFormat, Promise | str]]:
    """Return each format with what its file is for."""
    special = _WITHOUT_COUNTS if report.without_counts else {}
    return [
        (format, special.get(format) or (file.external_use if report.external else file.use))
        for format, file in FILES.items()
    ]
