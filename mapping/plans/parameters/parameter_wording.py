"""The model's parameters in plain words: meaning, unit and range, and the changes in a version or proposal."""

from dataclasses import dataclass, fields
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mapping.coverage.cells.coverage_model import NO_LIMIT, Model
from mapping.enums import STATUS_KEYS
from mapping.map.wording.sentences import whole
from mapping.models import Parameters, moment_of
from mapping.plans.parameters.versions import CUT, Change, Preview, Version
from solidarity.lib.numbers import digits, plain

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Knob:
    """A parameter in the form. least, most: the smallest and the largest allowed value, in the displayed unit. scale:
    the factor by which the stored value is multiplied for display. unlimited: True if an empty field means no limit.
    basic: True if the field is always visible."""

    name: str
    group: str
    label: Text
    help: Text
    unit: Text
    least: float
    most: float
    scale: float = 1.0
    basic: bool = False
    unlimited: bool = False

    def shown(self, value: float) -> str:
        """Return a stored value as the form and tables show it; empty for no limit."""
        return "" if self.unlimited and value >= NO_LIMIT else digits(value * self.scale)

    def said(self, value: float) -> str:
        """Return a stored value with its unit."""
        text = self.shown(value)
        return f"{text} {self.unit}".strip() if text else _("no limit")


GROUPS: dict[str, Text] = {
    "memory": gettext_lazy("Memory"),
    "search": gettext_lazy("Search"),
    "neighbours": gettext_lazy("Neighbouring cells"),
    "citizens": gettext_lazy("Citizens"),
    "norm": gettext_lazy("Norm and thresholds"),
    "other": gettext_lazy("Further parameters"),
}

_DAYS = gettext_lazy("days")
_CHANCES = gettext_lazy("chances in 100")
_PERCENT = "%"
_SWEEPS = gettext_lazy("full searches")
_NONE = ""

_KNOBS = (
    Knob("half_life", "memory", gettext_lazy("Half-life of sightings"),
         gettext_lazy("With a longer half-life the map changes less often, but it shows later that people have moved."),
         _DAYS, 1, 365, basic=True),
    Knob("evidence_weight", "memory", gettext_lazy("Weight of a cell’s own evidence"),
         gettext_lazy("Compared with the expected number and the neighbouring cells. 1 means no change."), _NONE, 0.2, 5),
    Knob("prior", "memory", gettext_lazy("Weight of the expected number"),
         gettext_lazy("How much the official count weighs where nobody has searched. With a small weight, one visit changes "
                      "a lot."),
         _NONE, 0.05, 5),
    Knob("search_rate", "search", gettext_lazy("How quickly a cell is seen"),
         gettext_lazy("How many times a team covers the whole cell in an hour on foot. With 2, half an hour "
                      "covers most of it."),
         gettext_lazy("per hour"), 0.2, 10, basic=True),
    Knob("searched", "search", gettext_lazy("Search effort that makes a cell “searched”"),
         gettext_lazy("A cell with less search effort is never “covered”."), _SWEEPS, 0.1, 2, basic=True),
    Knob("unlogged_hours", "search", gettext_lazy("A visit without logged time counts as"),
         gettext_lazy("Time assumed for each cell of a tour without logged time."), gettext_lazy("minutes"), 3, 120, 60),
    Knob("unlogged_weight", "search", gettext_lazy("Weight of a visit without logged time"),
         gettext_lazy("Compared with a visit with logged time."), _PERCENT, 5, 100, 100),
    Knob("recent_days", "search", gettext_lazy("A search is recent for"),
         gettext_lazy("Pages use this number to say “never searched” or “searched too little”. No status depends on it."),
         _DAYS, 7, 60),
    Knob("neighbour_weight", "neighbours", gettext_lazy("Weight of the six neighbouring cells"),
         gettext_lazy("At 0, each cell is computed on its own."), _PERCENT, 0, 50, 100, basic=True),
    Knob("neighbour_limit", "neighbours", gettext_lazy("Largest weight of the neighbouring cells"),
         gettext_lazy("The neighbouring cells never weigh more than this, even if teams have searched them a lot."), _SWEEPS, 0, 3),
    Knob("account_trust", "citizens", gettext_lazy("Weight of a report from a person with an account"),
         gettext_lazy("Compared with what a team sees."), _PERCENT, 0, 60, 100, basic=True),
    Knob("citizen_trust", "citizens", gettext_lazy("Weight of a report without an account"),
         gettext_lazy("Never more than with an account."), _PERCENT, 0, 60, 100, basic=True),
    Knob("cell_day_limit", "citizens", gettext_lazy("Largest weight of all citizens’ reports in a cell on one day"),
         gettext_lazy("This way, many messages on one day cannot decide a status on their own."), gettext_lazy("people seen"), 0.1, 2),
    Knob("cell_limit", "citizens", gettext_lazy("Largest weight of all citizens’ reports in a cell, from all days"),
         gettext_lazy("Leave it empty for no limit."), gettext_lazy("people seen"), 0.1, 20, unlimited=True),
    Knob("citizen_search", "citizens", gettext_lazy("A citizen’s report counts as a search of"),
         gettext_lazy("Citizens’ reports never make a cell count as searched."), _SWEEPS, 0, 1),
    Knob("citizen_silence", "citizens", gettext_lazy("Weight of citizens’ silence"),
         gettext_lazy("Where citizens usually report people, the absence of reports is a sign that few people are there. At "
                      "0, silence means nothing."), _PERCENT, 0, 100, 100),
    Knob("norm_per_week", "norm", gettext_lazy("The norm of help"),
         gettext_lazy("How often a person should be met with help."),
         gettext_lazy("contacts per person and week"), 0.1, 14, basic=True),
    Knob("norm_share", "norm", gettext_lazy("Help is not enough below"),
         gettext_lazy("Share of the norm."), _PERCENT, 10, 100, 100, basic=True),
    Knob("uncovered_share", "norm", gettext_lazy("A place is uncovered below"),
         gettext_lazy("Share of the norm. Always less than the value above."), _PERCENT, 0, 50, 100, basic=True),
    Knob("least_persons", "norm", gettext_lazy("Smallest number of people in an under-covered cell"),
         gettext_lazy("A cell with fewer people is never under-covered."), gettext_lazy("people"), 0.5, 20, basic=True),
    Knob("covered_at", "norm", gettext_lazy("Covered up to"),
         gettext_lazy("The chance that help is missing."), _CHANCES, 1, 40, 100, basic=True),
    Knob("leave_covered_at", "norm", gettext_lazy("Stays covered up to"),
         gettext_lazy("A little higher, so that the status does not change back and forth."), _CHANCES, 1, 60, 100, basic=True),
    Knob("under_covered_at", "norm", gettext_lazy("Under-covered from"),
         gettext_lazy("The chance that help is missing."), _CHANCES, 5, 90, 100, basic=True),
    Knob("leave_under_covered_at", "norm", gettext_lazy("Stays under-covered from"),
         gettext_lazy("A little lower, so that the status does not change back and forth."), _CHANCES, 2, 90, 100, basic=True),
    Knob("aid_factor", "norm", gettext_lazy("People helped per person noted"),
         gettext_lazy("More than 1 if part of the help is not recorded."), gettext_lazy("times"), 0.5, 3),
    Knob("aid_spread", "norm", gettext_lazy("Uncertainty of this number"),
         gettext_lazy("0 means that the number is certain. With 0.4, the true number can easily be 1.5 times this number, or "
                      "two thirds of it."), _NONE, 0, 1),
)  # fmt: skip


def knobs() -> list[Knob]:
    """Return one entry per field of the model, in the order of the groups; fields without a description come last."""
    known = {knob.name: knob for knob in _KNOBS}
    names = [field.name for field in fields(Model)]
    described = [knob for knob in _KNOBS if knob.name in names]
    other = [
        Knob(name, "other", name.replace("_", " ").capitalize(), "", "", -1e6, 1e6)
        for name in names
        if name not in known
    ]
    return described + other


def knob_of(name: str) -> Knob:
    return next(knob for knob in knobs() if knob.name == name)


def change_words(change: Change) -> dict[str, str]:
    """Return the label of a changed parameter and its values before and after, with units."""
    knob = knob_of(change.name)
    return {"label": str(knob.label), "before": knob.said(change.before), "after": knob.said(change.after)}


def version_words(version: Version) -> dict[str, Any]:
    row = version.row
    return {
        "number": row.version,
        "made_at": row.made_at,
        "author": str(row.author) if row.author else "",
        "reason": row.reason,
        "in_force": version.in_force,
        "changes": [change_words(change) for change in version.changes],
    }


def grounds_words(row: Parameters) -> list[str]:
    """Return the reasons for a proposal, one sentence per line."""
    found = row.grounds
    proposed, current = found["proposed"], found["current"]
    if found["kind"] == CUT:
        return _cut_words(found)
    start, end = (date_format(localtime(moment_of(day)), "DATE_FORMAT") for day in (found["from"], found["to"]))
    lines = []
    if found["kind"] == "visits":
        lines.append(
            _(
                "We predicted %(number)s visits of cells by teams, from %(start)s to %(end)s. For each visit, we "
                "used only the reports before it. We compared the parameters in force with many others."
            )
            % {"start": start, "end": end, "number": whole(found["observations"])}
        )
    else:
        lines.append(
            _(
                "We predicted the places of %(number)s reports, from %(start)s to %(end)s. For each week, we "
                "used only the reports before it. We compared the parameters in force with many others."
            )
            % {"start": start, "end": end, "number": whole(found["observations"])}
        )
    lines.append(
        _(
            "The best predictions came from a half-life of %(life)s days (now %(own_life)s) and a weight of "
            "%(weight)s%% for the neighbouring cells (now %(own_weight)s%%)."
        )
        % {
            "life": plain(proposed["half_life"]), "own_life": plain(current["half_life"]),
            "weight": plain(100 * proposed["neighbour_weight"]), "own_weight": plain(100 * current["neighbour_weight"]),
        }
    )  # fmt: skip
    lines.append(
        _(
            "The mean log likelihood of an observation is %(proposed)s with the proposed parameters and "
            "%(current)s with those in force. The gain over all observations is %(gain)s, with a standard error "
            "of %(error)s."
        )
        % {
            "proposed": digits(proposed["log_likelihood"], 4), "current": digits(current["log_likelihood"], 4),
            "gain": plain(found["gain"]), "error": plain(found["standard_error"]),
        }
    )  # fmt: skip
    return lines


def _cut_words(found: dict[str, Any]) -> list[str]:
    """Return the reasons for a proposed threshold of P."""
    proposed, current = found["proposed"], found["current"]
    calibrated = _(
        "On %(visits)s visits of the last 60 days, the chances of the map were right to within %(error)s chances in 100."
    )
    best = _(
        "With such chances, the best threshold is %(cut)s chances in 100 (now %(own_cut)s). The expected F1 of the "
        "under-covered cells is %(score)s with this threshold and %(own_score)s with the one in force."
    )
    if "count" in found:
        reason = _(
            "The number of people in this territory was entered anew: %(number)s. The chances of the map come from this "
            "number, and teams log their time. Visits have not confirmed these chances yet."
        ) % {"number": whole(round(found["count"]))}
    else:
        reason = calibrated % {"visits": whole(found["visits"]), "error": plain(100 * found["upper"])}
    return [
        reason,
        best
        % {
            "cut": plain(100 * proposed["under_covered_at"]), "own_cut": plain(100 * current["under_covered_at"]),
            "score": plain(proposed["expected_f1"]), "own_score": plain(current["expected_f1"]),
        },
    ]  # fmt: skip


def preview_words(found: Preview, inherit: int) -> list[str]:
    """Describe in sentences what a version would change."""
    if not found.cells:
        return [_("No zones are drawn here, so nothing on the map would change.")]
    if not found.changed:
        line = ngettext(
            "The status of the %(cells)s cell would not change.",
            "None of the %(cells)s cells would change its status.",
            found.cells,
        ) % {"cells": whole(found.cells)}
    else:
        line = ngettext(
            "%(changed)s of %(cells)s cells would change its status; about %(people)s are in it.",
            "%(changed)s of %(cells)s cells would change their status; about %(people)s are in them.",
            found.changed,
        ) % {
            "changed": whole(found.changed), "cells": whole(found.cells),
            "people": _people(sum(move.persons for move in found.moves)),
        }  # fmt: skip
    before = sum(tally.persons_before for tally in found.tallies)
    after = sum(tally.persons_after for tally in found.tallies)
    lines = [line]
    if round(before) != round(after):
        lines.append(
            _("People estimated in all: %(after)s instead of %(before)s.")
            % {"after": whole(round(after)), "before": whole(round(before))}
        )
    zones = sum(t.zones_before for t in found.tallies), sum(t.zones_after for t in found.tallies)
    if zones[0] != zones[1]:
        lines.append(
            _("Zones drawn: %(after)s instead of %(before)s.") % {"after": whole(zones[1]), "before": whole(zones[0])}
        )
    if inherit:
        lines.append(
            ngettext(
                "These figures include the %(number)s territory below that inherits these parameters.",
                "These figures include the %(number)s territories below that inherit these parameters.",
                inherit,
            )
            % {"number": whole(inherit)}
        )
    return lines


def _people(persons: float) -> str:
    number = round(persons)
    return ngettext("%(number)s person", "%(number)s people", number) % {"number": whole(number)}


def matrix(found: Preview) -> dict[str, Any]:
    """Return the changes of status as a table. The columns (``heads``) are the new statuses, the rows are the old
    statuses."""
    leaving = [key for key in STATUS_KEYS.values() if any(move.before == key for move in found.moves)]
    entering = [key for key in STATUS_KEYS.values() if any(move.after == key for move in found.moves)]
    moves = {(move.before, move.after): move for move in found.moves}
    return {
        "heads": entering,
        "rows": [
            {"status": old, "cells": [_move(moves.get((old, new)), new) for new in entering]} for old in leaving
        ],
    }  # fmt: skip


def _move(move: Any, new: str) -> dict[str, Any]:
    if move is None:
        return {"status": new, "cells": "", "people": ""}
    cells = ngettext("%(number)s cell", "%(number)s cells", move.cells) % {"number": whole(move.cells)}
    return {"status": new, "cells": cells, "people": _people(move.persons)}


def tallies(found: Preview) -> list[dict[str, str]]:
    """Return the zones and people by status, before and after the change."""
    return [
        {
            "status": tally.status,
            "zones_before": whole(tally.zones_before),
            "zones_after": whole(tally.zones_after),
            "people_before": whole(round(tally.persons_before)),
            "people_after": whole(round(tally.persons_after)),
        }
        for tally in found.tallies
    ]


def conflict_words(newer: Parameters) -> str:
    """Explain that somebody saved another version in the meantime."""
    values = {"number": newer.version, "who": str(newer.author) if newer.author else _("somebody"), "why": newer.reason}
    return (
        _(
            "%(who)s saved version %(number)s in the meantime (%(why)s). Your changes are not saved. Look at the "
            "new version below, then make your changes there and preview them again."
        )
        % values
    )
