"""Presentation of the external edition in the reader's language, for its page, PDF and workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mapping.coverage.unseen.estimate_rounding import BASE, LEAST
from mapping.enums import ALL_STATUSES, KEY_STATUS, STATUS_KEYS
from mapping.map.wording.sentences import interval, whole
from mapping.map.wording.status_words import status_in_general, status_of_figures
from mapping.models import ZoneReport
from mapping.out.zone_reports import report_charts, report_plots, report_wording
from mapping.out.zone_reports.external.external_figures import spread
from mapping.out.zone_reports.field_words import quoting
from mapping.out.zone_reports.field_words.quoting import TeamWords
from mapping.out.zone_reports.parts import parts_presenter
from mapping.out.zone_reports.parts.parts_presenter import PartsTable
from mapping.out.zone_reports.report_charts import Series
from mapping.out.zone_reports.report_issuer import Issuer, issuer_of
from needs.enums import Category


@dataclass(frozen=True, slots=True)
class StatusRow:
    """The places of the public map in one part, by status. counts: the numbers of places by status, in the order of the
    legend; empty for none."""

    name: str
    counts: Sequence[str]


@dataclass(frozen=True, slots=True)
class ExternalPresentation:
    """Everything that the page and the PDF show. asked: why the period is not the chosen one, or empty. before: the
    earlier days with which figures are compared, or empty. legend: key, letter, name and number of places of each
    status on the map. few: a note about kinds of needs that are not drawn. words: the teams' words; without_words: the line
    of the cover if there are none."""

    name: str
    period: str
    asked: str
    before: str
    sentence: str
    issuer: Issuer
    recipient: str
    map_day: str
    parts: PartsTable
    left_out: str
    zone_map: SafeString
    legend: Sequence[tuple[str, str, str, str]]
    statuses: Sequence[StatusRow]
    kinds: SafeString | None
    kinds_of: str
    few: str
    hours: SafeString
    method: Sequence[str]
    words: Sequence[TeamWords]
    without_words: str


def present(report: ZoneReport) -> ExternalPresentation:
    """Present an external report in the active language."""
    payload: dict[str, Any] = report.payload
    name = payload["territory"]["name"]
    before = payload["before"]
    words = quoting.words_of(report)
    return ExternalPresentation(
        name=name,
        period=days(payload["period"]),
        asked=asked_words(payload),
        before=days(before) if before else "",
        sentence=sentence(payload),
        issuer=issuer_of(report.issuer),
        recipient=report.recipient,
        map_day=report_wording.long_day(date.fromisoformat(payload["as_of"])),
        parts=parts_presenter.table(
            payload["parts"], payload["total"], name, LEAST, uncertain(payload, "parts"), payload.get("of_shown", False)
        ),
        left_out=" ".join(line for line in (_left_out(payload), _left_columns(payload)) if line),
        zone_map=report_charts.place_map(payload, _("The public map of %(name)s") % {"name": name}),
        legend=_legend(payload),
        statuses=_statuses(payload["places"]),
        kinds=_kinds(payload),
        kinds_of=kinds_title(payload["kinds"]),
        few=_few(payload["period"]["weeks"]),
        hours=_hours(payload),
        method=method(payload),
        words=words,
        without_words="" if words else quoting.without_words(report),
    )


def asked_words(payload: dict[str, Any]) -> str:
    """Explain why a report covers other days than the chosen ones. Reports of older layouts did not store these."""
    asked, period = payload.get("asked"), payload["period"]
    if not asked or (asked["start"], asked["end"]) == (period["start"], period["end"]):
        return ""
    return _("Chosen: %(days)s. This edition holds only whole published weeks; a week is published a week after its "
             "end.") % {"days": days(asked)}  # fmt: skip


def days(span: dict[str, Any]) -> str:
    return report_wording.period_words(date.fromisoformat(span["start"]), date.fromisoformat(span["end"]))


def sentence(payload: dict[str, Any]) -> str:
    """Return the sentence on the cover."""
    total, unseen, end = payload["total"], payload["unseen"], payload["period"]["end"]
    people = {"number": whole(total["people"]), "hours": whole(total["hours"])}
    walked = (
        _("in this period, teams walked for about %(hours)s hours and met people about %(number)s times") % people
        if total["people"] >= LEAST and "people" not in uncertain(payload, "total")
        else _("in this period, teams walked for about %(hours)s hours and met few people") % people
    )
    number = total["unseen"]
    if number is None or number < LEAST:
        return _sentence([walked])
    shown = {
        "number": whole(number),
        "interval": interval(unseen["low"], unseen["high"]) if unseen and unseen["persons"] else "",
        "day": report_wording.long_day(date.fromisoformat(end)),
        "days": 14,
    }
    left = (
        _("on %(day)s, about %(number)s people (%(interval)s) were likely to be in places that no team had searched "
          "for %(days)s days")
        if shown["interval"]
        else _("on %(day)s, about %(number)s people were likely to be in places that no team had searched for "
               "%(days)s days")
    ) % shown  # fmt: skip
    return _sentence([left, walked])


def _sentence(parts: list[str]) -> str:
    text = pgettext("between the parts of a sentence", "; ").join(parts)
    return _("%(sentence)s.") % {"sentence": text[:1].upper() + text[1:]}


def _left_out(payload: dict[str, Any]) -> str:
    number = payload["left_out"]
    if not number:
        return ""
    numbers = {"number": whole(number)}
    if any(not part["name"] for part in payload["parts"]):
        return (
            _("“Other places” are %(number)s parts that the public map did not show during the whole period.") % numbers
        )
    if payload.get("of_shown"):
        return (
            ngettext(
                "%(number)s part is missing, and the total leaves it out: the public map did not show it during the whole "
                "period.",
                "%(number)s parts are missing, and the total leaves them out: the public map did not show them during the "
                "whole period.",
                number,
            )
            % numbers
        )
    return (
        ngettext(
            "%(number)s part is missing: the public map did not show it during the whole period.",
            "%(number)s parts are missing: the public map did not show them during the whole period.",
            number,
        )
        % numbers
    )


def uncertain(payload: dict[str, Any], table: str) -> Sequence[str]:
    """Return the names of the columns that are too uncertain for a table. Reports of older layouts leave out none."""
    found: Sequence[str] = payload.get("uncertain", {}).get(table, ())
    return found


def _left_columns(payload: dict[str, Any]) -> str:
    """Name the figures that are too uncertain for the parts, with their sums where these are certain enough."""
    heads, without = parts_presenter.heads(), uncertain(payload, "parts")
    if not without:
        return ""
    names = [heads[name] for name in heads if name in without]
    said = _("Left out, because they are too uncertain for the parts: %(names)s.") % {"names": ", ".join(names)}
    write = parts_presenter.number_from(LEAST)
    sums = [
        f"{heads[name]} {write(payload['total'][name])}"
        for name in heads
        if name in without and name not in uncertain(payload, "total")
    ]
    if not sums or len(payload["parts"]) == 1:
        return said
    return f"{said} " + _("In total: %(figures)s.") % {"figures": "; ".join(sums)}


def status_name(place: dict[str, Any], recent_days: int) -> str:
    """Name the status of a place, as the public page does."""
    return status_of_figures(KEY_STATUS[place["status"]], 0 if place["coverage"] else None, recent_days)


def _legend(payload: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    found = [place["status"] for place in payload["places"]]
    keys = [STATUS_KEYS[status] for status in ALL_STATUSES]
    return [
        (key, report_charts.letter_of(key), status_in_general(key), whole(found.count(key)))
        for key in keys
        if key in found
    ]


def _statuses(places: Sequence[dict[str, Any]]) -> list[StatusRow]:
    shown = {place["status"] for place in places}
    keys = [key for key in (STATUS_KEYS[status] for status in ALL_STATUSES) if key in shown]
    rows: dict[str, dict[str, int]] = {}
    for place in places:
        row = rows.setdefault(place["part"], dict.fromkeys(keys, 0))
        row[place["status"]] += 1
    return [StatusRow(name, [whole(row[key]) if row[key] else "" for key in keys]) for name, row in rows.items()]


def short_day(day: str) -> str:
    return date_format(date.fromisoformat(day), "j N")


def kinds_title(kinds: dict[str, Any]) -> str:
    if kinds["own"]:
        return _("Needs by kind and week")
    return _("Needs by kind and week, in all of %(name)s") % {"name": kinds["territory"]}


def _kinds(payload: dict[str, Any]) -> SafeString | None:
    kinds = payload["kinds"]
    if not kinds["rows"]:
        return None
    rows = [
        Series(str(Category(row["kind"]).label), row["weeks"], [whole(one) if one else "" for one in row["weeks"]])
        for row in kinds["rows"]
    ]
    ticks = [short_day(week["first"]) for week in payload["weeks"]]
    return report_plots.kinds_by_week(kinds_title(kinds), ticks, rows)


def _few(weeks: int) -> str:
    return _(
        "A bar differs from the true number by at most %(spread)s, 9 times in 10. Kinds with fewer than %(least)s needs "
        "in the whole period are left out."
    ) % {"spread": spread(1), "least": spread(weeks)}


def _hours(payload: dict[str, Any]) -> SafeString:
    weeks = payload["weeks"]
    unseen = [-1 if week["unseen"] is None else week["unseen"] for week in weeks]
    hours = [week["hours"] for week in weeks]
    return report_plots.hours_and_unseen(
        _("Hours of search and people unseen"),
        [short_day(week["first"]) for week in weeks],
        Series(_("Hours of search in the week"), hours, [whole(one) for one in hours]),
        Series(_("People likely unseen at the end of the week"), unseen, [whole(max(one, 0)) for one in unseen]),
    )


def method(payload: dict[str, Any]) -> list[str]:
    """Explain how the figures are made and what they leave out."""
    weeks = payload["period"]["weeks"]
    return [
        _("This edition may be passed on. It contains only figures that were published week by week. They do not "
          "change afterwards: reports that come more than a week late are not in them."),
        _("Nobody can be found with this report. Figures are multiples of %(base)s. Counts of people and needs are "
          "blurred: 9 times in 10, a figure of the table differs from the true one by at most %(spread)s. Smaller "
          "numbers than %(least)s are not shown, nor are smaller changes (“±”).")
        % {"base": BASE, "spread": spread(weeks), "least": LEAST},
        _("“People met” counts meetings: a person who is met three times counts three times. “People likely unseen” "
          "is an estimate for the end of the period: people in places that no team had searched for %(days)s days.")
        % {"days": 14},
        _("Needs are counted in the week in which they were reported, with the state that they had a week after it."),
        _("The areas are those of the public map of %(day)s; none is smaller than about 0.7 square kilometres. “%(never)s” "
          "does not mean that nobody is there.")
        % {
            "day": report_wording.long_day(date.fromisoformat(payload["as_of"])),
            "never": status_in_general("not_searched"),
        },
        _("No data does not mean no need. Help and searches that nobody logged are missing here."),
        _("Do not pay or rank associations, teams or people by these figures."),
    ]  # fmt: skip
