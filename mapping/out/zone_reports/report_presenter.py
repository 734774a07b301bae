"""Presentation of a frozen report: every figure in the reader's language. The page and the PDF use the same texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mapping.coverage.cells.coverage_model import PUBLISHED
from mapping.enums import KEY_STATUS
from mapping.map.estimates import estimate_presenter, reader_estimate
from mapping.map.estimates.estimate_presenter import UnseenPresentation
from mapping.map.estimates.reader_estimate import EstimateWords
from mapping.map.wording import parameter_sentences
from mapping.map.wording.sentences import clock, interval, percent, whole
from mapping.map.wording.status_words import status_in_general, status_of_figures
from mapping.models import ZoneReport
from mapping.out.winters import winters_presenter
from mapping.out.winters.monthly_sums import WinterRow
from mapping.out.winters.winters_presenter import Winters
from mapping.out.zone_reports import report_charts, report_wording
from mapping.out.zone_reports.parts import internal_plots, parts_presenter
from mapping.out.zone_reports.parts.parts_presenter import PartsTable
from mapping.out.zone_reports.report_issuer import Issuer, issuer_of
from mapping.plans.recurring_needs import recurring_presenter
from mapping.plans.recurring_needs.recurring_presenter import RecurringPresentation
from needs.base.cold_plans.cold_plan_wording import frozen_words
from needs.enums import Category

OF_A_COUNT = ("persons", "interval", "chance", "help")  # columns that need a count of people
NAMED = 4  # maximum number of names in a row for several single cells


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. cells: (name of the figure, text), in the order of the heads. named: the name of a zone's
    status."""

    head: str
    status: str
    cells: Sequence[tuple[str, str]]
    named: str = ""

    @property
    def figures(self) -> dict[str, str]:
        return dict(self.cells)


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
    winters: Winters | None
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
    issuer: Issuer
    recipient: str
    parts: PartsTable | None
    before: str
    kinds: SafeString | None
    hours: SafeString | None
    hours_title: str
    clock: SafeString | None
    empty: bool


def present(report: ZoneReport) -> ReportPresentation:
    """Present a report for page and PDF, in the active language."""
    payload: dict[str, Any] = report.payload
    zone = payload["period"]["time_zone"]
    totals = payload["totals"]
    name = payload["territory"]["name"]
    parts = payload.get("parts")  # reports made before 0.3 have no plots
    return ReportPresentation(
        name=name,
        period=report_wording.period_words(report.start, report.end),
        cut_off=report_wording.moment_words(payload["cut_off"], zone),
        model=parameter_sentences.versions_in_words(payload["models"]),
        sentence=report_wording.sentence(payload),
        cold=[frozen_words(plan) for plan in payload.get("cold", [])],
        summary=reader_estimate.of_summary(payload.get("left_unseen")),
        unseen=estimate_presenter.present(payload.get("left_unseen"), name),
        recurring=recurring_presenter.present(payload["recurring"], "exact", payload["borders"], name)
        if payload.get("recurring")
        else None,
        winters=winters_presenter.present([WinterRow(**row) for row in payload.get("winters", [])]),
        cards=_cards(payload),
        statuses=_shown(_statuses(payload), payload),
        zones=_shown(_zones(payload), payload),
        weeks=_weeks(payload),
        categories=_categories(payload),
        notes=[_note(note) for note in payload["notes"]],
        notes_left_out=payload["notes_left_out"],
        method=report_wording.method(payload),
        parameters=[line for model in payload["models"] for line in parameter_sentences.parameters(model["values"])]
        if report_wording.has_count(payload)
        else [],
        limits=report_wording.limits(payload),
        zone_map=report_charts.zone_map(payload, _("Map of the zones of %(name)s") % {"name": name}),
        issuer=issuer_of(report.issuer),
        recipient=report.recipient,
        parts=parts
        and parts_presenter.table(
            parts["rows"], parts["total"], name, without=() if report_wording.has_count(payload) else ("unseen",)
        ),
        before=_before(parts),
        kinds=internal_plots.kinds(payload),
        hours=internal_plots.hours(payload),
        hours_title=internal_plots.hours_title(payload),
        clock=internal_plots.clock(payload),
        empty=not any(
            totals[figure] for figure in ("tours", "encounters", "nobody_met", "citizen_reports", "needs_new")
        ),
    )


def _before(parts: dict[str, Any] | None) -> str:
    """Name the earlier days with which figures are compared; empty if there are no such days."""
    if not parts or not parts["before"]:
        return ""
    start, end = (date.fromisoformat(parts["before"][name]) for name in ("start", "end"))
    return report_wording.period_words(start, end)


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


def _shown(table: Table, payload: dict[str, Any]) -> Table:
    """Return the table without the columns that need a count, if there is none."""
    if report_wording.has_count(payload) or not table.rows:
        return table
    first = len(table.heads) - len(table.rows[0].cells)
    kept = [place for place, (name, _text) in enumerate(table.rows[0].cells) if name not in OF_A_COUNT]
    return Table(
        [*table.heads[:first], *(table.heads[first + place] for place in kept)],
        [replace(row, cells=[row.cells[place] for place in kept]) for row in table.rows],
    )


def _of_a_count(value: int | None, write: Callable[[int], str]) -> str:
    """Write a figure that needs a count; a dash where nobody counted."""
    return "–" if value is None else write(value)


def _interval(figures: dict[str, Any]) -> str:
    low, high = figures["persons_low"], figures["persons_high"]
    return "–" if low is None or high is None else interval(low, high)


def _statuses(payload: dict[str, Any]) -> Table:
    def row(figures: dict[str, Any], head: str, status: str) -> Row:
        return Row(
            head,
            status,
            [
                ("persons", _of_a_count(figures["persons"], whole)),
                ("interval", _interval(figures)),
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
    names = report_wording.names_of(payload)
    rows = []
    groups: dict[tuple[bool, str, str], list[dict[str, Any]]] = {}
    for zone in payload["zones"]:
        groups.setdefault(_group(zone), []).append(zone)
    for (single, _status, _where), zones in groups.items():
        if single and len(zones) > 1:
            rows.append(_together(zones, [names[zone["key"]] for zone in zones]))
        else:
            rows += [_zone(zone, names[zone["key"]]) for zone in zones]
    return Table(heads, rows)


def _group(zone: dict[str, Any]) -> tuple[bool, str, str]:
    """Uncontested single cells of one status and territory form one row; a contested cell has its own row."""
    single = zone["cells"] == 1 and not zone.get("contested")
    return single, status_label(zone["status"], zone), zone["territory"] if single else zone["key"]


def _together(zones: Sequence[dict[str, Any]], names: Sequence[str]) -> Row:
    """Return one row for several single cells. Intervals do not add up, so the row has none."""

    def span(values: Sequence[Any], write: Callable[[Any], str], unit: Callable[[Any], str] | None = None) -> str:
        low, high, last = write(min(values)), write(max(values)), (unit or write)(max(values))
        return last if low == high else f"{low}–{last}"

    shown = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    place = ngettext("%(number)s single cell: %(places)s", "%(number)s single cells: %(places)s", len(zones))
    days = [zone["searched_days"] for zone in zones if zone["searched_days"] is not None]
    never = pgettext("when a place was searched", "never")
    counted = zones[0]["persons"] is not None
    return Row(
        span([zone["number"] for zone in zones], whole),
        zones[0]["status"],
        [
            ("place", place % {"number": whole(len(zones)), "places": shown}),
            ("cells", whole(len(zones))),
            ("persons", whole(sum(zone["persons"] for zone in zones)) if counted else "–"),
            ("interval", "–"),
            ("chance", span([zone["chance"] for zone in zones], whole, percent) if counted else "–"),
            ("help", span([zone["help"] for zone in zones], whole, percent) if counted else "–"),
            ("sweeps", span([zone["sweeps"] for zone in zones], report_wording.tenths)),
            ("searched_days", span(days, whole) if days else never),
            ("computed", "–"),
            ("overridden_until", "–"),
        ],
        status_label(zones[0]["status"], zones[0]),
    )


def _zone(zone: dict[str, Any], name: str) -> Row:
    days = zone["searched_days"]
    return Row(
        whole(zone["number"]),
        zone["status"],
        [
            ("place", name),
            ("cells", whole(zone["cells"])),
            ("persons", _of_a_count(zone["persons"], whole)),
            ("interval", _interval(zone)),
            ("chance", _of_a_count(zone["chance"], percent)),
            ("help", _of_a_count(zone["help"], percent)),
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
