"""The mailbox that people write to: an IMAP folder over TLS, or a maildir. Only the start of a large mail is read."""

import imaplib
import os
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls

MOST_READ = 8 * 1024 * 1024
"""Maximum number of bytes read of one mail.

A text usually comes before the files, and text that follows a usual photo still fits.
"""
SECONDS = 20
FAILURES = (OSError, imaplib.IMAP4.error, ImapToolsError)
"""Errors that every function of this module raises if the mailbox cannot be reached or refuses access."""
SEEN, DELETE = "seen", "delete"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail in the mailbox. key: name of the mail in the mailbox. data: the first MOST_READ bytes of the mail."""

    key: str
    data: bytes


class Mailbox(Protocol):
    def unread(self) -> list[str]:
        """Return the keys of the mails to read, the oldest first."""

    def read(self, key: str) -> StoredMail | None:
        """Return a mail, or None if it is gone. It stays unread."""

    def done(self, key: str) -> None:
        """Mark a mail as read, move it or delete it, as ``SOLIDARITY_MAIL_IN_AFTER`` says."""


@contextmanager
def opened() -> Iterator[Mailbox]:
    """Yield the mailbox of the settings. Raise one of FAILURES if it cannot be opened."""
    address = urlsplit(settings.MAIL_IN_URL)
    if address.scheme == "maildir":
        yield Maildir(Path(unquote(address.path)))
        return
    host, folder = address.hostname or "", unquote(address.path.strip("/")) or "INBOX"
    checked = ssl.create_default_context()
    client: BaseMailBox
    if address.scheme == "imaps":
        client = MailBox(host, address.port or 993, timeout=SECONDS, ssl_context=checked)
    else:
        client = MailBoxStartTls(host, address.port or 143, timeout=SECONDS, ssl_context=checked)
    with closing(client.client.socket()):
        client.login(unquote(address.username or ""), settings.MAIL_IN_PASSWORD, initial_folder=folder)
        yield ImapFolder(client)
        client.logout()


class ImapFolder:
    """A folder of an IMAP server. client: the IMAP client, which is signed in and has the folder open."""

    def __init__(self, client: BaseMailBox) -> None:
        self.client = client

    def unread(self) -> list[str]:
        return self.client.uids("UNSEEN UNDELETED")

    def read(self, key: str) -> StoredMail | None:
        _status, answer = self.client.client.uid("FETCH", key, f"(BODY.PEEK[]<0.{MOST_READ}>)")
        for part in answer:
            if isinstance(part, tuple):
                return StoredMail(key, part[1])
        return None

    def done(self, key: str) -> None:
        after = settings.MAIL_IN_AFTER
        if after == SEEN:
            self.client.flag(key, "\\Seen", True)
        elif after == DELETE:
            self.client.delete(key)
        else:
            if not self.client.folder.exists(after):
                self.client.folder.create(after)
            self.client.move(key, after)


class Maildir:
    """A folder with ``new``, ``cur`` and ``tmp`` (https://cr.yp.to/proto/maildir.html). Mails in ``new`` are unread."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def unread(self) -> list[str]:
        found = [entry for entry in os.scandir(self.root / "new") if entry.is_file(follow_symlinks=False)]
        return [entry.name for entry in sorted(found, key=lambda entry: (entry.stat().st_mtime, entry.name))]

    def read(self, key: str) -> StoredMail | None:
        try:
            with (self.root / "new" / key).open("rb") as file:
                return StoredMail(key, file.read(MOST_READ))
        except FileNotFoundError:
            return None

    def done(self, key: str) -> None:
        old, after = self.root / "new" / key, settings.MAIL_IN_AFTER
        if after == DELETE:
            old.unlink(missing_ok=True)
            return
        folder = self.root if after == SEEN else self.root / f".{after}"
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        old.rename(folder / "cur" / f"{key.partition(':')[0]}:2,S")
