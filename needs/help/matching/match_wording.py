"""The reasons of a match as text, for dispatchers and, in the second person, for the volunteer."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from needs.enums import Category
from volunteers.enums import Language, Skill

EVENING = 18


def sentences(reasons: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """Return one short phrase per stored reason, in the active language; skip unknown codes."""
    return [words for reason in reasons if (words := _words(reason, now))]


def own_sentences(reasons: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """Return the reasons as :func:`sentences` does, in words to the volunteer: "your Tuesday evening"."""
    return [words for reason in reasons if (words := _own_words(reason, now))]


def _words(reason: Mapping[str, Any], now: datetime) -> str:
    match reason["code"]:
        case "distance":
            return distance_text(reason["metres"])
        case "district":
            return _("in the same district; the exact place is not known")
        case "free":
            return _free(datetime.fromisoformat(reason["start"]), datetime.fromisoformat(reason["end"]), now)
        case "skills":
            return ", ".join(str(Skill(skill).label) for skill in reason["skills"] if skill in Skill)
        case "languages":
            spoken = ", ".join(_language(code) for code in reason["languages"] if code in Language)
            return _("speaks %(languages)s") % {"languages": spoken} if spoken else ""
        case "part":
            kinds = ", ".join(str(Category(kind).label) for kind in reason["kinds"] if kind in Category)
            return _("for a part of it: %(kinds)s") % {"kinds": kinds}
        case "load":
            room = max(reason["most"] - reason["load"], 0)
            text = ngettext("has room for %(room)d more need", "has room for %(room)d more needs", room)
            return text % {"room": room}
        case "capacity":
            kind = str(Category(reason["kind"]).label)
            return _("%(kind)s: %(left)d of %(all)d left this week") % {
                "kind": kind, "left": reason["left"], "all": reason["all"],
            }  # fmt: skip
    return ""


def _own_words(reason: Mapping[str, Any], now: datetime) -> str:
    """Return the phrase to the volunteer.

    The largest number of needs that the volunteer can have is left out, because the page shows it.
    """
    match reason["code"]:
        case "distance":
            return _own_distance(reason["metres"])
        case "district":
            return _("in the district where you start; the exact place is not known")
        case "free":
            return own_time(datetime.fromisoformat(reason["start"]), datetime.fromisoformat(reason["end"]), now)
        case "skills":
            skills = ", ".join(str(Skill(skill).label) for skill in reason["skills"] if skill in Skill)
            return _("you can: %(skills)s") % {"skills": skills} if skills else ""
        case "languages":
            spoken = ", ".join(_language(code) for code in reason["languages"] if code in Language)
            return _("you speak %(languages)s") % {"languages": spoken} if spoken else ""
        case "part":
            kinds = ", ".join(str(Category(kind).label) for kind in reason["kinds"] if kind in Category)
            return _("for a part of it: %(kinds)s") % {"kinds": kinds}
        case "capacity":
            return _words(reason, now)
    return ""


def _own_distance(metres: float) -> str:
    if metres < 200:
        return _("in your area or next to it")
    if metres < 1000:
        return _("%(metres)d m from where you start") % {"metres": round(metres, -2)}
    return _("%(km)s km from where you start") % {"km": number_format(metres / 1000, 1)}


def own_time(start: datetime, end: datetime, now: datetime) -> str:
    """Return a free time as the volunteer's own: "today: your Tuesday evening, 18:00 to 22:00"."""
    begin, finish, today = timezone.localtime(start), timezone.localtime(end), timezone.localdate(now)
    part = next(words for last_hour, words in _PARTS if begin.hour < last_hour)
    hours = {"start": date_format(begin, "TIME_FORMAT"), "end": date_format(finish, "TIME_FORMAT")}
    own = _("your %(part)s, %(start)s to %(end)s") % {"part": part % {"day": date_format(begin, "l")}, **hours}
    if begin.date() == today:
        return _("today: %(time)s") % {"time": own}
    return _("tomorrow: %(time)s") % {"time": own} if begin.date() == today + timedelta(days=1) else own


_PARTS: tuple[tuple[int, str | Promise], ...] = (
    (5, gettext_lazy("%(day)s night")),
    (12, gettext_lazy("%(day)s morning")),
    (18, gettext_lazy("%(day)s afternoon")),
    (24, gettext_lazy("%(day)s evening")),
)
"""Hour before which a time belongs to a part of the day, and the name of the part."""


def _language(code: str) -> str:
    """Return a language's name for use within a sentence: lower case in French."""
    name = str(Language(code).label)
    return name.lower() if (get_language() or "").startswith("fr") else name


def distance_text(metres: float) -> str:
    """Return "900 m away" or "2.4 km away", no more precise than a cell."""
    if metres < 200:
        return _("in the same area or next to it")
    if metres < 1000:
        return _("%(metres)d m away") % {"metres": round(metres, -2)}
    return _("%(km)s km away") % {"km": number_format(metres / 1000, 1)}


def _free(start: datetime, end: datetime, now: datetime) -> str:
    begin, finish, today = timezone.localtime(start), timezone.localtime(end), timezone.localdate(now)
    hours = {"start": date_format(begin, "TIME_FORMAT"), "end": date_format(finish, "TIME_FORMAT")}
    if begin.date() == today:
        if begin.hour >= EVENING:
            return _("free tonight, %(start)s to %(end)s") % hours
        return _("free today, %(start)s to %(end)s") % hours
    if begin.date() == today + timedelta(days=1):
        return _("free tomorrow, %(start)s to %(end)s") % hours
    return _("free on %(day)s, %(start)s to %(end)s") % {"day": date_format(begin, "l"), **hours}
