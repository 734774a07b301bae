"""The manifest of the lake: which files belong to it, with their row counts and checksums."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

NAME = "manifest.json"
FORMAT = 1
INSTALL = "make install LAKE=1"


class LakeError(Exception):
    """The lake cannot be used as it is. The text says which file, and what to do."""


@dataclass(frozen=True, slots=True, order=True)
class LakeFile:
    """A file of the lake. region: H3 parent of its cells at resolution 5. day: whole days since 2020-01-01 UTC. path: below
    the lake's folder. size: in bytes."""

    region: int
    day: int
    path: str
    rows: int
    size: int
    sha256: str

    def checked(self, folder: str) -> bytes:
        """Return the content. Raise LakeError, which names the file, if it is missing or damaged."""
        try:
            content = (Path(folder) / self.path).read_bytes()
        except OSError as error:
            raise LakeError(f"{self.path} cannot be read ({error.strerror}). {REWRITE}") from None
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise LakeError(f"{self.path} is damaged: it differs from its checksum. {REWRITE}")
        return content


REWRITE = "Nothing was computed. Write the lake again: make manage CMD='write_lake --all'"


@dataclass(slots=True)
class Manifest:
    """All files of a lake. mark: see LakeMark."""

    mark: UUID
    written_at: str
    files: list[LakeFile] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @classmethod
    def load(cls, folder: Path) -> "Manifest":
        """Read the manifest of a folder. Raise LakeError if there is none, or none that this version can read."""
        try:
            content = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise LakeError(f"{NAME} has the format {content['format']}, not {FORMAT}. {REWRITE}")
            return cls(UUID(content["mark"]), content["written_at"], [LakeFile(**file) for file in content["files"]])
        except FileNotFoundError:
            raise LakeError(f"There is no {NAME} in the lake's folder. {REWRITE}") from None
        except (OSError, ValueError, KeyError, TypeError):
            raise LakeError(f"{NAME} is damaged. {REWRITE}") from None

    def save(self, folder: Path) -> None:
        """Replace the manifest of a folder. After a crash, the old or the new one is there, and all its files are on the
        disk."""
        head = {"format": FORMAT, "mark": str(self.mark), "written_at": self.written_at, "rows": self.rows}
        lines = ",\n".join(json.dumps(asdict(file)) for file in sorted(self.files))
        text = json.dumps(head)[:-1] + ', "files": [\n' + lines + "\n]}\n"
        os.sync()
        put(folder / NAME, text.encode())
        os.sync()


def put(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, through a temporary name."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        if path.name == NAME:
            file.flush()
            os.fsync(file.fileno())
    fresh.replace(path)


def in_tasks(files: Iterable[LakeFile], rows: int) -> list[list[LakeFile]]:
    """Divide files into lists of about so many rows, ordered by region and day, so that few lists share a cell."""
    tasks: list[list[LakeFile]] = []
    count = rows
    for file in sorted(files):
        if count + file.rows > rows:
            tasks.append([])
            count = 0
        tasks[-1].append(file)
        count += file.rows
    return tasks
