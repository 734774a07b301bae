"""Files of a frozen zone report: CSV, GeoJSON, workbook, PDF. Each file contains the unchanged numbers of the
payload."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from mapping.enums import ExportFormat
from mapping.models import ZoneReport
from mapping.wording.status_words import status_in_general
from mapping.zone_reports.report_places import names_of
from mapping.zone_reports.report_presenter import present, status_label
from mapping.zone_reports.report_wording import long_day, method, moment_words, parameters, period_words, sentence
from mapping.zone_reports.tallies import WEEK_FIGURES
from needs.enums import Category
from solidarity.lib.files.formula_injection import neutral

# The columns of a zone, as mapping.wording.rounding names them.
ZONE_COLUMNS = (
    "number", "key", "place", "territory", "territory_slug", "status", "status_label", "cells", "persons", "persons_low",
    "persons_high", "chance", "help", "sweeps", "searched_days", "citizens", "since", "derived_at", "version",
    "contested", "computed", "computed_label", "overridden_until",
)  # fmt: skip

# Maximum number of zones in a PDF; the other files contain all zones.
PRINTED_ZONES = 500


def write_file(report: ZoneReport, format: ExportFormat, out: IO[bytes]) -> None:
    """Write a report in a format to a binary file, in the active language."""
    _WRITERS[format](report, out)


def _zones(report: ZoneReport) -> list[dict[str, Any]]:
    names = names_of(report.payload)
    return [{**_UNCONTESTED, **zone, **_labels(zone), "place": names[zone["key"]]} for zone in report.payload["zones"]]


# Zone fields that older reports lack.
_UNCONTESTED = {"contested": False, "computed": None, "overridden_until": None}


def _labels(zone: dict[str, Any]) -> dict[str, str | None]:
    computed = zone.get("computed")
    return {
        "status_label": status_label(zone["status"], zone),
        "computed_label": status_label(computed, zone) if computed else None,
    }


def _head(report: ZoneReport) -> dict[str, Any]:
    """Return the description of the report, for those files that contain a description beside the zones."""
    payload = report.payload
    names = ("territory", "period", "cut_off", "models", "statuses", "all", "lacking", "cells", "totals")
    return {name: payload[name] for name in names} | {
        "to_verify": payload.get("to_verify", payload.get("unseen")),  # reports before 0.3 call it “unseen”
        "left_unseen": payload.get("left_unseen"),
        "recurring": payload.get("recurring"),
    }


# --- plain text ----------------------------------------------------------------------------------------------------


def _write_csv(report: ZoneReport, out: IO[bytes]) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ZONE_COLUMNS)
    for zone in _zones(report):
        cells = (zone[name] for name in ZONE_COLUMNS)
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in cells])
    text.flush()
    text.detach()


def _write_geojson(report: ZoneReport, out: IO[bytes]) -> None:
    """Write a FeatureCollection (RFC 7946); its member ``report`` describes the report."""
    features = [
        {
            "type": "Feature",
            "id": zone["key"],
            "geometry": {"type": "MultiPolygon", "coordinates": shape},
            "properties": {name: zone[name] for name in ZONE_COLUMNS},
        }
        for zone, shape in zip(_zones(report), report.payload["shapes"], strict=True)
    ]
    whole = {"type": "FeatureCollection", "report": _head(report), "features": features}
    out.write(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode())


# --- workbook ------------------------------------------------------------------------------------------------------


def _write_xlsx(report: ZoneReport, out: IO[bytes]) -> None:
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheets = _Sheets(book)
    payload = report.payload
    sheets.pairs(_("Report"), _summary(report))
    sheets.table(_("Zones"), _zone_heads(), [[zone[name] for name in ZONE_COLUMNS] for zone in _zones(report)])
    sheets.table(
        _("Statuses"),
        [_("status"), _("zones"), _("cells"), _("people likely"), _("at least"), _("at most")],
        [
            [label, one["zones"], one["cells"], one["persons"], one["persons_low"], one["persons_high"]]
            for label, one in [
                *((status_in_general(one["status"]), one) for one in payload["statuses"]),
                (pgettext("statuses", "all"), payload["all"]),
            ]
        ],
    )
    sheets.table(
        _("Weeks"),
        [
            pgettext("days", "from"), pgettext("days", "to"), _("tours"), _("encounters"), _("visits that met nobody"), _("people met"),
            _("people helped"), _("citizens' reports"), _("new needs"), _("needs met"), _("hours of search"),
            _("cells searched"),
        ],
        [
            [week["first"], week["last"], *(week[name] for name in WEEK_FIGURES), week["hours"], week["searched"]]
            for week in payload["weeks"]
        ],
    )  # fmt: skip
    sheets.table(_("People left unseen"), _unseen_heads(), _unseen_rows(payload.get("left_unseen")))
    months, rows = _recurring_rows(payload.get("recurring"))
    sheets.table(_("Needs that come back"), [_("place"), _("territory"), _("what"), *months], rows)
    sheets.table(
        _("Categories"),
        [_("what"), _("asked for"), _("given")],
        [[str(Category(one["category"]).label), one["asked"], one["given"]] for one in payload["categories"]],
    )
    sheets.table(
        _("Notes"),
        [_("day"), _("territory"), _("association"), _("note")],
        [[note["day"], note["territory"], note["association"], note["text"]] for note in payload["notes"]],
    )
    book.close()


def _unseen_heads() -> list[str]:
    return [
        _("at the end of"), _("days without search"), _("people likely"), _("at least"), _("at most"), _("places"),
    ]  # fmt: skip


def _unseen_rows(standing: dict[str, Any] | None) -> list[list[Any]]:
    """Return the rows of the unseen estimate, the latest day first. Reports made without this estimate have no rows."""
    return [
        [point["day"], span["days"], span["persons"], span["low"], span["high"], span["cells"]]
        for point in reversed(standing["over_time"] if standing else [])
        for span in point["spans"]
    ]


def _recurring_rows(monthly: dict[str, Any] | None) -> tuple[list[str], list[list[Any]]]:
    """Return the column heads and the rows: first each kind of need by month in the whole territory, then the places
    where kinds come back."""
    if monthly is None:
        return [], []
    months = len(monthly["months"])
    named = [_("months in which it was reported"), _("times")]
    rows: list[list[Any]] = [
        [
            None,
            None,
            _kind_label(one["kind"]),
            *one["counts"],
            sum(count > 0 for count in one["counts"]),
            sum(one["counts"]),
        ]
        for one in monthly["kinds"]
    ]
    rows += [
        [one["cell"], one["territory"], _kind_label(one["kind"]), *[None] * months, one["months"], one["count"]]
        for one in monthly["returning"]
    ]
    return [*(month[:7] for month in monthly["months"]), *named], rows


def _kind_label(kind: str) -> str:
    return str(Category(kind).label) if kind in Category.values else kind


def _zone_heads() -> list[str]:
    return [
        pgettext("zone", "number"), pgettext("zone", "key"), _("place"), _("territory"), _("short name"),
        _("status code"), _("status"), _("cells"),
        _("people likely"), _("at least"), _("at most"), _("chance that help is missing, %"), _("help, % of the norm"),
        _("search effort that counts"), _("days since the last search"), _("from citizens, %"), _("status since"),
        _("computed at"), _("model version"), _("contested by teams"), _("status code of the model"),
        _("the model says"), _("team’s status shown until"),
    ]  # fmt: skip


def _summary(report: ZoneReport) -> list[tuple[str, Any]]:
    payload = report.payload
    totals = payload["totals"]
    return [
        (_("territory"), payload["territory"]["name"]),
        (_("period"), period_words(report.start, report.end)),
        (_("data until"), moment_words(payload["cut_off"], payload["period"]["time_zone"])),
        (_("model version"), ", ".join(str(model["version"]) for model in payload["models"])),
        (_("made on"), long_day(report.made_at.date())),
        (_("in one sentence"), sentence(payload)),
        *_estimate(payload.get("left_unseen")),
        (_("people met"), totals["people_met"]),
        (_("people helped"), totals["people_helped"]),
        (_("tours"), totals["tours"]),
        (_("hours of search"), totals["hours"]),
        (_("cells searched"), totals["searched"]),
        (_("cells"), payload["cells"]),
        (_("visits that met nobody"), totals["nobody_met"]),
        (_("new needs"), totals["needs_new"]),
        (_("needs met"), totals["needs_met"]),
        (_("citizens' reports"), totals["citizen_reports"]),
        *((_("method"), line) for line in method(payload)),
        *((_("model"), line) for model in payload["models"] for line in parameters(model["values"])),
    ]


def _estimate(standing: dict[str, Any] | None) -> list[tuple[str, Any]]:
    """Return the lines of the unseen estimate and of the figures that it is compared with; older reports lack some."""
    if standing is None:
        return []
    span = standing["spans"][0]
    days = {"days": span["days"]}
    lines = [
        (
            ngettext(
                "person likely in places not searched for %(days)s days",
                "people likely in places not searched for %(days)s days",
                span["persons"],
            )
            % days,
            span["persons"],
        ),
        (_("at least"), span["low"]),
        (_("at most"), span["high"]),
        (_("at the end of"), standing["day"]),
        (_("people expected in the whole territory"), span.get("expected")),
        (_("expected in zones to verify or not searched"), span.get("to_verify")),
        (_("of these, in places not searched for %(days)s days") % days, span.get("in_both")),
    ]
    return [(label, value) for label, value in lines if value is not None]


class _Sheets:
    """Sheets of one workbook, in one style. Texts are neutralised and never become formulas."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "vcenter"})
        self._text = book.add_format({"text_wrap": True, "valign": "top"})
        self._name = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
        self._whole = book.add_format({"num_format": "#,##0", "valign": "top"})
        self._tenth = book.add_format({"num_format": "#,##0.0", "valign": "top"})

    def table(self, title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        sheet = self._book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, neutral(head), self._head)
            longest = max((len(str(row[column])) for row in rows[:200]), default=0)
            sheet.set_column(column, column, min(60, max(11, longest + 2, len(head) * 0.7)))
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._write(sheet, line, column, value)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)

    def pairs(self, title: str, pairs: Sequence[tuple[str, Any]]) -> None:
        sheet = self._book.add_worksheet(title[:31])
        sheet.set_column(0, 0, 42)
        sheet.set_column(1, 1, 90)
        for line, (name, value) in enumerate(pairs):
            sheet.write_string(line, 0, neutral(name), self._name)
            self._write(sheet, line, 1, value, left=True)

    def _write(self, sheet: Any, line: int, column: int, value: Any, *, left: bool = False) -> None:
        if value is None:
            return
        if isinstance(value, str):
            sheet.write_string(line, column, neutral(value), self._text)
        else:
            form = self._tenth if isinstance(value, float) else self._whole
            if left:
                form = self._book.add_format(
                    {"num_format": "#,##0.0" if isinstance(value, float) else "#,##0", "align": "left"}
                )
            sheet.write_number(line, column, value, form)


# --- PDF -----------------------------------------------------------------------------------------------------------


def _write_pdf(report: ZoneReport, out: IO[bytes]) -> None:
    """Render report_pdf.html with the static style sheet on A4, with WeasyPrint; fetch nothing from elsewhere."""
    from weasyprint import CSS, HTML  # heavy, and only the worker needs it
    from weasyprint.text.fonts import FontConfiguration

    page = present(report)
    html = render_to_string(
        "mapping/zone_reports/report_pdf.html",
        {
            "report": report,
            "page": page,
            "language": get_language(),
            "zones": page.zones.rows[:PRINTED_ZONES],
            "zones_left_out": max(0, len(page.zones.rows) - PRINTED_ZONES),
        },
    )
    fonts = FontConfiguration()
    style = _static("solidarity/zone_reports/report-pdf.css").read_text(encoding="utf-8")
    sheet = CSS(string=style, base_url="static:", url_fetcher=_fetch, font_config=fonts)
    document = HTML(string=html, base_url="static:", url_fetcher=_fetch)
    document.write_pdf(out, stylesheets=[sheet], font_config=fonts)


def _static(name: str) -> Path:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"no static file {name}")
    return Path(found)


def _fetch(url: str, *_args: Any, **_kwargs: Any) -> Any:
    """Load our own fonts and style sheets (``static:`` addresses); raise ValueError for any other address."""
    from weasyprint.urls import URLFetcherResponse

    if not url.startswith("static:"):
        raise ValueError("a report fetches nothing from elsewhere")
    return URLFetcherResponse(url, body=_static(url.removeprefix("static:").lstrip("/")).read_bytes())


_WRITERS: dict[ExportFormat, Callable[[ZoneReport, IO[bytes]], None]] = {
    ExportFormat.CSV: _write_csv,
    ExportFormat.GEOJSON: _write_geojson,
    ExportFormat.XLSX: _write_xlsx,
    ExportFormat.PDF: _write_pdf,
}
