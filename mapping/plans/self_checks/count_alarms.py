"""Counts that do not fit what teams find: the card on the home page of coordinators, and one notification for each count."""

from datetime import date, timedelta
from functools import partial

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mapping.models import CheckedDay
from mapping.plans.self_checks import first_visit_wording, past_checks
from mapping.plans.self_checks.first_visits import WINDOW_DAYS, FirstVisits
from volunteers.enums import Topic
from volunteers.models import Territory
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import people_counts
from volunteers.places.territories.duties import coordinators_of
from volunteers.places.territories.people_counts import PeopleCount


def doubted(territories: QuerySet[Territory], today: date) -> list[tuple[Territory, FirstVisits]]:
    """Return the territories whose own count does not fit what teams find, by path, with their first visits."""
    visited = CheckedDay.objects.filter(day__gte=today - timedelta(days=2 * WINDOW_DAYS)).exclude(first_visits=[])
    if not visited.exists():
        return []
    owners = {one.owner for one in people_counts.counts_in_force().values()}
    found = []
    for territory in territories.filter(pk__in=owners).defer("polygon").order_by("path"):
        visits = past_checks.first_visits_of(territory, today)
        if visits is not None and visits.alarm and visits.enough:
            found.append((territory, visits))
    return found


def tell_coordinators() -> int:
    """Notify the coordinators of each territory whose count does not fit what teams find, once for each count. Return the
    number of new notifications."""
    found = doubted(Territory.objects.all(), timezone.localdate())
    return sum(
        notify(coordinators_of(territory), Topic.DESK, _key(territory), partial(_words, territory, visits))
        for territory, visits in found
    )


def _key(territory: Territory) -> str:
    entered = PeopleCount.of(territory).entered_at
    return f"count-doubted:{territory.pk}:{entered.isoformat() if entered else ''}"


def _words(territory: Territory, visits: FirstVisits) -> Message:
    return Message(
        _("The count of %(name)s does not fit") % {"name": territory.name},
        first_visit_wording.verdict_of(visits),
        reverse("mapping:checks", args=[territory.slug]),
    )
