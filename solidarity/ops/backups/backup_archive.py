"""The back-up file: a tar of manifest, dump, media and list of erasures, encrypted with age if a key is set."""

import hashlib
import hmac
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyrage
from django.conf import settings

MANIFEST, DUMP, MEDIA, ERASURES = "manifest.json", "database.dump", "media", "erasures.jsonl"
LEFT_OUT = ("basemap",)  # media that are built from a large download and contain no personal data
AGE = ".age"
FORMAT = 1
KEYS = ("SECRET_KEY", "FIELD_KEY", "AUDIT_KEY")
"""Settings with a fingerprint in the manifest, because only the same keys decrypt and verify the restored data."""


class Unsafe(Exception):
    """A back-up that cannot be made or restored safely. The text gives the reason and says what to do."""


def fingerprint(name: str) -> str:
    """Return a short hash of one of the deployment's keys, which can only show whether two keys are equal."""
    key = str(getattr(settings, name)).encode()
    return hmac.new(key, f"solidarity back-up {name}".encode(), hashlib.sha256).hexdigest()[:16]


def keep_closed(folder: Path) -> None:
    """Create a folder for this account alone; raise Unsafe if it exists and others can read it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        raise Unsafe(f"Other accounts can read {folder}. Close it first: chmod 700 {folder}")


def erasures_file() -> Path:
    """Return the path of the list of erasures. The file is outside the database, so that a restore cannot undo
    erasures."""
    return Path(settings.ERASURES_FILE)


@contextmanager
def workshop(near: Path) -> Iterator[Path]:
    """Open a private temporary folder for unencrypted parts, on the disk of the back-ups."""
    with TemporaryDirectory(prefix=".work-", dir=near) as name:
        yield Path(name)


def pack(target: Path, manifest: dict[str, Any], dump: Path, recipient: str) -> None:
    """Write a back-up file atomically, readable by its owner alone. recipient: age1…, or empty."""
    plain = dump.with_name("archive.tar")
    with tarfile.open(plain, "w") as tar:
        text = json.dumps(manifest, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(text), 0o600
        tar.addfile(info, io.BytesIO(text))
        tar.add(dump, DUMP)
        if erasures_file().is_file():
            tar.add(erasures_file(), ERASURES)
        for path in sorted(settings.MEDIA_ROOT.glob("*")) if settings.MEDIA_ROOT.is_dir() else ():
            if path.name not in LEFT_OUT:
                tar.add(path, f"{MEDIA}/{path.name}")
    finished = plain
    if recipient:
        finished = plain.with_name("archive.age")
        pyrage.encrypt_file(str(plain), str(finished), [recipient_of(recipient)])
    finished.chmod(0o600)
    with finished.open("rb") as file:
        os.fsync(file.fileno())
    finished.replace(target)


def recipient_of(text: str) -> Any:
    """Return the age recipient of a key; raise Unsafe for an invalid key."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise Unsafe(
            "SOLIDARITY_BACKUP_KEY is not an age recipient. Recipients begin with age1 (age-keygen prints them)."
        ) from None


def unpack(file: Path, folder: Path, identity: Path | None) -> dict[str, Any]:
    """Unpack a back-up into the folder and return its manifest. identity: the file with age's private key.

    Raise Unsafe if the file is not one of our back-ups, is damaged, or cannot be decrypted.
    """
    plain = file
    with file.open("rb") as opened:
        encrypted = opened.read(21) == b"age-encryption.org/v1"
    if encrypted:
        plain = folder / "archive.tar"
        try:
            pyrage.decrypt_file(str(file), str(plain), _identities(identity))
        except (pyrage.DecryptError, OSError):  # OSError means that a part cannot be decrypted
            raise Unsafe(f"{file.name} cannot be decrypted with this key, or it is damaged.") from None
    try:
        with tarfile.open(plain, "r:") as tar:
            members = [member for member in tar if _is_ours(member)]
            tar.extractall(folder, members, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
    except (tarfile.TarError, OSError, ValueError) as error:
        raise Unsafe(f"{file.name} is not a readable back-up: {error}") from None
    if manifest.get("format") != FORMAT or not (folder / DUMP).is_file():
        raise Unsafe(f"{file.name} is a back-up of another version of this program.")
    if sum_of(folder / DUMP) != manifest["dump"]:
        raise Unsafe(f"The dump in {file.name} is damaged.")
    return dict(manifest)


def _identities(identity: Path | None) -> list[Any]:
    if identity is None or not identity.is_file():
        raise Unsafe("The back-up is encrypted. Name the file with the private key in SOLIDARITY_BACKUP_IDENTITY.")
    lines = [line.strip() for line in identity.read_text().splitlines()]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        raise Unsafe(f"{identity} holds no private key of age (AGE-SECRET-KEY-1…).") from None
    if not found:
        raise Unsafe(f"{identity} holds no private key of age (AGE-SECRET-KEY-1…).")
    return found


def _is_ours(member: tarfile.TarInfo) -> bool:
    """Return whether ``pack`` could have added this file or folder; links and devices are refused."""
    known = member.name in (MANIFEST, DUMP, ERASURES) or member.name.startswith(f"{MEDIA}/")
    return known and (member.isfile() or member.isdir())


def sum_of(path: Path) -> str:
    """Return the SHA-256 of a file (hexadecimal)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
