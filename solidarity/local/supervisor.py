"""The processes of ``make run``: started, restarted when they die, stopped together.

``Supervisor`` owns the web server, the worker and the scheduler. ``StoreWatch`` restarts PostgreSQL and Redis.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from solidarity.local.processes import Process, stop_sessions
from solidarity.local.services.running_services import Stores
from solidarity.local.terminal import SetUpRefused, complain, last_lines

PATIENCE = 10.0  # seconds that a process gets to stop
MOST_DEATHS = 5  # if a process dies this many times …
WITHIN = 60.0  # … within this many seconds, the whole run stops
MISSED = 4  # checks that PostgreSQL or Redis may miss in a row before it counts as dead


@dataclass
class Deaths:
    """The deaths of one process in the last WITHIN seconds."""

    moments: list[float] = field(default_factory=list)

    def pause_after(self, now: float) -> float | None:
        """Count a death; return the seconds until the restart (1, 2, 4, 8), or None to give up."""
        self.moments = [*(moment for moment in self.moments if now - moment < WITHIN), now]
        return None if len(self.moments) >= MOST_DEATHS else 2.0 ** (len(self.moments) - 1)


@dataclass
class _Child:
    command: list[str]
    process: subprocess.Popen[bytes]
    identity: Process
    deaths: Deaths = field(default_factory=Deaths)
    restarts_at: float | None = None


class Supervisor:
    """Processes in their own sessions, each with a log. The processes end with this process, even after kill -9."""

    def __init__(
        self, folder: Path, logs: Path, environment: Mapping[str, str], record: Callable[[str, Process], None]
    ) -> None:
        """folder: the working directory of the processes. record: function that is called with the name and identity of
        each started process."""
        self.folder, self.logs, self.environment, self.record = folder, logs, dict(environment), record
        self._children: dict[str, _Child] = {}

    def start(self, name: str, command: list[str]) -> None:
        """Start a process with a new log; the old log is kept beside it."""
        log = self.log_of(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_name(f"{log.name}.1"))
        self._children[name] = self._started(name, command)

    def ended(self) -> str | None:
        """Return a description of how the first stopped process ended; None while all processes are running."""
        for name, child in self._children.items():
            if child.process.poll() is not None:
                return f"The {name} process stopped by itself ({_how(child.process)})."
        return None

    def tend(self, now: float | None = None) -> bool:
        """Restart processes that died, each after a growing pause. Return False if a process died too often."""
        moment = time.monotonic() if now is None else now
        for name, child in self._children.items():
            if child.process.poll() is None:
                continue
            if child.restarts_at is None and not self._bury(name, child, moment):
                return False
            if child.restarts_at is not None and moment >= child.restarts_at:
                fresh = self._started(name, child.command)
                fresh.deaths = child.deaths
                self._children[name] = fresh
        return True

    def stop(self) -> None:
        """Stop all processes with their own children."""
        stop_sessions([child.identity for child in self._children.values()], PATIENCE)
        for child in self._children.values():
            child.process.wait()

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def end_of_log(self, name: str) -> str:
        return f"The end of {self.log_of(name)}:\n{last_lines(self.log_of(name))}"

    def _bury(self, name: str, child: _Child, now: float) -> bool:
        """Print and log a death, and plan the restart; return False after too many deaths."""
        pause = child.deaths.pause_after(now)
        count = len(child.deaths.moments)
        said = f"The {name} process stopped by itself ({_how(child.process)})"
        if pause is None:
            self._note(name, f"{said} {count} times in a minute, so the rest stops.")
            complain(self.end_of_log(name))
            return False
        self._note(name, f"{said}. It starts again in {pause:g} s (stop {count} of {MOST_DEATHS} in a minute).")
        stop_sessions([child.identity], PATIENCE)  # otherwise its children would keep the port or take tasks
        child.restarts_at = now + pause
        return True

    def _note(self, name: str, said: str) -> None:
        with self.log_of(name).open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} make run: {said}\n")
        complain(said)

    def _started(self, name: str, command: list[str]) -> _Child:
        whole = [setpriv, "--pdeathsig", "TERM", *command] if (setpriv := shutil.which("setpriv")) else command
        with self.log_of(name).open("ab") as output:
            process = subprocess.Popen(
                whole, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        identity = Process.of_child(process.pid)  # even if it died at once, because its children may live
        self.record(name, identity)
        return _Child(command, process, identity)


class StoreWatch:
    """Restarts of the private PostgreSQL and Redis, which other programs may share."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self._missed: dict[str, int] = {}
        self._deaths: dict[str, Deaths] = {}

    def tend(self, now: float | None = None) -> bool:
        """Start servers again that missed more than MISSED calls of this method in a row.

        Return False if one of them died too often. A failed start counts as another death at the next calls.
        """
        down = self.stores.down()
        self._missed = {name: self._missed.get(name, 0) + 1 for name in down}
        for name in down:
            if self._missed[name] <= MISSED:
                continue
            deaths = self._deaths.setdefault(name, Deaths())
            pause = deaths.pause_after(time.monotonic() if now is None else now)
            count = len(deaths.moments)
            if pause is None:
                complain(f"{name} stopped by itself {count} times in a minute, so the rest stops.")
                return False
            complain(f"{name} stopped by itself. It starts again (stop {count} of {MOST_DEATHS} in a minute).")
            try:
                self.stores.revive(name)
            except SetUpRefused as refused:
                complain(str(refused))
            self._missed[name] = 0
        return True


def _how(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"signal {-code}" if code < 0 else f"exit code {code}"
