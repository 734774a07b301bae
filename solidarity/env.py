"""Typed settings from the environment. If a setting is missing there, it is read from the file ``env`` in the state
folder (``KEY=VALUE``)."""

import base64
import ipaddress
import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("SOLIDARITY_STATE", ROOT / ".local"))


def _read_file(path: Path) -> dict[str, str]:
    values: dict[str, str] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            key, separator, value = line.strip().partition("=")
            if separator and not key.startswith("#"):
                values[key.strip()] = value.strip()
    return values


_VALUES = {**_read_file(STATE / "env"), **os.environ}


def text(name: str, default: str | None = None) -> str:
    """Return a setting as text; raise ImproperlyConfigured if it is missing and has no default."""
    value = _VALUES.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"The setting {name} is missing: put it in the environment or in {STATE / 'env'}.")
    return value


def flag(name: str, default: bool = False) -> bool:
    """Return a setting as a boolean: 1, true, yes, on (any case) are true; 0, false, no, off and empty are false."""
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"The setting {name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int) -> int:
    """Return a setting as an integer; raise ImproperlyConfigured for anything else."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"The setting {name} must be a whole number, not {value!r}.") from error


def items(name: str, default: str = "") -> list[str]:
    """Return a setting as a list, split at commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def choice(name: str, values: tuple[str, ...]) -> str:
    """Return a setting that must be one of some words, by default the first; raise ImproperlyConfigured for another
    word."""
    value = text(name, values[0])
    if value not in values:
        raise ImproperlyConfigured(f"The setting {name} must be one of {', '.join(values)}, not {value!r}.")
    return value


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return a setting as networks, split at commas (10.0.0.0/8, ::1); raise ImproperlyConfigured for anything else."""
    try:
        return [ipaddress.ip_network(part) for part in items(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"The setting {name} must be addresses or networks: {error}.") from error


def mailbox(name: str) -> str:
    """Return the address of a mailbox (imaps://user@host/folder, imap:// for STARTTLS, maildir:///path), or "" if the
    setting is empty; raise ImproperlyConfigured for anything else, and for a password in the address."""
    value = text(name, "")
    try:
        parts = urlsplit(value)
        imap = parts.scheme in ("imap", "imaps") and parts.port != 0 and bool(parts.hostname and parts.username)
        right = imap or (parts.scheme == "maildir" and not parts.netloc and parts.path.startswith("/"))
        secret_inside = parts.password is not None
    except ValueError:
        right = secret_inside = False
    if value and secret_inside:
        raise ImproperlyConfigured(
            f"The setting {name} contains a password: put it in {name.replace('URL', 'PASSWORD')}."
        )
    if value and not right:
        raise ImproperlyConfigured(
            f"The setting {name} is no mailbox. Write imaps://help%40example.org@imap.example.org/INBOX or maildir:///path."
        )
    return value


def token(name: str) -> str:
    """Return a token, or "" if the setting is empty; raise ImproperlyConfigured if it can be guessed."""
    value = text(name, "")
    if value and (len(value) < 32 or len(set(value)) < 12):
        raise ImproperlyConfigured(f"The setting {name} is too easy to guess: {GENERATE}")
    return value


GENERATE = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
_KNOWN = ("secret", "insecure", "changeme", "example", "password")  # a random secret contains no such words


def secret(name: str, *, weak: bool) -> str:
    """Return a required secret.

    weak: accept short, repetitive or well-known secrets too, instead of raising ImproperlyConfigured.
    """
    value = text(name)
    too_weak = len(value) < 50 or len(set(value)) < 12 or any(word in value.lower() for word in _KNOWN)
    if not value or (too_weak and not weak):
        raise ImproperlyConfigured(f"The setting {name} is too weak to protect anybody: {GENERATE}")
    return value


def fernet_key(name: str) -> str:
    """Return a Fernet key (32 bytes in base64url); raise ImproperlyConfigured for anything else and for weak keys."""
    value = text(name)
    try:
        raw = base64.urlsafe_b64decode(value.encode())
    except ValueError:
        raw = b""
    if len(raw) != 32 or len(set(raw)) < 8:
        raise ImproperlyConfigured(
            f"The setting {name} is no key. Make one with: "
            'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
        )
    return value
