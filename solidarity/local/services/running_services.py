"""The private PostgreSQL and Redis: the first verb that needs them starts them, and the last verb stops them."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO

from solidarity.local import settings_file
from solidarity.local.checkout import Checkout
from solidarity.local.processes import Process, wait_until_gone
from solidarity.local.services import data_dirs
from solidarity.local.services.postgres import DATABASE, OWNER, PORT, Cluster
from solidarity.local.services.redis import Redis
from solidarity.local.terminal import complain


def took(file: IO[str], kind: int) -> bool:
    """Take a file lock; return False if another process holds it (only with LOCK_NB)."""
    try:
        fcntl.flock(file, kind)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(path: Path, kind: int) -> Iterator[bool]:
    """Hold a file lock and yield the result of ``took``. The kernel releases the lock even if the process is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        yield took(file, kind)


class Stores:
    """The services of one kind. Data of ``run`` and ``chaos`` survive a crash of the machine, data of ``test`` do not.

    A service named in the environment (SOLIDARITY_DB_HOST, SOLIDARITY_REDIS_URL) replaces the private service; it is
    never started or stopped here.
    """

    def __init__(self, checkout: Checkout, kind: str) -> None:
        self.checkout = checkout
        self.kind = kind
        self._folder = checkout.state / "stores"
        self._own_database = "SOLIDARITY_DB_HOST" not in os.environ
        self._own_redis = "SOLIDARITY_REDIS_URL" not in os.environ

    @cached_property
    def _members(self) -> dict[str, Cluster | Redis]:
        home = data_dirs.home(self.checkout, self.kind)
        members: dict[str, Cluster | Redis] = {}
        if self._own_database:
            members["PostgreSQL"] = Cluster(home, durable=self.kind != "test")
        if self._own_redis:
            members["Redis"] = Redis(home)
        return members

    def addresses(self) -> dict[str, str]:
        """Return the settings with the addresses of the private services."""
        found: dict[str, str] = {}
        for member in self._members.values():
            if isinstance(member, Redis):
                found["SOLIDARITY_REDIS_URL"] = member.url
            else:
                found["SOLIDARITY_DB_HOST"] = str(member.home.sockets)
                found["SOLIDARITY_DB_PORT"] = str(PORT)
                found["SOLIDARITY_DB_NAME"] = DATABASE
                found["SOLIDARITY_DB_USER"] = OWNER
                found["SOLIDARITY_DB_PASSWORD"] = ""
        return found

    @contextmanager
    def serving(self, settings: Path) -> Iterator[None]:
        """Run the services inside the block, with their addresses in the settings file.

        Afterwards, stop the servers that our verbs started, unless another verb still uses them.
        """
        turn = self._folder / f"{self.kind}.turn"
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{self.kind}.users").open("a") as users:
            try:
                with locked(turn, fcntl.LOCK_EX):
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self._start()
                addresses = self.addresses()
                if addresses.items() - settings_file.read(settings).items():
                    settings_file.write(settings, addresses)
                yield
            finally:
                with locked(turn, fcntl.LOCK_EX):
                    if took(users, fcntl.LOCK_EX | fcntl.LOCK_NB):
                        self._stop(only_ours=True)

    def stop(self) -> bool:
        """Stop the private services, even if another program started or uses them. Return whether any was running."""
        return self._folder.is_dir() and self._stop(only_ours=False)

    def down(self) -> list[str]:
        """Return the names of the private services that are not running."""
        return [name for name, member in self._members.items() if member.running() is None]

    def kill(self, name: str) -> None:
        """Kill (-9) a private server, for the chaos test. PostgreSQL's other processes end by themselves."""
        if server := self._members[name].running():
            server.signal(signal.SIGKILL)
            wait_until_gone([server], 5)

    def revive(self, *names: str) -> None:
        """Start the named private services again, by default all that are not running. Raise SetUpRefused if one fails.

        A server that our verbs started and that no longer answers is killed first.
        """
        with locked(self._folder / f"{self.kind}.turn", fcntl.LOCK_EX):
            started = self._started()
            silent = [started[name] for name in names or self.down() if name in started]
            for server in silent:
                server.signal(signal.SIGKILL)
            wait_until_gone(silent, 5)
            self._start()

    def flush(self) -> None:
        """Empty the private Redis, for the chaos test."""
        for member in self._members.values():
            if isinstance(member, Redis):
                member.flush()

    @property
    def _record(self) -> Path:
        return self._folder / f"{self.kind}.started.json"

    def _started(self) -> dict[str, Process]:
        """Return the servers that our verbs started, by name. Some may be gone."""
        try:
            records = json.loads(self._record.read_text(encoding="utf-8"))
            return {name: Process.from_record(record) for name, record in records.items()}
        except (OSError, ValueError, KeyError):
            return {}

    def _start(self) -> None:
        started = self._started()
        for name, member in self._members.items():
            if member.running() is None:
                started[name] = member.start()
                self._record.write_text(json.dumps({key: server.record() for key, server in started.items()}))

    def _stop(self, only_ours: bool) -> bool:
        started = self._started()
        stopped = False
        for name, member in reversed(self._members.items()):
            server = member.running()
            if server is not None and (not only_ours or started.get(name) == server):
                member.stop()
                stopped = True
                if member.running() is not None:
                    complain(f"{name} did not stop (process {server.pid}).")
        return stopped
