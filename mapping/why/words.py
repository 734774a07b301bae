"""The Why page in words, composed from numbers: right with none, one and many, in any language of the site."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mapping.enums import STATUS_KEYS, Status
from mapping.evidence import Model
from mapping.figures import ZoneFigures, moment_of
from mapping.reports.words import parameters, plain
from mapping.sentences import interval, percent, whole
from mapping.why.flips import Act, Flip


def day_words(moment: datetime) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")


def short_day(moment: datetime) -> str:
    return date_format(localtime(moment), "j N")


def searched_on(day: float) -> str:
    """The day of a last search (CellState.last_search); NaN for never."""
    if day != day:
        return pgettext("when a place was searched", "never")
    return day_words(moment_of(day))


def decimals(number: float, places: int = 2) -> str:
    """A number with so many decimals, as the locale writes it."""
    return number_format(round(number, places) + 0.0, decimal_pos=places, force_grouping=True)


def digits(number: float) -> str:
    """A number with the six decimals by which two computations are compared; the same in every language."""
    return f"{round(number, 6) + 0.0:.6f}"


def status_label(status: int) -> str:
    return str(Status(status).label)


def _form(number: float) -> int:
    """The plural form of a number with decimals: below two it is plural in English and singular in French."""
    return 1 if number == 1 else 0 if number < 2 else 2


def _sentence(text: str) -> str:
    return _("%(sentence)s.") % {"sentence": text[:1].upper() + text[1:]}


def joined(parts: Sequence[str]) -> str:
    return _sentence(pgettext("between the parts of a sentence", "; ").join(parts))


# --- the rule --------------------------------------------------------------------------------------------------------


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
        _form(theta),
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
            _form(round(m0, 2)),
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


# --- where the evidence comes from ------------------------------------------------------------------------------------


def part_label(name: str) -> str:
    return {
        "teams": _("Teams of associations"),
        "citizens": _("Citizens"),
        "neighbours": _("The cells around"),
        "prior": _("The last official count, before any report"),
    }[name]


def sources(effective: float) -> str:
    """How many sources the evidence comes from, in effect."""
    number = round(effective, 1)
    if number == 0:
        return _("Nothing that anybody told still counts: the figures come from the last count and the cells around.")
    if number == 1:
        return _("All of it comes from one source, in effect.")
    return ngettext(
        "It comes from %(number)s independent source, in effect.",
        "It comes from %(number)s independent sources, in effect.",
        _form(number),
    ) % {"number": plain(number)}


def tally(searches: int, hours: float, met: float, citizens: int, helped: float, days: int) -> str:
    """What was told in the last days, counted. hours: logged ones. met, helped: people."""
    parts = [
        _("no search by a team")
        if searches == 0
        else ngettext("%(number)s search by a team", "%(number)s searches by teams", searches)
        % {"number": whole(searches)}
    ]
    if searches:
        logged = round(hours, 1)
        parts.append(
            _("without logged time")
            if logged == 0
            else ngettext("%(number)s hour logged", "%(number)s hours logged", _form(logged))
            % {"number": plain(logged)}
        )
        parts.append(
            _("nobody met")
            if round(met) == 0
            else ngettext("%(number)s person met", "%(number)s people met", round(met)) % {"number": whole(round(met))}
        )
    parts.append(
        _("no report by citizens")
        if citizens == 0
        else ngettext("%(number)s report by a citizen", "%(number)s reports by citizens", citizens)
        % {"number": whole(citizens)}
    )
    parts.append(
        _("no help logged")
        if round(helped) == 0
        else ngettext("help to %(number)s person", "help to %(number)s people", round(helped))
        % {"number": whole(round(helped))}
    )
    text = ", ".join(parts)
    return _("In the last %(days)s days: %(tally)s.") % {"days": whole(days), "tally": text}


def search_words(hours: float | None, full: bool) -> str:
    """How long was searched. hours: None where nobody logged it, 0 for no search. full: taken for a full look."""
    if full:
        return _("a full look")
    if hours is None:
        return pgettext("time of a search", "not logged")
    if hours == 0:
        return pgettext("time of a search", "none")
    minutes = round(hours * 60)
    return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": whole(minutes)}


def citizens_day(reports: int) -> str:
    """The reports by citizens of one cell and day."""
    return ngettext("%(number)s citizen's report", "%(number)s citizens' reports", reports) % {"number": whole(reports)}


def somebody() -> str:
    return pgettext("what a citizen saw", "somebody")


def people(number: float) -> str:
    """A number of people with one decimal."""
    return ngettext("%(number)s person", "%(number)s people", _form(round(number, 1))) % {"number": decimals(number, 1)}


def theta_label(theta: float) -> str:
    return _("θ: help is enough for %(people)s") % {"people": people(theta)}


def sweeps_unit(cells: int) -> str:
    return _("full looks") if cells == 1 else _("full looks a cell")


def at_most(number: float) -> str:
    return _("at most %(number)s") % {"number": decimals(number)}


def searched_from(sweeps: float) -> str:
    return _("from %(number)s a team has searched") % {"number": plain(sweeps)}


def rows_left(number: int) -> str:
    """How many rows of evidence a table leaves out; empty for none."""
    if number == 0:
        return ""
    return ngettext(
        "%(number)s older row is not shown; it counts.", "%(number)s older rows are not shown; they count.", number
    ) % {"number": whole(number)}


# --- the nearest flip -------------------------------------------------------------------------------------------------


def act_words(act: Act) -> str:
    """An act, small letters first."""
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


def flip_words(flip: Flip, cells: int) -> str:
    """What an act would change. cells: how many there are in all."""
    act = act_words(flip.act)
    text = _("%(act)s → %(status)s") % {"act": act[:1].upper() + act[1:], "status": status_label(flip.status)}
    if cells == 1:
        return text
    return _("%(flip)s, in %(number)s of %(cells)s cells") % {
        "flip": text,
        "number": whole(flip.cells),
        "cells": whole(cells),
    }


def no_flip() -> str:
    return _("None of the acts that were tried would change this status.")


# --- what is not known ------------------------------------------------------------------------------------------------


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


# --- history, disputes ------------------------------------------------------------------------------------------------


def step_words(before: int | None, status: int | None, pinned: bool) -> str:
    """One step in a zone's history."""
    if status is None:
        return _("the zone ended; its cells went to others")
    label = status_label(status)
    if pinned:
        return _("%(status)s, by what people on site say") % {"status": label}
    if before is None:
        return _("the zone began as %(status)s") % {"status": label}
    if before == status:
        return _("%(status)s, by the model again") % {"status": label}
    return _("from %(before)s to %(status)s") % {"before": status_label(before), "status": label}


def step_counts(cells: int, persons: float) -> str:
    """How large a zone was at a step of its history."""
    number = round(persons)
    return _("%(cells)s, %(people)s") % {
        "cells": ngettext("%(number)s cell", "%(number)s cells", cells) % {"number": whole(cells)},
        "people": _("nobody likely")
        if number == 0
        else ngettext("%(number)s person likely", "%(number)s people likely", number) % {"number": whole(number)},
    }


def claim(persons: float, hours: float | None) -> str:
    """What the people on site saw, and how long they looked."""
    seen = (
        _("saw nobody")
        if persons == 0
        else ngettext("saw %(number)s person", "saw %(number)s people", _form(persons)) % {"number": plain(persons)}
    )
    if hours is None:
        return _("%(seen)s, without a logged time") % {"seen": seen}
    minutes = round(hours * 60)
    return ngettext("%(seen)s in %(number)s minute", "%(seen)s in %(number)s minutes", minutes) % {
        "seen": seen,
        "number": whole(minutes),
    }


def one_verdict(status: int) -> str:
    return _("People on site say: %(shown)s.") % {"shown": status_label(status)}


def both_verdicts(shown: int, computed: int) -> str:
    return _("People on site say: %(shown)s. The model says: %(computed)s.") % {
        "shown": status_label(shown),
        "computed": status_label(computed),
    }


# --- associations: from the frozen figures alone ----------------------------------------------------------------------


def citizens_band(share: int) -> str:
    """How much of what was seen citizens told. share: per cent."""
    if share == 0:
        return _("nothing")
    if share < 25:
        return _("a small part")
    return _("a large part") if share < 75 else _("almost everything")


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


# --- computed anew ----------------------------------------------------------------------------------------------------


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
    """How many cells gave the same again."""
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
