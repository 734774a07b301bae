"""Entry point ``python3 solidarity/local/main.py VERB``: starts under any Python 3, continues under 3.12 or newer."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 12)
ADVICE = """Solidarity needs Python {oldest} or newer, and none was found on this machine.
Debian 13, Ubuntu 24.04 and later have one: apt-get install python3
Elsewhere, install one and name it: make run SOLIDARITY_PYTHON=/path/to/python3.13"""


def _candidates() -> Iterator[str]:
    """Yield interpreters to try. The distribution's own interpreter comes first, because the installed libraries belong
    to it."""
    if chosen := os.environ.get("SOLIDARITY_PYTHON"):
        yield chosen
    yield "/usr/bin/python3"
    yield sys.executable
    names = ["python3"] + ["python3." + str(minor) for minor in range(16, 11, -1)]
    for folder in ["/usr/bin", *os.environ.get("PATH", "").split(os.pathsep)]:
        for name in names:
            if folder and os.access(os.path.join(folder, name), os.X_OK):
                yield os.path.join(folder, name)


def _new_enough(interpreter: str) -> bool:
    question = f"import sys; sys.exit(sys.version_info < {OLDEST!r})"
    try:
        return subprocess.run([interpreter, "-c", question], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def continue_under_a_new_enough_python() -> None:
    """Restart this process with the preferred interpreter if it runs under another interpreter.

    Exit with advice if the machine has no Python that is new enough.
    """
    if os.environ.get("SOLIDARITY_INTERPRETER") == sys.executable:
        return
    for interpreter in _candidates():
        if _new_enough(interpreter):
            os.environ["SOLIDARITY_INTERPRETER"] = interpreter
            if os.path.realpath(interpreter) != os.path.realpath(sys.executable):
                sys.stdout.flush()
                os.execv(interpreter, [interpreter, *sys.argv])
            return
    sys.exit(ADVICE.format(oldest=".".join(map(str, OLDEST))))


def main() -> int:
    continue_under_a_new_enough_python()
    if "solidarity" not in sys.modules:  # the package itself imports Celery, which may not be installed yet
        package = types.ModuleType("solidarity")
        package.__path__ = [str(ROOT / "solidarity")]
        sys.modules["solidarity"] = package
    from solidarity.local import make_verbs

    return make_verbs.perform(sys.argv[1:])


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    sys.exit(main())
