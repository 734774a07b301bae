"""The state of the installation of a street map or of a list of addresses, in a small file beside the archive, and the
lock that allows only one installation at any moment.

A command or a worker can install; pages, in other processes, read the state. ``of`` names what is installed.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from volunteers.places.basemap import installed
from volunteers.places.basemap.problems import Problem, StreetMapError

WAITS = 120  # seconds until a task that no worker has taken counts as interrupted
_PAUSE = 0.5  # seconds between two writes
STREET_MAP, ADDRESSES = "installation", "addresses"


@dataclass(frozen=True, slots=True)
class State:
    """step: "waiting", "read", "filter", "tiles", "install", "store", "done" or "failed"; "" if nothing was installed yet.

    done, total: number of bytes done and number of bytes in total; 0 if unknown. what: the area's key or the file's
    name. problem, details: the problem and the details of a StreetMapError. at: the time at which the state was
    written, in seconds since 1970.
    """

    step: str = ""
    done: int = 0
    total: int = 0
    what: str = ""
    problem: str = ""
    details: dict[str, str] = field(default_factory=dict)
    at: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether an installation is waiting or running."""
        return self.step not in ("", "done", "failed")

    @property
    def percent(self) -> int | None:
        return min(100, 100 * self.done // self.total) if self.total else None

    @property
    def error(self) -> StreetMapError | None:
        return StreetMapError(Problem(self.problem), **self.details) if self.problem in Problem.values else None


def current(of: str = STREET_MAP) -> State:
    """Return the state. A state that says "running" without a running process becomes "failed" (interrupted)."""
    state = _read(of)
    if not state.runs or _locked(of) or (state.step == "waiting" and time.time() - state.at < WAITS):
        return state
    problem = Problem.NO_WORKER if state.step == "waiting" else Problem.INTERRUPTED
    return replace(state, step="failed", problem=problem.value, details={})


def write(state: State, of: str = STREET_MAP) -> None:
    """Store a state. A reader sees either the old state or the new one, never a part."""
    installed.root().mkdir(parents=True, exist_ok=True)
    written = _file(of).with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps(asdict(replace(state, at=time.time()))), encoding="utf-8")
    written.replace(_file(of))


@contextmanager
def only_one(of: str = STREET_MAP) -> Iterator[None]:
    """Hold the lock of the installation. Raise StreetMapError (busy) if another process holds it."""
    installed.root().mkdir(parents=True, exist_ok=True)
    with _lock_file(of).open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StreetMapError(Problem.BUSY) from error
        yield


class Recorder:
    """Writes the progress of one installation, at most twice a second."""

    def __init__(self, what: str, of: str = STREET_MAP) -> None:
        self.state = State(what=what)
        self.of = of
        self.written = 0.0

    def step(self, step: str, done: int = 0, total: int = 0) -> None:
        changed = step != self.state.step
        self.state = replace(self.state, step=step, done=done, total=total)
        if changed or time.monotonic() - self.written >= _PAUSE:
            self.written = time.monotonic()
            write(self.state, self.of)

    def failed(self, error: StreetMapError) -> None:
        write(replace(self.state, step="failed", problem=error.problem.value, details=error.details), self.of)


def _file(of: str) -> Path:
    return installed.root() / f"{of}.json"


def _lock_file(of: str) -> Path:
    return installed.root() / f"{of}.lock"


def _read(of: str) -> State:
    try:
        found: Any = json.loads(_file(of).read_text(encoding="utf-8"))
        return State(**found)
    except (OSError, ValueError, TypeError):
        return State()


def _locked(of: str) -> bool:
    try:
        with _lock_file(of).open("r") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
