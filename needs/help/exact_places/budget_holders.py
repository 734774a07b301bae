"""The people for whom a reader can raise the budget of exact places, and the number of places that they opened
today."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from needs.base.dispatch_scope import scope
from needs.base.dispatch_scope.guards import dispatched
from needs.enums import CommitmentState
from needs.help.exact_places import budget, days, eligibility
from needs.help.exact_places.budget import Budget
from needs.models import Commitment, PlaceView
from volunteers.models import Association, Membership, User, Vouch
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.vouching.vouching import associations_of
from volunteers.places.territories import duties

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A person who opened places today. associations: names of the associations to which the person belongs and of the
    associations that vouch for them. raisable: whether the reader can raise the person's budget."""

    person: User
    associations: Sequence[str]
    budget: Budget
    paused: bool
    raisable: bool


def people_for(viewer: Viewer) -> QuerySet[User]:
    """Return the people for whom a viewer can raise the budget, except the viewer: people who hold a need in a territory
    where the viewer dispatches, or who opened the place of a need there today. Raises Http404 for others."""
    user = viewer.user_or_404
    if not duties.is_dispatcher(user):
        raise Http404
    return User.objects.filter(_here(viewer), is_active=True).exclude(pk=user.pk)


def seen_by(viewer: Viewer) -> QuerySet[User]:
    """Return the people whose number of opened places a viewer may read: those of :func:`people_for`, and for a dispatcher
    of an association its people. Raises Http404 for non-dispatchers."""
    user = viewer.user_or_404
    own = dispatched(user)
    if not own.exists() and not duties.is_dispatcher(user):
        raise Http404
    member = Membership.objects.current().filter(user=OuterRef("pk"), association__in=own)
    vouched = Vouch.objects.current().filter(user=OuterRef("pk"), association__in=own)
    found = _here(viewer) | Q(Exists(member)) | Q(Exists(vouched))
    return User.objects.filter(found, is_active=True).exclude(pk=user.pk)


def _here(viewer: Viewer) -> Q:
    needs = scope.needs_for(viewer).order_by().values("pk")
    opened = PlaceView.objects.filter(user=OuterRef("pk"), day=days.today(), need__in=needs)
    holds = Commitment.objects.filter(volunteer=OuterRef("pk"), state=CommitmentState.ACTIVE, need__in=needs)
    return Q(Exists(opened)) | Q(Exists(holds))


def opened_today(viewer: Viewer) -> list[Row]:
    """Return the people of :func:`seen_by` who opened a place today, sorted by name and not by number, so that there
    is no ranking."""
    views = PlaceView.objects.filter(user=OuterRef("pk"), day=days.today())
    people = seen_by(viewer).filter(Exists(views)).order_by("display_name", "pk")[:MOST_ROWS]
    dispatches = duties.is_dispatcher(viewer.user_or_404)
    raisable = set(people_for(viewer).values_list("pk", flat=True)) if dispatches else set()
    return [
        Row(
            person, _associations(person), budget.budget_of(person), eligibility.is_paused(person), person.pk in raisable
        )
        for person in people
    ]  # fmt: skip


def _associations(person: User) -> list[str]:
    own = Association.objects.filter(pk__in=associations_of(person))
    return list(own.values_list("name", flat=True))
