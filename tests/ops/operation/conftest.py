"""Fixtures of the probes: readings that are not kept, and a site where everything is as it should be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from solidarity.ops.backups import making
from solidarity.ops.operation import kept_readings, process_marks
from tests.volunteers.services import Post, mail_server


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    """Forget readings and signs of life of other tests."""
    for kept in (kept_readings.essential, kept_readings.everything):
        kept.forget()
    cache.clear()
    process_marks._last.clear()
    yield
    for kept in (kept_readings.essential, kept_readings.everything):
        kept.forget()


@pytest.fixture
def alive() -> None:
    """Signs of life of a worker, a scheduler and a fold, as these processes leave them."""
    for kind in (process_marks.WORKER, process_marks.BEAT, process_marks.FOLD):
        process_marks.leave(kind)


@pytest.fixture
def backed_up(settings: Settings, tmp_path: Path) -> Path:
    """The file of a back-up that was made just now."""
    settings.BACKUP_ROOT = tmp_path / "backups"
    settings.BACKUP_ROOT.mkdir()
    file: Path = settings.BACKUP_ROOT / timezone.now().strftime(making.NAME)
    file.touch()
    return file


@pytest.fixture
def post_office(settings: Settings) -> Iterator[Post]:
    with mail_server() as post:
        settings.MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {"host": post.host, "port": post.port, "timeout": 5},
            }
        }
        yield post
