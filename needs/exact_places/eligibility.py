"""Who may take a need and see its exact place (docs/privacy.md). Everybody else offers to help.

That is: people for whom an association vouches, people whose offer for this need a dispatcher allowed, and, in the
area and time of a crisis event that says so, people with a confirmed telephone number.
"""

from django.contrib.gis.geos import Point
from django.db.models import Exists, OuterRef
from django.utils import timezone

from needs.commitments.refusals import Refusal, Refused
from needs.enums import CommitmentState, OutcomeReason
from needs.exact_places import days
from needs.models import Commitment, CommitmentQuerySet, Crisis, HelpOffer, Need, PlaceView
from solidarity.lib import grid
from volunteers.associations.vouching import is_vouched
from volunteers.models import NotificationSettings, User

VISITS = (OutcomeReason.NOT_FOUND, OutcomeReason.REFUSED, OutcomeReason.UNSAFE)
"""Reasons to give a need back that only somebody can give who went there."""
GIVE_BACKS = 2
"""Give-backs on one day, after opening the place and without a visit, that pause taking until the next day."""


def may_take(user: User, need: Need) -> bool:
    """Whether a person may take a need and, while they hold it, see its exact place."""
    return (
        is_vouched(user)
        or HelpOffer.objects.allowed().filter(need=need.pk, user=user).exists()
        or _phone_is_enough(user, need)
    )


def _phone_is_enough(user: User, need: Need) -> bool:
    """Whether the need's event lets people with a confirmed number help, here and now. It compares the cell only."""
    if need.crisis_id is None or need.cell is None:
        return False
    if not NotificationSettings.objects.filter(user=user).exclude(phone=None).exists():
        return False
    latitude, longitude = grid.centre(need.cell)
    running = Crisis.objects.running(timezone.now()).filter(pk=need.crisis_id, phone_is_enough=True)
    return running.filter(area__covers=Point(longitude, latitude, srid=4326)).exists()


def check_may_hold(user: User, need: Need) -> None:
    """Raise Refused: NOT_VOUCHED; PAUSED after too many give-backs today."""
    if not may_take(user, need):
        raise Refused(Refusal.NOT_VOUCHED)
    if is_paused(user):
        raise Refused(Refusal.PAUSED)


def is_paused(user: User) -> bool:
    """Whether a person cannot take needs until tomorrow."""
    return give_backs_today(user).count() >= GIVE_BACKS


def give_backs_today(user: User) -> CommitmentQuerySet:
    """Return the commitments that a person gave back today after opening the place, without a visit."""
    start, end = days.bounds_of(days.today())
    given_back = Commitment.objects.of(user).filter(state=CommitmentState.WITHDRAWN, ended_at__gte=start)
    opened = PlaceView.objects.filter(user=user, need=OuterRef("need"))
    return given_back.filter(Exists(opened), ended_at__lt=end).exclude(reason__in=VISITS)
