"""The tables of a frozen report, from which all its files but the PDF are written.

Values are int, float, bool, str, date, datetime (aware), None, or Small. Small stands for a number that is not shown
because it is too small.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mapping.coverage.unseen.estimate_rounding import LEAST
from mapping.map.wording.status_words import status_in_general
from mapping.models import ZoneReport
from mapping.out.report_figures.report_parts import COMPARED
from mapping.out.report_figures.tallies import WEEK_FIGURES
from mapping.out.zone_reports.external import external_presenter, status_presenter
from mapping.out.zone_reports.field_words import quoting
from mapping.out.zone_reports.parts import parts_presenter
from mapping.out.zone_reports.report_presenter import status_label
from mapping.out.zone_reports.report_wording import names_of
from needs.enums import Category
from solidarity.lib import grid


class Small(Enum):
    """Numbers that are too small to be shown. NUMBER: below LEAST. CHANGE: an increase or decrease that is smaller than
    LEAST."""

    NUMBER = "number"
    CHANGE = "change"

    def __str__(self) -> str:
        return parts_presenter.number_from(LEAST)(0) if self is Small.NUMBER else parts_presenter.PLUS_MINUS


@dataclass(frozen=True, slots=True)
class Column:
    """head: the heading of the column, in the reader's language. code: True if the column is for programs only; files
    for people then leave it out."""

    key: str
    head: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table. key: name of the table for programs. title: title of the table, in the reader's language. shapes: a
    multipolygon for each row, as coordinates of GeoJSON; None for a table without shapes."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    shapes: Sequence[Any] | None = None

    def records(self) -> list[dict[str, Any]]:
        keys = [column.key for column in self.columns]
        return [dict(zip(keys, row, strict=True)) for row in self.rows]


def tables_of(report: ZoneReport) -> list[ReportTable]:
    """Return the tables of a report in the active language, the main one first."""
    payload = report.payload
    if report.without_counts:
        return [status_parts(payload), answered(payload)]
    if report.external:
        return [
            parts(payload["parts"], payload["total"], report, LEAST, payload.get("uncertain", {}).get("parts", ())),
            areas(payload),
            external_weeks(payload),
            kinds(payload["kinds"]["rows"], payload["weeks"]),
            *([words(spoken)] if (spoken := quoting.words_of(report)) else []),
        ]
    found = [zones(payload), statuses(payload), weeks(payload)]
    if payload.get("parts"):
        found.insert(1, parts(payload["parts"]["rows"], payload["parts"]["total"], report))
        found.append(kinds(payload["kinds"], payload["weeks"]))
    return found


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def zones(payload: Mapping[str, Any]) -> ReportTable:
    """Return the zones. The figures are rounded by mapping.map.wording.rounding; older reports lack some of them."""
    columns = [
        Column("number", pgettext("zone", "number")), Column("key", pgettext("zone", "key"), code=True),
        Column("place", _("place")), Column("territory", _("territory")),
        Column("territory_slug", _("short name"), code=True), Column("status", _("status code"), code=True),
        Column("status_label", _("status")), Column("cells", _("cells")), Column("persons", _("people likely")),
        Column("persons_low", _("at least")), Column("persons_high", _("at most")),
        Column("chance", _("chance that help is missing, %")), Column("help", _("help, % of the norm")),
        Column("sweeps", _("search effort that counts")), Column("searched_days", _("days since the last search")),
        Column("citizens", _("from citizens, %")), Column("since", _("status since")),
        Column("derived_at", _("computed at")), Column("version", _("model version"), code=True),
        Column("contested", _("contested by teams")), Column("computed", _("status code of the model"), code=True),
        Column("computed_label", _("the model says")), Column("overridden_until", _("team’s status shown until")),
        Column("cell", _("cell in the middle (H3)"), code=True), Column("latitude", _("latitude")),
        Column("longitude", _("longitude")),
    ]  # fmt: skip
    names = names_of(dict(payload))
    rows = []
    for zone in payload["zones"]:
        longitude, latitude = zone["spot"]
        computed = zone.get("computed")
        values = {
            "contested": False, "overridden_until": None, "computed": None, **zone, "place": names[zone["key"]],
            "status_label": status_label(zone["status"], zone),
            "computed_label": status_label(computed, zone) if computed else None,
            "cell": grid.to_text(grid.cell_of(latitude, longitude)), "latitude": latitude, "longitude": longitude,
        }  # fmt: skip
        values |= {name: _moment(values[name]) for name in ("since", "derived_at", "overridden_until")}
        rows.append([values[column.key] for column in columns])
    return ReportTable("zones", _("Zones"), columns, rows, payload["shapes"])


def statuses(payload: Mapping[str, Any]) -> ReportTable:
    columns = [
        Column("status", _("status code"), code=True), Column("status_label", _("status")), Column("zones", _("zones")),
        Column("cells", _("cells")), Column("persons", _("people likely")), Column("persons_low", _("at least")),
        Column("persons_high", _("at most")),
    ]  # fmt: skip
    every = [*((one["status"], status_in_general(one["status"]), one) for one in payload["statuses"])]
    every.append(("all", pgettext("statuses", "all"), payload["all"]))
    rows = [[code, label, *(one[column.key] for column in columns[2:])] for code, label, one in every]
    return ReportTable("statuses", _("Statuses"), columns, rows)


def parts(
    rows: Sequence[Mapping[str, Any]],
    total: Mapping[str, Any],
    report: ZoneReport,
    least: int = 0,
    without: Collection[str] = (),
) -> ReportTable:
    """Return the parts of the territory and their sum. least: the smallest number that is shown; smaller numbers and
    smaller changes are hidden. without: names of columns that are left out."""
    heads = {name: head for name, head in parts_presenter.heads().items() if name not in without}
    compared = [name for name in COMPARED if name in heads]
    columns = [
        Column("slug", _("short name"), code=True), Column("name", _("Part of the territory")),
        Column("start", pgettext("days", "from")), Column("end", pgettext("days", "to")),
        *(Column(name, head) for name, head in heads.items()),
        *(Column(f"{name}_change", _("%(figure)s: change") % {"figure": heads[name]}) for name in compared),
    ]  # fmt: skip
    every = [*rows, {**total, "slug": report.payload["territory"]["slug"], "name": report.payload["territory"]["name"]}]
    if len(rows) == 1 and rows[0]["slug"] == every[-1]["slug"]:
        del every[0]

    def shown(number: int | None) -> Any:
        return Small.NUMBER if number is not None and number < least else number

    def change(number: int | None) -> Any:
        return Small.CHANGE if number is not None and abs(number) < least else number

    return ReportTable(
        "parts",
        _("Parts"),
        columns,
        [
            [
                row["slug"], parts_presenter.part_name(row), report.start, report.end,
                *(shown(row[name]) for name in heads),
                *(change((row["change"] or {}).get(name)) for name in compared),
            ]
            for row in every
        ],
    )  # fmt: skip


def weeks(payload: Mapping[str, Any]) -> ReportTable:
    heads = [
        _("tours"), _("encounters"), _("visits that met nobody"), _("people met"), _("people helped"),
        _("citizens' reports"), _("new needs"), _("needs met"), _("hours of search"), _("cells searched"),
        _("people likely unseen"),
    ]  # fmt: skip
    names = (*WEEK_FIGURES, "hours", "searched", "unseen")
    columns = [Column("first", pgettext("days", "from")), Column("last", pgettext("days", "to"))]
    columns += [Column(name, head) for name, head in zip(names, heads, strict=True)]
    rows = [
        [date.fromisoformat(week["first"]), date.fromisoformat(week["last"]), *(week.get(name) for name in names)]
        for week in payload["weeks"]
    ]
    return ReportTable("weeks", _("Weeks"), columns, rows)


def external_weeks(payload: Mapping[str, Any]) -> ReportTable:
    without = payload.get("uncertain", {}).get("weeks", ())
    heads = {name: head for name, head in parts_presenter.heads().items() if name not in without}
    columns = [Column("first", pgettext("days", "from")), Column("last", pgettext("days", "to"))]
    columns += [Column(name, head) for name, head in heads.items()]
    rows = [
        [
            date.fromisoformat(week["first"]),
            date.fromisoformat(week["last"]),
            *(Small.NUMBER if (week[name] or LEAST) < LEAST else week[name] for name in heads),
        ]
        for week in payload["weeks"]
    ]
    return ReportTable("weeks", _("Weeks"), columns, rows)


def kinds(rows: Sequence[Mapping[str, Any]], every: Sequence[Mapping[str, Any]]) -> ReportTable:
    """Return the needs by kind and week, one row for each week and kind."""
    columns = [
        Column("first", pgettext("days", "from")), Column("last", pgettext("days", "to")),
        Column("kind", _("kind code"), code=True), Column("kind_label", _("what")), Column("needs", _("needs")),
    ]  # fmt: skip
    found = [
        [
            date.fromisoformat(week["first"]), date.fromisoformat(week["last"]), row["kind"], kind_label(row["kind"]),
            row["weeks"][place],
        ]
        for place, week in enumerate(every)
        for row in rows
    ]  # fmt: skip
    return ReportTable("kinds", _("Needs by kind"), columns, found)


def kind_label(kind: str) -> str:
    return str(Category(kind).label) if kind in Category.values else kind


def status_parts(payload: Mapping[str, Any]) -> ReportTable:
    """Return the parts of a report without counts."""
    columns = [
        Column("key", pgettext("zone", "key"), code=True), Column("name", _("Part of the territory")),
        Column("status", _("status code"), code=True), Column("status_label", _("status")),
        Column("searched", _("searched recently")),
    ]  # fmt: skip
    rows = [
        [part.slug, part.name, part.status or None, part.label, part.searched]
        for part in status_presenter.parts(dict(payload))
    ]
    return ReportTable("parts without counts", _("Parts of the territory"), columns, rows, payload["shapes"])


def answered(payload: Mapping[str, Any]) -> ReportTable:
    """Return the kinds of needs that were answered, of a report without counts."""
    columns = [Column("kind", _("kind code"), code=True), Column("kind_label", _("what"))]
    return ReportTable("kinds", _("Needs answered"), columns, [[kind, kind_label(kind)] for kind in payload["kinds"]])


def areas(payload: Mapping[str, Any]) -> ReportTable:
    """Return the places of the public map."""
    columns = [
        Column("key", pgettext("zone", "key"), code=True), Column("part", _("Part of the territory")),
        Column("number", pgettext("zone", "number")), Column("status", _("status code"), code=True),
        Column("status_label", _("status")), Column("coverage_from", _("searched recently, at least %")),
        Column("latitude", _("latitude")), Column("longitude", _("longitude")),
    ]  # fmt: skip
    rows = [
        [
            place["key"], place["part"], place["number"], place["status"],
            external_presenter.status_name(place, payload["recent_days"]), place["coverage"], place["spot"][1],
            place["spot"][0],
        ]
        for place in payload["places"]
    ]  # fmt: skip
    return ReportTable("areas", _("Public map"), columns, rows, payload["shapes"])


def words(spoken: Sequence[quoting.TeamWords]) -> ReportTable:
    """Return the words of the teams that an external report quotes."""
    columns = [
        Column("text", _("words of the team")), Column("association", _("association")),
        Column("part", _("Part of the territory")), Column("week", _("week from")),
    ]  # fmt: skip
    rows = [[each.text, each.association, each.part, each.week] for each in spoken]
    return ReportTable("words", _("In the teams’ words"), columns, rows)
