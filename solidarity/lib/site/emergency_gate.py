"""The emergency gate: questions about danger before the form of a need, and emergency numbers per country."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib.site import site_choices


class Danger(models.TextChoices):
    """The three questions of the gate."""

    MINOR = "minor", _("A child or teenager is alone")
    MEDICAL = "medical", _("Someone is badly ill or hurt, or does not answer")
    COLD = "cold", _("Someone is in danger now: great cold or heat, violence")


@dataclass(frozen=True, slots=True)
class Line:
    """A telephone line. number: the number with spaces, for reading. by_text: True if the number accepts text messages
    only."""

    number: str
    purpose: str | Promise
    by_text: bool = False

    @property
    def icon(self) -> str:
        """The picture beside the number, for readers who see pictures instead of words."""
        return _ICONS.get(purpose_of(self) or Purpose.ANY, "warning")

    @property
    def address(self) -> str:
        """The link that calls or texts the number."""
        return ("sms:" if self.by_text else "tel:") + self.number.replace(" ", "")


_ANY = _("Any emergency")
_MEDICAL = _("Medical emergency")
_CHILD = _("A child in danger")
_SHELTER = _("No shelter tonight")
_CHILD_TALKS = _("Helpline for children and teenagers")
_SOCIAL = _("Shelter and social help")

_MOBILE = Line("112", _("Any emergency, from a mobile phone"))
_EUROPE = Line("112", _ANY)

# Lines by country and danger; the first line is the line to call. Dangers that are left out get 112.
_LINES: dict[str, dict[Danger, tuple[Line, ...]]] = {
    "FR": {
        Danger.MINOR: (Line("119", _CHILD), _EUROPE),
        Danger.MEDICAL: (Line("15", _MEDICAL), _EUROPE),
        Danger.COLD: (_EUROPE, Line("15", _MEDICAL), Line("115", _SHELTER)),
    },
    "CH": {
        Danger.MINOR: (_EUROPE, Line("147", _CHILD_TALKS)),
        Danger.MEDICAL: (Line("144", _MEDICAL), _EUROPE),
        Danger.COLD: (_EUROPE, Line("144", _MEDICAL)),
    },
    "DE": {Danger.MINOR: (_EUROPE, Line("116 111", _CHILD_TALKS))},
    "ES": {Danger.MINOR: (_EUROPE, Line("116 111", _CHILD_TALKS))},
    "LU": {Danger.MINOR: (_EUROPE, Line("116 111", _CHILD_TALKS))},
    "IT": {Danger.MINOR: (Line("114", _CHILD), _EUROPE)},
    "PT": {
        Danger.MINOR: (_EUROPE, Line("116 111", _CHILD_TALKS)),
        Danger.COLD: (_EUROPE, Line("144", _SOCIAL)),
    },
    "GB": {
        danger: (Line("999", _ANY), *((Line("0800 1111", _CHILD_TALKS),) if danger == Danger.MINOR else ()))
        for danger in Danger
    },
    "US": {
        Danger.MINOR: (Line("911", _ANY), Line("1 800 422 4453", _CHILD)),
        Danger.MEDICAL: (Line("911", _ANY),),
        Danger.COLD: (Line("911", _ANY), Line("211", _SOCIAL)),
    },
    "CA": {
        Danger.MINOR: (Line("911", _ANY), Line("1 800 668 6868", _CHILD_TALKS)),
        Danger.MEDICAL: (Line("911", _ANY),),
        Danger.COLD: (Line("911", _ANY), Line("211", _SOCIAL)),
    },
}
COUNTRIES = (*_LINES, "")
"""Countries with their own numbers, and "" for all other countries."""
_DEAF: dict[str, Line] = {"FR": Line("114", _("For deaf and hard of hearing people, by text message"), by_text=True)}


class Purpose(models.TextChoices):
    """The emergency numbers that administrators can enter for their site."""

    MEDICAL = "medical", _MEDICAL
    ANY = "any", _ANY
    SHELTER = "shelter", _SHELTER
    CHILD = "child", _CHILD


_OWN: dict[Danger, tuple[Purpose, ...]] = {
    Danger.MINOR: (Purpose.CHILD, Purpose.ANY),
    Danger.MEDICAL: (Purpose.MEDICAL, Purpose.ANY),
    Danger.COLD: (Purpose.ANY, Purpose.MEDICAL, Purpose.SHELTER),
}
"""The purposes of each danger, in the order in which to call."""


def lines_for(country: str | None, danger: Danger) -> tuple[Line, ...]:
    """Return the lines to call, the best first.

    country: ISO 3166 code; unknown countries get 112. None: the country of this site; numbers that its administrators
    entered replace the usual numbers of the same purpose.
    """
    if country is None:
        return with_own(lines_for(site_choices.country(), danger), danger, site_choices.own_numbers())
    lines = _LINES.get(country, {}).get(danger)
    if lines is None:
        lines = (_EUROPE,) if country in _LINES else (_MOBILE,)
    return (*lines, _DEAF[country]) if country in _DEAF else lines


def with_own(lines: tuple[Line, ...], danger: Danger, numbers: dict[str, str]) -> tuple[Line, ...]:
    """Return the lines of a danger; the site's own numbers (by purpose) replace the usual numbers of the same
    purpose."""
    if not numbers:
        return lines
    found: list[Line] = []
    for purpose in _OWN[danger]:
        same = [line for line in lines if purpose_of(line) is purpose]
        found += [Line(numbers[purpose], purpose.label)] if numbers.get(purpose) else same
    found += [line for line in lines if purpose_of(line) is None]
    return _once(found)


def purpose_of(line: Line) -> Purpose | None:
    """Return the purpose of a line that administrators can replace."""
    if line.by_text:
        return None
    return next((purpose for purpose, names in _NAMES.items() if any(line.purpose is name for name in names)), None)


_NAMES = {
    Purpose.MEDICAL: (_MEDICAL,),
    Purpose.ANY: (_ANY, _MOBILE.purpose),
    Purpose.SHELTER: (_SHELTER, _SOCIAL),
    Purpose.CHILD: (_CHILD, _CHILD_TALKS),
}
_ICONS = {Purpose.MEDICAL: "health", Purpose.SHELTER: "shelter", Purpose.CHILD: "minor"}


def start_page_lines(country: str | None = None) -> tuple[Line, ...]:
    """Return the lines for the start page: medical, any, shelter, child."""
    every = [line for danger in (Danger.MEDICAL, Danger.COLD, Danger.MINOR) for line in lines_for(country, danger)]
    return _once([line for line in every if not line.by_text])


def shelter_line() -> Line | None:
    """Return the line of this site's country that finds shelter; None if there is none."""
    lines = lines_for(None, Danger.COLD)
    return next((line for line in lines if purpose_of(line) is Purpose.SHELTER), None)


def _once(lines: list[Line]) -> tuple[Line, ...]:
    """Return the lines without repeated telephone numbers."""
    known: dict[str, Line] = {}
    for line in lines:
        known.setdefault(line.number, line)
    return tuple(known.values())
