"""Asking for what others give: the table of states, races, undo, and the need that it answers."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.utils import timezone

from needs.doors.retention import erasure
from needs.enums import NeedState
from needs.help.commitments import taking
from needs.models import Aid, Commitment, Offer, OfferRequest
from needs.neighbours.giving import offer_changes, offer_requests
from needs.neighbours.giving.giving_refusals import GivingRefusal, GivingRefused
from needs.neighbours.giving.offer_kinds import OfferRequestState as State
from tests.needs.commitments.commitment_cases import ReportNeed
from tests.needs.lending.lending_cases import give
from tests.support import Cast
from tests.together import tried
from volunteers.enums import Topic
from volunteers.models import Notification


@pytest.fixture
def meals(cast: Cast) -> Offer:
    return give(cast.edith)


def refusal(verb: object, *args: object, **more: object) -> GivingRefusal | None:
    try:
        verb(*args, **more)  # type: ignore[operator]
    except GivingRefused as caught:
        return caught.refusal
    return None


def state(row: OfferRequest) -> str:
    row.refresh_from_db()
    return row.state


def test_a_request_is_agreed_and_given_and_both_sides_hear_of_it(cast: Cast, meals: Offer) -> None:
    row = offer_requests.ask(meals.pk, cast.alice, 3)
    offer_requests.agree(row.pk, cast.edith, "at the station, 20:00")
    assert offer_requests.left_of(meals) == 2
    offer_requests.give(row.pk, cast.edith)
    assert state(row) == State.GIVEN and offer_requests.left_of(meals) == 2
    told = Notification.objects.filter(topic=Topic.LENDING).order_by("pk")
    assert [note.user_id for note in told] == [cast.edith.pk, cast.alice.pk]
    assert not any("station" in note.body + note.title for note in told)


@pytest.mark.parametrize("after", list(offer_requests.TRANSITIONS))
def test_every_step_that_the_table_does_not_allow_is_refused(cast: Cast, meals: Offer, after: State) -> None:
    verbs = {
        State.AGREED: lambda key: offer_requests.agree(key, cast.edith),
        State.DECLINED: lambda key: offer_requests.decline(key, cast.edith),
        State.GIVEN: lambda key: offer_requests.give(key, cast.edith),
        State.CANCELLED: lambda key: offer_requests.cancel(key, cast.alice),
    }
    row = offer_requests.ask(meals.pk, cast.alice, 1)
    for before in State:
        OfferRequest.objects.filter(pk=row.pk).update(state=before)
        allowed = before in offer_requests.TRANSITIONS[after]
        assert refusal(verbs[after], row.pk) == (None if allowed else GivingRefusal.CHANGED), before


def test_the_document_has_the_same_table() -> None:
    text = (settings.ROOT / "docs" / "offers.md").read_text()
    found = re.findall(r"^\| (\w+) \| (\w+) \|$", text, re.MULTILINE)
    rows = {(before, after) for before, after in found if before in State.values}
    drawn = set(re.findall(r"^    (\w+) --> (\w+):", text, re.MULTILINE))
    table = {(str(before), str(after)) for after, befores in offer_requests.TRANSITIONS.items() for before in befores}
    assert rows == drawn == table


def test_only_the_two_sides_can_make_a_step(cast: Cast, meals: Offer) -> None:
    row = offer_requests.ask(meals.pk, cast.alice, 1)
    for verb in (offer_requests.agree, offer_requests.decline):
        assert refusal(verb, row.pk, cast.alice) is GivingRefusal.CHANGED, "who asks cannot answer"
        assert refusal(verb, row.pk, cast.bob) is GivingRefusal.CHANGED
    assert refusal(offer_requests.cancel, row.pk, cast.edith) is GivingRefusal.CHANGED, "they decline instead"
    offer_requests.agree(row.pk, cast.edith)
    for verb in (offer_requests.give, offer_requests.cancel):
        assert refusal(verb, row.pk, cast.bob) is GivingRefusal.CHANGED


def test_what_nobody_may_ask(cast: Cast, meals: Offer) -> None:
    ask = offer_requests.ask
    assert refusal(ask, meals.pk, cast.edith, 1) is GivingRefusal.OWN
    assert [refusal(ask, meals.pk, cast.alice, number) for number in (0, 6)] == [GivingRefusal.NOT_ENOUGH] * 2
    ask(meals.pk, cast.alice, 1)
    assert refusal(ask, meals.pk, cast.alice, 1) is GivingRefusal.ASKED_BEFORE
    Offer.objects.filter(pk=meals.pk).update(expires_at=timezone.now())
    assert refusal(ask, meals.pk, cast.bob, 1) is GivingRefusal.OVER


def test_one_person_cannot_ask_everybody_for_everything(cast: Cast) -> None:
    offers = [give(cast.edith if number % 2 else cast.bob) for number in range(offer_requests.MOST_WAITING + 1)]
    for offer in offers[:-1]:
        offer_requests.ask(offer.pk, cast.alice, 1)
    assert refusal(offer_requests.ask, offers[-1].pk, cast.alice, 1) is GivingRefusal.MANY_REQUESTS


def test_asking_and_cancelling_in_a_loop_sends_few_messages(cast: Cast, meals: Offer) -> None:
    """Attack: flood somebody who gives with messages."""
    for _each in range(offer_requests.MOST_FOR_ONE):
        offer_requests.cancel(offer_requests.ask(meals.pk, cast.alice, 1).pk, cast.alice)
    assert refusal(offer_requests.ask, meals.pk, cast.alice, 1) is GivingRefusal.ASKED_BEFORE
    assert Notification.objects.filter(user=cast.edith).count() == 2 * offer_requests.MOST_FOR_ONE


@pytest.mark.django_db(transaction=True)
def test_of_eight_answers_at_once_no_more_is_promised_than_there_is(cast: Cast) -> None:
    offer = give(cast.edith, quantity=5)
    people = [cast.alice, cast.bob, cast.carol, cast.diane]
    rows = [offer_requests.ask(offer.pk, person, 2) for person in people]
    answers = [partial(offer_requests.agree, row.pk, cast.edith) for row in rows for _twice in (1, 2)]
    outcomes = tried(answers, GivingRefused)
    refused = [each.refusal for each in outcomes if isinstance(each, GivingRefused)]
    assert len(refused) == 6 and set(refused) <= {GivingRefusal.NOT_ENOUGH, GivingRefusal.CHANGED}
    assert offer_requests.left_of(offer) == 1


def test_declining_and_closing_can_be_undone_before_anybody_is_told(cast: Cast, meals: Offer) -> None:
    first, second = (offer_requests.ask(meals.pk, person, 1) for person in (cast.alice, cast.bob))
    offer_requests.decline(first.pk, cast.edith)
    assert offer_requests.undo_decline(first.pk, cast.edith) and state(first) == State.ASKED
    at = offer_changes.close(meals)
    assert (state(first), state(second)) == (State.DECLINED, State.DECLINED)
    assert not offer_changes.undo_close(meals.pk, cast.alice, at), "only who gives can"
    assert offer_changes.undo_close(meals.pk, cast.edith, at)
    assert (state(first), state(second)) == (State.ASKED, State.ASKED)
    assert not Notification.objects.filter(user__in=(cast.alice, cast.bob)).exists()


def test_what_was_agreed_stays_when_the_offer_closes_and_goes_with_the_account(cast: Cast, meals: Offer) -> None:
    row = offer_requests.ask(meals.pk, cast.alice, 1)
    offer_requests.agree(row.pk, cast.edith)
    offer_changes.close(meals)
    assert state(row) == State.AGREED
    erasure.erase_account(cast.edith)
    assert not Offer.objects.exists() and not OfferRequest.objects.exists()


def test_what_is_given_for_a_need_meets_its_kind_as_aid(cast: Cast, meals: Offer, report_need: ReportNeed) -> None:
    need = report_need(kinds=["food", "blanket"])
    row = offer_requests.ask(meals.pk, cast.bob, 2, need=need, association=cast.maraude)
    offer_requests.agree(row.pk, cast.edith)
    offer_requests.give(row.pk, cast.bob)
    need.refresh_from_db()
    assert (need.state, need.met_kinds) == (NeedState.PARTLY_MET, ["food"])
    assert Aid.objects.get(need=need).given == ["food"]


def test_who_holds_several_kinds_keeps_the_others(cast: Cast, meals: Offer, report_need: ReportNeed) -> None:
    need = report_need(kinds=["food", "blanket", "tent"])
    taking.take(need, cast.bob, kinds=["food", "blanket"])
    row = offer_requests.ask(meals.pk, cast.bob, 1, need=need)
    offer_requests.agree(row.pk, cast.edith)
    offer_requests.give(row.pk, cast.bob)
    running = Commitment.objects.held_by(cast.bob, timezone.now()).get()
    assert [part.kind for part in running.parts.filter(held=True)] == ["blanket"]
    need.refresh_from_db()
    assert need.met_kinds == ["food"]


def test_when_more_is_needed_the_need_stays_open(cast: Cast, meals: Offer, report_need: ReportNeed) -> None:
    need = report_need(kinds=["food"])
    row = offer_requests.ask(meals.pk, cast.bob, 1, need=need)
    offer_requests.agree(row.pk, cast.edith)
    offer_requests.give(row.pk, cast.bob, met=False)
    need.refresh_from_db()
    assert (state(row), need.state) == (State.GIVEN, NeedState.OPEN)


def test_who_gives_cannot_close_a_need_by_saying_that_they_gave(
    cast: Cast, meals: Offer, report_need: ReportNeed
) -> None:
    """Attack: an account offers things, agrees to everything and makes needs disappear from the list."""
    need = report_need(kinds=["food"])
    row = offer_requests.ask(meals.pk, cast.bob, 1, need=need)
    offer_requests.agree(row.pk, cast.edith)
    assert refusal(offer_requests.give, row.pk, cast.edith) is GivingRefusal.ONLY_ASKER
    need.refresh_from_db()
    assert (state(row), need.state) == (State.AGREED, NeedState.OPEN)


def test_an_offer_lasts_at_most_two_weeks(cast: Cast) -> None:
    offer = give(cast.bob, expires_at=timezone.now() + timedelta(days=400))
    assert offer.expires_at <= timezone.now() + offer_changes.LONGEST
