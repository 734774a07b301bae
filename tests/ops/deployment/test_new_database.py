"""A new database gets all tables at once, and any other database only the outstanding steps.

tests/ops/test_versions.py compares the result with that of the steps.
"""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from mapping.models import Parameters
from solidarity.ops.deployment import new_database


@pytest.mark.django_db
def test_a_database_with_tables_or_with_applied_steps_is_not_new() -> None:
    assert not new_database.is_new()
    MigrationRecorder.Migration.objects.all().delete()
    assert not new_database.is_new(), "its tables are there"


@pytest.mark.django_db(transaction=True)
def test_a_new_database_that_could_not_be_finished_stays_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    own, name = connection.settings_dict["NAME"], f"{connection.settings_dict['NAME']}_new"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # of a run that was killed
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        empty = set(connection.introspection.table_names())
        assert new_database.is_new()
        ours = {model._meta.db_table for model in apps.get_models()}

        def fail(*_step: object) -> None:
            assert not ours.isdisjoint(connection.introspection.table_names()), "it fails before any table is made"
            raise RuntimeError("no space left")

        with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="no space left"):
            patch.setattr(MigrationRecorder, "record_applied", fail)
            call_command("migrate", verbosity=0)
        assert set(connection.introspection.table_names()) == empty and new_database.is_new()
        call_command("migrate", verbosity=0)
        call_command("migrate", check_unapplied=True)
        assert not new_database.is_new()
        assert list(Parameters.objects.order_by("version").values_list("version", flat=True)) == [1, 2]
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
