"""PostgreSQL as a primary and its streaming replica, with the commands of docs/several-hosts.md."""

import time
from collections.abc import Callable
from typing import Any

import psycopg2

from solidarity.local.services.data_dirs import Home
from solidarity.local.services.postgres import SUPERUSER, VERSIONS, installed_versions
from solidarity.ops.several_hosts.network import ADDRESSES, PREFIX

SETTINGS = {
    "listen_addresses": "*", "port": "5432", "unix_socket_directories": "", "max_connections": "100",
    "shared_buffers": "64MB", "jit": "off", "timezone": "UTC", "log_min_error_statement": "panic",
    "log_error_verbosity": "terse", "wal_level": "replica", "hot_standby": "on", "hot_standby_feedback": "on",
    "max_slot_wal_keep_size": "4GB", "wal_sender_timeout": "10s", "wal_receiver_timeout": "10s",
    "wal_receiver_status_interval": "1s", "tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3", "tcp_user_timeout": "10s",
}  # fmt: skip
OTHER = {"pg1": "pg2", "pg2": "pg1"}


class Server:
    """One of the two servers. ``home`` holds its data, and the account that runs it."""

    def __init__(self, name: str, home: Home) -> None:
        self.name, self.home = name, home

    def copy_from(self, address: str, port: str) -> None:
        """Fill the empty data folder with a copy of a running server; raise CalledProcessError if that fails."""
        self.home.run(["rm", "-rf", str(self.home.data)])
        self.home.run(
            [program("pg_basebackup"), "-h", address, "-p", port, "-U", SUPERUSER, "-D", str(self.home.data),
             "-X", "stream", "-c", "fast", "--no-sync"]
        )  # fmt: skip
        access = self.home.data / "pg_hba.conf"
        rules = "".join(f"host {who} {PREFIX}.0/24 trust\n" for who in ("all all", "replication all"))
        if f"{PREFIX}.0/24" not in access.read_text(encoding="utf-8"):
            with access.open("a", encoding="utf-8") as file:
                file.write(rules)

    def follow(self) -> None:
        """Make this server the standby of the other one at its next start."""
        self._change("touch", "standby.signal")
        line = (
            f"primary_conninfo = 'host={ADDRESSES[OTHER[self.name]]} user={SUPERUSER} application_name={self.name} "
            f"connect_timeout=5'\nprimary_slot_name = '{self.name}'\n"
        )
        with (self.home.data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write(line)

    def rebuild(self) -> None:
        """Replace this server's data by a copy of the other server, and follow it. This server must be stopped."""
        self.copy_from(ADDRESSES[OTHER[self.name]], "5432")
        self.follow()

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        account = self.home.account
        become = [] if account is None else [f"--reuid={account}", f"--regid={account}", "--init-groups"]
        options = [text for name, value in SETTINGS.items() for text in ("-c", f"{name}={value}")]
        return ["setpriv", *become, "--pdeathsig", "QUIT", program("postgres"), "-D", str(self.home.data), *options]

    def ask(self, query: str) -> Any:
        """Return the first value of a query, asked as superuser."""
        return ask(ADDRESSES[self.name], query)

    def accepts(self) -> bool:
        """Return whether the server answers."""
        try:
            return bool(self.ask("SELECT true"))
        except psycopg2.OperationalError:
            return False

    def make_slot(self) -> None:
        """Keep the log for the other server while it is away."""
        name = OTHER[self.name]
        self.ask(
            f"SELECT count(pg_create_physical_replication_slot('{name}')) WHERE NOT EXISTS "
            f"(SELECT FROM pg_replication_slots WHERE slot_name = '{name}')"
        )

    def followed(self, state: str = "async") -> bool:
        """Return whether the other server streams from this one, as ``async`` or ``sync``."""
        query = f"SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '{state}'"
        return bool(self.ask(query))

    def wait_for_other(self) -> None:
        """Let each commit wait until the other server has it on disk."""
        self.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{OTHER[self.name]}'")
        self.ask("SELECT pg_reload_conf()")

    def _change(self, verb: str, file: str) -> None:
        self.home.run([verb, str(self.home.data / file)])


def ask(address: str, query: str) -> Any:
    """Return the first value of a query to a server; None if it has no rows."""
    connection = psycopg2.connect(
        host=address,
        port=5432,
        user=SUPERUSER,
        dbname="postgres",
        connect_timeout=3,
        options="-c statement_timeout=30s",
    )
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0] if cursor.description and cursor.rowcount else None
    finally:
        connection.close()


def program(name: str) -> str:
    """Return the path of a program of the newest PostgreSQL with PostGIS."""
    return str(VERSIONS / str(installed_versions()[0]) / "bin" / name)


def until(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait for a condition, and return the seconds; raise RuntimeError after ``seconds``."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise RuntimeError(f"{what}: not within {seconds:g} s")
        time.sleep(0.1)
    return time.monotonic() - start
