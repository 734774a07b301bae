"""Identity of processes: after a crash or a reboot, a process id may belong to another program."""

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def _fields(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat after the program's name, or None if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


@dataclass(frozen=True)
class Process:
    """A process that can be recognised later: its id, its start in clock ticks after boot, and the id of the boot."""

    pid: int
    born: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """Return the live process with this id, or None. A zombie is treated as gone."""
        fields = _fields(pid)
        if fields is None or fields[0] in "ZX":
            return None
        return cls._of(pid, fields)

    @classmethod
    def of_child(cls, pid: int) -> "Process":
        """Return a child that this process started and has not waited for, even if it has already ended.

        Until somebody waits for the child, its id belongs to no other process. Raise ProcessLookupError if there is
        none.
        """
        fields = _fields(pid)
        if fields is None:
            raise ProcessLookupError(pid)
        return cls._of(pid, fields)

    @classmethod
    def _of(cls, pid: int, fields: list[str]) -> "Process":
        return cls(pid, int(fields[19]), BOOT_ID.read_text(encoding="ascii").strip())

    @classmethod
    def from_record(cls, record: dict[str, str | int]) -> "Process":
        """Return the process of a ``record``; raise KeyError or ValueError for anything else."""
        return cls(int(record["pid"]), int(record["born"]), str(record["boot"]))

    def record(self) -> dict[str, str | int]:
        """Return the process as values for JSON."""
        return asdict(self)

    def alive(self) -> bool:
        return Process.of(self.pid) == self

    def signal(self, number: signal.Signals) -> None:
        """Send a signal if the process still exists."""
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def session(self) -> list["Process"]:
        """Return the live members of the session that this process leads or led."""
        members = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (fields := _fields(int(entry.name))) and int(fields[3]) == self.pid:
                member = Process.of(int(entry.name))
                if member and member.boot == self.boot and member.born >= self.born:
                    members.append(member)
        return members


def wait_until_gone(processes: Iterable[Process], seconds: float) -> bool:
    """Return True once all processes are gone, or False if some are still alive after ``seconds``."""
    deadline = time.monotonic() + seconds
    left = list(processes)
    while left := [process for process in left if process.alive()]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def stop_sessions(leaders: Iterable[Process], seconds: float) -> None:
    """Send SIGTERM to the leaders, which stop their own children, and kill all that is left after ``seconds``.

    Children get no SIGTERM, because a worker's children would drop their current task.
    """
    leaders = list(leaders)
    for leader in leaders:
        leader.signal(signal.SIGTERM)
    wait_until_gone(leaders, seconds)
    left = [member for leader in leaders for member in leader.session()]
    for member in left:
        member.signal(signal.SIGKILL)
    wait_until_gone(left, 5)
