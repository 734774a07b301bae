"""Counterfactuals in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.map.why.counterfactuals import Act, Counterfactual
from mapping.map.why.wording.number_words import status_label
from mapping.map.wording.sentences import whole


def act_words(act: Act) -> str:
    """Describe an act, in lower case."""
    if act.visits == 0:
        return ngettext("help to %(number)s person", "help to %(number)s people", act.helped) % {
            "number": whole(act.helped)
        }
    if act.met == 0:
        if act.visits == 1:
            return _("one 30-minute visit that meets nobody")
        return ngettext(
            "%(number)s 30-minute visit that meets nobody", "%(number)s 30-minute visits that meet nobody", act.visits
        ) % {"number": whole(act.visits)}
    if act.helped:
        return ngettext(
            "one 30-minute visit that meets and helps %(number)s person",
            "one 30-minute visit that meets and helps %(number)s people",
            act.met,
        ) % {"number": whole(act.met)}
    return ngettext(
        "one 30-minute visit that meets %(number)s person and helps nobody",
        "one 30-minute visit that meets %(number)s people and helps nobody",
        act.met,
    ) % {"number": whole(act.met)}


def outcome(counterfactual: Counterfactual, cells: int) -> str:
    """Describe what an act would change. cells: total number of cells."""
    act = act_words(counterfactual.act)
    text = _("%(act)s → %(status)s") % {"act": act[:1].upper() + act[1:], "status": status_label(counterfactual.status)}
    if cells == 1:
        return text
    return _("%(change)s, in %(number)s of %(cells)s cells") % {
        "change": text,
        "number": whole(counterfactual.cells),
        "cells": whole(cells),
    }


def no_counterfactual() -> str:
    return _("None of the actions tried here would change this status.")
