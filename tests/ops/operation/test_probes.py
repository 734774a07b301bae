"""Each probe turns red for its own reason, and nothing else does."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from mapping.coverage.folding import fold, reconciliation
from mapping.models import CellState, CellTouch, Recompute
from solidarity.ops.backups import making
from solidarity.ops.operation import probes, process_marks
from solidarity.ops.operation.probes import State
from tests.support import Cast, Seen
from volunteers.enums import Medium, Topic
from volunteers.models import Notification
from volunteers.people.notifications import sending

pytestmark = pytest.mark.django_db
UNREACHABLE = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 2},
    }
}


def test_the_worker_the_scheduler_and_the_fold_are_red_without_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    for probe in (probes.worker, probes.beat, probes.fold):
        assert probe().state is State.RED
        process_marks.leave(probe.__name__)
        assert probe().state is State.OK
    later = time.time() + probes.SILENT + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert (probes.worker().state, probes.beat().state, probes.fold().state) == (State.RED, State.RED, State.OK)


def test_without_redis_the_redis_probe_is_red_and_the_processes_are_unknown(settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock?db=0"}}
    found = {reading.part: reading.state for reading in probes.read(probes.ESSENTIAL)}
    assert found == {
        "database": State.OK, "redis": State.RED, "worker": State.UNKNOWN, "beat": State.UNKNOWN, "outbox": State.OK,
        "fold": State.UNKNOWN,
    }  # fmt: skip
    process_marks.leave(process_marks.WORKER)  # a worker without Redis keeps running


def test_an_outbox_that_nobody_folds_is_red_until_it_is_folded(cast: Cast, seen: Seen) -> None:
    seen()
    assert probes.outbox().state is State.OK
    CellTouch.objects.update(at=timezone.now() - timedelta(seconds=probes.LATE + 60))
    reading = probes.outbox()
    assert reading.state is State.RED
    assert reading.figures["age"] == pytest.approx(probes.LATE + 60, abs=5)
    fold.fold_outbox()
    assert probes.outbox() == probes.Reading("outbox", State.OK, {"age": 0.0})


def test_the_nightly_check_is_red_after_a_difference_and_when_it_no_longer_runs(cast: Cast, seen: Seen) -> None:
    assert probes.reconcile().state is State.PENDING
    seen()
    fold.fold_outbox()
    reconciliation.reconcile()
    assert probes.reconcile().state is State.OK
    CellState.objects.filter(a__gt=0).update(a=99)
    reconciliation.reconcile()
    reading = probes.reconcile()
    assert reading.state is State.RED
    assert reading.figures["difference"] > 1
    reconciliation.reconcile()
    assert probes.reconcile().state is State.OK
    Recompute.objects.update(finished_at=timezone.now() - timedelta(days=3))
    assert probes.reconcile().state is State.RED


def test_the_disk_is_red_below_the_free_part_that_the_setting_names(settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_ROOT = tmp_path / "not" / "yet"
    settings.DISK_FREE_PERCENT = 0
    assert probes.disk().state is State.OK
    free = probes.disk().figures["free"]
    disk = os.statvfs(tmp_path)
    assert 0 < free <= disk.f_bavail / disk.f_blocks + 0.01
    settings.DISK_FREE_PERCENT = 100
    assert probes.disk().state is State.RED


def test_a_back_up_that_is_missing_or_old_is_red(settings: Settings, backed_up: Path) -> None:
    settings.DEMO = False
    assert probes.backup().state is State.OK
    assert probes.backup().figures["age"] < 60
    old = timezone.now() - timedelta(hours=settings.BACKUP_ALARM_HOURS + 1)
    backed_up.rename(backed_up.with_name(old.strftime(making.NAME) + ".age"))
    assert probes.backup().state is State.RED
    assert probes.backup().figures["age"] > 37 * 3600 - 60
    for file in settings.BACKUP_ROOT.iterdir():
        file.unlink()
    (settings.BACKUP_ROOT / "solidarity-yesterday.tar").touch()
    assert probes.backup() == probes.Reading("backup", State.RED, {})
    settings.DEMO = True
    assert probes.backup().state is State.OFF


def waiting(cast: Cast, number: int) -> None:
    for each in range(number):
        Notification.objects.create(
            user=cast.bob, topic=Topic.DANGER, medium=Medium.EMAIL, key=f"{number}:{each}", title="A tour", body=""
        )


def test_mail_is_red_after_three_failures_in_a_row_and_green_after_a_delivery(cast: Cast, settings: Settings) -> None:
    mailers = settings.MAILERS
    settings.MAILERS = UNREACHABLE
    waiting(cast, 2)
    sending.send_waiting()
    assert probes.mail() == probes.Reading("mail", State.OK, {"delivered": 0.0, "failed": 2.0})
    waiting(cast, 1)
    sending.send_waiting()
    assert probes.mail() == probes.Reading("mail", State.RED, {"delivered": 0.0, "failed": 3.0})
    settings.MAILERS = mailers
    waiting(cast, 4)
    assert sending.send_waiting() == 4
    assert probes.mail() == probes.Reading("mail", State.OK, {"delivered": 4.0, "failed": 0.0})


def test_addresses_of_single_people_that_are_refused_do_not_turn_mail_red(cast: Cast) -> None:
    waiting(cast, 5)
    Notification.objects.update(failed_at=timezone.now(), failure="the address is refused")
    assert probes.mail().state is State.OK


def test_text_messages_are_watched_only_where_there_is_a_provider(cast: Cast, settings: Settings) -> None:
    settings.SMS_URL = ""
    assert probes.sms().state is State.OFF
    settings.SMS_URL = "https://sms.example/send"
    waiting(cast, 3)
    Notification.objects.update(medium=Medium.SMS, failed_at=timezone.now(), failure="HTTP 500")
    assert probes.sms().state is State.RED
    assert probes.mail().state is State.OK
