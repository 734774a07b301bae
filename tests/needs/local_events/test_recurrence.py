"""The rules by which events repeat: clocks that change, rules that would never end, words of the form."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from needs.neighbours.local_events import recurrence
from needs.neighbours.local_events.recurrence import Chosen, Repeat, RuleRefused

ZONE = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def paris(settings: object) -> None:
    settings.TIME_ZONE = "Europe/Paris"  # type: ignore[attr-defined]


def starts(rule: str, first: datetime, days: int = 60) -> list[str]:
    found = recurrence.starts(rule, first, first, first + timedelta(days=days))
    return [f"{each.astimezone(ZONE):%m-%d %H:%M}" for each in found]


def test_six_in_the_evening_stays_six_in_the_evening_when_the_clocks_change() -> None:
    first = datetime(2026, 10, 16, 18, tzinfo=ZONE)
    assert starts("FREQ=WEEKLY;BYDAY=FR", first, 22) == ["10-16 18:00", "10-23 18:00", "10-30 18:00", "11-06 18:00"]
    spring = datetime(2026, 3, 27, 18, tzinfo=ZONE)
    assert (
        starts("FREQ=DAILY", spring, 4)
        == ["03-27 18:00", "03-28 18:00", "03-29 18:00", "03-30 18:00", "03-31 18:00"][:4]
    )


def test_the_form_s_choices_give_the_days_that_they_say() -> None:
    friday = datetime(2026, 11, 13, 18, tzinfo=ZONE)  # the second Friday of the month
    weekly = recurrence.rule_of(Chosen(Repeat.WEEKLY, (1, 3), date(2026, 11, 24)), friday)
    assert starts(weekly, friday) == ["11-17 18:00", "11-19 18:00", "11-24 18:00"]
    assert starts(recurrence.rule_of(Chosen(Repeat.TWO_WEEKS), friday), friday, 30) == [
        "11-13 18:00", "11-27 18:00", "12-11 18:00",
    ]  # fmt: skip
    monthly = recurrence.rule_of(Chosen(Repeat.MONTHLY), friday)
    assert starts(monthly, friday, 70) == ["11-13 18:00", "12-11 18:00", "01-08 18:00"]
    for rule in (weekly, monthly, ""):
        assert recurrence.rule_of(recurrence.chosen_of(rule), friday) == rule


@pytest.mark.parametrize(
    "bomb",
    ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=5", "FREQ=DAILY;COUNT=1000000000", "FREQ=DAILY;COUNT=999", "FREQ=YEARLY;BYMONTH=2",
     "FREQ=DAILY;BYSETPOS=1", "FREQ=DAILY;UNTIL=20261301", "FREQ=WEEKLY;BYDAY=" + "MO," * 90 + "MO", "INTERVAL=2", "nonsense",
     "FREQ=DAILY;INTERVAL=0", "FREQ=WEEKLY;BYDAY=2MO", "FREQ=DAILY\nDTSTART:20200101", "FREQ=DAILY;COUNT=2;UNTIL=20270101"],
)  # fmt: skip
def test_a_rule_that_could_keep_the_server_busy_is_refused_with_a_sentence(bomb: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        recurrence.checked(bomb)
    assert str(refused.value).endswith((".", bomb[:40].upper(), "%")) or ":" in str(refused.value)


def test_a_rule_from_elsewhere_is_read_with_its_last_day_in_local_time() -> None:
    first = datetime(2026, 11, 27, 18, tzinfo=ZONE)
    rule = recurrence.checked("rrule:freq=weekly;byday=fr;until=20261211T170000Z")
    assert rule == "FREQ=WEEKLY;UNTIL=20261211T180000;BYDAY=FR"
    assert starts(rule, first) == ["11-27 18:00", "12-04 18:00", "12-11 18:00"]
    assert recurrence.in_calendar(rule)["UNTIL"] == [datetime(2026, 12, 11, 17, tzinfo=recurrence.UTC)]
    assert recurrence.last_of(recurrence.checked("FREQ=DAILY;COUNT=3"), first) == first + timedelta(days=2)
    assert recurrence.last_of("FREQ=DAILY", first) is None
