"""Announcements of alarms: who is told, when and how often. They never contain a word of the report."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from needs import tasks
from needs.enums import AlarmStep, ReporterAnswer
from needs.models import DangerAlarm
from needs.reports.danger import alarms, announcing
from solidarity.lib.field_encryption import encrypt
from tests.conftest import until
from tests.forked_workers import Worker
from tests.needs.danger.danger_cases import FRENCH, SUD, by_form
from tests.support import Cast, City
from volunteers.enums import Duty, Medium, Topic
from volunteers.models import Assignment, Notification, NotificationSettings, PushSubscription, User
from volunteers.people.notifications import delivery, mail, notifying, preferences, sending
from volunteers.people.notifications.delivery import OutgoingMessage
from volunteers.places.territories import duties

TEXT = FRENCH["fire"]  # type: ignore[index]
MINUTES = timedelta(minutes=1)


def told() -> set[str]:
    """Return the people who have a notification, and delete all notifications."""
    names = set(Notification.objects.values_list("user__display_name", flat=True))
    Notification.objects.all().delete()
    return names


@pytest.fixture
def alarm(city: City, cast: Cast) -> DangerAlarm:
    """An alarm in Nord that has not been announced. Edith also dispatches Nord, but only Carol is on duty."""
    Assignment.objects.create(user=cast.edith, territory=city.nord, duty=Duty.DISPATCHER)
    duties.go_on_duty(cast.carol)
    return DangerAlarm.objects.get(need=by_form(Client(), TEXT))


def test_it_is_announced_to_those_on_duty_when_it_is_stored(
    city: City, cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    Assignment.objects.create(user=cast.edith, territory=city.nord, duty=Duty.DISPATCHER)
    duties.go_on_duty(cast.edith)
    with django_capture_on_commit_callbacks(execute=True):
        by_form(Client(), TEXT)
    assert told() == {"Edith"}


def test_all_dispatchers_are_told_at_once_when_nobody_is_on_duty(alarm: DangerAlarm, cast: Cast) -> None:
    duties.go_off_duty(cast.carol)
    announcing.announce(alarm.pk)
    assert told() == {"Carol", "Edith"}


def test_coordinators_are_told_at_once_on_a_site_without_dispatchers(alarm: DangerAlarm) -> None:
    Assignment.objects.filter(duty=Duty.DISPATCHER).delete()
    announcing.announce(alarm.pk)
    assert told() == {"Diane", "Farid"}


def test_it_goes_up_until_somebody_answers(alarm: DangerAlarm, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [timezone.now()]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    announcing.announce(alarm.pk)
    assert told() == {"Carol"}
    seen = []
    for _minute in range(21):
        now[0] += MINUTES
        tasks.escalate_alarms()
        seen.append(told())
    loud = {minute: people for minute, people in enumerate(seen, 1) if people}
    assert loud == {
        5: {"Carol", "Edith"},
        10: {"Carol", "Edith", "Diane", "Farid"},
        15: {"Carol", "Edith", "Diane", "Farid"},
        20: {"Carol", "Edith", "Diane", "Farid"},
    }
    alarms.acknowledge(alarm.pk, AlarmStep.CALLED, cast.carol)
    now[0] += 60 * MINUTES
    assert tasks.escalate_alarms() == 0


def test_the_interval_is_a_setting(alarm: DangerAlarm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALARM_MINUTES", 2)
    start = timezone.now()
    announcing.announce(alarm.pk, now=start)
    assert announcing.escalate(start + timedelta(seconds=119)) == 0
    assert announcing.escalate(start + timedelta(seconds=120)) > 0


def test_an_announcement_that_was_lost_is_made_up_for(alarm: DangerAlarm) -> None:
    assert alarm.notified_at is None  # the commit hook that announces it never ran
    tasks.escalate_alarms()
    assert told() == {"Carol"}
    assert tasks.escalate_alarms() == 0


def test_another_territory_is_not_told(alarm: DangerAlarm, city: City, cast: Cast) -> None:
    announcing.announce(alarm.pk)
    told()
    duties.go_off_duty(cast.carol)
    other = DangerAlarm.objects.get(need=by_form(Client(), TEXT, **SUD))
    announcing.announce(other.pk)
    assert told() == {"Carol"}  # Edith dispatches only Nord


def test_no_word_no_place_and_no_flag_is_in_a_notification(alarm: DangerAlarm) -> None:
    announcing.announce(alarm.pk)
    announcing.escalate(timezone.now() + 6 * MINUTES)
    announcing.announce_cannot_call(alarm.pk)
    rows = list(Notification.objects.all())
    assert rows
    for row in rows:
        said = f"{row.title} {row.body} {row.path}".lower()
        for secret in ("feu", "tente", "fire", "feux", "incendie", "nord", "48.8", str(alarm.pk), str(alarm.need_id)):
            assert secret not in said


def test_every_medium_is_used_in_quiet_hours_and_against_all_settings(alarm: DangerAlarm, cast: Cast) -> None:
    NotificationSettings.objects.create(
        user=cast.carol, wanted=[], quiet_from=time(0, 0), quiet_until=time(23, 59), phone=encrypt("+33612345678")
    )
    PushSubscription.objects.create(user=cast.carol, endpoint="https://push.example/x", endpoint_hash="x")
    announcing.announce(alarm.pk)
    rows = Notification.objects.filter(user=cast.carol)
    assert set(rows.values_list("medium", flat=True)) == set(Medium)
    assert all(row.not_before <= timezone.now() for row in rows)
    assert all(sending.deliver(row) or row for row in sending.claim(timezone.now()))
    failures = set(Notification.objects.filter(user=cast.carol).values_list("failure", flat=True))
    assert "switched off meanwhile" not in failures
    assert not Notification.objects.filter(user=cast.carol, medium=Medium.EMAIL, sent_at=None).exists()


def test_nobody_can_switch_the_topic_off(cast: Cast) -> None:
    assert Topic.DANGER not in preferences.topics_for(cast.carol)
    message = OutgoingMessage(cast.carol, None, "t", "b", "/desk/alarms/", Topic.DANGER)
    assert "List-Unsubscribe" not in mail.compose(message).extra_headers
    assert Medium.PUSH not in notifying.media_of(None, Topic.DANGER, has_browser=False)


def test_danger_is_sent_before_everything_else(alarm: DangerAlarm, cast: Cast) -> None:
    old = timezone.now() - timedelta(hours=1)
    for number in range(delivery.BATCH):
        Notification.objects.create(
            user=cast.bob, topic=Topic.TOUR, medium=Medium.EMAIL, key=str(number), title="t", not_before=old
        )
    announcing.announce(alarm.pk)
    assert sending.claim(timezone.now())[0].topic == Topic.DANGER


def test_a_sender_who_cannot_call_is_announced_once(alarm: DangerAlarm) -> None:
    for _each in range(2):
        alarms.answer_of_reporter(alarm.pk, ReporterAnswer.CANNOT_CALL)
    announcing.escalate()
    assert Notification.objects.filter(user__display_name="Edith").count() == 1


def test_a_sender_who_cannot_call_is_announced_within_a_minute_of_a_flood(alarm: DangerAlarm) -> None:
    for _each in range(announcing.AT_ONCE):
        announcing.announce(DangerAlarm.objects.get(need=by_form(Client(), TEXT)).pk)
    announcing.announce(alarm.pk)
    assert told() == {"Carol"}
    alarms.answer_of_reporter(alarm.pk, ReporterAnswer.CANNOT_CALL)
    assert told() == set()
    tasks.escalate_alarms()
    assert told() == {"Carol", "Edith"}
    assert tasks.escalate_alarms() == 0


@pytest.mark.worker
def test_a_real_worker_escalates_and_sends(worker: Worker, alarm: DangerAlarm) -> None:
    DangerAlarm.objects.update(notified_at=timezone.now() - 6 * MINUTES)
    tasks.escalate_alarms.delay()
    sent = Notification.objects.filter(user__display_name="Edith", topic=Topic.DANGER).exclude(sent_at=None)
    until(sent.exists, 60, "the dispatcher who is not on duty was not told")


# --- attacks -------------------------------------------------------------------------------------------------------


def test_a_flood_of_alarms_fills_the_lane_and_not_the_telephones(
    cast: Cast, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    duties.go_on_duty(cast.carol)
    flood = [DangerAlarm.objects.get(need=by_form(Client(), TEXT)) for _each in range(30)]
    start = timezone.now()
    for each in flood:
        announcing.announce(each.pk, now=start)
    assert Notification.objects.count() == announcing.AT_ONCE
    announcing.escalate(start)
    announcing.escalate(start + timedelta(seconds=1))
    assert Notification.objects.count() == announcing.AT_ONCE + 1  # one message for the 25 other alarms
    assert DangerAlarm.objects.filter(notified_at=None).count() == 0
    announcing.escalate(start + 5 * MINUTES)
    assert Notification.objects.filter(user=cast.carol).count() == announcing.AT_ONCE + 2  # one message for all 30
    assert DangerAlarm.objects.waiting().count() == 30


def test_alarms_are_announced_without_redis(alarm: DangerAlarm, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_any: Any, **_more: Any) -> None:
        raise OSError("down")

    monkeypatch.setattr(cache, "add", down, raising=False)
    announcing.announce(alarm.pk)
    assert told() == {"Carol"}


@pytest.mark.parametrize(
    ("level", "minutes", "expected"), [(0, None, 0), (0, 4, None), (0, 5, 1), (1, 5, 2), (2, 5, 2), (2, 4, None)]
)
def test_the_next_level_depends_on_time_alone(level: int, minutes: int | None, expected: int | None) -> None:
    now = timezone.now()
    at = None if minutes is None else now - minutes * MINUTES
    assert announcing.next_level(level, at, now) == expected


def test_people_who_left_are_not_told(alarm: DangerAlarm, cast: Cast) -> None:
    User.objects.filter(pk=cast.carol.pk).update(is_active=False)
    announcing.announce(alarm.pk)
    assert told() == {"Edith"}
