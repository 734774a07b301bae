"""Paths: the checkout, the installed programs and the state folder."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Checkout:
    """A copy of the source with its state.

    ``installed`` holds programs only (virtual environment, stamps). ``state`` holds everything a run creates: settings
    with secrets, database, logs, uploads. ``SOLIDARITY_STATE`` moves the state, so that runs of one checkout can be
    separate.
    """

    root: Path
    state: Path

    @classmethod
    def here(cls) -> "Checkout":
        """Return the checkout of this file, with the state folder from SOLIDARITY_STATE or ``.local``."""
        root = Path(__file__).resolve().parents[2]
        return cls(root, (root / os.environ.get("SOLIDARITY_STATE", ".local")).absolute())

    @property
    def installed(self) -> Path:
        return self.root / ".local"

    @property
    def venv(self) -> Path:
        return self.installed / "venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def npm_venv(self) -> Path:
        """The folder in which npm is installed if the machine has none."""
        return self.installed / "npm"

    @property
    def logs(self) -> Path:
        return self.state / "log"

    def keep_to_ourselves(self) -> None:
        """Create the folders for exports, uploads and logs, closed to other accounts of the machine."""
        for folder in (self.state / "media", self.logs):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    def shown(self, path: Path) -> str:
        """Return the path as text, relative to the checkout if it is inside."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)
