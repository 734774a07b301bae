"""What the scheduled task does: late loans, old requests, reminders. Everything can run twice."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from needs.models import Loan, LoanedPiece
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_clock
from needs.neighbours.loans.loan_refusals import LoanRefused
from needs.tasks import move_loans
from tests.needs.loans.loan_cases import agreed, asked, day, handed_over, item_of
from tests.support import Cast
from volunteers.models import Notification

pytestmark = pytest.mark.django_db


def keys(start: str) -> list[str]:
    rows = Notification.objects.filter(key__startswith=start)
    return sorted(f"{row.user.display_name} {row.key.rpartition(':')[2]}" for row in rows.select_related("user"))


def noon(number: int) -> datetime:
    return timezone.make_aware(datetime.combine(day(number), time(12)))


def test_a_loan_is_late_the_day_after_its_last_day_and_stays_taken_until_it_is_back(cast: Cast) -> None:
    item = item_of(cast.greta)
    loan = handed_over(item, cast.alice, cast.greta, last=2)
    assert loan_clock.mark_late(day(2)) == 0
    assert (loan_clock.mark_late(day(3)), loan_clock.mark_late(day(3))) == (1, 0)
    loan.refresh_from_db()
    assert loan.state == LoanState.LATE
    assert LoanedPiece.objects.count() == 1
    with pytest.raises(LoanRefused):
        agreed(item, cast.bob, cast.greta, 30, 31)


def test_unanswered_requests_and_loans_that_never_began_end(cast: Cast) -> None:
    asked(item_of(cast.greta), cast.alice, 1, 5)
    agreed(item_of(cast.greta), cast.bob, cast.greta, 1, 2)
    assert loan_clock.expire(day(1)) == 0
    assert loan_clock.expire(day(2)) == 1
    assert loan_clock.expire(day(3)) == 1
    assert set(Loan.objects.values_list("state", flat=True)) == {LoanState.CANCELLED}
    assert not LoanedPiece.objects.exists()


def test_both_sides_are_reminded_once_the_day_before_and_when_it_is_late(cast: Cast) -> None:
    loan = agreed(item_of(cast.greta), cast.alice, cast.greta, 3, 6)
    for number in (1, 2, 2):
        loan_clock.run(noon(number))
    assert keys("loan-out:") == [f"Alice {day(3):%Y%m%d}", f"Greta {day(3):%Y%m%d}"]
    Loan.objects.filter(pk=loan.pk).update(state=LoanState.HANDED_OVER)
    for number in (4, 5, 5):
        loan_clock.run(noon(number))
    assert keys("loan-back:") == [f"Alice {day(6):%Y%m%d}", f"Greta {day(6):%Y%m%d}"]
    for number in (7, 7, 8, 9, 20):
        loan_clock.run(noon(number))
    assert keys("loan-late:") == [f"{name} {day(n):%Y%m%d}" for name in ("Alice", "Greta") for n in (7, 9, 20)]


def test_nobody_is_reminded_at_night(cast: Cast) -> None:
    agreed(item_of(cast.greta), cast.alice, cast.greta, 3, 6)
    loan_clock.run(noon(2) + timedelta(hours=10))
    assert keys("loan-out:") == []


def test_the_task_runs_twice_without_harm(cast: Cast) -> None:
    handed_over(item_of(cast.greta), cast.alice, cast.greta)
    first = move_loans()
    assert move_loans() == {**first, "late": 0, "expired": 0, "proposed": 0}
