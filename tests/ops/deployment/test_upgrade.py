"""The upgrade of a real database: a back-up first, then all migrations or none."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from solidarity.ops.backups import backup_archive
from solidarity.ops.deployment import migrating
from volunteers.models import User
from volunteers.people.audit.models import AuditEntry

APP = "tests.ops.deployment.later_version"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def later(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A later version with two more migrations, on a site with one account. The value is the folder of back-ups."""
    User.objects.create_user("farid@example.org")
    settings.BACKUP_ROOT, settings.BACKUP_KEY = tmp_path / "backups", ""
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    for name, value in (("LONGEST_LOCK", "200ms"), ("ATTEMPTS", 2), ("PAUSE", 0.0)):
        monkeypatch.setattr(migrating, name, value)
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, APP]
    yield settings.BACKUP_ROOT
    call_command("migrate", "later_version", "zero", verbosity=0)


def state() -> tuple[set[str], int, int]:
    """Return the tables, the number of columns of a table that a migration alters, and the number of applied
    migrations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM information_schema.columns WHERE table_name = 'volunteers_association'")
        columns = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM django_migrations")
        return set(connection.introspection.table_names()), columns, cursor.fetchone()[0]


def backups(folder: Path) -> list[Path]:
    return sorted(folder.glob("solidarity-*.tar"))


def test_a_table_that_another_session_uses_stops_the_upgrade_with_a_clear_message(
    later: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state()
    given = connection.settings_dict
    other = psycopg2.connect(
        host=given["HOST"], port=given["PORT"], user=given["USER"], dbname=given["NAME"], application_name="a report"
    )
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE volunteers_association IN ACCESS SHARE MODE")
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with pytest.raises(CommandError) as refused:
            call_command("upgrade")
        assert f"process {pid}, a report, for" in str(refused.value)
        assert "was not migrated and is as before" in str(refused.value) and "start the upgrade again" in str(
            refused.value
        )
        assert state() == before and len(backups(later)) == 1
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone()[0] == "0"
    finally:
        other.close()

    for path in backups(later):
        path.unlink()
    call_command("upgrade")
    tables, columns, applied = state()
    assert "later_version_register" in tables and (columns, applied) == (before[1] + 1, before[2] + 2)
    (made,) = backups(later)
    folder = later / "unpacked"
    folder.mkdir()
    assert not [name for name in backup_archive.unpack(made, folder, None)["migrations"] if "later" in name]
    said = capsys.readouterr().out
    assert "Attempt 2 of 2" in said and "2 migrations applied" in said
    assert f"To go back: install the earlier version again, and restore {made}" in said
    assert AuditEntry.objects.filter(verb="backed_up").count() == 1
    call_command("upgrade")
    assert "The database is up to date.\n" in capsys.readouterr().out and len(backups(later)) == 1


def test_a_migration_that_fails_leaves_the_database_as_before(later: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = importlib.import_module(f"{APP}.migrations.0002_words")
    monkeypatch.setattr(words, "FAULTS", ["a row that no word fits"])
    before = state()
    with pytest.raises(CommandError, match="as before: ValueError: a row that no word fits"):
        call_command("upgrade")
    assert state() == before and len(backups(later)) == 1


def test_nothing_changes_without_a_back_up_or_beside_another_upgrade(later: Path) -> None:
    before = state()
    later.mkdir(mode=0o755)
    with pytest.raises(CommandError, match="Without a back-up, nothing was changed.*chmod 700"):
        call_command("upgrade")
    given = connection.settings_dict
    other = psycopg2.connect(host=given["HOST"], port=given["PORT"], user=given["USER"], dbname=given["NAME"])
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [migrating.ALONE])
        with pytest.raises(CommandError, match="Another upgrade of this database is running"):
            call_command("upgrade")
    finally:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")  # the server releases those of a closed connection later
        other.close()
    assert state() == before


def test_a_database_of_a_later_version_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('needs', '9999_later', now())")
    try:
        with pytest.raises(CommandError, match=r"needs\.9999_later, which this version does not know"):
            call_command("upgrade")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
