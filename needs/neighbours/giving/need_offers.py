"""Offers near a need that could answer it. Distances are from the need's cell to the offer's cell."""

import uuid
from collections.abc import Collection

from needs.base.dispatch_scope import scope
from needs.help.commitments.taking import free_kinds
from needs.help.exact_places import eligibility
from needs.help.nearby import nearby
from needs.models import Commitment, Need
from needs.neighbours.giving import offer_changes
from needs.neighbours.giving.offer_changes import FoundOffer
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties

WITHIN = 10_000
"""Maximum distance in metres of the offers that are shown with a need."""
MOST_SHOWN = 5


def offers_for(need: Need, user: User) -> list[FoundOffer]:
    """Return the nearest offers of a kind that the need still asks for; none for a need without a cell.

    If the person takes care of the need, the kinds that the person holds still count as asked for.
    """
    return offers_of(need, {*free_kinds(need), *_held_by(need, user)}, user)


def offers_of(need: Need, kinds: Collection[str], user: User) -> list[FoundOffer]:
    """Return the nearest offers of some kinds; none for a need without a cell."""
    if need.cell is None or not kinds:
        return []
    return offer_changes.near(user, need.cell, categories=kinds, within=WITHIN, most=MOST_SHOWN)


def _held_by(need: Need, user: User) -> list[str]:
    own = Commitment.objects.of(user).filter(need=need, parts__held=True)
    return list(own.values_list("parts__kind", flat=True))


def need_to_ask_for(viewer: Viewer, need: uuid.UUID) -> Need:
    """Return a need that a person may ask for: they take care of it, could take it, or dispatch it.

    Raises Need.DoesNotExist or Http404 for any other need.
    """
    user = viewer.user_or_404
    if duties.dispatches(viewer) and (found := scope.needs_for(viewer).filter(pk=need).first()):
        return found
    found = nearby.open_need(viewer, need)
    if not eligibility.may_take(user, found):
        raise Need.DoesNotExist
    return found
