"""A recalculation in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.map.wording.sentences import whole


def digit_label(name: str) -> str:
    """Return the label of a figure of a recalculation."""
    return {
        "a": _("A, people seen by teams"),
        "ac": _("A, weight of citizens' reports"),
        "x": _("X, full searches by teams"),
        "xc": _("X, full searches from citizens’ reports and silence"),
        "reports": _("weight of citizens’ reports before the limit of the cell"),
        "citizen_rate": _("κ, weighted citizens’ reports per person and day"),
        "xt": _("X_T, full searches that count as searched"),
        "s": _("S, people helped in the last seven days"),
        "shape": _("shape of the posterior"),
        "rate": _("rate of the posterior"),
        "mean": _("people likely"),
        "low": _("people, lower end of the 9-in-10 interval"),
        "high": _("people, upper end of the 9-in-10 interval"),
        "theta": _("θ, people that help is enough for"),
        "chance": _("P, chance that help is missing"),
        "persons": _("people likely"),
        "persons_low": _("people, lower end of the 9-in-10 interval"),
        "persons_high": _("people, upper end of the 9-in-10 interval"),
        "sweeps": _("X, full searches per cell"),
        "help_share": _("help, as a share of the norm"),
        "citizen_share": _("share from citizens’ reports"),
    }[name]


def agreement(agreeing: int, cells: int) -> str:
    """Describe how many cells gave the same figures."""
    if agreeing == cells:
        return ngettext(
            "Recomputed from the reports: the cell gives the same figures.",
            "Recomputed from the reports: all %(number)s cells give the same figures.",
            cells,
        ) % {"number": whole(cells)}
    return ngettext(
        "Recomputed from the reports: %(number)s cell gives different figures. The nightly check will correct it.",
        "Recomputed from the reports: %(number)s cells give different figures. The nightly check will correct them.",
        cells - agreeing,
    ) % {"number": whole(cells - agreeing)}
