"""A frozen zone report as a workbook: sheets with true dates and numbers, and charts of the weeks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mapping.map.wording.parameter_sentences import parameters
from mapping.models import ZoneReport
from mapping.out.exports import report_tables
from mapping.out.exports.report_tables import ReportTable, Small
from mapping.out.zone_reports.external import external_presenter, status_presenter
from mapping.out.zone_reports.report_issuer import issuer_of
from mapping.out.zone_reports.report_wording import long_day, method, moment_words, period_words, sentence
from solidarity.lib.files.formula_injection import neutral

CHART_ROWS = 16  # number of rows of the sheet that a chart covers


def write(report: ZoneReport, out: IO[bytes]) -> None:
    """Write the workbook to a binary file, in the active language."""
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": str(report.territory), "author": issuer_of(report.issuer).name})
    sheets = _Sheets(book)
    sheets.pairs(_("Report"), _external_summary(report) if report.external else _summary(report))
    for table in report_tables.tables_of(report):
        sheets.add(table)
    if not report.external:
        _internal_sheets(sheets, report.payload)
    book.close()


def _internal_sheets(sheets: "_Sheets", payload: dict[str, Any]) -> None:
    sheets.table(_("People left unseen"), _unseen_heads(), _unseen_rows(payload.get("left_unseen")))
    months, rows = _recurring_rows(payload.get("recurring"))
    sheets.table(_("Needs that come back"), [_("place"), _("territory"), _("what"), *months], rows)
    sheets.table(
        _("Categories"),
        [_("what"), _("asked for"), _("given")],
        [[report_tables.kind_label(one["category"]), one["asked"], one["given"]] for one in payload["categories"]],
    )
    sheets.table(
        _("Notes"),
        [_("day"), _("territory"), _("association"), _("note")],
        [
            [date.fromisoformat(note["day"]), note["territory"], note["association"], note["text"]]
            for note in payload["notes"]
        ],
    )


def _unseen_heads() -> list[str]:
    return [
        _("at the end of"), _("days without search"), _("people likely"), _("at least"), _("at most"), _("places"),
    ]  # fmt: skip


def _unseen_rows(standing: dict[str, Any] | None) -> list[list[Any]]:
    """Return the rows of the unseen estimate, the latest day first. Reports made without this estimate have no rows."""
    return [
        [date.fromisoformat(point["day"]), span["days"], span["persons"], span["low"], span["high"], span["cells"]]
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
            report_tables.kind_label(one["kind"]),
            *one["counts"],
            sum(count > 0 for count in one["counts"]),
            sum(one["counts"]),
        ]
        for one in monthly["kinds"]
    ]
    rows += [
        [
            one["cell"], one["territory"], report_tables.kind_label(one["kind"]), *[None] * months, one["months"],
            one["count"],
        ]
        for one in monthly["returning"]
    ]  # fmt: skip
    return [*(month[:7] for month in monthly["months"]), *named], rows


def _external_summary(report: ZoneReport) -> list[tuple[str, Any]]:
    page = status_presenter.present(report) if report.without_counts else external_presenter.present(report)
    return [
        (_("issued by"), " · ".join([page.issuer.name, *page.issuer.contact])),
        (_("recipient"), page.recipient),
        (_("territory"), page.name),
        (_("period"), page.period),
        (_("compared with"), page.before),
        (_("made on"), localtime(report.made_at).date()),
        (_("in one sentence"), page.sentence),
        *([(_("the field"), page.without_words)] if page.without_words else []),
        *((_("method"), line) for line in [*page.method, page.left_out] if line),
    ]


def _summary(report: ZoneReport) -> list[tuple[str, Any]]:
    payload = report.payload
    totals = payload["totals"]
    return [
        (_("issued by"), issuer_of(report.issuer).name),
        (_("territory"), payload["territory"]["name"]),
        (_("period"), period_words(report.start, report.end)),
        (_("data until"), moment_words(payload["cut_off"], payload["period"]["time_zone"])),
        (_("model version"), ", ".join(str(model["version"]) for model in payload["models"])),
        (_("made on"), long_day(localtime(report.made_at).date())),
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
        (_("at the end of"), date.fromisoformat(standing["day"])),
        (_("people expected in the whole territory"), span.get("expected")),
        (_("expected in zones to verify, never searched or searched too little"), span.get("to_verify")),
        (_("of these, in places not searched for %(days)s days") % days, span.get("in_both")),
    ]
    return [(label, value) for label, value in lines if value is not None]


class _Sheets:
    """Sheets of one workbook, in one style. Texts are neutralised and never become formulas."""

    def __init__(self, book: Any) -> None:
        self._book = book
        day = pgettext("date format of a workbook", "yyyy-mm-dd")
        self._head = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "vcenter"})
        self._name = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
        self._formats: dict[tuple[type, str], Any] = {}
        self._numbers = {
            int: "#,##0", float: "#,##0.0", date: day, datetime: f"{day} hh:mm", str: "", bool: "", Small: "",
        }  # fmt: skip

    def add(self, table: ReportTable) -> None:
        """Add a sheet with all columns of a table; the tables by week also get charts."""
        sheet = self.table(table.title, [column.head for column in table.columns], table.rows)
        keys = [column.key for column in table.columns]
        if table.key == "weeks" and table.rows:
            lines = len(table.rows)
            for place, names in enumerate((("people_met", "people"), ("hours",), ("unseen",))):
                chosen = next((keys.index(name) for name in names if name in keys), None)
                if chosen is not None:
                    self._chart(sheet, table, chosen, lines, place)

    def _chart(self, sheet: Any, table: ReportTable, column: int, lines: int, place: int) -> None:
        head = table.columns[column].head
        chart = self._book.add_chart({"type": "column"})
        chart.add_series(
            {
                "name": head,
                "categories": [sheet.name, 1, 0, lines, 0],
                "values": [sheet.name, 1, column, lines, column],
                "fill": {"color": "#1c4a82"},
            }
        )
        chart.set_title({"name": head, "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_x_axis({"num_format": pgettext("date format of a workbook", "d mmm"), "text_axis": True})
        chart.set_y_axis({"min": 0})
        sheet.insert_chart(lines + 2 + place * CHART_ROWS, 0, chart, {"description": head, "x_scale": 1.3})

    def table(self, title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
        """Add a sheet with a head row, a filter and columns as wide as their values. Return the sheet."""
        sheet = self._book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, neutral(head), self._head)
            longest = max((len(_plain(row[column])) for row in rows[:200]), default=0)
            sheet.set_column(column, column, min(60, max(11, longest + 2, len(head) * 0.7)))
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._write(sheet, line, column, value)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)
        return sheet

    def pairs(self, title: str, pairs: Sequence[tuple[str, Any]]) -> None:
        sheet = self._book.add_worksheet(title[:31])
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 42)
        sheet.set_column(1, 1, 90)
        for line, (name, value) in enumerate(pairs):
            sheet.write_string(line, 0, neutral(name), self._name)
            self._write(sheet, line, 1, value, align="left")

    def _write(self, sheet: Any, line: int, column: int, value: Any, align: str = "") -> None:
        if value is None:
            return
        form = self._format(type(value), align or ("right" if isinstance(value, Small) else ""))
        if isinstance(value, str | Small):
            sheet.write_string(line, column, neutral(str(value)) if isinstance(value, str) else str(value), form)
        elif isinstance(value, bool):
            sheet.write_boolean(line, column, value, form)
        elif isinstance(value, datetime):
            sheet.write_datetime(line, column, localtime(value).replace(tzinfo=None), form)
        elif isinstance(value, date):
            sheet.write_datetime(line, column, value, form)
        else:
            coordinate = isinstance(value, float) and value != round(value, 1)
            sheet.write_number(line, column, value, self._format(float, "", "0.000000") if coordinate else form)

    def _format(self, kind: type, align: str, number: str = "") -> Any:
        key = (kind, align + number)
        if key not in self._formats:
            values: dict[str, Any] = {"valign": "top"}
            if align:
                values["align"] = align
            if kind is str:
                values["text_wrap"] = True
            if number or self._numbers[kind]:
                values["num_format"] = number or self._numbers[kind]
            self._formats[key] = self._book.add_format(values)
        return self._formats[key]


def _plain(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
