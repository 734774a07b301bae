"""Paths: the checkout, the installed programs and the state folder."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Checkout:
    """A copy of the source with its state.

    ``installed`` holds programs only (virtual environment, stamps); ``state`` holds everything a run makes: settings
    with secrets, database, logs, uploads. ``SOLIDARITY_STATE`` moves the state, so that tests and a second run of the
    same checkout keep out of each other's way.
    """

    root: Path
    state: Path

    @classmethod
    def here(cls) -> "Checkout":
        """The checkout this file belongs to, with the state folder named by SOLIDARITY_STATE or ``.local``."""
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
        """Where npm is installed when the machine has none."""
        return self.installed / "npm"

    @property
    def logs(self) -> Path:
        return self.state / "log"

    def keep_to_ourselves(self) -> None:
        """Make the folders of exports, uploads and logs, closed to other accounts of the machine."""
        for folder in (self.state / "media", self.logs):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    def shown(self, path: Path) -> str:
        """The path as a person would type it: relative to the checkout where that is shorter."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)
