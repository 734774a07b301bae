"""The state folder's ``env`` file: settings of this machine, with secrets generated at the first start."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

DEFAULTS = {
    "SOLIDARITY_DEBUG": "0",
    "SOLIDARITY_DEMO": "1",
    "SOLIDARITY_HOST": "127.0.0.1",
    "SOLIDARITY_PORT": "8000",
    "SOLIDARITY_ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    "BASEMAP_URL": "",
}
HEADER = "# Settings of this machine: KEY=VALUE, one a line. The environment wins over this file. Holds secrets.\n"


def read(path: Path) -> dict[str, str]:
    """Return the file's settings, empty without a file. Lines without ``=`` and ``#`` comments are ignored."""
    if not path.is_file():
        return {}
    pairs = (line.strip().partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {key.strip(): value.strip() for key, separator, value in pairs if separator and not key.startswith("#")}


def write(path: Path, changes: Mapping[str, str]) -> None:
    """Change some settings and keep the other lines. Only the owner can read the new file."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.is_file() else [HEADER]
    left = dict(changes)
    for number, line in enumerate(lines):
        key = line.partition("=")[0].strip()
        if key in left:
            lines[number] = f"{key}={left.pop(key)}\n"
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    lines += [f"{key}={value}\n" for key, value in left.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def complete(path: Path, defaults: Mapping[str, str]) -> dict[str, str]:
    """Add missing defaults and generated secrets to the file, and return its settings."""
    present = read(path)
    missing = {key: value for key, value in {**defaults, **fresh_keys()}.items() if key not in present}
    if missing:
        write(path, missing)
    return {**present, **missing}


def fresh_keys() -> dict[str, str]:
    """Return new secrets, by the name of their setting."""
    return {
        "SOLIDARITY_SECRET_KEY": secrets.token_urlsafe(50),
        "SOLIDARITY_FIELD_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "SOLIDARITY_AUDIT_KEY": secrets.token_urlsafe(50),
        "SOLIDARITY_VAPID_PRIVATE_KEY": push_key(),
    }


_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def push_key() -> str:
    """Return a new private P-256 key for Web Push (VAPID): 32 bytes in base64url."""
    number = secrets.randbelow(_P256_ORDER - 1) + 1
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
