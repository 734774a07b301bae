"""The model's parameters and their versions as sentences."""

from math import exp
from typing import Any

from django.utils.translation import gettext as _

from mapping.coverage.cells.coverage_model import NO_LIMIT, PUBLISHED
from mapping.map.wording.sentences import percent
from solidarity.lib.numbers import plain


def versions_in_words(models: list[dict[str, Any]]) -> str:
    """Name the versions of the parameters with which the zones were computed."""
    names = [
        _("version %(number)s of %(territory)s") % {"number": model["version"], "territory": model["territory"]}
        if model["territory"]
        else _("version %(number)s") % {"number": model["version"]}
        for model in models
    ]
    return _("model: %(versions)s") % {"versions": ", ".join(names)}


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
