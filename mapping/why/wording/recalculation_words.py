"""What was computed anew."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.wording.sentences import whole


def digit_label(name: str) -> str:
    """What a figure of a recompute is called."""
    return {
        "a": _("A, people seen by teams"),
        "ac": _("A, weight of citizens' reports"),
        "x": _("X, sweeps by teams"),
        "xc": _("X, sweeps by citizens"),
        "xt": _("X_T, sweeps that count as searched"),
        "s": _("S, people helped"),
        "shape": _("shape of the posterior"),
        "rate": _("rate of the posterior"),
        "mean": _("people likely"),
        "low": _("people, lower end of 9 in 10"),
        "high": _("people, upper end of 9 in 10"),
        "theta": _("θ, people that help is enough for"),
        "chance": _("P, chance that help is missing"),
        "persons": _("people likely"),
        "persons_low": _("people, lower end of 9 in 10"),
        "persons_high": _("people, upper end of 9 in 10"),
        "sweeps": _("X, sweeps a cell"),
        "help_share": _("help, of the norm"),
        "citizen_share": _("share told by citizens"),
    }[name]


def agreement(agreeing: int, cells: int) -> str:
    """How many cells gave the same recalculation."""
    if agreeing == cells:
        return ngettext(
            "Computed anew from the reports: the cell gives the same digits.",
            "Computed anew from the reports: all %(number)s cells give the same digits.",
            cells,
        ) % {"number": whole(cells)}
    return ngettext(
        "Computed anew from the reports: %(number)s cell gives other digits. The nightly check will write it anew.",
        "Computed anew from the reports: %(number)s cells give other digits. The nightly check will write them anew.",
        cells - agreeing,
    ) % {"number": whole(cells - agreeing)}
