"""Compilation of the translation catalogues."""

import shutil
import subprocess
from pathlib import Path

from solidarity.local.terminal import SetUpRefused


def sources(root: Path) -> list[Path]:
    """Return the paths of all catalogues, sorted."""
    return sorted([*root.glob("locale/*/LC_MESSAGES/*.po"), *root.glob("[a-z]*/locale/*/LC_MESSAGES/*.po")])


def compile_changed(root: Path) -> int:
    """Compile the catalogues that changed since their last compilation and return their number.

    Raise SetUpRefused with gettext's message if a catalogue is invalid.
    """
    changed = [source for source in sources(root) if _stale(source)]
    if changed and shutil.which("msgfmt") is None:
        raise SetUpRefused("gettext is not installed: the translations cannot be made.")
    for source in changed:
        command = ["msgfmt", "--check-format", "-o", str(source.with_suffix(".mo")), str(source)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise SetUpRefused(f"A translation is wrong:\n{done.stdout}")
    return len(changed)


def _stale(source: Path) -> bool:
    binary = source.with_suffix(".mo")
    return not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime
