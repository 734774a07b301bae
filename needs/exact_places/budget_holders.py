"""The people for whom a reader can raise the budget of exact places, and the number of places that they opened
today."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from needs.desk import scope
from needs.enums import CommitmentState
from needs.exact_places import budget, days, eligibility
from needs.exact_places.budget import Budget
from needs.guards import dispatched
from needs.models import Commitment, PlaceView
from volunteers.accounts.viewer import Viewer
from volunteers.associations.vouching import associations_of
from volunteers.models import Association, Membership, User, Vouch
from volunteers.territories import duties

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A person who opened places today. associations: names of the associations to which the person belongs and of the
    associations that vouch for them."""

    person: User
    associations: Sequence[str]
    budget: Budget
    paused: bool


def people_for(viewer: Viewer) -> QuerySet[User]:
    """Return the people for whom a viewer can raise the budget, except the viewer. Raises Http404 for non-dispatchers.

    A dispatcher of an association can raise it for the association's members and for people for whom it vouches. A
    dispatcher of a territory can raise it for people who hold a need there, or who opened the place of a need there
    today.
    """
    user = viewer.user_or_404
    own = dispatched(user)
    if not own.exists() and not duties.is_dispatcher(user):
        raise Http404
    needs = scope.needs_for(viewer).order_by().values("pk")
    opened = PlaceView.objects.filter(user=OuterRef("pk"), day=days.today(), need__in=needs)
    holds = Commitment.objects.filter(volunteer=OuterRef("pk"), state=CommitmentState.ACTIVE, need__in=needs)
    member = Membership.objects.current().filter(user=OuterRef("pk"), association__in=own)
    vouched = Vouch.objects.current().filter(user=OuterRef("pk"), association__in=own)
    found = Q(Exists(opened)) | Q(Exists(holds)) | Q(Exists(member)) | Q(Exists(vouched))
    return User.objects.filter(found, is_active=True).exclude(pk=user.pk)


def opened_today(viewer: Viewer) -> list[Row]:
    """Return the people of :func:`people_for` who opened a place today, sorted by name and not by number, so that there
    is no ranking."""
    views = PlaceView.objects.filter(user=OuterRef("pk"), day=days.today())
    people = people_for(viewer).filter(Exists(views)).order_by("display_name", "pk")[:MOST_ROWS]
    return [
        Row(person, _associations(person), budget.budget_of(person), eligibility.is_paused(person)) for person in people
    ]


def _associations(person: User) -> list[str]:
    own = Association.objects.filter(pk__in=associations_of(person))
    return list(own.values_list("name", flat=True))
