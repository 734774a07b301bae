"""Lending from the answer to the return: pieces, double booking, races, undo."""

from functools import partial

import pytest
from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateRange

from needs.models import ConditionNote, Loan, LoanedPiece
from needs.neighbours.lending import stock
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_steps, piece_calendar
from needs.neighbours.loans.loan_refusals import LoanRefusal, LoanRefused
from tests.needs.loans.loan_cases import GOOD, agreed, asked, day, handed_over, item_of
from tests.support import Cast
from tests.together import tried
from volunteers.models import Notification

pytestmark = pytest.mark.django_db


def test_a_loan_goes_from_the_question_to_the_return(cast: Cast) -> None:
    item = item_of(cast.greta)
    loan = handed_over(item, cast.alice, cast.greta)
    assert [note.moment for note in loan.condition_notes.all()] == ["out"]
    loan_steps.move(loan.pk, LoanState.RETURNED, cast.greta, seen=loan_steps.ConditionDraft("worn", "a wheel is loose"))
    loan.refresh_from_db()
    assert loan.state == LoanState.RETURNED and loan.ended_at is not None
    assert [step.state for step in loan.steps.all()] == ["asked", "agreed", "handed_over", "returned"]
    assert ConditionNote.objects.get(moment="back").text == "a wheel is loose"
    assert not LoanedPiece.objects.exists()


def test_no_piece_is_lent_twice_on_a_day_but_each_piece_once(cast: Cast) -> None:
    item = item_of(cast.greta, 2)
    loans = [asked(item, person, 1, 4) for person in (cast.alice, cast.bob, cast.edith)]
    for loan in loans[:2]:
        loan_steps.move(loan.pk, LoanState.AGREED, cast.greta)
    with pytest.raises(LoanRefused) as refused:
        loan_steps.move(loans[2].pk, LoanState.AGREED, cast.greta)
    assert refused.value.refusal is LoanRefusal.NOT_FREE
    assert sorted(LoanedPiece.objects.values_list("piece", flat=True)) == [1, 2]
    after = asked(item, cast.diane, 5, 6)
    loan_steps.move(after.pk, LoanState.AGREED, cast.greta)


def test_the_database_itself_refuses_a_double_booking(cast: Cast) -> None:
    loan = agreed(item_of(cast.greta), cast.alice, cast.greta, 1, 3)
    with pytest.raises(IntegrityError):
        LoanedPiece.objects.create(loan=loan, item=loan.item, piece=1, period=DateRange(day(3), day(8)))


@pytest.mark.django_db(transaction=True)
def test_of_several_answers_at_the_same_time_as_many_win_as_there_are_pieces(cast: Cast) -> None:
    item = item_of(cast.maraude, 3)
    askers = [cast.alice, cast.diane, cast.edith, cast.greta, cast.farid]
    loans = [asked(item, person, 1, 3) for person in askers]
    owners = [(cast.bob, cast.carol)[n % 2] for n in range(len(loans))]
    answers = tried(
        [partial(loan_steps.move, loan.pk, LoanState.AGREED, owner) for loan, owner in zip(loans, owners, strict=True)],
        LoanRefused,
    )
    results = [each.refusal.value if isinstance(each, LoanRefused) else "yes" for each in answers]
    assert sorted(results) == ["not_free"] * 2 + ["yes"] * 3
    assert sorted(LoanedPiece.objects.values_list("piece", flat=True)) == [1, 2, 3]


def test_a_thing_handed_over_before_its_first_day_begins_today_unless_it_is_lent(cast: Cast) -> None:
    item = item_of(cast.greta)
    early, before = agreed(item, cast.alice, cast.greta, 2, 4), agreed(item, cast.bob, cast.greta, 0, 1)
    with pytest.raises(LoanRefused) as refused:
        loan_steps.move(early.pk, LoanState.HANDED_OVER, cast.alice, seen=GOOD)
    assert refused.value.refusal is LoanRefusal.TOO_EARLY
    loan_steps.move(before.pk, LoanState.CANCELLED, cast.bob)
    loan_steps.move(early.pk, LoanState.HANDED_OVER, cast.alice, seen=GOOD)
    early.refresh_from_db()
    assert early.first_day == day(0)
    assert piece_calendar.calendar_of(item, day(0), 1)[0].state == "taken"


@pytest.mark.parametrize("after", [LoanState.LOST, LoanState.BROKEN, LoanState.KEPT])
def test_a_thing_that_is_gone_is_no_longer_lent_and_comes_back_by_undo(cast: Cast, after: LoanState) -> None:
    item = item_of(cast.greta, 2)
    loan = handed_over(item, cast.alice, cast.greta)
    step = loan_steps.move(loan.pk, after, cast.greta, seen=GOOD)
    item.refresh_from_db()
    assert item.quantity == 1
    assert loan_steps.undo(step.pk, cast.greta) is not None
    item.refresh_from_db()
    assert (item.quantity, Loan.objects.get().state) == (2, LoanState.HANDED_OVER)
    assert LoanedPiece.objects.count() == 1


def test_a_gift_leaves_the_stock_of_an_association_as_given(cast: Cast) -> None:
    item = item_of(cast.maraude, 5)
    loan = handed_over(item, cast.greta, cast.carol, quantity=2)
    assert stock.level_of(item).left == 3
    loan_steps.move(loan.pk, LoanState.KEPT, cast.carol)
    item.refresh_from_db()
    assert (item.quantity, stock.level_of(item).left) == (3, 3)
    assert item.moves.get().reason == StockReason.GIVEN


def test_a_step_is_undone_by_whoever_took_it_as_long_as_it_is_the_last(cast: Cast) -> None:
    item = item_of(cast.greta)
    loan = agreed(item, cast.alice, cast.greta)
    step = loan_steps.move(loan.pk, LoanState.CANCELLED, cast.alice)
    assert not LoanedPiece.objects.exists()
    assert loan_steps.undo(step.pk, cast.greta) is None
    assert loan_steps.undo(step.pk, cast.alice) is not None
    assert LoanedPiece.objects.count() == 1
    assert loan_steps.undo(step.pk, cast.alice) is None


def test_a_cancelled_loan_cannot_come_back_when_its_days_were_given_to_others(cast: Cast) -> None:
    item = item_of(cast.greta)
    step = loan_steps.move(agreed(item, cast.alice, cast.greta).pk, LoanState.CANCELLED, cast.alice)
    agreed(item, cast.bob, cast.greta)
    assert loan_steps.undo(step.pk, cast.alice) is None


def test_the_other_side_is_told_without_name_place_or_text_and_not_if_it_was_undone(cast: Cast) -> None:
    item = item_of(cast.greta, name="Tente de Greta")
    loan = asked(item, cast.alice)
    step = loan_steps.move(loan.pk, LoanState.DECLINED, cast.greta)
    told = list(Notification.objects.order_by("pk"))
    assert [row.user for row in told] == [cast.greta, cast.alice]
    assert not any("Greta" in row.title + row.body or "Alice" in row.title + row.body for row in told)
    loan_steps.undo(step.pk, cast.greta)
    assert not Notification.objects.filter(user=cast.alice).exists()
