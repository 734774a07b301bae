"""The pgbouncer of the tests: the one of the machine, or else Debian's package unpacked into the checkout."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from solidarity.local.services import unpacked

PACKAGE = "pgbouncer"
_NAMES = f"{PACKAGE} libcares2 libevent-2.1-7t64"


def program(installed: Path) -> Path | None:
    """Return the path of pgbouncer; None if it is missing. installed: the checkout's folder of programs."""
    found = shutil.which(PACKAGE) or shutil.which(PACKAGE, path="/usr/sbin")
    own = installed / PACKAGE / "usr" / "sbin" / PACKAGE
    return Path(found) if found else own if own.exists() else None


def environment(installed: Path) -> Mapping[str, str]:
    """Return the environment in which the unpacked program finds its libraries."""
    folders = ":".join(map(str, (installed / PACKAGE / "usr" / "lib").glob("*-linux-gnu")))
    return {**os.environ, "LD_LIBRARY_PATH": folders} if folders else os.environ


def unpacking(installed: Path) -> list[str]:
    """Return the command that downloads and unpacks the package."""
    return unpacked.unpacking(installed / PACKAGE, _NAMES)
