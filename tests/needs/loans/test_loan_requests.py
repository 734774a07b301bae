"""Asking for an item: limits, waiting list, links to needs and associations."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.enums import NeedState
from needs.help.commitments import taking
from needs.models import Loan, Need
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_clock, loan_protection, loan_requests, loan_steps, need_items
from needs.neighbours.loans.loan_refusals import LoanRefusal, LoanRefused
from needs.neighbours.loans.loan_requests import LoanDraft
from tests import filing_verbs
from tests.needs.loans.loan_cases import HERE, agreed, asked, day, handed_over, item_of, place_at
from tests.support import Cast
from tests.together import tried
from volunteers.models import Notification
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db


def need_of(kinds: list[str], state: NeedState = NeedState.OPEN) -> Need:
    draft = NeedDraft(at=timezone.now(), place=DraftPlace(*HERE), kinds=kinds)
    filing_verbs.report_need(draft, state=state)
    return Need.objects.get(pk=draft.id)


@pytest.mark.parametrize(("first", "last"), [(-1, 2), (3, 2), (0, 90), (170, 181)])
def test_days_that_cannot_be_are_refused(cast: Cast, first: int, last: int) -> None:
    with pytest.raises(LoanRefused) as refused:
        asked(item_of(cast.greta), cast.alice, first, last)
    assert refused.value.refusal is LoanRefusal.DAYS


def test_what_is_unlisted_removed_gone_or_ones_own_cannot_be_asked_for(cast: Cast) -> None:
    hidden = [
        item_of(cast.greta, listed=False), item_of(cast.greta, removed_at=timezone.now()), item_of(cast.greta, 0),
    ]  # fmt: skip
    for item in hidden:
        with pytest.raises(LoanRefused) as refused:
            asked(item, cast.alice)
        assert refused.value.refusal is LoanRefusal.NOT_LENT
    with pytest.raises(LoanRefused) as refused:
        asked(item_of(cast.maraude), cast.bob)
    assert refused.value.refusal is LoanRefusal.OWN_ITEM


def test_a_flood_of_requests_is_limited_also_by_cancelling_and_asking_again(cast: Cast) -> None:
    items = [item_of(cast.greta) for _each in range(loan_requests.MOST_ASKED + 1)]
    loans = [asked(item, cast.alice) for item in items[:-1]]
    with pytest.raises(LoanRefused) as refused:
        asked(items[-1], cast.alice)
    assert refused.value.refusal is LoanRefusal.TOO_MANY_ASKED
    number = len(loans)
    while number < loan_requests.MOST_A_DAY:
        loan_steps.move(loans.pop().pk, LoanState.CANCELLED, cast.alice)
        loans.append(asked(items[-1], cast.alice, number + 1, number + 2))
        number += 1
    loan_steps.move(loans.pop().pk, LoanState.CANCELLED, cast.alice)
    with pytest.raises(LoanRefused):
        asked(items[-1], cast.alice, 60, 61)


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_do_not_pass_the_limit(cast: Cast) -> None:
    items = [item_of(cast.greta) for _each in range(loan_requests.MOST_ASKED + 3)]
    tried([partial(asked, item, cast.alice) for item in items], LoanRefused)
    assert Loan.objects.count() == loan_requests.MOST_ASKED


def test_a_person_who_was_declined_cannot_press_the_owner_for_a_week(cast: Cast) -> None:
    item = item_of(cast.greta)
    loan = asked(item, cast.alice)
    loan_steps.move(loan.pk, LoanState.DECLINED, cast.greta)
    with pytest.raises(LoanRefused) as refused:
        asked(item, cast.alice, 20, 21)
    assert refused.value.refusal is LoanRefusal.NOT_LENT
    Loan.objects.update(changed_at=timezone.now() - timedelta(days=8))
    asked(item, cast.alice, 20, 21)


def test_the_first_who_waits_is_told_and_proposed_when_the_days_are_free(cast: Cast) -> None:
    item = item_of(cast.greta)
    kept = agreed(item, cast.alice, cast.greta)
    first, second = asked(item, cast.bob), asked(item, cast.edith)
    assert {first.state, second.state} == {LoanState.WAITING}
    assert loan_clock.advance_waiting() == 0
    loan_steps.move(kept.pk, LoanState.CANCELLED, cast.alice)
    assert loan_clock.advance_waiting() == 1
    assert loan_clock.advance_waiting() == 0, "the second waits for the owner's answer to the first"
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (LoanState.ASKED, LoanState.WAITING)
    assert Notification.objects.filter(user=cast.bob, key__startswith="loan-next").count() == 1
    loan_steps.move(first.pk, LoanState.DECLINED, cast.greta)
    assert loan_clock.advance_waiting() == 1


def test_a_need_is_tied_only_by_those_who_work_on_it(cast: Cast) -> None:
    need, item = need_of(["transport"]), item_of(cast.greta)
    for stranger in (cast.edith, cast.greta, cast.alice, cast.bob):
        with pytest.raises(Need.DoesNotExist):
            loan_requests.ask(Viewer(stranger), item.pk, LoanDraft(day(1), day(2), need=need.pk))
    assert loan_requests.ask(Viewer(cast.carol), item.pk, LoanDraft(day(1), day(2), need=need.pk)).need == need
    taking.take(need, cast.alice)
    assert loan_requests.ask(Viewer(cast.alice), item.pk, LoanDraft(day(4), day(5), need=need.pk)).need == need


def test_things_near_a_need_are_found_by_cell_with_bands_and_without_the_readers_own(cast: Cast) -> None:
    need = need_of(["transport"])
    for at in (HERE, (48.866, 2.366)):
        item_of(cast.greta, at=at)
    item_of(cast.maraude)
    item_of(cast.greta, category="tent")
    item_of(cast.greta, at=(49.5, 2.35))
    [found] = need_items.near_need(Viewer(cast.carol), need)
    assert (found.category, found.free, [row.band for row in found.items]) == ("stroller", 2, [0, 1])
    handed_over(found.items[0].item, cast.alice, cast.greta)
    [found] = need_items.near_need(Viewer(cast.carol), need)
    assert found.free == 1


def test_what_was_handed_over_meets_the_need_of_its_holder_once(cast: Cast) -> None:
    need = need_of(["transport", "food"])
    own = taking.take(need, cast.alice)
    loan = agreed(item_of(cast.greta), cast.alice, cast.greta, 0, 2, need=need.pk)
    assert need_items.can_meet(Viewer(cast.alice), loan) == []
    loan_steps.move(loan.pk, LoanState.HANDED_OVER, cast.alice)
    loan.refresh_from_db()
    assert need_items.can_meet(Viewer(cast.edith), loan) == []
    assert need_items.meet(Viewer(cast.alice), loan) == ["transport"]
    need.refresh_from_db()
    own.refresh_from_db()
    assert (need.met_kinds, need.state, own.state) == (["transport"], NeedState.PARTLY_MET, "done")
    with pytest.raises(LoanRefused):
        need_items.meet(Viewer(cast.alice), Loan.objects.get())


def test_a_dispatcher_closes_a_need_only_if_the_loan_meets_all_that_is_left(cast: Cast) -> None:
    whole, more = need_of(["transport"]), need_of(["transport", "food"])
    for need, kinds in ((whole, ["transport"]), (more, [])):
        loan = handed_over(item_of(cast.greta), cast.carol, cast.greta, need=need.pk)
        assert need_items.can_meet(Viewer(cast.carol), loan) == kinds
        if kinds:
            need_items.meet(Viewer(cast.carol), loan)
    whole.refresh_from_db()
    more.refresh_from_db()
    assert (whole.state, more.state) == (NeedState.MET, NeedState.OPEN)


def test_an_association_borrows_for_somebody_without_an_account_and_its_members_bring_it_back(cast: Cast) -> None:
    loan = agreed(item_of(cast.greta), cast.bob, cast.greta, 0, 2, association=cast.maraude)
    loan_steps.move(loan.pk, LoanState.HANDED_OVER, cast.carol)
    assert list(Loan.objects.borrowed_by(cast.carol)) == [loan]
    assert not Loan.objects.borrowed_by(cast.edith).exists()
    cast.bob.memberships.update(left_at=timezone.now())
    assert not Loan.objects.of(cast.bob).exists()


def test_a_blocked_person_is_refused_in_the_same_words_as_for_a_thing_that_is_not_lent(cast: Cast) -> None:
    item, other = item_of(cast.greta), item_of(cast.greta)
    loan, open_request = agreed(item, cast.alice, cast.greta), asked(other, cast.alice)
    loan_protection.block(loan, cast.greta)
    loan.refresh_from_db()
    open_request.refresh_from_db()
    assert (loan.state, open_request.state) == (LoanState.CANCELLED, LoanState.DECLINED)
    with pytest.raises(LoanRefused) as refused:
        asked(other, cast.alice, 40, 41)
    assert refused.value.refusal is LoanRefusal.NOT_LENT
    mine = item_of(cast.alice)
    with pytest.raises(LoanRefused):
        asked(mine, cast.greta)


def test_only_places_of_the_guide_with_a_public_address_are_meeting_places(cast: Cast) -> None:
    hidden, closed = place_at(HERE, address_hidden=True), place_at(HERE, closed_at=timezone.now())
    shelter, good = place_at(HERE, kinds=["shelter"]), place_at(HERE)
    for place in (hidden, closed, shelter):
        with pytest.raises(LoanRefused) as refused:
            asked(item_of(cast.greta), cast.alice, place=place)
        assert refused.value.refusal is LoanRefusal.WRONG_PLACE
    assert asked(item_of(cast.greta), cast.alice, place=good).place == good
