"""The database of a back-up: dump, load, clear and count rows."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

from solidarity.lib.database import table_statistics
from solidarity.ops.backups.backup_archive import Unsafe

VERSIONS = Path("/usr/lib/postgresql")
"""Where Debian's packages keep the programs of each PostgreSQL version. The image has no solidarity.local."""
LONGEST_LOCK = "60s"  # maximum time for which a dump waits for tables that another session has locked
NOT_KEPT = ("django_session", "usersessions_usersession")
"""Tables whose rows are excluded, so that a restore signs nobody in again."""
POSTGIS = ("EXTENSION - postgis", "EXTENSION postgis", "public spatial_ref_sys")
"""PostGIS's own objects in a dump's list of contents."""
HOLD_SOMETHING = ("volunteers_user", "needs_encounter", "needs_need", "needs_citizenreport")
"""If these tables are empty, a restore destroys nothing."""


def _program(name: str) -> str:
    """Return the program (pg_dump, pg_restore) of the server's version. If it is missing, return the program on the
    PATH."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        major = int(cursor.fetchone()[0]) // 10000
    own = VERSIONS / str(major) / "bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise Unsafe(f"{name} is not installed (Debian: apt-get install postgresql-client).")
    return found


def _run(name: str, *arguments: str) -> str:
    """Run a PostgreSQL program on our database; raise Unsafe with its output if it fails."""
    given = connection.settings_dict
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    for key, value in (
        ("PGHOST", given["HOST"]), ("PGPORT", given["PORT"]), ("PGUSER", given["USER"]), ("PGPASSWORD", given["PASSWORD"]),
        ("PGTARGETSESSIONATTRS", given["OPTIONS"].get("target_session_attrs")),  # of several hosts, the same as ours
    ):  # fmt: skip
        if value:
            environment[key] = str(value)
    done = subprocess.run([_program(name), *arguments], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unsafe(f"{name} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


@contextmanager
def snapshot() -> Iterator[str]:
    """Open a read-only transaction with one snapshot, and yield its name for other connections."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def dump(target: Path, seen: str) -> None:
    """Dump the database as the snapshot named ``seen`` sees it."""
    left_out = [f"--exclude-table-data={table}" for table in NOT_KEPT]
    name = str(connection.settings_dict["NAME"])
    limits = [f"--snapshot={seen}", f"--lock-wait-timeout={LONGEST_LOCK}"]
    _run("pg_dump", "-Fc", "--no-owner", "--no-acl", *limits, *left_out, "-f", str(target), "-d", name)


def load(source: Path) -> None:
    """Load a dump into an empty database, in one transaction.

    The dump's PostGIS objects are skipped: PostGIS is installed before, because often only a superuser may create it.
    """
    lines = _run("pg_restore", "-l", str(source)).splitlines()
    wanted = [line for line in lines if not any(name in line for name in POSTGIS)]
    contents = source.with_suffix(".list")
    contents.write_text("\n".join(wanted) + "\n")
    name = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    connection.close()
    _run("pg_restore", "--no-owner", "--no-acl", "--single-transaction", "-L", str(contents), "-d", name, str(source))
    table_statistics.refresh(_own_tables())  # a dump contains no statistics


def counts() -> dict[str, int]:
    """Return the number of rows of each table that a dump contains."""
    with connection.cursor() as cursor:
        tables = [table for table in _own_tables() if table not in NOT_KEPT]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM public."{table}"')
            found[table] = int(cursor.fetchone()[0])
    return found


def _own_tables() -> list[str]:
    """Return the tables that do not belong to an extension."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT EXISTS "
            "(SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
        )
        return [str(row[0]) for row in cursor.fetchall()]


def is_empty() -> bool:
    """Return whether the database has no account and no report."""
    there = set(_own_tables())
    with connection.cursor() as cursor:
        for table in HOLD_SOMETHING:
            if table in there:
                cursor.execute(f'SELECT EXISTS (SELECT FROM public."{table}")')
                if cursor.fetchone()[0]:
                    return False
    return True


def empty() -> None:
    """Drop all our tables, functions, sequences and collations; extensions stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in _own_tables():
            cursor.execute(f'DROP TABLE IF EXISTS public."{table}" CASCADE')
        cursor.execute(
            "SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p "
            "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND NOT EXISTS "
            "(SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') UNION ALL "
            "SELECT format('DROP SEQUENCE IF EXISTS %s CASCADE', c.oid::regclass) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'S' UNION ALL "
            "SELECT format('DROP COLLATION IF EXISTS public.%I CASCADE', c.collname) FROM pg_collation c "
            "JOIN pg_namespace n ON n.oid = c.collnamespace WHERE n.nspname = 'public'"
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


def migrations() -> list[str]:
    """Return the applied migrations as app.name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
        return [f"{app}.{name}" for app, name in cursor.fetchall()]
