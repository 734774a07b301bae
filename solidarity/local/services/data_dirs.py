"""Folders of the private PostgreSQL and Redis, accessible to the account that runs them."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from solidarity.local.checkout import Checkout
from solidarity.local.terminal import SetUpRefused, say

LONGEST_SOCKET = 107  # in bytes; this is the kernel's limit
SOCKET_NAMES = ("s/.s.PGSQL.5432.lock", "s/redis.sock")
ACCOUNT = "postgres"  # the account of Debian's package, because PostgreSQL refuses to run as root


@dataclass(frozen=True)
class Home:
    """Data and logs in ``folder``, sockets in ``sockets``. ``account`` runs the servers (None: the current account)."""

    folder: Path
    sockets: Path
    account: str | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(
        self, command: list[str], program: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder, as this home's account, and capture its output.

        program: the file to run, if it is not the first word of the command. Raise CalledProcessError if the command
        fails and ``check`` is true.
        """
        return subprocess.run(
            command,
            executable=program,
            cwd=self.folder,
            check=check,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=self.account,
            group=self.account,
            extra_groups=None if self.account is None else [],
            start_new_session=True,  # Ctrl-C must reach only the verb, which stops its servers in order
            env={**without_postgres_settings(os.environ), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
        )


def without_postgres_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without PGDATA, PGHOST and other variables that could point to another cluster."""
    return {name: value for name, value in environment.items() if not name.startswith("PG")}


def _mark(state: Path) -> str:
    return hashlib.sha256(str(state).encode()).hexdigest()[:10]


def _sockets_fit(folder: Path) -> bool:
    return all(len(os.fsencode(folder / name)) <= LONGEST_SOCKET for name in SOCKET_NAMES)


def _own(folder: Path, account: str | None) -> None:
    """Create the folder for this account only; raise SetUpRefused if it belongs to another account."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = os.geteuid() if account is None else pwd.getpwnam(account).pw_uid
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise SetUpRefused(f"{folder} belongs to another account: remove it, or move the state with SOLIDARITY_STATE.")
    if found.st_uid != owner and account is not None:
        shutil.chown(folder, account, account)
    folder.chmod(0o700)


def _reachable(folder: Path, account: str) -> bool:
    """Return whether the account can write to the folder. A parent folder, such as root's home, may be closed to the
    account."""
    command = ["test", "-w", str(folder)]
    return subprocess.run(command, cwd="/", user=account, group=account, extra_groups=[]).returncode == 0


def home(checkout: Checkout, kind: str) -> Home:
    """Return the home of the services of one kind (``run``, ``test`` or ``chaos``), created if missing.

    The home is in the state folder. If ``postgres`` cannot enter that folder, or the path is too long for a socket,
    root uses /var/lib and a symbolic link. If the path is too long, other accounts use a separate folder for the
    sockets.
    """
    place = checkout.state / "stores" / kind
    if os.geteuid() != 0:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        sockets = place / "s"
        if not _sockets_fit(place):
            sockets = Path(tempfile.gettempdir()) / f"solidarity-{os.geteuid()}-{_mark(checkout.state)}-{kind}"
        _own(sockets, None)
        return Home(place, sockets, None)
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise SetUpRefused(f"As root, the database runs under the account {ACCOUNT}, which does not exist.") from None
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_symlink():
        if _sockets_fit(place):
            _own(place, ACCOUNT)
            if _reachable(place, ACCOUNT):
                return _with_sockets(place)
            place.rmdir()
        place.symlink_to(_elsewhere(checkout, kind))
    target = place.resolve()
    _own(target, ACCOUNT)
    return _with_sockets(target)


def _with_sockets(folder: Path) -> Home:
    _own(folder / "s", ACCOUNT)
    return Home(folder, folder / "s", ACCOUNT)


def _elsewhere(checkout: Checkout, kind: str) -> Path:
    """Return a short path for this checkout, and rename a folder that a removed checkout left there."""
    folder = Path("/var/lib") / f"solidarity-{_mark(checkout.state)}-{kind}"
    if folder.exists():
        aside = folder.with_name(f"{folder.name}.left-{time.strftime('%Y%m%d-%H%M%S')}")
        folder.rename(aside)
        say(f"A database left by an earlier checkout at this place was moved to {aside}.")
    return folder


def remove(checkout: Checkout, kind: str) -> None:
    """Delete a home with all its data. The servers of the home must be stopped."""
    place = checkout.state / "stores" / kind
    if place.is_symlink():
        shutil.rmtree(place.resolve(), ignore_errors=True)
        place.unlink()
    elif place.is_dir():
        shutil.rmtree(place)


def exists(checkout: Checkout, kind: str) -> bool:
    """Return whether a home with data exists."""
    return (checkout.state / "stores" / kind / "data").exists()
