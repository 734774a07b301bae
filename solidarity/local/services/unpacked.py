"""Debian packages unpacked into the checkout, for tests: nothing is installed, and no service starts."""

from pathlib import Path


def unpacking(folder: Path, names: str) -> list[str]:
    """Return the command that downloads packages and unpacks them into a folder. The command needs no special
    rights."""
    script = f'mkdir -p "$0" && cd "$0" && apt-get -q download {names} && for file in *.deb; do dpkg -x "$file" .; done'
    return ["sh", "-ec", script, str(folder)]
