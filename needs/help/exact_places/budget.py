"""The budget of exact places: PLACES_PER_DAY for a person, PLACES_PER_TOUR for the crew of a running tour.

A place counts once per person, need and day. On all tours of a day together, a person may see at most PLACES_PER_TOUR
places, so starting several tours in one day gives no advantage. All people of an association together may see at most
PLACES_PER_ASSOCIATION places a day, on tours or not, so many accounts of one association give no advantage either.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.help.exact_places import days, desk_messages, eligibility
from needs.help.records.refusals import Refusal, Refused
from needs.models import BudgetRaise, Need, PlaceView, Tour
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.vouching import vouching
from volunteers.places.territories import work_areas

LONGEST_TOUR = timedelta(hours=12)
"""A tour that nobody ends is treated as running for at most this long after its start."""
MOST_EXTRA = 25
"""Maximum number of places by which a person's budget can be raised on one day."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A person's budget for one day.

    used, most: number of places opened and allowed. tour_used, tour_most: the same two numbers for the running tour, if
    any.
    """

    used: int
    most: int
    tour_used: int = 0
    tour_most: int = 0

    @property
    def left(self) -> int:
        return max(self.most - self.used, 0) + self.tour_left

    @property
    def tour_left(self) -> int:
        return max(self.tour_most - self.tour_used, 0)


def budget_of(user: User) -> Budget:
    """Return the number of places that a person has opened today, and the number that the person may open."""
    return _budget(user, days.today(), running_tour(user))


def _budget(user: User, day: date, tour: Tour | None, by: QuerySet[User] | None = None) -> Budget:
    """Return the budget with the raises of some people only, or with all raises for None."""
    views = PlaceView.objects.filter(user=user, day=day)
    most = settings.PLACES_PER_DAY + BudgetRaise.total(user.pk, day, by)
    used = views.filter(tour=None).count()
    if tour is None:
        return Budget(used, most)
    crew = PlaceView.objects.filter(tour=tour).values("need").distinct().count()
    own = views.exclude(tour=None).count()
    return Budget(used, most, max(crew, own), settings.PLACES_PER_TOUR)


def running_tour(user: User) -> Tour | None:
    """Return the open tour that a person started or has a seat in; None without one.

    The tour must be a tour of an association to which the person belongs or that vouches for them.
    """
    crew = Q(author=user) | Q(plan__taken__volunteer=user)
    since = timezone.now() - LONGEST_TOUR
    tours = Tour.objects.open().filter(crew, association__in=vouching.associations_of(user), at__gte=since)
    return tours.filter(at__lte=timezone.now()).order_by("-at").first()


def open_place(user: User, need: Need) -> None:
    """Count the opening of a need's exact place. Raise Refused: BUDGET, ASSOCIATION_BUDGET if a budget is used up.

    A raise counts only for the needs on which the dispatcher who gave it works. Call it in a transaction that has locked
    the need's row. Locks per person, tour and association keep parallel requests within the budgets.
    """
    with transaction.atomic():
        tour = running_tour(user)
        here = eligibility.associations_here(user, need)
        of_associations = [f"places:association:{association}" for association in here]
        lock([person_lock_name(user), *([f"places:tour:{tour.pk}"] if tour else []), *of_associations])
        day = days.today()
        if PlaceView.objects.filter(user=user, need=need, day=day).exists():
            return
        desk = scope.need_dispatchers(need)
        budget = _budget(user, day, tour, desk)
        if not budget.left:
            raise Refused(Refusal.BUDGET)
        ceilings = [_ceiling(association, need, day, desk) for association in here]
        ceiling = next((each for each in ceilings if each.left), None)
        if ceiling is None and ceilings and not eligibility.may_take_alone(user, need):
            raise Refused(Refusal.ASSOCIATION_BUDGET)
        PlaceView.objects.create(
            user=user, need=need, day=day, tour=tour if budget.tour_left else None,
            association_id=ceiling.association if ceiling else None,
        )  # fmt: skip
        if not budget.tour_left and budget.used + 1 == budget.most:
            _raise_alarm(user, need, day, budget.most)
        if ceiling and ceiling.left == 1 and not ceiling.counted:
            _raise_alarm_about_association(ceiling, need, day)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How many different places the people of an association opened on a day, and how many they may open together.

    association: its key. counted: whether the need in question is among the opened ones, so that it needs no room.
    """

    association: int
    used: int
    most: int
    counted: bool

    @property
    def left(self) -> int:
        return max(self.most - self.used, 1 if self.counted else 0)


def _ceiling(association: int, need: Need, day: date, desk: QuerySet[User]) -> Ceiling:
    """Return the ceiling of an association. The raises that the need's dispatchers gave its people raise it, too."""
    opened = set(PlaceView.objects.filter(association=association, day=day).values_list("need", flat=True))
    people = work_areas.people_of(Association.objects.get(pk=association)).values("pk")
    raises = BudgetRaise.objects.filter(user__in=people, day=day, by__in=desk).values_list("extra", flat=True)
    return Ceiling(association, len(opened), settings.PLACES_PER_ASSOCIATION + sum(raises), need.pk in opened)


def _raise_alarm_about_association(ceiling: Ceiling, need: Need, day: date) -> None:
    """Notify the dispatchers, once a day, that the people of an association used up its ceiling."""
    association = Association.objects.get(pk=ceiling.association)
    desk_messages.many_places_of(association, need, day)
    details = {"places": ceiling.most}
    recording.record(None, Verb.MANY_PLACES, "association", association.key, purpose=Purpose.CARE, details=details)


def person_lock_name(user: User) -> str:
    """Return the name of the advisory lock that protects the number of places of a person."""
    return f"places:{user.pk}"


def _raise_alarm(user: User, need: Need, day: date, opened: int) -> None:
    """Notify the dispatchers, once a day, that a person used up their budget."""
    desk_messages.many_places(user, need, day)
    recording.record(None, Verb.MANY_PLACES, "account", user.key, purpose=Purpose.CARE, details={"places": opened})


def raise_budget(user: User, extra: int, by: User) -> bool:
    """Let a person open more places today; return False if that exceeds MOST_EXTRA. The caller checks permission."""
    with transaction.atomic():
        lock([person_lock_name(user)])
        day = days.today()
        if BudgetRaise.total(user.pk, day) + extra > MOST_EXTRA:
            return False
        BudgetRaise.objects.create(user=user, day=day, extra=extra, by=by)
        details = {"places": extra}
        recording.record(by, Verb.BUDGET_RAISED, "account", user.key, purpose=Purpose.CARE, details=details)
    return True
