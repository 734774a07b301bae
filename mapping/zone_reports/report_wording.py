"""What a zone report says in words: its sentence, its method, its limits, the model's parameters."""

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


def period_words(start: date, end: date) -> str:
    """The days of a report."""
    if start == end:
        return long_day(start)
    return pgettext("days", "%(start)s to %(end)s") % {"start": long_day(start), "end": long_day(end)}


def long_day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def moment_words(text: str, zone: str) -> str:
    """A moment (ISO text) in the reader's language and the report's time zone."""
    return date_format(datetime.fromisoformat(text).astimezone(ZoneInfo(zone)), "DATETIME_FORMAT")


def tenths(number: float) -> str:
    """A number with one decimal, as the locale writes it."""
    return number_format(number, decimal_pos=1, force_grouping=True)


def sentence(payload: dict[str, Any]) -> str:
    """The one sentence of the cover."""
    unseen, lacking, totals = payload["unseen"], payload["lacking"], payload["totals"]
    parts = []
    if payload["territory"]["zoned"]:
        parts.append(
            ngettext(
                "about %(number)s person (%(interval)s) is likely to be in places nobody has searched",
                "about %(number)s people (%(interval)s) are likely to be in places nobody has searched",
                unseen["persons"],
            )
            % _people(unseen)
            if unseen["zones"]
            else _("every place has been searched lately")
        )
        parts.append(
            ngettext(
                "%(number)s person (%(interval)s) is likely to be where help falls short",
                "%(number)s people (%(interval)s) are likely to be where help falls short",
                lacking["persons"],
            )
            % _people(lacking)
            if lacking["zones"]
            else _("nowhere is help known to fall short")
        )
    parts.append(_looked(totals["searched"], payload["cells"], totals["people_met"]))
    text = pgettext("between the parts of a sentence", "; ").join(parts)
    return _("%(sentence)s.") % {"sentence": text[:1].upper() + text[1:]}


def _people(figures: dict[str, int]) -> dict[str, str]:
    return {
        "number": whole(figures["persons"]),
        "interval": interval(figures["persons_low"], figures["persons_high"]),
    }


def _looked(searched: int, cells: int, people: int) -> str:
    digits = {"searched": whole(searched), "cells": whole(cells), "number": whole(people)}
    if people == 0:
        return _("teams looked at %(searched)s of %(cells)s cells and met nobody") % digits
    return (
        ngettext(
            "teams looked at %(searched)s of %(cells)s cells and met %(number)s person",
            "teams looked at %(searched)s of %(cells)s cells and met %(number)s people",
            people,
        )
        % digits
    )


def versions_in_words(models: list[dict[str, Any]]) -> str:
    """Which versions of the model made the zones."""
    names = [
        _("version %(number)s of %(territory)s") % {"number": model["version"], "territory": model["territory"]}
        if model["territory"]
        else _("version %(number)s") % {"number": model["version"]}
        for model in models
    ]
    return _("model: %(versions)s") % {"versions": ", ".join(names)}


def method(payload: dict[str, Any]) -> list[str]:
    """How the figures were made."""
    return [
        _(
            "A cell is a hexagon of about 0.1 square kilometres. For each one the model weighs who was seen against how hard "
            "anyone looked, and estimates how many people are there and whether help answers their number."
        ),
        _(
            "A status needs evidence: a cell in which no team has searched lately is never called covered, and where nobody "
            "has looked the report says so. Zones are neighbouring cells of one status in one territory."
        ),
        _("Reports count by the local day on which the thing happened. What was taken back is left out."),
    ]


def parameters(values: dict[str, float]) -> list[str]:
    """The parameters of the model in plain words; those that were off when ``values`` was stored, if they are there."""
    seen = 1 - exp(-values["search_rate"] * 0.5)
    lines = [
        _("A sighting and a search count half after %(days)s days, help after %(help)s.")
        % {"days": plain(values["half_life"]), "help": plain(values["aid_half_life"])},
        _("Half an hour on foot in a cell sees %(share)s of it. A walk without logged time counts as %(minutes)s minutes, "
          "at %(weight)s of the weight.")
        % {
            "share": percent(round(100 * seen)),
            "minutes": plain(round(values["unlogged_hours"] * 60)),
            "weight": percent(round(100 * values["unlogged_weight"])),
        },
        _("A cell counts as searched from %(sweeps)s of a full look by a team.") % {"sweeps": plain(values["searched"])},
        _("The norm is %(norm)s contact per person and week; help falls short below %(share)s of it, for at least "
          "%(persons)s people.")
        % {
            "norm": plain(values["norm_per_week"]),
            "share": percent(round(100 * values["norm_share"])),
            "persons": plain(values["least_persons"]),
        },
        _("Covered: at most %(covered)s chances in 100 that help falls short. Under-covered: from %(under)s in 100; "
          "uncovered when help stays below %(share)s of the norm.")
        % {
            "covered": plain(100 * values["covered_at"]),
            "under": plain(100 * values["under_covered_at"]),
            "share": percent(round(100 * values["uncovered_share"])),
        },
        _("A citizen's report weighs %(account)s with an account and %(without)s without; all of a day and cell together "
          "weigh at most %(limit)s.")
        % {
            "account": plain(values["account_trust"]),
            "without": plain(values["citizen_trust"]),
            "limit": plain(values["cell_day_limit"]),
        },
    ]  # fmt: skip
    return lines + _refinements({**PUBLISHED.values(), **values})


def _refinements(values: dict[str, float]) -> list[str]:
    """The parameters that can be off, of those that are on."""
    lines = []
    if values["cell_limit"] < NO_LIMIT:
        lines.append(
            _("All that citizens say of a cell, over all days, weighs at most %(limit)s at any moment.")
            % {"limit": plain(values["cell_limit"])}
        )
    if values["evidence_weight"] != 1:
        lines.append(
            _(
                "What was seen and searched in the cell itself counts %(weight)s times against what is expected there, "
                "because people stay: visits within days meet the same people."
            )
            % {"weight": plain(values["evidence_weight"])}
        )
    if values["aid_factor"] != 1:
        lines.append(
            _("Help is taken for %(factor)s times what was noted, because some help is never noted.")
            % {"factor": plain(values["aid_factor"])}
        )
    if values["aid_spread"] > 0:
        times = exp(values["aid_spread"])
        lines.append(
            _(
                "How much help there was is not sure: the chance is the mean of two cases as likely as each other, help "
                "higher by %(more)s and help lower by %(less)s."
            )
            % {"more": percent(round(100 * (times - 1))), "less": percent(round(100 * (1 - 1 / times)))}
        )
    return lines


def limits(payload: dict[str, Any]) -> list[str]:
    """What the figures do not say."""
    found = [
        _("Absence of data is not absence of need. Help and searches that nobody logged are missing here."),
        _("Numbers of people are estimates: 9 times in 10 the truth lies in the interval beside them."),
        _("Totals are summed before they are rounded, so rounded rows may add up to a little more or less."),
        _("Needs without a place, and those a moderator holds or refused, are not counted."),
        _("Places are shown by cell, never by point. Nobody can be found through this report."),
    ]
    if not payload["territory"]["zoned"]:
        found.insert(0, no_zones())
    return found


def no_zones() -> str:
    return _("No zones are drawn in this territory itself; the counts are those of the cells inside its border.")


def share(part: int, of: int) -> str:
    """A part of a whole in per cent."""
    return percent(round(100 * part / of)) if of else f"0{NBSP}%"
