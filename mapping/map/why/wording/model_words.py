"""The rules of statuses and the model's parameters in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.coverage.cells.coverage_model import Model
from mapping.enums import STATUS_KEYS, Status
from mapping.map.why.wording.number_words import decimals, people, plural_of
from mapping.map.wording.parameter_sentences import parameters
from mapping.map.wording.sentences import interval, percent
from solidarity.lib.numbers import plain


def rule(status: str) -> str:
    """Explain when a place has a status, without numbers, for all readers."""
    return {
        STATUS_KEYS[Status.COVERED]: _(
            "A place is “covered” when teams have searched it recently and recent help is probably enough for the people there."
        ),
        STATUS_KEYS[Status.UNDER_COVERED]: _(
            "A place is “under-covered” when teams have searched it recently and recent help may not be enough for "
            "the people there."
        ),
        STATUS_KEYS[Status.UNCOVERED]: _(
            "A place is “uncovered” when teams have searched it recently, people are likely to be there, and almost "
            "no help was logged."
        ),
        STATUS_KEYS[Status.TO_VERIFY]: _(
            "A place is “to verify” when there are signs of people without enough help, but no team has searched it "
            "enough recently."
        ),
        STATUS_KEYS[Status.NOT_SEARCHED]: _(
            "A place is “never searched” when no team has searched it recently, and “searched too little” when a team "
            "has searched it recently, but not enough. If no need is known there, this does not mean that there is none."
        ),
        STATUS_KEYS[Status.CONTRADICTORY]: _(
            "A place is “contradictory” when teams have searched it recently, but what they saw does not show whether "
            "help is enough."
        ),
        STATUS_KEYS[Status.SEARCHED]: _(
            "Nobody has counted the people of this territory. So the map says only where teams have searched, where needs "
            "are reported, and where nobody has looked. It says no number of people and no chance."
        ),
    }[status]


def reach(chance: int, theta: float) -> str:
    """Explain θ: the number of people for whom the help of the last seven days is enough. theta: the parameter θ, in
    persons."""
    people = decimals(theta, 1)
    line = ngettext(
        "The model estimates that the help of the last seven days is enough for %(number)s person in a cell. The chance "
        "that more people are there is %(chance)s.",
        "The model estimates that the help of the last seven days is enough for %(number)s people in a cell. The chance "
        "that more people are there is %(chance)s.",
        plural_of(theta),
    )
    return line % {"number": people, "chance": percent(chance)}


def interval_words(low: float, high: float) -> str:
    """Format the 90 % interval of people present."""
    return _("9 times in 10: %(interval)s") % {"interval": interval(round(low), round(high))}


def model_lines(model: Model, m0: float, cold: bool, presence_only: bool) -> list[str]:
    """Describe the parameters in force in these cells."""
    lines = parameters(model.values())
    lines.append(
        ngettext(
            "Before any report, the model expects %(persons)s person in a cell. This expectation counts about as "
            "much as seeing %(prior)s people.",
            "Before any report, the model expects %(persons)s people in a cell. This expectation counts about as "
            "much as seeing %(prior)s people.",
            plural_of(round(m0, 2)),
        )
        % {"persons": plain(m0), "prior": plain(model.prior)}
    )
    lines.append(
        _(
            "People seen and search effort in the six neighbouring cells count for %(share)s of their value. "
            "Together they count for at most %(limit)s of a full search."
        )
        % {"share": percent(round(100 * model.neighbour_weight)), "limit": plain(model.neighbour_limit)}
    )
    lines.append(
        _(
            "A status changes only when the chance is clearly different. “Covered” ends above %(covered)s chances in "
            "100. “Under-covered” and “uncovered” end below %(under)s in 100."
        )
        % {"covered": plain(100 * model.leave_covered_at), "under": plain(100 * model.leave_under_covered_at)}
    )
    if cold:
        lines.append(_("A cold plan is active here. It sets the norm or the number of people expected."))
    if presence_only:
        lines.append(_("Nobody logs searches in this territory, so none of its cells can be “covered”."))
    return lines


def theta_label(theta: float) -> str:
    return _("θ: help is enough for %(people)s") % {"people": people(theta)}


def sweeps_unit(cells: int) -> str:
    return _("full searches") if cells == 1 else _("full searches per cell")


def at_most(number: float) -> str:
    return _("at most %(number)s") % {"number": decimals(number)}


def searched_from(sweeps: float) -> str:
    return _("searched: from %(number)s") % {"number": plain(sweeps)}
