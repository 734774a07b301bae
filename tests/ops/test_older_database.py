"""Databases of unreleased states: one that this version can continue is recognised, and any other is refused unchanged."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from solidarity.local import prepare
from solidarity.ops.backups import backup_archive, restoring
from solidarity.ops.deployment import migrating

JOINING = {
    key: step
    for key, step in MigrationLoader(None).disk_migrations.items()
    if step.replaces and key[0] in migrating.OWN
}


@pytest.mark.django_db
def test_a_current_database_has_no_unknown_migrations() -> None:
    assert migrating.unknown() == []


@pytest.mark.django_db
def test_a_database_of_the_old_set_is_refused_with_the_way_out_and_nothing_is_touched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    MigrationRecorder(connection).record_applied("mapping", "0012_parting")
    before = connection.introspection.table_names()
    commands: list[str] = []
    monkeypatch.setattr(prepare, "call_command", lambda name, **_options: commands.append(name))
    with pytest.raises(SystemExit) as refused:
        prepare.main(["migrate", "seed_demo"])
    assert "make reset" in str(refused.value.code)
    assert commands == []
    assert connection.introspection.table_names() == before


@pytest.mark.django_db
def test_a_database_with_all_single_migrations_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = MigrationRecorder(connection)
    for app, name in JOINING:
        recorder.record_unapplied(app, name)
    assert migrating.outstanding() == [] and migrating.unknown() == []
    call_command("migrate", check_unapplied=True)
    call_command("migrate")
    assert "No migrations to apply" in capsys.readouterr().out
    assert set(JOINING) <= migrating.applied()


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["migrate", "upgrade"])
def test_a_database_with_a_part_of_them_is_refused_with_the_way_out(command: str) -> None:
    recorder = MigrationRecorder(connection)
    for app, name in [*JOINING, ("mapping", "0024_planned_map_versions")]:
        recorder.record_unapplied(app, name)
    before = migrating.applied()
    with pytest.raises(
        CommandError, match=rf"lacks mapping\.0024_planned_map_versions.*git checkout {migrating.JOINED}"
    ):
        call_command(command, verbosity=0)
    manifest = {"migrations": [".".join(step) for step in before]}
    with pytest.raises(backup_archive.Unsafe, match=r"lacks mapping\.0024_planned_map_versions"):
        restoring._check(manifest, force=True)
    assert migrating.applied() == before
