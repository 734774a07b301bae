"""The newest version of the parameters that a migration stores."""

from importlib import import_module

from mapping.coverage.cells.coverage_model import Model


def test_the_migration_stores_the_model_s_defaults() -> None:
    stored = import_module("mapping.migrations.0004_since_version_0_2").VALUES
    assert Model.of(stored) == Model()
    assert stored == Model().values()
