"""A database with migrations from before 0.2.0 is recognised and not changed."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from solidarity.local import prepare


@pytest.mark.django_db
def test_a_current_database_has_no_unknown_migrations() -> None:
    assert prepare.unknown_migrations() == []


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
