"""Lock files: exact versions with hashes, and no registry's name, so that every mirror serves them."""

import re
import subprocess

from solidarity.local.checkout import Checkout
from solidarity.local.messages import Refused

FILES = ("requirements.txt", "tests/requirements.txt", "solidarity/local/uv.txt", "package-lock.json")


def write(checkout: Checkout, options: list[str]) -> None:
    """Compiles the Python lists from pyproject.toml and the browser libraries' lock from package.json.

    Versions stay as they are where they still fit, unless ``options`` holds ``--upgrade``. Raises Refused when a
    compiler fails or a lock file names a host.
    """
    uv = [str(checkout.venv / "bin" / "uv"), "pip", "compile", "-q", "--generate-hashes", "--no-annotate"]
    uv += ["--no-emit-index-url", "--custom-compile-command", "make lock", "--python-version", "3.12", *options]
    test_group = ["--group", "dev", "-c", "requirements.txt"]
    commands = [
        [*uv, "pyproject.toml", "-o", "requirements.txt"],
        [*uv, "pyproject.toml", *test_group, "-o", "tests/requirements.txt"],
        ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"],
    ]
    for command in commands:
        if subprocess.run(command, cwd=checkout.root).returncode != 0:
            raise Refused(f"{command[0]} could not write a lock file: see the message above.")
    if named := naming_a_host(checkout):
        raise Refused(f"A lock file names a registry's host: {', '.join(named)}.")


def naming_a_host(checkout: Checkout) -> list[str]:
    """Lock files in which a download's address stands."""
    address = re.compile(r'--(extra-)?index-url|--find-links|@ https?://|"resolved"')
    return [name for name in FILES if address.search((checkout.root / name).read_text(encoding="utf-8"))]
