"""Mails to administrators about parts that stay red: once, and once more when they are green."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone, translation
from pytest_django import Settings

from solidarity.ops.operation import outage_mail, probe_words
from solidarity.ops.operation.models import RedPart
from tests.ops.operation.test_probes import UNREACHABLE
from tests.support import Cast
from tests.volunteers.services import Post
from volunteers.models import NotificationSettings

MINUTE = timedelta(minutes=1)


@pytest.fixture
def full(settings: Settings, cast: Cast, alive: None, backed_up: Path) -> None:
    """A site whose disk is too full, and whose other parts work."""
    settings.DISK_FREE_PERCENT = 100


def test_a_part_that_stays_red_is_told_once_and_once_more_when_it_is_green(
    full: None, settings: Settings, post_office: Post
) -> None:
    start = timezone.now()
    for minutes in (0, 14):
        assert outage_mail.watch(start + minutes * MINUTE) == 0
    assert outage_mail.watch(start + 15 * MINUTE) == 1
    assert outage_mail.watch(start + 16 * MINUTE) == outage_mail.watch(start + 90 * MINUTE) == 0
    first = post_office.mails[0]
    assert first["To"] == "farid@example.org"
    text = first.get_content()
    assert "Disk" in text and "SOLIDARITY_DISK_FREE_PERCENT" in text
    assert "Back-up" not in text and "Worker" not in text
    assert f"{settings.SITE_URL}/set-up/what-runs/" in text
    settings.DISK_FREE_PERCENT = 0
    assert outage_mail.watch(start + 91 * MINUTE) == 1
    assert outage_mail.watch(start + 92 * MINUTE) == 0
    assert "Disk: works again." in post_office.mails[1].get_content()
    assert len(post_office.mails) == 2
    assert not RedPart.objects.exists()


def test_a_part_that_is_red_for_a_moment_is_not_told(full: None, settings: Settings, post_office: Post) -> None:
    start = timezone.now()
    outage_mail.watch(start)
    settings.DISK_FREE_PERCENT = 0
    outage_mail.watch(start + 10 * MINUTE)
    settings.DISK_FREE_PERCENT = 100
    assert outage_mail.watch(start + 16 * MINUTE) == outage_mail.watch(start + 30 * MINUTE) == 0
    assert outage_mail.watch(start + 31 * MINUTE) == 1


def test_a_mail_that_nobody_got_is_sent_later(full: None, settings: Settings, post_office: Post) -> None:
    mailers, settings.MAILERS = settings.MAILERS, UNREACHABLE
    start = timezone.now()
    outage_mail.watch(start)
    assert outage_mail.watch(start + 15 * MINUTE) == 0
    settings.MAILERS = mailers
    assert outage_mail.watch(start + 16 * MINUTE) == 1
    settings.MAILERS, settings.DISK_FREE_PERCENT = UNREACHABLE, 0
    assert outage_mail.watch(start + 17 * MINUTE) == 0
    settings.MAILERS = mailers
    assert outage_mail.watch(start + 18 * MINUTE) == 1


def test_only_active_administrators_get_the_mail_each_in_their_language(
    full: None, cast: Cast, settings: Settings, post_office: Post
) -> None:
    cast.diane.is_superuser = True
    cast.diane.is_active = False
    cast.diane.save()
    cast.greta.is_superuser = True
    cast.greta.save()
    NotificationSettings.objects.create(user=cast.greta, language="fr")
    start = timezone.now()
    outage_mail.watch(start)
    assert outage_mail.watch(start + 15 * MINUTE) == 2
    got = {mail["To"]: mail.get_content() for mail in post_office.mails}
    assert set(got) == {"farid@example.org", "greta@example.org"}
    for language, address in {"en": "farid@example.org", "fr": "greta@example.org"}.items():
        with translation.override(language):
            assert probe_words.title_of("disk") in got[address].splitlines()


def test_no_mail_is_sent_if_the_setting_is_0(full: None, settings: Settings, post_office: Post) -> None:
    settings.OUTAGE_MINUTES = 0
    start = timezone.now()
    outage_mail.watch(start)
    assert outage_mail.watch(start + 600 * MINUTE) == 0
    assert RedPart.objects.filter(part="disk").exists()


def test_a_part_that_cannot_be_seen_is_neither_red_nor_green(full: None, settings: Settings, post_office: Post) -> None:
    RedPart.objects.create(part="worker", since=timezone.now(), told_at=timezone.now())
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock?db=0"}}
    assert outage_mail.watch() == 0
    assert set(RedPart.objects.values_list("part", flat=True)) == {"worker", "redis", "disk"}
