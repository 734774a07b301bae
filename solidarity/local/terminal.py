"""Messages on the terminal, and two exceptions that end a verb early."""

import sys
from pathlib import Path


class SetUpRefused(Exception):
    """A problem that the person can fix. The text gives the reason and says what to do; it is printed without a
    traceback."""


class Interrupted(Exception):
    """SIGTERM or SIGHUP. The exception unwinds like KeyboardInterrupt, so that all started processes are stopped."""


def say(text: str) -> None:
    """Print a line and flush it."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print a line to the error stream and flush it."""
    print(text, file=sys.stderr, flush=True)


def last_lines(path: Path) -> str:
    """Return the last lines of a log file, indented; empty without a file."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"    {line}\n" for line in lines[-15:])
