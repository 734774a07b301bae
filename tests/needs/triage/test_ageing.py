"""Ageing needs: the list by age, the daily reminder and the automatic expiry."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState
from needs.help.triage import ageing, calls, reporter_answers
from needs.models import Need
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, SignedIn
from volunteers.enums import Topic
from volunteers.models import Notification

DAY = 24


def test_unfinished_needs_are_listed_by_age_with_what_they_lack(cast: Cast) -> None:
    reported(hours_ago=DAY)
    fresh, week, fortnight, old = (reported(hours_ago=days * DAY + 1) for days in (2, 7, 14, 40))
    closed = reported(hours_ago=40 * DAY, state=NeedState.MET)
    transitions.move(week.pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    bands = ageing.bands(Need.objects.all(), timezone.now())
    assert [(band.days, band.until, band.count) for band in bands] == [
        (30, None, 1),
        (14, 30, 1),
        (7, 14, 1),
        (2, 7, 1),
    ]
    assert [band.needs[0].need.pk for band in bands] == [old.pk, fortnight.pk, week.pk, fresh.pk]
    assert closed.pk not in {aged.need.pk for band in bands for aged in band.needs}
    assert [str(what) for what in bands[2].needs[0].missing] == ["somebody to take care of it"]
    assert [str(what) for what in bands[0].needs[0].missing] == ["a check"]


def test_a_due_call_and_a_missing_place_are_listed(cast: Cast) -> None:
    need = reported(None, hours_ago=3 * DAY)
    calls.log_call(need, cast.carol, "voicemail", again_in=timedelta(hours=1), at=timezone.now() - timedelta(hours=2))
    missing = ageing.bands(Need.objects.all(), timezone.now())[-1].needs[0].missing
    assert [str(what) for what in missing] == ["a check", "a call back", "a place"]


def test_the_list_of_long_waits_is_for_dispatchers_with_a_constant_number_of_queries(
    cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert signed_in(cast.bob).get("/triage/?aged=1").status_code == 404
    for each in range(30):
        reported(hours_ago=(2 + each) * DAY)
    carol = signed_in(cast.carol)
    carol.get("/triage/?aged=1")
    with django_assert_max_num_queries(30):
        page = carol.get("/triage/?aged=1").content.decode()
    assert page.count("Closes by itself on") == 30


def test_dispatchers_are_reminded_once_a_day_without_place_or_name(cast: Cast) -> None:
    reported(hours_ago=3 * DAY, place_text="12 rue Secrète")
    reported(hours_ago=25 * DAY)
    reported(hours_ago=1)
    assert ageing.remind() >= 1
    assert ageing.remind() == 0
    notice = Notification.objects.get()
    assert (notice.user, notice.topic, notice.path) == (cast.carol, Topic.TRIAGE, "/triage/?aged=1")
    assert notice.title == "2 needs have waited for two days or more"
    assert "1 will close automatically within a week" in notice.body
    assert "Secr" not in notice.title + notice.body
    assert ageing.remind(timezone.now() + timedelta(days=1)) >= 1


def test_no_reminder_is_sent_without_waiting_needs(cast: Cast) -> None:
    reported(hours_ago=1)
    assert ageing.remind() == 0
    assert not Notification.objects.exists()


def test_a_need_without_activity_for_thirty_days_expires(cast: Cast) -> None:
    old, young = reported(hours_ago=30 * DAY + 1), reported(hours_ago=29 * DAY)
    assert ageing.expire() == 1
    assert set(Need.objects.filter(state="expired")) == {old}
    step = old.steps.last()
    assert step is not None and (step.by, step.reason, step.by_reporter) == (None, "too_old", False)
    young.refresh_from_db()
    assert young.state == "new"
    assert ageing.expire() == 0


def test_an_answer_a_call_or_a_step_restarts_the_time(cast: Cast) -> None:
    said, called, moved = (reported(hours_ago=40 * DAY) for _each in range(3))
    assert reporter_answers.report_still_needed(said.pk)
    calls.log_call(called, cast.carol, "no_answer")
    transitions.move(moved.pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    assert ageing.expire() == 0
    assert ageing.expire(timezone.now() + timedelta(days=31)) == 3


@pytest.mark.parametrize("state", [NeedState.HELD, NeedState.COMMITTED, NeedState.MET, NeedState.DUPLICATE])
def test_only_states_with_a_transition_by_the_clock_expire(cast: Cast, state: NeedState) -> None:
    reported(hours_ago=60 * DAY, state=state)
    assert ageing.expire() == 0


def test_archives_do_not_expire(cast: Cast) -> None:
    need = reported(hours_ago=60 * DAY)
    Need.objects.filter(pk=need.pk).update(archive=True)
    assert ageing.expire() == 0


def test_the_time_until_expiry_is_a_setting(cast: Cast, settings: Settings) -> None:
    reported(hours_ago=11 * DAY)
    settings.NEED_EXPIRES_DAYS = 10
    assert ageing.expire() == 1
