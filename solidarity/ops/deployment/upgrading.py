"""Upgrade of an installation: checks, back-up, migrations. Nothing is changed before the back-up is complete."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core import checks
from django.db import OperationalError, connection

from solidarity.ops.backups import database_dump, making
from solidarity.ops.backups.backup_archive import Unsafe
from solidarity.ops.deployment import migrating
from solidarity.ops.deployment.migrating import MigrationRefused


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A finished upgrade. migrations: number of applied migrations. backup: the back-up that was made; None if the
    database was empty or up to date."""

    migrations: int
    backup: making.Made | None


def upgrade(say: Callable[[str], None]) -> Upgraded:
    """Bring the database to this version. say: function that prints a line. Raise MigrationRefused, with the database
    as before."""
    _refuse_unsuitable()
    made: making.Made | None = None
    with migrating.alone():
        missing = migrating.outstanding()
        if not missing:
            return Upgraded(0, None)
        _check(say)
        try:
            with migrating.impatient():
                if not database_dump.is_empty():
                    made = making.write()
                    say(f"Back-up: {made.file} ({made.rows} rows)")
        except Unsafe as refusal:
            raise MigrationRefused(f"Without a back-up, nothing was changed. {refusal}") from None
        except OperationalError as error:
            if not migrating.is_locked(error):
                raise
            raise MigrationRefused("Without a back-up, nothing was changed: a table is in use.") from None
        try:
            migrating.migrate(say)
        except MigrationRefused:
            raise
        except Exception as error:
            raise MigrationRefused(
                f"A migration failed, and the database is as before: {type(error).__name__}: {error}"
            ) from error
    if made:
        making.audit(made)
    return Upgraded(len(missing), made)


def _refuse_unsuitable() -> None:
    """Raise MigrationRefused for a PostgreSQL without the collation of names (ICU)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i')")
        if not cursor.fetchone()[0]:
            raise MigrationRefused(
                "This PostgreSQL was built without ICU, which sorts names. Use another package or image."
            )


def _check(say: Callable[[str], None]) -> None:
    """Print warnings about settings that do not suit a real site. Raise MigrationRefused for a setting with which the
    site cannot run."""
    for message in checks.run_checks():
        if message.is_serious(checks.ERROR) and not message.is_silenced():
            raise MigrationRefused(f"{message.msg} {message.hint or ''}".strip())
    for message in checks.run_checks(tags=["solidarity"], include_deployment_checks=True):
        say(f"Warning: {message.msg} {message.hint or ''}".strip())
