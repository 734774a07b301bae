"""The rule of a status, and the model behind it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.coverage.coverage_model import Model
from mapping.enums import STATUS_KEYS, Status
from mapping.why.wording.number_words import decimals, people, plural_of
from mapping.wording.sentences import interval, percent
from mapping.zone_reports.report_wording import parameters
from solidarity.lib.numbers import plain


def rule(status: str) -> str:
    """When a place is called so, without a number: what everybody may read."""
    return {
        STATUS_KEYS[Status.COVERED]: _(
            "A place is called covered when teams have searched it lately, and when it is unlikely that more people are "
            "there than the help given lately is enough for."
        ),
        STATUS_KEYS[Status.UNDER_COVERED]: _(
            "A place is called under-covered when teams have searched it lately, and when it may well be that more people "
            "are there than the help given lately is enough for."
        ),
        STATUS_KEYS[Status.UNCOVERED]: _(
            "A place is called uncovered when teams have searched it lately, when people are likely to be there, and when "
            "almost no help was logged."
        ),
        STATUS_KEYS[Status.TO_VERIFY]: _(
            "A place is to be verified when something speaks for people without enough help there, and when no team has "
            "searched it enough lately."
        ),
        STATUS_KEYS[Status.NOT_SEARCHED]: _(
            "A place is called not searched when no team has searched it enough lately. That no need is known there says "
            "nothing."
        ),
        STATUS_KEYS[Status.CONTRADICTORY]: _(
            "A place is called contradictory when teams have searched it lately, and when what they saw speaks neither for "
            "enough help nor clearly against it."
        ),
    }[status]


def reach(chance: int, theta: float) -> str:
    """What θ means: how many people the help of the last days is enough for. theta: persons."""
    people = decimals(theta, 1)
    line = ngettext(
        "Help given lately is taken to be enough for %(number)s person in a cell; the chance that more people are there "
        "is %(chance)s.",
        "Help given lately is taken to be enough for %(number)s people in a cell; the chance that more people are there "
        "is %(chance)s.",
        plural_of(theta),
    )
    return line % {"number": people, "chance": percent(chance)}


def interval_words(low: float, high: float) -> str:
    """The 90 % interval of people present."""
    return _("9 times in 10: %(interval)s") % {"interval": interval(round(low), round(high))}


def model_lines(model: Model, m0: float, cold: bool, presence_only: bool) -> list[str]:
    """The parameters in plain words, those in force in these cells."""
    lines = parameters(model.values())
    lines.append(
        ngettext(
            "Before any report, %(persons)s person is expected in a cell, at a weight of %(prior)s.",
            "Before any report, %(persons)s people are expected in a cell, at a weight of %(prior)s.",
            plural_of(round(m0, 2)),
        )
        % {"persons": plain(m0), "prior": plain(model.prior)}
    )
    lines.append(
        _("What was seen and searched in the six cells around counts for %(share)s, up to %(limit)s of a full look.")
        % {"share": percent(round(100 * model.neighbour_weight)), "limit": plain(model.neighbour_limit)}
    )
    lines.append(
        _(
            "A status holds on: covered is left above %(covered)s chances in 100, under-covered and uncovered below "
            "%(under)s in 100."
        )
        % {"covered": plain(100 * model.leave_covered_at), "under": plain(100 * model.leave_under_covered_at)}
    )
    if cold:
        lines.append(
            _("A cold plan is in force here: the norm, or the number of people expected, is that of the plan.")
        )
    if presence_only:
        lines.append(_("Nobody logs search in this territory, so no cell of it is ever called covered."))
    return lines


def theta_label(theta: float) -> str:
    return _("θ: help is enough for %(people)s") % {"people": people(theta)}


def sweeps_unit(cells: int) -> str:
    return _("full searches") if cells == 1 else _("full looks a cell")


def at_most(number: float) -> str:
    return _("at most %(number)s") % {"number": decimals(number)}


def searched_from(sweeps: float) -> str:
    return _("from %(number)s a team has searched") % {"number": plain(sweeps)}
