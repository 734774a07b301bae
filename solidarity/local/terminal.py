"""What the person at the terminal reads, and the two ways in which a verb ends early."""

import sys
from pathlib import Path


class Refused(Exception):
    """Something the person can mend stands in the way; the text says what and how. Printed without a traceback."""


class Interrupted(Exception):
    """SIGTERM or SIGHUP came; unwinds like KeyboardInterrupt, so that everything started is stopped."""


def say(text: str) -> None:
    """One line on the terminal, at once."""
    print(text, flush=True)


def complain(text: str) -> None:
    """One line on the error stream, at once."""
    print(text, file=sys.stderr, flush=True)


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log file, indented; empty when there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"    {line}\n" for line in lines[-count:])
