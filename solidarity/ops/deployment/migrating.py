"""Migration of the database as a whole: all outstanding migrations are applied, or none."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import psycopg2
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

OWN = ("volunteers", "needs", "mapping", "ops")
ATTEMPTS = 5
PAUSE = 3.0  # seconds between attempts
LONGEST_LOCK = "5s"  # a waiting migration blocks other sessions, so it gives up after this time
JOINED = "d8605bfe2"  # the last commit with the single migrations that the replacing ones join (docs/adr/0055)
ALONE = 0x501DA217  # number of the advisory lock that one upgrade at a time holds


class MigrationRefused(Exception):
    """A migration that was not applied; the database is as before. The text gives the reason and says what to do."""


def applied() -> set[tuple[str, str]]:
    """Return the applied migrations of the database: app and name."""
    return set(MigrationRecorder(connection).applied_migrations())


def known() -> set[tuple[str, str]]:
    """Return the migrations of this version, and those that they replace: app and name."""
    there = MigrationLoader(None).disk_migrations
    return set(there) | {step for migration in there.values() for step in migration.replaces}


def unknown() -> list[tuple[str, str]]:
    """Return the applied migrations of our apps that this version does not know."""
    return sorted(step for step in applied() - known() if step[0] in OWN)


def refuse_between(steps: Collection[tuple[str, str]]) -> None:
    """Raise MigrationRefused if only a part of the migrations that one of ours replaces is applied."""
    for (app, _name), migration in MigrationLoader(None).disk_migrations.items():
        missing = sorted(set(migration.replaces) - set(steps))
        if app in OWN and 0 < len(missing) < len(migration.replaces):
            raise MigrationRefused(
                f"This database is from an unreleased state after version 0.2.0: it lacks {'.'.join(missing[0])}. Nothing was "
                f"changed. Upgrade it with the last state that has the single migrations (git checkout {JOINED} && make "
                "upgrade), and then with this version."
            )


def outstanding() -> list[Migration]:
    """Return the migrations that this version adds to the database. Raise MigrationRefused if the database is of a
    later version, or of an unreleased state."""
    if new := unknown():
        raise MigrationRefused(
            f"This database was made by another version of Solidarity: it has the migration {'.'.join(new[0])}, which "
            "this version does not know. Install that version, or a later one."
        )
    refuse_between(applied())
    executor = MigrationExecutor(connection)
    return [migration for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def migrate(say: Callable[[str], None]) -> None:
    """Apply the outstanding migrations in one transaction. say: function that prints a line about a wait.

    Raise MigrationRefused if another session keeps a table locked, and the error of a migration that fails. In both
    cases, the database is as before.
    """
    with impatient():
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    # No table can be altered while checks of changed rows are pending.
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    call_command("migrate", interactive=False, verbosity=0)
                return
            except OperationalError as error:
                if not is_locked(error):
                    raise
            if attempt < ATTEMPTS:
                say(
                    f"A table is in use ({_sessions() or 'by a session that has ended'}). Attempt {attempt + 1} of {ATTEMPTS} …"
                )
                time.sleep(PAUSE)
    raise MigrationRefused(
        f"The database was not migrated and is as before: a table is in use ({_sessions() or 'by short transactions'}). "
        "Stop the web server, the worker and the scheduler, and start the upgrade again."
    )


@contextmanager
def impatient() -> Iterator[None]:
    """Inside the block, wait for a lock no longer than LONGEST_LOCK."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", [LONGEST_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock of upgrades inside the block; raise MigrationRefused if another upgrade runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ALONE])
        if not cursor.fetchone()[0]:
            raise MigrationRefused("Another upgrade of this database is running. Wait until it has ended.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ALONE])


def is_locked(error: BaseException) -> bool:
    """Return whether the database refused a statement because another session holds a lock."""
    return isinstance(error.__cause__, psycopg2.errors.LockNotAvailable | psycopg2.errors.DeadlockDetected)


def _sessions() -> str:
    """Describe other sessions with an open transaction, the oldest first. Their statements are not shown, because they
    can name people."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, coalesce(nullif(application_name, ''), usename), extract(epoch FROM now() - xact_start)::int "
            "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND xact_start IS NOT NULL AND backend_type = 'client backend' ORDER BY xact_start LIMIT 3"
        )
        return ", ".join(f"process {pid}, {name}, for {age} s" for pid, name, age in cursor.fetchall())
