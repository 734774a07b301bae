"""When schedules are due, and which days their reports cover. Without the database."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mapping.enums import Rhythm, ScheduledContent
from mapping.out.report_figures.report_period import Period
from mapping.out.scheduled_reports.due_days import by_hand, covered, last_due, next_due

PARIS = ZoneInfo("Europe/Paris")
FAR = date(2030, 1, 1)


def series(rhythm: str, day: int, start: date, number: int) -> list[date]:
    found, after = [], datetime(start.year, start.month, start.day, tzinfo=PARIS)
    for _each in range(number):
        due = next_due(rhythm, day, 8, after, FAR)
        assert due is not None
        found.append(due.date())
        after = due
    return found


def test_the_last_days_of_a_month_move_to_the_end_of_short_months() -> None:
    assert series(Rhythm.MONTH, 31, date(2027, 1, 1), 4) == [
        date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)
    ]  # fmt: skip
    assert series(Rhythm.MONTH, 29, date(2028, 1, 30), 2) == [date(2028, 2, 29), date(2028, 3, 29)]
    assert series(Rhythm.MONTH, 30, date(2027, 1, 1), 3) == [date(2027, 1, 30), date(2027, 2, 28), date(2027, 3, 30)]


def test_the_hour_is_local_on_both_sides_of_summer_time() -> None:
    before = next_due(Rhythm.WEEK, 5, 8, datetime(2027, 3, 26, tzinfo=PARIS), FAR)
    after = next_due(Rhythm.WEEK, 0, 8, datetime(2027, 3, 28, tzinfo=PARIS), FAR)
    assert before is not None and after is not None
    assert (before.hour, after.hour) == (8, 8)
    assert before.utcoffset() == timedelta(hours=1)
    assert after.utcoffset() == timedelta(hours=2)


def test_nothing_is_due_after_the_last_day() -> None:
    now = datetime(2027, 5, 3, 9, tzinfo=PARIS)  # a Monday, after the hour
    assert next_due(Rhythm.WEEK, 0, 8, now, date(2027, 5, 9)) is None
    assert next_due(Rhythm.WEEK, 0, 8, now, date(2027, 5, 10)) == datetime(2027, 5, 10, 8, tzinfo=PARIS)


def test_after_a_long_outage_only_the_latest_date_is_due() -> None:
    first = datetime(2027, 5, 3, 8, tzinfo=PARIS)
    assert last_due(Rhythm.WEEK, 0, 8, first, first) == first
    assert last_due(Rhythm.WEEK, 0, 8, datetime(2027, 5, 24, 7, tzinfo=PARIS), first).date() == date(2027, 5, 17)
    assert last_due(Rhythm.WEEK, 0, 8, datetime(2027, 5, 24, 8, tzinfo=PARIS), first).date() == date(2027, 5, 24)


@pytest.mark.parametrize("content", list(ScheduledContent))
@pytest.mark.parametrize(("rhythm", "days"), [(Rhythm.WEEK, range(7)), (Rhythm.MONTH, (1, 4, 10, 11, 15, 28, 29, 31))])
def test_successive_reports_neither_overlap_nor_leave_days_out(
    content: ScheduledContent, rhythm: Rhythm, days: range
) -> None:
    for day in days:
        last: Period | None = None
        for due in series(rhythm, day, date(2026, 11, 1), 16):
            period = covered(content, rhythm, day, due)
            assert period.end < due
            if last:
                assert period.start == last.end + timedelta(days=1), (day, due)
            last = period


def test_the_external_edition_covers_published_weeks_only() -> None:
    monday = date(2026, 11, 30)
    period = covered(ScheduledContent.EXTERNAL, Rhythm.WEEK, 0, monday)
    assert period == Period(date(2026, 11, 16), date(2026, 11, 22))  # published on Monday at six, a week behind
    assert covered(ScheduledContent.EXTERNAL, Rhythm.MONTH, 15, date(2026, 12, 15)) == Period(
        date(2026, 11, 1), date(2026, 11, 30)
    )
    assert covered(ScheduledContent.EXTERNAL, Rhythm.MONTH, 1, date(2026, 12, 1)).end == date(2026, 10, 31)


def test_an_external_report_sent_by_hand_before_the_publication_covers_the_week_before() -> None:
    for hour, last in ((2, date(2026, 11, 15)), (7, date(2026, 11, 22))):
        day = by_hand(ScheduledContent.EXTERNAL, datetime(2026, 11, 30, hour))
        assert covered(ScheduledContent.EXTERNAL, Rhythm.WEEK, 0, day).end == last
    assert by_hand(ScheduledContent.INTERNAL, datetime(2026, 11, 30, 2)) == date(2026, 11, 30)


def test_the_internal_report_of_the_first_day_is_about_the_month_before() -> None:
    assert covered(ScheduledContent.INTERNAL, Rhythm.MONTH, 1, date(2027, 3, 1)) == Period(
        date(2027, 2, 1), date(2027, 2, 28)
    )
