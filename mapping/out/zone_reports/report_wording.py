"""Wording of a zone report: the sentence on the cover, the method and the limits."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mapping.map.wording.sentences import NBSP, interval, percent, whole
from volunteers.places.place_names import cell_names
from volunteers.places.place_names.cell_names import CellName


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
