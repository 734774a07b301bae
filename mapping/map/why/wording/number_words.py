"""Formats of days, numbers and statuses on the Why page."""

from datetime import datetime

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import ngettext, pgettext

from mapping.enums import STATUS_KEYS, Status
from mapping.map.wording.status_words import status_in_general
from mapping.models import moment_of


def day_words(moment: datetime) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")


def short_day(moment: datetime) -> str:
    return date_format(localtime(moment), "j N")


def searched_on(day: float) -> str:
    """Format the day of the last search (CellState.last_search). NaN means that the cell was never searched."""
    if day != day:
        return pgettext("when a place was searched", "never")
    return day_words(moment_of(day))


def decimals(number: float, places: int = 2) -> str:
    """Format a number with the given number of decimals, by the rules of the locale."""
    return number_format(round(number, places) + 0.0, decimal_pos=places, force_grouping=True)


def digits(number: float) -> str:
    """Format a number with six decimals, in the same way in every language, so that two computations can be
    compared."""
    return f"{round(number, 6) + 0.0:.6f}"


def status_label(status: int) -> str:
    """Name a status to which no figures belong (mapping.map.wording.status_words)."""
    return status_in_general(STATUS_KEYS[Status(status)])


def plural_of(number: float) -> int:
    """Return the number to pass to ngettext for a decimal number: below two, it takes the plural in English and the
    singular in French."""
    return 1 if number == 1 else 0 if number < 2 else 2


def people(number: float) -> str:
    """Format a number of people with one decimal."""
    return ngettext("%(number)s person", "%(number)s people", plural_of(round(number, 1))) % {
        "number": decimals(number, 1)
    }
