"""The figures of a year as CSV and XLSX, with headings and values in words."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import xlsxwriter
from django.utils import formats
from django.utils.translation import gettext as _

from needs.doors.association_figures.monthly_figures import Answered, Figures, total
from needs.enums import Category, QuestionKind
from solidarity.lib.files import hxl_tags
from solidarity.lib.files.formula_injection import neutral
from solidarity.lib.labels import in_language

CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

type Number = int | float
type Reader = Callable[[Figures], Number]


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with its value in each month, and for the year."""

    label: str
    values: tuple[Number, ...]
    year: Number


def lines(months: Mapping[date, Figures]) -> list[Line]:
    """Return all figures of a year, line by line."""
    every = [*months.values()]
    year = total(every)
    return [Line(label, tuple(read(month) for month in every), read(year)) for label, read in _readers(year)]


def _readers(year: Figures) -> Iterator[tuple[str, Reader]]:
    """Yield the label of each line, and the function that reads its value.

    year: the figures of the year, which decide which kinds and questions have a line.
    """
    yield _("Tours"), lambda month: month.tours
    yield _("Hours of tours"), lambda month: month.hours
    yield _("Encounters"), lambda month: month.encounters
    yield _("Encounters with nobody met"), lambda month: month.nobody_met
    yield _("People met (each time)"), lambda month: month.people_met
    yield _("People helped (each time)"), lambda month: month.people_helped
    for kind in Category:
        if year.asked[kind]:
            yield _("Asked: %(kind)s") % {"kind": kind.label}, _asked(kind)
    for kind in Category:
        if year.given[kind]:
            yield _("Given: %(kind)s") % {"kind": kind.label}, _given(kind)
    for key, question in year.answers.items():
        for label, read in _answers(key, question):
            yield f"{in_language(question.labels)} ({label})", read


def _answers(key: str, question: Answered) -> Iterator[tuple[str, Reader]]:
    """Yield the lines of a question: the text in brackets of the label, and the function that reads the value."""
    if question.kind == QuestionKind.NUMBER:
        yield _("sum"), lambda month: month.answers[key].total if key in month.answers else 0
        yield _("answers"), lambda month: month.answers[key].number if key in month.answers else 0
    elif question.kind == QuestionKind.YES_NO:
        yield _("yes"), _answered(key, "yes")
        yield _("no"), _answered(key, "no")
    else:
        for place, label in enumerate(in_language(question.choices)):
            yield label, _answered(key, str(place))


def _asked(kind: str) -> Reader:
    return lambda month: month.asked[kind]


def _given(kind: str) -> Reader:
    return lambda month: month.given[kind]


def _answered(key: str, code: str) -> Reader:
    return lambda month: month.answers[key].counts[code] if key in month.answers else 0


def heads(months: Mapping[date, Figures]) -> list[str]:
    """Return the headings of the columns."""
    return [_("Figure"), *(formats.date_format(month, "YEAR_MONTH_FORMAT") for month in months), _("Year")]


def limits() -> list[str]:
    """Return what the figures do not show, and what they are not for."""
    return [
        _("People whom nobody met. A quiet month does not mean that fewer people are outside."),
        _("How a meeting went. An hour with one person counts less here than ten short meetings."),
        _("Work that nobody logged: preparing, sorting, telephone calls, training, listening."),
        _("How teams compare. Each works in other places, at other hours and with other people."),
        _("The terms of use forbid to pay or to rank associations, teams or people by these figures."),
    ]


def as_csv(months: Mapping[date, Figures], *, tagged: bool = False) -> bytes:
    """Return the figures with semicolons, decimal signs of the language and a BOM, as spreadsheets open them. tagged:
    if True, add a row of HXL tags."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads(months))
    if tagged:
        writer.writerow(hxl_tags.tags_of("figures", ["figure", *["month"] * len(months), "year"]))
    for line in lines(months):
        cells = (formats.localize(value) for value in (*line.values, line.year))
        writer.writerow([neutral(line.label), *cells])
    return "\ufeff".encode() + out.getvalue().encode()


def as_xlsx(months: Mapping[date, Figures], title: str) -> bytes:
    """Return the figures as a workbook with numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(title)
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, heads(months), bold)
        for number, line in enumerate(lines(months), start=1):
            sheet.write_string(number, 0, neutral(line.label))
            for column, value in enumerate((*line.values, line.year), start=1):
                sheet.write_number(number, column, value)
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, len(months) + 1, 14)
        sheet.freeze_panes(1, 1)
        notes = book.add_worksheet(_("Not shown"))
        notes.write_row(0, 0, [_("What these figures do not show")], bold)
        for number, limit in enumerate(limits(), start=1):
            notes.write_string(number, 0, limit)
        notes.set_column(0, 0, 110)
    return out.getvalue()
