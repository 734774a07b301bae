"""The table of states of a loan: its page, and every step outside it is refused."""

import itertools

import pytest
from django.core.management import call_command

from needs.models import Loan
from needs.neighbours.lending.loan_models import OPEN_STATES
from needs.neighbours.lending.loan_states import LoanSide, LoanState
from needs.neighbours.loans import loan_steps
from needs.neighbours.loans.loan_refusals import LoanRefusal, LoanRefused
from needs.neighbours.loans.loan_transitions import STEPS, loans_page, possible_states
from tests.needs.loans.loan_cases import GOOD, asked, item_of
from tests.support import Cast


def test_the_page_of_loans_is_up_to_date_and_names_every_step_with_its_sides() -> None:
    call_command("draw_lifecycle", "--check")
    page = loans_page()
    for (before, after), sides in STEPS.items():
        who = ", ".join(side.value for side in LoanSide if side in sides)
        assert f"    {before.value} --> {after.value} : {who}\n" in page


def test_only_the_side_that_receives_says_that_it_was_handed_over() -> None:
    assert STEPS[LoanState.AGREED, LoanState.HANDED_OVER] == {LoanSide.BORROWER}
    for before in (LoanState.HANDED_OVER, LoanState.LATE):
        assert STEPS[before, LoanState.RETURNED] == {LoanSide.OWNER}


def test_every_open_state_leads_to_an_end_without_the_clock() -> None:
    for state in OPEN_STATES:
        ends = {after for side in (LoanSide.BORROWER, LoanSide.OWNER) for after in possible_states(state, side)}
        assert ends - set(OPEN_STATES), state


@pytest.mark.django_db
def test_steps_outside_the_table_are_refused_for_both_sides_and_for_strangers(cast: Cast) -> None:
    loan = asked(item_of(cast.greta), cast.alice)
    people = {LoanSide.BORROWER: cast.alice, LoanSide.OWNER: cast.greta, None: cast.edith}
    for before, after in itertools.product(LoanState, LoanState):
        for side, person in people.items():
            if side in STEPS.get((before, after), ()):
                continue
            Loan.objects.filter(pk=loan.pk).update(state=before)
            with pytest.raises(LoanRefused) as refused:
                loan_steps.move(loan.pk, after, person, seen=GOOD)
            assert refused.value.refusal is LoanRefusal.CHANGED, (before, after, side)
    assert loan.steps.count() == 1


@pytest.mark.django_db
def test_a_step_from_an_outdated_page_is_refused(cast: Cast) -> None:
    loan = asked(item_of(cast.greta), cast.alice)
    with pytest.raises(LoanRefused):
        loan_steps.move(loan.pk, LoanState.AGREED, cast.greta, expected=LoanState.WAITING)
