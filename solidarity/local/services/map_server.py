"""MapServer, which only ``make bench-full`` uses: Debian's packages unpacked into the checkout, without installing
them."""

import os
import shutil
import subprocess
from pathlib import Path

_NAMES = "mapserver-bin libmapserver2t64 libfcgi0t64 libpcre2-posix3"  # its other libraries belong to PostGIS


def program(installed: Path) -> Path | None:
    """Return the path of MapServer; None if it is missing. installed: the checkout's folder of programs."""
    found = shutil.which("mapserv")
    own = installed / "map_server" / "usr" / "bin" / "mapserv"
    return Path(found) if found else own if own.exists() else None


def libraries(program: Path) -> dict[str, str]:
    """Return the setting by which an unpacked program finds its libraries."""
    found = sorted({str(path.parent) for path in (program.parents[1] / "lib").rglob("libmapserver.so.*")})
    return {"LD_LIBRARY_PATH": os.pathsep.join(found)} if "map_server" in program.parts else {}


def unpack(installed: Path) -> None:
    """Download and unpack the packages. Raise OSError or CalledProcessError if this machine has none of them."""
    folder = installed / "map_server"
    script = (
        f'mkdir -p "$0" && cd "$0" && apt-get -q download {_NAMES} && for file in *.deb; do dpkg -x "$file" .; done'
    )
    subprocess.run(["sh", "-ec", script, str(folder)], check=True, capture_output=True)
