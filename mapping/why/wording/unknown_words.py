"""What is not known."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.coverage.coverage_model import Model
from mapping.why.wording.number_words import day_words
from mapping.wording.rounding import ZoneFigures
from mapping.wording.sentences import percent, whole
from solidarity.lib.numbers import plain


def no_visit_since(last: datetime | None, now: datetime) -> str:
    if last is None:
        return _("No team has logged a search here.")
    days = (now - last).days
    if days <= 0:
        return _("No visit since today, %(day)s.") % {"day": day_words(last)}
    return ngettext(
        "No visit since %(day)s, %(number)s day ago.", "No visit since %(day)s, %(number)s days ago.", days
    ) % {"day": day_words(last), "number": whole(days)}


def help_not_logged(last: datetime | None, now: datetime) -> str:
    missing = _("Help that nobody logged is missing from the figures.")
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
    """night: 0 to 6, morning: 6 to 12, afternoon: 12 to 18, evening: 18 to 24."""
    return ("night", "morning", "afternoon", "evening")[hour // 6]


def hours_unknown(searched: set[str]) -> str:
    """searched: the parts of the day (part_of_day) in which teams have searched."""
    if not searched:
        return _("At what hours people are here is not known.")
    labels = {
        "morning": _("in the morning"),
        "afternoon": _("in the afternoon"),
        "evening": _("in the evening"),
        "night": _("between midnight and six"),
    }
    missing = [label for name, label in labels.items() if name not in searched]
    if not missing:
        return _("Teams have searched at all times of the day; the figures do not tell the hours apart.")
    return _("Nobody has searched %(when)s: who is here only then was not seen.") % {"when": ", ".join(missing)}


def time_unlogged(unlogged: int, searches: int, model: Model) -> str:
    """searches: how many, unlogged: of them without logged time."""
    if searches == 0:
        return ""
    if unlogged == 0:
        return _("All searches logged their time.")
    if searches == 1:
        return _(
            "The only search did not log its time: it counts as %(minutes)s minutes, at %(weight)s of the weight."
        ) % {
            "minutes": plain(round(model.unlogged_hours * 60)),
            "weight": percent(round(100 * model.unlogged_weight)),
        }
    return ngettext(
        "%(number)s of %(searches)s searches did not log its time: it counts as %(minutes)s minutes, at %(weight)s of the "
        "weight.",
        "%(number)s of %(searches)s searches did not log their time: each counts as %(minutes)s minutes, at %(weight)s of "
        "the weight.",
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
        "Citizens tell that somebody is there; how many, and whether they were looked for, is not known from them."
    )


def frozen_unknowns(zone: ZoneFigures) -> list[str]:
    """What is not known, for readers of a release."""
    first = (
        _("No team has logged a search here.")
        if zone.searched_days is None
        else _("Whatever was reported since the publication is not in these figures.")
    )
    return [
        first,
        _("Help that nobody logged is missing from the figures."),
        _("The figures do not tell the hours of the day apart."),
    ]
