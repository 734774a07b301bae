"""Messages on the terminal, and the two ways in which a verb ends early."""

import sys
from pathlib import Path


class Refused(Exception):
    """The verb cannot go on, and the person can fix it; the text gives reason and cure. Printed without a traceback."""


class Interrupted(Exception):
    """SIGTERM or SIGHUP came; unwinds like KeyboardInterrupt, so that everything started is stopped."""


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print one line to the error stream at once."""
    print(text, file=sys.stderr, flush=True)


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log file, indented; empty when there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"    {line}\n" for line in lines[-count:])
