"""History and overrides in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.map.why.wording.number_words import plural_of, status_label
from mapping.map.wording.sentences import whole
from solidarity.lib.numbers import plain


def step_words(before: int | None, status: int | None, overridden: bool) -> str:
    """Describe one step in a zone's history."""
    if status is None:
        return _("the zone ended and its cells joined other zones")
    label = status_label(status)
    if overridden:
        return _("%(status)s, according to a team on site") % {"status": label}
    if before is None:
        return _("the zone started as %(status)s") % {"status": label}
    if before == status:
        return _("%(status)s, according to the model again") % {"status": label}
    return _("from “%(before)s” to “%(status)s”") % {"before": status_label(before), "status": label}


def step_counts(cells: int, persons: float) -> str:
    """Describe the size of a zone at a step of its history."""
    number = round(persons)
    return _("%(cells)s, %(people)s") % {
        "cells": ngettext("%(number)s cell", "%(number)s cells", cells) % {"number": whole(cells)},
        "people": _("nobody likely")
        if number == 0
        else ngettext("%(number)s person likely", "%(number)s people likely", number) % {"number": whole(number)},
    }


def claim(persons: float, hours: float | None) -> str:
    """Describe what the team on site saw, and how long it searched."""
    seen = (
        _("saw nobody")
        if persons == 0
        else ngettext("saw %(number)s person", "saw %(number)s people", plural_of(persons)) % {"number": plain(persons)}
    )
    if hours is None:
        return _("%(seen)s, time not logged") % {"seen": seen}
    minutes = round(hours * 60)
    return ngettext("%(seen)s in %(number)s minute", "%(seen)s in %(number)s minutes", minutes) % {
        "seen": seen,
        "number": whole(minutes),
    }


def team_status(status: int) -> str:
    return _("A team on site says: %(shown)s.") % {"shown": status_label(status)}


def both_statuses(shown: int, computed: int) -> str:
    return _("A team on site says: %(shown)s. The model says: %(computed)s.") % {
        "shown": status_label(shown),
        "computed": status_label(computed),
    }
