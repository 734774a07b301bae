"""The private database and Redis together: started by the first verb that needs them, stopped by the last."""

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
    """Take a file lock; return False when LOCK_NB found it taken by another process."""
    try:
        fcntl.flock(file, kind)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(path: Path, kind: int) -> Iterator[bool]:
    """Holds a file lock, which the kernel drops when the process ends, however it ends. Gives what ``took`` returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        yield took(file, kind)


class Stores:
    """The stores of one kind: ``run`` and ``chaos`` keep what they hold through a crash of the machine, ``test`` need not.

    A store that is named in the environment (SOLIDARITY_DB_HOST, SOLIDARITY_REDIS_URL) is somebody else's: it is used
    as it is, and no private one is started in its place.
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
        """The settings by which the project finds the private stores."""
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
        """Keeps the stores up, with their addresses in the settings file.

        At the end what our verbs started is stopped, unless another verb still uses it; a server that somebody started
        by hand stays.
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
        """Stop the private services, even if another program started or uses them. Returns True if there was one to stop."""
        return self._folder.is_dir() and self._stop(only_ours=False)

    def down(self) -> list[str]:
        """Names of the private services that do not run."""
        return [name for name, member in self._members.items() if member.running() is None]

    def kill(self, name: str) -> None:
        """Kill (-9) a private service's server, for the chaos test; PostgreSQL's other processes end by themselves."""
        if server := self._members[name].running():
            server.signal(signal.SIGKILL)
            wait_until_gone([server], 5)

    def revive(self) -> None:
        """Start the private services that do not run; the program that starts them also stops them."""
        if self.down():
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
        """The servers that our verbs started, by name; some may be gone."""
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
