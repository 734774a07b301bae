"""Figures in plain words, at the level of detail that the reader may see.

mapping.map.wording.rounding gives the numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mapping.enums import KEY_STATUS
from mapping.map.wording import rounding, status_words
from mapping.map.wording.rounding import ZoneFigures

NBSP = "\u00a0"
WEEK = 7


@dataclass(frozen=True, slots=True)
class Words:
    """One zone in words. parts: gives the parts of ``sentence``, a sentence with all figures. A list shows no sentences,
    so they are made only when they are asked for. The other fields are columns of a list. A field is empty if it is hidden
    from this reader.

    people: the number of persons present. chance: the chance that help is missing. help: the help given, as a share of
    the norm. search: time of the last search by a team. sweeps: search effort that still has weight. ranks: sort keys
    by column, no more precise than the words.
    """

    parts: Callable[[], list[str]] = field(compare=False)  # the other fields say when two zones read alike
    people: str
    chance: str
    help: str
    search: str
    sweeps: str
    ranks: dict[str, float]

    @property
    def sentence(self) -> str:
        return _join(self.parts())


def words_of(zone: ZoneFigures, detail: str) -> Words:
    """Return the words for ``exact``, ``bucket`` or ``band`` detail (mapping.map.wording.rounding.detail_of)."""
    return _WORDS[detail](zone) if zone.counted else _without_count(zone, detail)


def _without_count(zone: ZoneFigures, detail: str) -> Words:
    """Return what is known where nobody counted: the search alone."""
    band = detail == "band"
    search = search_band(zone.searched_days, zone.recent_days) if band else _last_search(zone.searched_days)
    seen = _("last search by a team: %(when)s") % {"when": search} if band else _seen(zone)
    rank = _search_rank(zone.searched_days, zone.recent_days) if band else _days(zone.searched_days)
    return Words(
        parts=lambda: [seen, _("nobody has counted the people of this territory")],
        people="",
        chance="",
        help="",
        search=search,
        sweeps="" if band else number_format(zone.sweeps, decimal_pos=1),
        ranks={"people": 0, "chance": 0, "help": 0, "search": rank},
    )


def whole(number: int) -> str:
    """Format a whole number with the locale's separators."""
    return number_format(number, force_grouping=True)


def percent(number: int) -> str:
    return f"{whole(number)}{NBSP}%"


# --- coordinators: exact figures -----------------------------------------------------------------------------------


def _exact(zone: ZoneFigures) -> Words:
    return Words(
        parts=lambda: [_seen(zone), _people(zone), _help(zone), _chances(zone.chance)],
        people=_("%(number)s (%(interval)s)")
        % {"number": whole(zone.persons), "interval": interval(zone.persons_low, zone.persons_high)},
        chance=percent(zone.chance),
        help=percent(zone.help),
        search=_last_search(zone.searched_days),
        sweeps=number_format(zone.sweeps, decimal_pos=1),
        ranks={"people": zone.persons, "chance": zone.chance, "help": zone.help, "search": _days(zone.searched_days)},
    )


def _days(days: int | None) -> float:
    return inf if days is None else days


def interval(low: int, high: int) -> str:
    """Return both ends of an interval, or one number if they are equal."""
    if low == high:
        return whole(high)
    return _("%(low)s to %(high)s") % {"low": whole(low), "high": whole(high)}


def _seen(zone: ZoneFigures) -> str:
    if zone.searched_days is None:
        return _("no team has searched here")
    if zone.sweeps == 0:
        return _("the last search was %(when)s, too long ago to count") % {"when": _last_search(zone.searched_days)}
    return _("teams made about %(sweeps)s, the last %(when)s") % {
        "sweeps": full_searches(zone.sweeps),
        "when": _last_search(zone.searched_days),
    }


def full_searches(sweeps: float) -> str:
    """Format a search effort. sweeps: number of sweeps, with one decimal at most."""
    # Below two, a decimal number is plural in English and singular in French. The number 0 follows the same rule, so
    # pass 0 to ngettext.
    form = 1 if sweeps == 1 else 0 if sweeps < 2 else 2
    digits = number_format(sweeps, decimal_pos=0 if sweeps == 1 else 1)
    return ngettext("%(number)s full search", "%(number)s full searches", form) % {"number": digits}


def _last_search(days: int | None) -> str:
    if days is None:
        return pgettext("when a place was searched", "never")
    if days == 0:
        return pgettext("when a place was searched", "today")
    return ngettext("%(number)s day ago", "%(number)s days ago", days) % {"number": whole(days)}


def _people(zone: ZoneFigures) -> str:
    low, high = zone.persons_low, zone.persons_high
    if high == 0:
        return _("nobody is likely to be there")
    if low == high:
        return ngettext("%(number)s person likely", "%(number)s people likely", high) % {"number": whole(high)}
    return ngettext("%(low)s to %(high)s person likely", "%(low)s to %(high)s people likely", high) % {
        "low": whole(low),
        "high": whole(high),
    }


def _help(zone: ZoneFigures) -> str:
    if zone.help == 0:
        return _("no help was logged recently")
    return _("help is at %(share)s of the norm") % {"share": percent(zone.help)}


def _chances(chance: int) -> str:
    if chance == 0:
        return _("less than 1 chance in 100 that help is missing")
    if chance == 100:
        return _("more than 99 chances in 100 that help is missing")
    return ngettext(
        "%(number)s chance in 100 that help is missing", "%(number)s chances in 100 that help is missing", chance
    ) % {"number": whole(chance)}


# --- associations: numbers of people in steps of five, chances and help in words -----------------------------------


def _bucket(zone: ZoneFigures) -> Words:
    people, chance, help_given = persons_bucket(zone.persons), rounding.chance_band(zone.chance), _help_band(zone.help)
    return Words(
        parts=lambda: [
            _seen(zone),
            _("people likely there: %(people)s") % {"people": people},
            _("help: %(help)s") % {"help": help_given},
            _("missing help: %(chance)s") % {"chance": chance},
        ],
        people=people,
        chance=chance,
        help=help_given,
        search=_last_search(zone.searched_days),
        sweeps=number_format(zone.sweeps, decimal_pos=1),
        ranks={
            "people": rounding.persons_bucket(zone.persons)[0],
            "chance": rounding.chance_rank(zone.chance),
            "help": sum(zone.help >= limit for limit in _HELP_LIMITS),
            "search": _days(zone.searched_days),
        },
    )


def persons_bucket(persons: int) -> str:
    """Describe a number of people in steps of five (mapping.map.wording.rounding.persons_bucket)."""
    low, below = rounding.persons_bucket(persons)
    if below is None:
        return _("%(number)s or more") % {"number": whole(low)}
    if low == 0:
        return _("fewer than %(number)s") % {"number": whole(below)}
    return interval(low, below - 1)


_HELP_LIMITS = (10, 50, 100)


def _help_band(share: int) -> str:
    some, half, full = _HELP_LIMITS
    if share < some:
        return _("almost none")
    if share < half:
        return _("less than half of the norm")
    return _("below the norm") if share < full else _("at the norm or above")


# --- volunteers: only words -----------------------------------------------------------------------------------------


def _band(zone: ZoneFigures) -> Words:
    search = search_band(zone.searched_days, zone.recent_days)
    people, chance = rounding.persons_band(zone.persons), rounding.chance_band(zone.chance)
    return Words(
        parts=lambda: [
            _("last search by a team: %(when)s") % {"when": search},
            _("people likely there: %(people)s") % {"people": people},
            _("missing help: %(chance)s") % {"chance": chance},
        ],
        people=people,
        chance=chance,
        help="",
        search=search,
        sweeps="",
        ranks={
            "people": rounding.persons_rank(zone.persons),
            "chance": rounding.chance_rank(zone.chance),
            "help": 0,
            "search": _search_rank(zone.searched_days, zone.recent_days),
        },
    )


def search_band(days: int | None, recent_days: int) -> str:
    """Return the words that volunteers see instead of the day of the last search. The status “not searched” has two
    names (mapping.map.wording.status_words). The name depends only on the band, so it reveals nothing more to
    volunteers."""
    if days is None:
        return pgettext("when a place was searched", "never")
    if days <= min(WEEK, recent_days):
        return pgettext("when a place was searched", "within a week")
    within = {"days": whole(recent_days)}
    if days <= recent_days:
        return pgettext("when a place was searched", "within %(days)s days") % within
    return pgettext("when a place was searched", "more than %(days)s days ago") % within


def _search_rank(days: int | None, recent_days: int) -> int:
    if days is None:
        return 3
    return sum(days > limit for limit in (min(WEEK, recent_days), recent_days))


_WORDS: dict[str, Callable[[ZoneFigures], Words]] = {"exact": _exact, "bucket": _bucket, "band": _band}


def _join(parts: list[str]) -> str:
    text = pgettext("between the parts of a sentence", "; ").join(parts)
    return _("%(sentence)s.") % {"sentence": text[:1].upper() + text[1:]}


# --- what a status means --------------------------------------------------------------------------------------------


def meaning(zone: ZoneFigures) -> str:
    """Explain a zone's status in one sentence (mapping.map.wording.status_words)."""
    return status_words.meaning(KEY_STATUS[zone.status], zone.searched_days, zone.recent_days)


def clock(moment: datetime) -> str:
    """Format a datetime with its day, in the reader's language and the site's time zone."""
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")
