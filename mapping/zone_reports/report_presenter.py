"""Presentation of a frozen report: every figure in the reader's language. The page and the PDF use the same texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mapping.coverage.coverage_model import PUBLISHED
from mapping.enums import KEY_STATUS
from mapping.models import ZoneReport
from mapping.recurring_needs import recurring_presenter
from mapping.recurring_needs.recurring_presenter import RecurringPresentation
from mapping.unseen import estimate_presenter, reader_estimate
from mapping.unseen.estimate_presenter import UnseenPresentation
from mapping.unseen.reader_estimate import EstimateWords
from mapping.wording.sentences import clock, interval, percent, whole
from mapping.wording.status_words import status_in_general, status_of_figures
from mapping.zone_reports import report_charts, report_places, report_wording
from mapping.zone_reports.report_charts import Series, bars
from needs.cold_plans.cold_plan_wording import frozen_words
from needs.enums import Category
from solidarity.lib import numbers


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. cells: (name of the figure, text), in the order of the heads. named: name of the status of a
    zone."""

    head: str
    status: str
    cells: Sequence[tuple[str, str]]
    named: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table. heads: column heads; the first column head is above the row heads."""

    heads: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Note:
    day: str
    where: str
    association: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportPresentation:
    """Everything that page and PDF show."""

    name: str
    period: str
    cut_off: str
    model: str
    sentence: str
    cold: Sequence[str]
    summary: EstimateWords | None
    unseen: UnseenPresentation | None
    recurring: RecurringPresentation | None
    cards: Sequence[tuple[str, str, str]]
    statuses: Table
    zones: Table
    weeks: Table
    categories: Table
    notes: Sequence[Note]
    notes_left_out: int
    method: Sequence[str]
    parameters: Sequence[str]
    limits: Sequence[str]
    zone_map: SafeString
    charts: Sequence[SafeString]
    empty: bool


def present(report: ZoneReport) -> ReportPresentation:
    """Present a report for page and PDF, in the active language."""
    payload: dict[str, Any] = report.payload
    zone = payload["period"]["time_zone"]
    totals = payload["totals"]
    name = payload["territory"]["name"]
    return ReportPresentation(
        name=name,
        period=report_wording.period_words(report.start, report.end),
        cut_off=report_wording.moment_words(payload["cut_off"], zone),
        model=report_wording.versions_in_words(payload["models"]),
        sentence=report_wording.sentence(payload),
        cold=[frozen_words(plan) for plan in payload.get("cold", [])],
        summary=reader_estimate.of_summary(payload.get("left_unseen")),
        unseen=estimate_presenter.present(payload.get("left_unseen"), name),
        recurring=recurring_presenter.present(payload["recurring"], "exact", payload["borders"], name)
        if payload.get("recurring")
        else None,
        cards=_cards(payload),
        statuses=_statuses(payload),
        zones=_zones(payload),
        weeks=_weeks(payload),
        categories=_categories(payload),
        notes=[_note(note) for note in payload["notes"]],
        notes_left_out=payload["notes_left_out"],
        method=report_wording.method(payload),
        parameters=[line for model in payload["models"] for line in report_wording.parameters(model["values"])],
        limits=report_wording.limits(payload),
        zone_map=report_charts.zone_map(payload, _("Map of the zones of %(name)s") % {"name": name}),
        charts=_charts(payload),
        empty=not any(
            totals[figure] for figure in ("tours", "encounters", "nobody_met", "citizen_reports", "needs_new")
        ),
    )


def status_label(key: str, zone: dict[str, Any]) -> str:
    """Name the status of a zone of a report. Zones of older reports lack ``recent_days``."""
    recent = zone.get("recent_days", round(PUBLISHED.recent_days))
    return status_of_figures(KEY_STATUS[key], zone["searched_days"], recent)


def _cards(payload: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (name, label, number) for each figure of the period."""
    totals = payload["totals"]
    return [
        ("people_met", _("people met"), whole(totals["people_met"])),
        ("people_helped", _("people helped"), whole(totals["people_helped"])),
        ("tours", _("tours"), whole(totals["tours"])),
        ("hours", _("hours of search"), report_wording.tenths(totals["hours"])),
        ("searched", _("of the cells searched"), report_wording.share(totals["searched"], payload["cells"])),
        ("nobody_met", _("visits that met nobody"), whole(totals["nobody_met"])),
        ("needs_new", _("new needs"), whole(totals["needs_new"])),
        ("needs_met", _("needs met"), whole(totals["needs_met"])),
        ("citizen_reports", _("citizens' reports"), whole(totals["citizen_reports"])),
    ]


def _statuses(payload: dict[str, Any]) -> Table:
    def row(figures: dict[str, Any], head: str, status: str) -> Row:
        return Row(
            head,
            status,
            [
                ("persons", whole(figures["persons"])),
                ("interval", interval(figures["persons_low"], figures["persons_high"])),
                ("zones", whole(figures["zones"])),
                ("cells", whole(figures["cells"])),
            ],
        )

    rows = [row(one, status_in_general(one["status"]), one["status"]) for one in payload["statuses"]]
    rows.append(row(payload["all"], pgettext("statuses", "all"), ""))
    return Table([_("Status"), _("People likely"), _("9 times in 10"), _("Zones"), _("Cells")], rows)


def _zones(payload: dict[str, Any]) -> Table:
    heads = [
        pgettext("number of a zone", "No."), _("Status"), _("Place"), _("Cells"), _("People likely"),
        _("9 times in 10"), _("Chance that help is missing"), _("Help, as a share of the norm"), _("Search effort"),
        _("Days since the last search"), _("The model says"), _("Team’s status shown until"),
    ]  # fmt: skip
    names = report_places.names_of(payload)
    return Table(heads, [_zone(zone, names[zone["key"]]) for zone in payload["zones"]])


def _zone(zone: dict[str, Any], name: str) -> Row:
    days = zone["searched_days"]
    return Row(
        whole(zone["number"]),
        zone["status"],
        [
            ("place", name),
            ("cells", whole(zone["cells"])),
            ("persons", whole(zone["persons"])),
            ("interval", interval(zone["persons_low"], zone["persons_high"])),
            ("chance", percent(zone["chance"])),
            ("help", percent(zone["help"])),
            ("sweeps", report_wording.tenths(zone["sweeps"])),
            ("searched_days", pgettext("when a place was searched", "never") if days is None else whole(days)),
            ("computed", status_label(zone["computed"], zone) if zone.get("contested") else "–"),
            ("overridden_until", _until(zone)),
        ],
        status_label(zone["status"], zone),
    )


def _until(zone: dict[str, Any]) -> str:
    """Format the time at which a team's status for a zone expires; older reports lack this field."""
    until = zone.get("overridden_until")
    return clock(datetime.fromisoformat(until)) if until else "–"


def _weeks(payload: dict[str, Any]) -> Table:
    heads = [
        _("Week from"), _("Tours"), _("Hours"), _("Cells searched"), _("People met"), _("People helped"),
        _("Met nobody"), _("Citizens' reports"), _("New needs"), _("Needs met"),
    ]  # fmt: skip

    def row(figures: dict[str, Any], head: str) -> Row:
        return Row(
            head,
            "",
            [
                ("tours", whole(figures["tours"])),
                ("hours", report_wording.tenths(figures["hours"])),
                ("searched", report_wording.share(figures["searched"], payload["cells"])),
                ("people_met", whole(figures["people_met"])),
                ("people_helped", whole(figures["people_helped"])),
                ("nobody_met", whole(figures["nobody_met"])),
                ("citizen_reports", whole(figures["citizen_reports"])),
                ("needs_new", whole(figures["needs_new"])),
                ("needs_met", whole(figures["needs_met"])),
            ],
        )

    rows = [row(week, _short(week["first"], with_year=True)) for week in payload["weeks"]]
    rows.append(row(payload["totals"], _("period")))
    return Table(heads, rows)


def _short(day: str, *, with_year: bool = False) -> str:
    return date_format(date.fromisoformat(day), "j M Y" if with_year else "j M")


def _categories(payload: dict[str, Any]) -> Table:
    rows = [
        Row(
            str(Category(one["category"]).label),
            one["category"],
            [("asked", whole(one["asked"])), ("given", whole(one["given"]))],
        )
        for one in payload["categories"]
    ]
    return Table([_("What"), _("Asked for"), _("Given")], rows)


def _note(note: dict[str, Any]) -> Note:
    day = date_format(date.fromisoformat(note["day"]), "DATE_FORMAT")
    return Note(day, note["territory"], note["association"], note["text"])


def _charts(payload: dict[str, Any]) -> list[SafeString]:
    weeks = payload["weeks"]
    ticks = [_short(week["first"]) for week in weeks]

    def over(figure: str, label: str) -> Series:
        values = [float(week[figure]) for week in weeks]
        texts = [numbers.plain(value) if figure == "hours" else whole(int(value)) for value in values]
        return Series(label, values, texts)

    def searched() -> Series:
        cells = payload["cells"] or 1
        values = [100 * week["searched"] / cells for week in weeks]
        return Series("", values, [f"{round(value)}" for value in values])

    return [
        bars(
            _("People, by week"),
            ticks,
            [over("people_met", pgettext("people", "met")), over("people_helped", pgettext("people", "helped"))],
            "plot-people",
        ),
        bars(_("Hours of search, by week"), ticks, [over("hours", "")], "plot-hours"),
        bars(_("Cells searched, in per cent, by week"), ticks, [searched()], "plot-searched"),
        bars(
            _("Needs, by week"),
            ticks,
            [over("needs_new", pgettext("needs", "new")), over("needs_met", pgettext("needs", "met"))],
            "plot-needs",
        ),
    ]
