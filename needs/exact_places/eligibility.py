"""Who may take a need and see its exact place (docs/privacy.md). Everybody else can only offer help.

A person may take a need if they are a member of an association, if an association vouches for them, or if a dispatcher
allowed their offer for this need. A crisis event can allow more: while it runs, a confirmed telephone number is enough
to take its needs in those territories of its area whose own coordinators agreed to that.
"""

from datetime import UTC, datetime

from django.contrib.gis.geos import Point
from django.db.models import Exists, OuterRef
from django.utils import timezone

from needs.commitments.refusals import Refusal, Refused
from needs.enums import CommitmentState, OutcomeReason
from needs.exact_places import days
from needs.models import Commitment, CommitmentQuerySet, Crisis, HelpOffer, Need, PlaceView
from solidarity.lib import grid
from solidarity.lib.database.kept_query import KeptValues
from volunteers.associations.vouching import is_vouched
from volunteers.models import NotificationSettings, User
from volunteers.territories import duties

VISITS = (OutcomeReason.NOT_FOUND, OutcomeReason.REFUSED, OutcomeReason.UNSAFE, OutcomeReason.POSTPONED)
"""Reasons for giving a need back that imply a visit to the place, or to most places of a tour."""
GIVE_BACKS = 2
"""Number of give-backs after which a person cannot take needs until the next day. See :func:`give_backs_today`."""


def may_take(user: User, need: Need, *, allowed: bool | None = None) -> bool:
    """Whether a person may take a need and, while they hold it, see its exact place.

    allowed: whether a dispatcher allowed their offer for this need. None reads it.
    """
    return (
        is_vouched(user)
        or (HelpOffer.objects.allowed().filter(need=need.pk, user=user).exists() if allowed is None else allowed)
        or _phone_is_enough(user, need)
    )


def _phone_is_enough(user: User, need: Need) -> bool:
    """Whether the need's event allows this person to take the need because their telephone number is confirmed.

    The event must be running, its area must cover the centre of the need's cell, and the territory of the cell must
    have agreed; the exact place is not compared.
    """
    if need.crisis_id is None or need.cell is None:
        return False
    territory = duties.territory_of(need.cell)
    if territory is None or not NotificationSettings.objects.filter(user=user).exclude(phone=None).exists():
        return False
    latitude, longitude = grid.centre(need.cell)
    running = Crisis.objects.running(timezone.now()).filter(
        pk=need.crisis_id, agreements__territory=territory, agreements__phone_is_enough=True
    )
    return running.filter(area__covers=Point(longitude, latitude, srid=4326)).exists()


def check_may_hold(user: User, need: Need) -> None:
    """Raise Refused: NOT_VOUCHED if the person may not take the need, PAUSED after too many give-backs today."""
    if not may_take(user, need):
        raise Refused(Refusal.NOT_VOUCHED)
    if is_paused(user):
        raise Refused(Refusal.PAUSED)


def is_paused(user: User) -> bool:
    """Whether a person cannot take needs until tomorrow."""
    start, end = days.bounds_of(days.today())
    return len(_GIVE_BACKS.rows(user=user.pk, start=start, end=end)) >= GIVE_BACKS


def give_backs_today(user: User) -> CommitmentQuerySet:
    """Return the commitments that a person gave back today after opening the place but without going there."""
    return _give_backs(user.pk, *days.bounds_of(days.today()))


def _give_backs(user: int, start: datetime, end: datetime) -> CommitmentQuerySet:
    given_back = Commitment.objects.filter(volunteer=user, state=CommitmentState.WITHDRAWN, ended_at__gte=start)
    opened = PlaceView.objects.filter(user=user, need=OuterRef("need"))
    return given_back.filter(Exists(opened), ended_at__lt=end).exclude(reason__in=VISITS)


_GIVE_BACKS = KeptValues(
    {"user": -1, "start": datetime(2000, 1, 1, tzinfo=UTC), "end": datetime(2000, 1, 2, tzinfo=UTC)},
    lambda user, start, end: _give_backs(user, start, end).order_by().values_list("pk"),
)
