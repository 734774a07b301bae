"""The order of the dispatchers' list: the formula, and the same numbers from the database."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from needs.enums import AlarmStep, Urgency
from needs.help.triage.triage_queue import QueueFilter, queue
from needs.help.triage.working_list import waiting_harm
from needs.help.triage.working_list.waiting_harm import harm
from needs.models import ColdPlan, DangerAlarm, Need
from needs.reports.danger import alarms
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City
from volunteers.people.accounts.viewer import Viewer

SUD = (48.855, 2.350)


def ordered(cast: Cast, sort: str = "") -> list[Need]:
    return list(queue(Viewer(cast.carol), QueueFilter(sort=sort), timezone.now()))


def test_a_fresh_need_for_today_comes_before_an_old_one_that_can_wait() -> None:
    assert harm(Urgency.NOW, 0) > harm(Urgency.SOON, 5) > harm(Urgency.SOON, 0) > harm(Urgency.LATER, 5)
    assert harm(Urgency.LATER, 1000) < harm(Urgency.SOON, 2)


def test_what_is_due_within_days_comes_first_when_it_has_waited_for_a_week() -> None:
    assert harm(Urgency.SOON, 8) > harm(Urgency.NOW, 0)


def test_cold_doubles_and_an_answered_danger_trebles() -> None:
    assert harm(Urgency.SOON, 1, cold=True) == pytest.approx(2 * harm(Urgency.SOON, 1))
    assert harm(Urgency.SOON, 1, danger=True) == pytest.approx(3 * harm(Urgency.SOON, 1))


@given(st.sampled_from(Urgency.values), st.integers(-1, 400), st.integers(-1, 400), st.booleans(), st.booleans())
def test_waiting_never_makes_a_need_less_urgent(urgency: str, days: int, more: int, cold: bool, danger: bool) -> None:
    early, late = sorted((days, more))
    assert 0 < harm(urgency, early, cold=cold, danger=danger) <= harm(urgency, late, cold=cold, danger=danger) <= 240


def test_the_database_gives_the_same_numbers(cast: Cast, city: City) -> None:
    now = timezone.now()
    ColdPlan.objects.create(territory=city.sud, start=now - timedelta(hours=1))
    for place, cold in ((SUD, True), ((48.8660, 2.3500), False), (None, True)):
        for urgency in Urgency.values:
            for hours in (1, 50, 500):
                need = reported(place, urgency=urgency, hours_ago=hours, place_text="" if place else "by the canal")
                [row] = waiting_harm.with_harm(queue(Viewer(cast.carol), QueueFilter(), now).filter(pk=need.pk), now)
                days = (now - need.at) / timedelta(days=1)
                assert row.harm == pytest.approx(harm(urgency, days, cold=cold))  # type: ignore[attr-defined]


def test_unanswered_danger_is_on_top_in_every_order(cast: Cast) -> None:
    now = timezone.now()
    urgent, old = reported(urgency="now"), reported(hours_ago=200)
    danger = reported(urgency="later", hours_ago=100)
    alarm = DangerAlarm.objects.create(need=danger, flags=["fire"], source="desk", raised_at=now)
    for sort in ("", "oldest", "newest"):
        assert ordered(cast, sort)[0] == danger, sort
    assert ordered(cast, "oldest")[1:] == [old, urgent]
    assert ordered(cast, "newest")[1:] == [urgent, old]
    alarms.acknowledge(alarm.pk, AlarmStep.NOT_EMERGENCY, cast.carol)
    assert ordered(cast)[-1] == danger
    alarms.acknowledge(alarm.pk, AlarmStep.CALLED, cast.carol)
    assert ordered(cast) == [old, urgent, danger]


def test_a_cold_plan_that_is_over_changes_nothing(cast: Cast, city: City) -> None:
    warm, cold = reported(hours_ago=2), reported(SUD, hours_ago=1)
    assert ordered(cast) == [warm, cold]
    plan = ColdPlan.objects.create(territory=city.sud, start=timezone.now() - timedelta(hours=1))
    assert ordered(cast) == [cold, warm]
    ColdPlan.objects.filter(pk=plan.pk).update(end=timezone.now())
    assert ordered(cast) == [warm, cold]
