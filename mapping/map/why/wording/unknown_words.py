"""Unknowns in words: missing searches, hours and logs."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.coverage.cells.coverage_model import Model
from mapping.map.why.wording.number_words import day_words
from mapping.map.wording.rounding import ZoneFigures
from mapping.map.wording.sentences import percent, whole
from solidarity.lib.numbers import plain


def no_visit_since(last: datetime | None, now: datetime) -> str:
    if last is None:
        return _("No team has logged a search here.")
    days = (now - last).days
    if days <= 0:
        return _("The last search was today, %(day)s.") % {"day": day_words(last)}
    return ngettext(
        "No team has searched here since %(day)s, %(number)s day ago.",
        "No team has searched here since %(day)s, %(number)s days ago.",
        days,
    ) % {"day": day_words(last), "number": whole(days)}


def help_not_logged(last: datetime | None, now: datetime) -> str:
    missing = _("The figures do not include help that nobody logged.")
    if last is None:
        return _("No help was logged here.") + " " + missing
    days = (now - last).days
    if days <= 0:
        return _("The last help was logged today.") + " " + missing
    return (
        ngettext("The last help was logged %(number)s day ago.", "The last help was logged %(number)s days ago.", days)
        % {"number": whole(days)}
        + " "
        + missing
    )


def part_of_day(hour: int) -> str:
    """Return the part of the day. Night starts at 0:00, morning at 6:00, afternoon at 12:00, evening at 18:00."""
    return ("night", "morning", "afternoon", "evening")[hour // 6]


def hours_unknown(searched: set[str]) -> str:
    """Describe at which times of day nobody searched. searched: parts of the day (part_of_day) in which teams have
    searched."""
    if not searched:
        return _("It is not known at what times people are here.")
    labels = {
        "morning": _("in the morning"),
        "afternoon": _("in the afternoon"),
        "evening": _("in the evening"),
        "night": _("between midnight and six"),
    }
    missing = [label for name, label in labels.items() if name not in searched]
    if not missing:
        return _("Teams have searched at all times of the day. The figures do not show differences between hours.")
    return _("No team has searched %(when)s. People who are here only then were not seen.") % {
        "when": ", ".join(missing)
    }


def time_unlogged(unlogged: int, searches: int, model: Model) -> str:
    """Describe searches without logged time. searches: number of all searches; unlogged: those without logged time."""
    if searches == 0:
        return ""
    if unlogged == 0:
        return _("The time of every search was logged.")
    if searches == 1:
        return _(
            "The time of the only search was not logged. It counts as %(minutes)s minutes, with %(weight)s of the full weight."
        ) % {"minutes": plain(round(model.unlogged_hours * 60)), "weight": percent(round(100 * model.unlogged_weight))}
    return ngettext(
        "The time of %(number)s of %(searches)s searches was not logged. It counts as %(minutes)s minutes, with "
        "%(weight)s of the full weight.",
        "The time of %(number)s of %(searches)s searches was not logged. Each counts as %(minutes)s minutes, with "
        "%(weight)s of the full weight.",
        unlogged,
    ) % {
        "number": whole(unlogged),
        "searches": whole(searches),
        "minutes": plain(round(model.unlogged_hours * 60)),
        "weight": percent(round(100 * model.unlogged_weight)),
    }


def citizens_unknown(reports: int) -> str:
    if reports == 0:
        return ""
    return _(
        "Citizens report that somebody is there. Their reports do not say how many people there are or how long anyone searched."
    )


def frozen_unknowns(zone: ZoneFigures) -> list[str]:
    """Describe the unknowns for readers of a release."""
    first = (
        _("No team has logged a search here.")
        if zone.searched_days is None
        else _("These figures do not include reports made since the publication.")
    )
    return [
        first,
        _("The figures do not include help that nobody logged."),
        _("The figures do not show differences between the hours of the day."),
    ]
