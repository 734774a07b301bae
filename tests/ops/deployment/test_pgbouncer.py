"""The shipped configuration of pgbouncer before the real database: sessions keep what the application relies on."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings as site
from django.db import connection

from mapping.coverage.folding import fold
from mapping.enums import ExportFormat, ExportState
from mapping.models import CellState, Export
from mapping.out.exports import export_jobs
from mapping.out.report_figures.report_period import Period
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.advisory_locks import key_of
from solidarity.local.checkout import Checkout
from solidarity.local.services import pgbouncer
from solidarity.ops.ports import free_port, running
from tests.support import Cast, City, Seen

SHIPPED = site.ROOT / "solidarity" / "ops" / "deployment" / "pgbouncer.ini"
INSTALLED = Checkout.here().installed

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Pool:
    """A pgbouncer before the test database."""

    port: int
    name: str
    user: str

    def connect(self) -> "psycopg2.extensions.connection":
        options = site.DATABASES["default"]["OPTIONS"]["options"]  # type: ignore[index]
        found = psycopg2.connect(
            host="127.0.0.1", port=self.port, dbname=self.name, user=self.user, options=str(options),
            target_session_attrs="read-write",  # of several hosts
        )  # fmt: skip
        found.autocommit = True
        return found


@contextmanager
def pool(**changes: str) -> Iterator[Pool]:
    """Run pgbouncer with the shipped file, with addresses of the tests and other changes."""
    if pgbouncer.program(INSTALLED) is None:
        pytest.skip("this machine has no pgbouncer")
    given = connection.settings_dict
    server = f"host={given['HOST']} port={given['PORT'] or 5432} user={given['USER']}"
    lines = {"listen_port": str(free_port()), "auth_type": "any", "unix_socket_dir": "", **changes}
    text = re.sub(r"(?m)^solidarity = .*$", f"{given['NAME']} = {server}", SHIPPED.read_text())
    text = "\n".join(line for line in text.splitlines() if line.partition(" ")[0] not in {*lines, "auth_file"})
    text += "".join(f"\n{name} = {value}" for name, value in lines.items())
    with tempfile.TemporaryDirectory(prefix="sol-pool-") as folder:
        Path(folder).chmod(0o755)
        if (INSTALLED / pgbouncer.PACKAGE).exists():  # the checkout may lie where only root may enter
            shutil.copytree(INSTALLED / pgbouncer.PACKAGE, Path(folder) / pgbouncer.PACKAGE)
        program = pgbouncer.program(Path(folder))
        file = Path(folder) / "pgbouncer.ini"
        file.write_text(text + "\n")
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        found = Pool(int(lines["listen_port"]), str(given["NAME"]), str(given["USER"]))

        def answers() -> bool:
            try:
                found.connect().close()
            except psycopg2.OperationalError as error:
                raise ConnectionRefusedError from error
            return True

        with running([*become, str(program), str(file)], answers, env=pgbouncer.environment(Path(folder))):
            yield found


@contextmanager
def through(found: Pool) -> Iterator[None]:
    """Let the application reach the database through pgbouncer only."""
    kept = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(found.port)}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict |= {"HOST": kept["HOST"], "PORT": kept["PORT"]}


def test_reports_folds_and_exports_work_through_sessions(city: City, cast: Cast, seen: Seen) -> None:
    with connection.cursor() as cursor:
        for name, value in (("jit", "off"), ("plan_cache_mode", "force_generic_plan")):  # as docs/several-hosts.md says
            cursor.execute(
                f"ALTER ROLE CURRENT_USER IN DATABASE {connection.settings_dict['NAME']} SET {name} = {value}"
            )
    with pool() as found:
        for _client in range(2):  # the second client gets the server connection that the first one had
            with through(found):
                seen(persons=3)
                assert fold.fold_outbox() == 1
                assert prepared_statements.run("SELECT $1::int + 1", [1]) == [(2,)]
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT current_setting('jit'), current_setting('plan_cache_mode'), inet_client_port()"
                    )
                    assert cursor.fetchone() == ("off", "force_generic_plan", None)  # pgbouncer's end of a socket
        with through(found):
            export = export_jobs.ask_for_rows(city.root, Period.latest(), ExportFormat.CSV, cast.diane)
            assert export_jobs.run(export.pk) == ExportState.DONE
            assert Export.objects.get(pk=export.pk).total == 2
            assert CellState.objects.filter(a__gt=1).exists()


def test_a_lock_of_a_session_ends_with_its_client() -> None:
    with pool() as found:
        holder, other = found.connect(), found.connect()
        take = "SELECT pg_try_advisory_lock(%s)"
        with holder.cursor() as one, other.cursor() as two:
            one.execute(take, [key_of("export x")])
            two.execute(take, [key_of("export x")])
            assert (one.fetchone(), two.fetchone()) == ((True,), (False,))
        holder.close()
        with other.cursor() as two:
            two.execute("SELECT pg_advisory_lock(%s)", [key_of("export x")])  # waits for the reset of the first session
        other.close()


def test_without_sessions_prepared_statements_are_lost() -> None:
    """Why pool_mode is session: between transactions, another client takes the server connection."""
    with pool(pool_mode="transaction", default_pool_size="1", server_reset_query_always="1") as found:
        link = found.connect()
        with link.cursor() as cursor:
            cursor.execute("PREPARE p AS SELECT 1")
            with pytest.raises(psycopg2.errors.InvalidSqlStatementName):
                cursor.execute("EXECUTE p")
        link.close()
