"""Blocking a person works in both directions, and the blocked person learns nothing."""

import pytest
from django.urls import reverse

from needs.conversations.moderation import person_blocks
from needs.doors.retention import own_data
from needs.help.matching import candidates
from needs.models import Item, Offer, PersonBlock
from needs.neighbours.giving import offer_changes, offer_requests
from needs.neighbours.giving.giving_refusals import GivingRefused
from solidarity.lib import grid
from tests.needs.lending.lending_cases import NORD, give
from tests.needs.loans.loan_cases import item_of
from tests.support import Cast, SignedIn
from volunteers.models import Notification, Profile

pytestmark = pytest.mark.django_db


def test_both_directions_are_blocked_until_the_block_ends(cast: Cast) -> None:
    assert not person_blocks.is_blocked(cast.alice, cast.bob)
    person_blocks.block(cast.alice, cast.bob, "item")
    assert person_blocks.is_blocked(cast.alice, cast.bob) and person_blocks.is_blocked(cast.bob, cast.alice)
    assert not person_blocks.is_blocked(cast.alice, cast.greta) and not person_blocks.is_blocked(None, cast.bob)
    block = PersonBlock.objects.get()
    assert not person_blocks.unblock(cast.bob, block.pk)
    assert person_blocks.unblock(cast.alice, block.pk)
    assert not person_blocks.is_blocked(cast.bob, cast.alice)


def test_a_blocked_person_asks_for_nothing_and_is_proposed_to_nobody(cast: Cast) -> None:
    person_blocks.block(cast.greta, cast.bob, "offer")
    gift = give(cast.greta)
    with pytest.raises(GivingRefused) as refused:
        offer_requests.ask(gift.pk, cast.bob, 1)
    Offer.objects.filter(pk=gift.pk).update(closed_at=gift.made_at)
    with pytest.raises(GivingRefused) as gone:
        offer_requests.ask(gift.pk, cast.bob, 1)
    assert refused.value.words == gone.value.words  # the same as for an offer that is over
    assert not list(offer_changes.near(cast.bob, grid.cell_of(*NORD)))
    profile = Profile.objects.get_or_create(user=cast.bob, defaults={"radius": 1000})[0]
    rows = candidates.with_last_asked(candidates.with_load(Profile.objects.filter(pk=profile.pk), gift.made_at))
    [facts] = candidates.volunteer_facts(list(rows), gift.made_at)
    assert facts.apart == {cast.greta.pk}


def test_the_blocked_person_is_not_told_and_finds_no_trace(cast: Cast, signed_in: SignedIn) -> None:
    item = item_of(cast.bob)
    client = signed_in(cast.alice)
    thanks = client.get(reverse("needs:content_reported", args=["item", item.pk])).content.decode()
    assert reverse("needs:block_author", args=["item", item.pk]) in thanks
    page = client.post(reverse("needs:block_author", args=["item", item.pk]), follow=True).content.decode()
    assert "Bob" not in page and cast.bob.email not in page  # a block does not reveal who wrote
    assert not Notification.objects.filter(user=cast.bob).exists()
    assert "PersonBlock" not in str(own_data.of_account(cast.bob))
    assert "PersonBlock" in str(own_data.of_account(cast.alice))
    assert Item.objects.listed().filter(pk=item.pk).exists()
    other = PersonBlock.objects.get()
    assert signed_in(cast.bob).post(reverse("needs:unblock_person", args=[other.pk])).status_code == 404
