"""The nginx of the tests: the nginx of the machine, or else Debian's package unpacked into the checkout, without
starting a service."""

import shutil
from pathlib import Path

from solidarity.local.services import unpacked

PACKAGE = "nginx"
MODULES = Path("usr/lib/nginx/modules")  # below the root folder, or below the unpacked package
_NAMES = f"{PACKAGE} libnginx-mod-http-brotli-static"


def program(installed: Path) -> Path | None:
    """Return the path of nginx; None if nginx is missing. installed: the checkout's folder of programs."""
    found = shutil.which(PACKAGE) or shutil.which(PACKAGE, path="/usr/sbin")
    own = _folder(installed) / "usr" / "sbin" / "nginx"
    return Path(found) if found else own if own.exists() else None


def modules(installed: Path) -> Path:
    """Return the folder of the modules of ``program``."""
    own = program(installed) == _folder(installed) / "usr" / "sbin" / "nginx"
    return (_folder(installed) if own else Path("/")) / MODULES


def unpacking(installed: Path) -> list[str]:
    """Return the command that downloads and unpacks the package. Unpacking needs no rights, and leaves the system as it
    is."""
    return unpacked.unpacking(_folder(installed), _NAMES)


def _folder(installed: Path) -> Path:
    return installed / "nginx"
