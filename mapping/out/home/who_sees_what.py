"""One table of the people who may see each kind of data, computed from the rules and settings that the pages use. Tests
compare the table with the responses to real requests."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.map.releases.public import partition, release_schedule
from solidarity.lib import grid
from solidarity.lib.site import features
from volunteers.places.territories.areas import COARSE


class Who(StrEnum):
    """A group of people in the table. NO_ROLE: police, law enforcement and advertisers, who have no role here."""

    PUBLIC = "public"
    VOLUNTEER = "volunteer"
    VOUCHED = "vouched"
    MEMBER = "member"
    DISPATCHER = "dispatcher"
    COORDINATOR = "coordinator"
    NO_ROLE = "none"


class Exact(StrEnum):
    """The exact places that a group of people sees."""

    NONE = "none"
    OWN = "own"  # own reports, for EXACT_POINT_HOURS
    HELD = "held"  # needs to which they are committed, at most PLACES_PER_DAY
    TERRITORY = "territory"  # needs in the territories where they dispatch


@dataclass(frozen=True, slots=True)
class Sight:
    """What a group of people sees. cells: finest H3 resolution of the map, None for no map. delay: the age of the
    figures, None for no figures. numbers: True if they see counts of people and not only bands. contacts: True if they
    see the contacts of people who reported a need."""

    who: Who
    cells: int | None = None
    delay: timedelta | None = None
    numbers: bool = False
    exact: Exact = Exact.NONE
    contacts: bool = False


def sights() -> list[Sight]:
    """Return the table, from the rules in force now."""
    fine, now = grid.EVIDENCE_RESOLUTION, timedelta(0)
    late = timedelta(hours=settings.VOLUNTEER_DELAY_HOURS)
    week = timedelta(days=release_schedule.BEHIND)
    return [
        Sight(Who.PUBLIC, cells=COARSE, delay=week, numbers=settings.PUBLIC_COUNTS),
        Sight(Who.VOLUNTEER, cells=fine, delay=late),
        Sight(Who.VOUCHED, cells=fine, delay=late, exact=Exact.HELD),
        Sight(Who.MEMBER, cells=fine, delay=now, numbers=True, exact=Exact.OWN),
        Sight(Who.DISPATCHER, delay=now, numbers=True, exact=Exact.TERRITORY, contacts=True),
        Sight(Who.COORDINATOR, cells=fine, delay=now, numbers=True),
        Sight(Who.NO_ROLE),
    ]


@dataclass(frozen=True, slots=True)
class SightInWords:
    """A row of the About page."""

    who: str
    label: str
    place: str
    time: str
    what: str


def in_words() -> list[SightInWords]:
    """Return the table in the reader's language, without rows of features that are off."""
    shown = [each for each in sights() if features.has("sights", each.who)]
    return [SightInWords(each.who, _label(each.who), _place(each), _time(each), _what(each)) for each in shown]


def _label(who: Who) -> str:
    return {
        Who.PUBLIC: _("Without an account"),
        Who.VOLUNTEER: _("Volunteer"),
        Who.VOUCHED: _("Volunteer whom an association or a dispatcher vouches for"),
        Who.MEMBER: _("Association"),
        Who.DISPATCHER: _("Dispatcher"),
        Who.COORDINATOR: _("Coordinator"),
        Who.NO_ROLE: _("Police, enforcement, advertisers"),
    }[who]


def _area(cells: int) -> str:
    return number_format(grid.average_area_m2(cells) / 1_000_000, decimal_pos=1)


def _place(sight: Sight) -> str:
    area = "" if sight.cells is None else _area(sight.cells)
    if sight.who is Who.PUBLIC:
        return _(
            "areas of at least %(area)s km², if at least %(persons)d people are likely there and several sources "
            "reported them; else wider areas"
        ) % {"area": area, "persons": partition.SHOW_PERSONS}
    if sight.exact is Exact.HELD:
        return ngettext(
            "also the exact place of a need that they took, at most %(number)d place a day",
            "also the exact places of needs that they took, at most %(number)d places a day",
            settings.PLACES_PER_DAY,
        ) % {"number": settings.PLACES_PER_DAY}
    if sight.exact is Exact.OWN:
        return _("exact places of their own reports for %(hours)d hours; areas of about %(area)s km² for the reports of others") % {
            "hours": settings.EXACT_POINT_HOURS, "area": area,
        }  # fmt: skip
    if sight.exact is Exact.TERRITORY:
        return _("exact places of the needs in their territories")
    if sight.cells is not None:
        return _("areas of about %(area)s km² in their territories") % {"area": area}
    return _("none")


def _time(sight: Sight) -> str:
    if sight.delay is None:
        return _("none")
    if sight.who is Who.PUBLIC:
        return _("once a week, %(days)d days late") % {"days": sight.delay.days}
    if sight.exact is Exact.HELD:
        return _("while they hold the need")
    if sight.delay:
        hours = int(sight.delay.total_seconds() // 3600)
        return ngettext("%(hours)d hour late", "%(hours)d hours late", hours) % {"hours": hours}
    return _("every day") if sight.who is Who.MEMBER else _("at once")


def _what(sight: Sight) -> str:
    if sight.who is Who.PUBLIC:
        numbers = _("rounded numbers with noise") if sight.numbers else _("never a number")
        return _(
            "The status of an area and how much was searched; %(numbers)s. Your own report, by its private link."
        ) % {"numbers": numbers}
    return {
        Who.VOLUNTEER: _(
            "The status of an area and the reasons for it; “some”, “several” or “many”, never a number. Open needs by area."
        ),
        Who.VOUCHED: _("The need in words, never the contact. Each look is logged."),
        Who.MEMBER: _("Its own records; rounded counts of the others."),
        Who.DISPATCHER: _(
            "The need and, if given, the contact. It is stored encrypted; each look is logged, and sign-in requires a "
            "second factor."
        ),
        Who.COORDINATOR: _("Estimates, open needs by area, reports and exports; sign-in requires a second factor."),
        Who.NO_ROLE: _("No such role exists."),
    }[sight.who]
