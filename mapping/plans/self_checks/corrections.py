"""Correct the number of people of a territory by what teams met at first visits. A coordinator accepts the correction."""

from datetime import date
from math import floor, log10

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mapping.map.wording.sentences import whole
from mapping.plans.self_checks.first_visits import FirstVisits
from mapping.plans.self_checks.past_checks import first_visits_of
from mapping.plans.territory_setup import territory_changes
from mapping.plans.territory_setup.territory_changes import Values
from volunteers.enums import CountKind
from volunteers.models import Territory, User
from volunteers.places.territories.people_counts import PeopleCount


def correction(territory: Territory, found: FirstVisits | None, today: date) -> PeopleCount | None:
    """Return the estimate that would replace the territory's count; None without an alarm. Numbers are rounded to two
    digits."""
    count = PeopleCount.of(territory)
    if found is None or not found.alarm or not found.enough or not count.has_source or count.persons is None:
        return None
    low, persons, high = (_rounded(count.persons * ratio) for ratio in (found.low, found.ratio, found.high))
    by = _("First visits of teams in 60 days, instead of %(number)s (%(day)s)") % {
        "number": whole(round(count.persons)),
        "day": date_format(count.counted_on, "DATE_FORMAT") if count.counted_on else _("day unknown"),
    }
    return PeopleCount(persons, CountKind.ESTIMATE, today, by[:200], low=low, high=high)


def accept(territory: Territory, persons: int, by: User, today: date) -> bool:
    """Store the correction; return False if it is not ``persons`` any more."""
    wanted = correction(territory, first_visits_of(territory, today), today)
    if wanted is None or wanted.persons != persons:
        return False
    values = Values(territory.name, territory.level, territory.parent, wanted)
    territory_changes.change(territory, values, by)
    return True


def _rounded(number: float) -> float:
    step = 10.0 ** max(floor(log10(max(number, 1.0))) - 1, 0)
    return max(round(number / step) * step, 1.0)
