"""The checks of ``make quality``."""

import os
import subprocess

from solidarity.local import catalogues
from solidarity.local.checkout import Checkout
from solidarity.local.make_run import environment
from solidarity.local.terminal import say

APPS = ("solidarity", "volunteers", "needs", "mapping")


def _commands(checkout: Checkout) -> dict[str, list[str]]:
    python = [str(checkout.python), "-W", "ignore::RuntimeWarning"]
    programs = checkout.venv / "bin"
    files = catalogues.sources(checkout.root)
    return {
        "ruff": [str(programs / "ruff"), "check", "."],
        "format": [str(programs / "ruff"), "format", "--check", "."],
        "types": [str(programs / "mypy"), *APPS, "tests"],
        "templates": [str(programs / "djlint"), "templates", "--lint", "--quiet"],
        "imports": [str(programs / "lint-imports")],
        "dependencies": [str(programs / "deptry"), "."],
        "migrations": [*python, "manage.py", "makemigrations", "--check", "--dry-run"],
        "settings": [*python, "manage.py", "check"],
        **{
            f"translations {checkout.shown(path)}": ["msgfmt", "--check", "-o", os.devnull, str(path)] for path in files
        },
    }


def run(checkout: Checkout, settings: dict[str, str]) -> int:
    """Run every check with these settings, even after a failure; return 1 if any failed."""
    failed = []
    for name, command in _commands(checkout).items():
        say(f"── {name}")
        if subprocess.run(command, cwd=checkout.root, env=environment(checkout) | settings).returncode != 0:
            failed.append(name)
    say(f"── failed: {', '.join(failed)}" if failed else "── every check passed")
    return 1 if failed else 0


def fix(checkout: Checkout) -> int:
    """Apply ruff's fixes and format; return a non-zero code if a problem is left."""
    ruff = str(checkout.venv / "bin" / "ruff")
    left = subprocess.run([ruff, "check", "--fix", "."], cwd=checkout.root).returncode
    return left or subprocess.run([ruff, "format", "."], cwd=checkout.root).returncode
