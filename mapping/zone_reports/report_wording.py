"""Wording of a zone report: the sentence on the cover, the method, the limits, and the model's parameters."""

from datetime import date, datetime
from math import exp
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mapping.coverage.coverage_model import NO_LIMIT, PUBLISHED
from mapping.wording.sentences import NBSP, interval, percent, whole
from solidarity.lib.numbers import plain
from volunteers.place_names import cell_names
from volunteers.place_names.cell_names import CellName


def period_words(start: date, end: date) -> str:
    """Format the days of a report."""
    if start == end:
        return long_day(start)
    return pgettext("days", "%(start)s to %(end)s") % {"start": long_day(start), "end": long_day(end)}


def long_day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def moment_words(text: str, zone: str) -> str:
    """Format a datetime (ISO text) in the reader's language and the report's time zone."""
    return date_format(datetime.fromisoformat(text).astimezone(ZoneInfo(zone)), "DATETIME_FORMAT")


def tenths(number: float) -> str:
    """Format a number with one decimal, by the locale."""
    return number_format(number, decimal_pos=1, force_grouping=True)


def sentence(payload: dict[str, Any]) -> str:
    """Return the sentence on the cover."""
    told, lacking, totals = payload.get("left_unseen"), payload["lacking"], payload["totals"]
    parts = []
    if told:
        span = told["spans"][0]
        parts.append(
            ngettext(
                "%(number)s person (%(interval)s) is likely to be in places that no team has searched for %(days)s days",
                "%(number)s people (%(interval)s) are likely to be in places that no team has searched for %(days)s days",
                span["persons"],
            )
            % {"number": whole(span["persons"]), "interval": interval(span["low"], span["high"]), "days": span["days"]}
        )
    if lacking["persons"] is None:
        parts.append(_("nobody has counted the people of this territory"))
    elif payload["territory"]["zoned"]:
        parts.append(
            ngettext(
                "%(number)s person (%(interval)s) is likely to be where help is not enough",
                "%(number)s people (%(interval)s) are likely to be where help is not enough",
                lacking["persons"],
            )
            % _people(lacking)
            if lacking["zones"]
            else _("no place is known where help is not enough")
        )
    parts.append(_looked(totals["searched"], payload["cells"], totals["people_met"]))
    text = pgettext("between the parts of a sentence", "; ").join(parts)
    return _("%(sentence)s.") % {"sentence": text[:1].upper() + text[1:]}


def _people(figures: dict[str, int]) -> dict[str, str]:
    return {"number": whole(figures["persons"]), "interval": interval(figures["persons_low"], figures["persons_high"])}


def _looked(searched: int, cells: int, people: int) -> str:
    digits = {"searched": whole(searched), "cells": whole(cells), "number": whole(people)}
    if people == 0:
        return _("teams searched %(searched)s of %(cells)s cells and met nobody") % digits
    return (
        ngettext(
            "teams searched %(searched)s of %(cells)s cells and met %(number)s person",
            "teams searched %(searched)s of %(cells)s cells and met %(number)s people",
            people,
        )
        % digits
    )


def versions_in_words(models: list[dict[str, Any]]) -> str:
    """Name the versions of the parameters with which the zones were computed."""
    names = [
        _("version %(number)s of %(territory)s") % {"number": model["version"], "territory": model["territory"]}
        if model["territory"]
        else _("version %(number)s") % {"number": model["version"]}
        for model in models
    ]
    return _("model: %(versions)s") % {"versions": ", ".join(names)}


def has_count(payload: dict[str, Any]) -> bool:
    """Return whether the report has numbers of people that a count supports."""
    return payload["all"]["persons"] is not None


def method(payload: dict[str, Any]) -> list[str]:
    """Explain how the figures were computed."""
    days = _(
        "A report counts for the local day on which the encounter, the tour or the need took place. Withdrawn "
        "reports are left out."
    )
    if not has_count(payload):
        return [
            _(
                "A cell is a hexagon of about 0.1 square kilometres. Nobody has counted the people of this territory, "
                "so nothing says how many people are there. A cell is searched, to verify (people were met or help was "
                "asked for), or not searched. A zone is a group of neighbouring cells with the same status in one territory."
            ),
            days,
        ]
    return [
        _(
            "A cell is a hexagon of about 0.1 square kilometres. For each cell, the model compares the number of "
            "people seen with the search effort. It estimates how many people are there and whether help is enough for them."
        ),
        _(
            "A status needs evidence. A cell that no team has searched recently is never “covered”, and the report "
            "says where no team has searched. A zone is a group of neighbouring cells with the same status in one territory."
        ),
        days,
    ]


def parameters(values: dict[str, float]) -> list[str]:
    """Describe the model's parameters in plain words. Leave out optional parameters that are switched off in
    ``values``."""
    seen = 1 - exp(-values["search_rate"] * 0.5)
    lines = [
        _("The weight of people seen and of searches halves every %(days)s days. Help counts for seven days.")
        % {"days": plain(values["half_life"])},
        _("In half an hour on foot, a team sees %(share)s of a cell. A search without logged time counts as "
          "%(minutes)s minutes, with %(weight)s of the full weight.")
        % {
            "share": percent(round(100 * seen)),
            "minutes": plain(round(values["unlogged_hours"] * 60)),
            "weight": percent(round(100 * values["unlogged_weight"])),
        },
        _("A cell counts as searched when the search effort of teams reaches %(sweeps)s full search.")
        % {"sweeps": plain(values["searched"])},
        _("The norm is %(norm)s contact per person and week. Help is not enough below %(share)s of the norm, for at "
          "least %(persons)s people.")
        % {
            "norm": plain(values["norm_per_week"]),
            "share": percent(round(100 * values["norm_share"])),
            "persons": plain(values["least_persons"]),
        },
        _("A place is “covered” if there are at most %(covered)s chances in 100 that help is not enough. It is "
          "“under-covered” if there are %(under)s chances in 100 or more. It is “uncovered” if, in addition, "
          "help is below %(share)s of the norm.")
        % {
            "covered": plain(100 * values["covered_at"]),
            "under": plain(100 * values["under_covered_at"]),
            "share": percent(round(100 * values["uncovered_share"])),
        },
        _("A citizen’s report weighs %(account)s with an account and %(without)s without one. All citizens’ reports "
          "of one day in one cell weigh at most %(limit)s.")
        % {
            "account": plain(values["account_trust"]),
            "without": plain(values["citizen_trust"]),
            "limit": plain(values["cell_day_limit"]),
        },
    ]  # fmt: skip
    return lines + _refinements({**PUBLISHED.values(), **values})


def _refinements(values: dict[str, float]) -> list[str]:
    """Describe the optional parameters that are switched on."""
    lines = []
    if values["cell_limit"] < NO_LIMIT:
        lines.append(
            _("All citizens’ reports of a cell, from all days, weigh at most %(limit)s at any time.")
            % {"limit": plain(values["cell_limit"])}
        )
    if values["citizen_silence"] > 0:
        lines.append(
            _(
                "Where citizens usually report people, their silence counts too: like a search that sees few people, but "
                "never as a search by a team."
            )
        )
    if values["evidence_weight"] != 1:
        lines.append(
            _(
                "Reports from the cell itself are multiplied by %(weight)s before they are combined with the "
                "number expected there. People often stay in one place, so visits a few days apart meet the same "
                "people."
            )
            % {"weight": plain(values["evidence_weight"])}
        )
    if values["aid_factor"] != 1:
        lines.append(
            _("Help counts as %(factor)s times what was logged, because some help is never logged.")
            % {"factor": plain(values["aid_factor"])}
        )
    if values["aid_spread"] > 0:
        times = exp(values["aid_spread"])
        lines.append(
            _(
                "The amount of help is uncertain. The chance is the mean of two equally likely cases: help %(more)s "
                "higher, and help %(less)s lower."
            )
            % {"more": percent(round(100 * (times - 1))), "less": percent(round(100 * (1 - 1 / times)))}
        )
    return lines


def limits(payload: dict[str, Any]) -> list[str]:
    """Explain the limits of the figures."""
    found = [
        _("No data does not mean no need. Help and searches that nobody logged are missing here."),
        *(
            [_("Numbers of people are estimates. The true number is within the interval 9 times in 10.")]
            * has_count(payload)
        ),
        _("Totals are added up before rounding, so the sum of the rounded rows can differ slightly."),
        _(
            "Needs without a place are not counted. Needs that wait for a moderator or were rejected are not "
            "counted either."
        ),
        _("Places are shown as cells, never as points. Nobody can be found with this report."),
    ]
    if not payload["territory"]["zoned"]:
        found.insert(0, no_zones())
    return found


def no_zones() -> str:
    return _("This territory has no zones of its own. The counts are for the cells inside its border.")


def share(part: int, of: int) -> str:
    """Format a part of a whole in per cent."""
    return percent(round(100 * part / of)) if of else f"0{NBSP}%"


# --- names of zones --------------------------------------------------------------------------------------------------


def frozen_name(name: CellName) -> dict[str, Any]:
    """Return the parts of a name as JSON types, for the payload."""
    return {"streets": list(name.streets), "side": name.side}


def names_of(payload: dict[str, Any]) -> dict[str, str]:
    """Return the names of a report's zones by key, all different and as on the map. Zones of older reports, which lack
    a place, have the name of their territory."""
    zones = sorted(payload["zones"], key=lambda zone: str(zone["key"]))
    named = {
        zone["key"]: CellName(tuple(zone["place"]["streets"]), zone["territory"], zone["place"]["side"])
        for zone in zones
        if "place" in zone
    }
    return {zone["key"]: zone["territory"] for zone in zones} | cell_names.unique(named)
