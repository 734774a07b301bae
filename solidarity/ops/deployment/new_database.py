"""Tables of a new database, made from the models at once. The single steps of the migrations take eight times as long."""

from typing import cast

from django.apps import apps
from django.contrib.postgres.operations import CollationOperation, CreateExtension
from django.db import connection, migrations, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState, StateApps

from solidarity.ops.deployment.migrating import OWN


def is_new() -> bool:
    """Return whether the database has no applied migration and no table of ours."""
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return not MigrationRecorder(connection).applied_migrations() and ours.isdisjoint(
        connection.introspection.table_names()
    )


def create() -> None:
    """Make the tables of a new database and record all migrations as applied, in one transaction.

    After the tables are made, the SQL of our migrations is run and their rows are inserted. Operations that only move
    older data are marked elidable and left out. tests/ops/test_versions.py compares the result with the result of the
    single steps.
    """
    executor = MigrationExecutor(connection)
    steps = [step for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)]
    own = [(step.app_label, operation) for step in steps if step.app_label in OWN for operation in step.operations]
    with transaction.atomic():
        _run([each for each in own if isinstance(each[1], CreateExtension | CollationOperation)])
        with connection.schema_editor() as editor:
            for model in apps.get_models():
                if model._meta.app_label in executor.loader.migrated_apps and model._meta.can_migrate(connection):
                    editor.create_model(model)
        _run([each for each in own if isinstance(each[1], migrations.RunSQL | migrations.RunPython)])
        executor.recorder.ensure_schema()
        for step in steps:
            executor.record_migration(step.app_label, step.name)


def _run(operations: list[tuple[str, Operation]]) -> None:
    """Run the operations that alter no model, without the operations that only move older data."""
    for label, operation in operations:
        if operation.elidable:
            continue
        with connection.schema_editor() as editor:
            if isinstance(operation, migrations.RunPython):
                operation.code(cast(StateApps, apps), editor)  # the newest models
            else:
                operation.database_forwards(label, editor, ProjectState(), ProjectState())
            # No table can be altered while checks of new rows are pending.
            editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
