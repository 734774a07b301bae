"""Fixtures: a mailbox in a folder, and mails."""

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

HELP = "help@solidarity.example"


class Folder:
    """A maildir into which mails are delivered."""

    def __init__(self, root: Path) -> None:
        self.root, self.number = root, 0
        for name in ("new", "cur", "tmp"):
            (root / name).mkdir(parents=True)

    def deliver(self, data: bytes) -> None:
        self.number += 1
        (self.root / "new" / f"{self.number:05d}.mail").write_bytes(data)

    def in_(self, name: str) -> list[str]:
        return sorted(path.name for path in (self.root / name).iterdir())


@pytest.fixture
def maildir(tmp_path: Path, settings: Settings) -> Folder:
    folder = Folder(tmp_path / "mail")
    settings.MAIL_IN_URL, settings.MAIL_IN_ADDRESS = f"maildir://{folder.root}", HELP
    return folder


def mail(text: str = "Two people need blankets at the station.", *, number: str = "one", **headers: Any) -> bytes:
    """Return a plain mail of Ana. headers: replace or add; None removes."""
    made = EmailMessage()
    usual = {
        "From": "Ana <ana@example.org>", "To": HELP, "Subject": "By the river", "Message-ID": f"<{number}@example.org>",
        "Date": "Fri, 27 Nov 2026 09:00:00 +0100",
    }  # fmt: skip
    for name, value in (usual | {key.replace("_", "-"): value for key, value in headers.items()}).items():
        if value is not None:
            made[name] = value
    made.set_content(text)
    return made.as_bytes()


def voice_mail(name: str = "voice.m4a", kind: str = "audio", subtype: str = "mp4", text: str = "") -> bytes:
    """Return a mail of Ana with a file, by default a voice message."""
    made = EmailMessage()
    for header, value in {
        "From": "Ana <ana@example.org>", "To": HELP, "Subject": "Voice message", "Message-ID": f"<{name}@example.org>",
    }.items():  # fmt: skip
        made[header] = value
    made.set_content(text)
    made.add_attachment(b"\0" * 64, maintype=kind, subtype=subtype, filename=name)
    return made.as_bytes()
