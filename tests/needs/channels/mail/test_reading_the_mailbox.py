"""The mailbox: each mail is stored once, and none is lost when a worker dies, a server fails or a mail is huge."""

import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone
from imap_tools import MailBox
from pytest_django import Settings

from needs.messages.channels.mail import fetching
from needs.models import InboundMessage, MailDetails
from solidarity import env
from solidarity.lib.database.advisory_locks import key_of
from solidarity.lib.field_encryption import decrypt
from tests.needs.channels.mail.conftest import Folder, mail
from tests.needs.channels.mail.imap_server import PASSWORD, USER, certificate, imap_server

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("imap"))


@pytest.fixture
def imap(pem: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailBox]:
    """A signed-in client of the IMAP server that the settings name."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with imap_server(pem) as port:
        settings.MAIL_IN_URL, settings.MAIL_IN_PASSWORD = f"imaps://{USER}@127.0.0.1:{port}/INBOX", PASSWORD
        client = MailBox("127.0.0.1", port, ssl_context=ssl.create_default_context())
        with client.login(USER, PASSWORD):
            yield client


def texts() -> list[str]:
    return [row.text for row in InboundMessage.objects.order_by("stored_at")]


def test_a_mail_is_stored_once_and_marked_as_seen(imap: MailBox) -> None:
    imap.append(mail())
    before = timezone.now()
    assert fetching.fetch() == 1
    assert fetching.fetch() == 0
    row = InboundMessage.objects.get()
    assert row.text == "By the river\nTwo people need blankets at the station."
    assert decrypt(row.correspondent.address) == "ana@example.org"
    assert row.gateway == "mail" and row.read_at is None
    assert row.received_at <= before
    assert MailDetails.objects.get().number == "<one@example.org>"
    assert imap.uids("SEEN") and not imap.uids("UNSEEN")


@pytest.mark.parametrize(("after", "left"), [("delete", 0), ("Read/By the site", 1)])
def test_a_mail_that_is_stored_can_be_deleted_or_moved(
    imap: MailBox, settings: Settings, after: str, left: int
) -> None:
    settings.MAIL_IN_AFTER = after
    imap.append(mail())
    assert fetching.fetch() == 1
    imap.folder.set("INBOX")
    assert imap.uids("ALL") == []
    assert sum(each.name == after for each in imap.folder.list()) == left
    assert len(texts()) == 1


def test_the_text_of_a_mail_of_thirty_megabytes_is_read(imap: MailBox) -> None:
    start = (
        "From: ana@example.org\r\nMessage-ID: <large@example.org>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nSomebody is cold at the bridge.\r\n--b\r\n"
        "Content-Type: image/jpeg; name=photo.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    imap.append(start.encode() + (b"/9j/" * 19 + b"\r\n") * 390_000 + b"--b--\r\n")
    imap.append(mail(number="after"))
    assert fetching.fetch() == 2
    assert texts()[0] == "Somebody is cold at the bridge."
    assert MailDetails.objects.get(number="<large@example.org>").attachments == 1


def test_a_server_with_an_unknown_certificate_gets_no_password(
    imap: MailBox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    imap.append(mail())
    monkeypatch.delenv("SSL_CERT_FILE")
    assert fetching.fetch() == 0
    assert "SOLIDARITY_MAIL_IN_URL" in caplog.text and "demopass" not in caplog.text
    assert imap.uids("UNSEEN")


def test_a_maildir_is_read_and_its_mails_move_to_cur(maildir: Folder) -> None:
    maildir.deliver(mail())
    assert fetching.fetch() == 1
    assert maildir.in_("new") == [] and maildir.in_("cur") == ["00001.mail:2,S"]
    assert fetching.fetch() == 0
    assert len(texts()) == 1


def test_a_worker_that_dies_after_storing_a_mail_stores_it_only_once(maildir: Folder) -> None:
    maildir.deliver(mail())
    assert fetching.take(mail()) is not None  # stored, and not yet marked
    assert fetching.fetch() == 1
    assert len(texts()) == 1 and maildir.in_("new") == []


def test_a_mail_that_cannot_be_stored_stays_unread_and_the_others_are_read(maildir: Folder, settings: Settings) -> None:
    maildir.deliver(mail())
    settings.FIELD_KEY = "no key"
    assert fetching.fetch() == 0
    assert maildir.in_("new") == ["00001.mail"] and texts() == []


def test_one_worker_reads_at_a_time(maildir: Folder) -> None:
    maildir.deliver(mail())
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key_of("fetch mail")])
        assert fetching.fetch() == 0
        # The server releases the locks of a closed connection a little later.
        cursor.execute("SELECT pg_advisory_unlock(%s)", [key_of("fetch mail")])
        assert fetching.fetch() == 1


def test_a_late_mail_and_a_mail_from_the_future_are_stored(maildir: Folder) -> None:
    maildir.deliver(mail(number="late", Date="Mon, 2 Nov 2026 08:00:00 +0100"))
    maildir.deliver(mail("Somebody else is cold.", number="future", Date="Mon, 2 Nov 2099 08:00:00 +0100"))
    maildir.deliver(mail("And one more.", number="nonsense", Date="yesterday"))
    assert fetching.fetch() == 3
    late, future, nonsense = InboundMessage.objects.order_by("stored_at")
    assert late.received_at.isoformat() == "2026-11-02T07:00:00+00:00"
    assert future.received_at <= future.stored_at and nonsense.received_at <= nonsense.stored_at


def test_a_forger_who_knows_the_number_of_a_mail_cannot_keep_it_out(maildir: Folder) -> None:
    fetching.take(mail("Forget it.", From="mallory@example.net"))
    assert fetching.take(mail()) is not None
    assert fetching.take(mail()) is None
    assert len(texts()) == 2


def test_a_mail_without_a_number_is_stored_once(maildir: Folder) -> None:
    for _copy in range(2):
        maildir.deliver(mail(Message_ID=None))
    assert fetching.fetch() == 2
    assert len(texts()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "help@example.org", "https://example.org/", "imap.example.org", "imaps://imap.example.org/", "imaps://a@/INBOX",
        "imaps://a@b:0/", "imaps://a@b:x/", "maildir://host/path", "maildir:path", "imaps://a:secret@b/INBOX", "imaps://[",
    ],
)  # fmt: skip
def test_a_wrong_mailbox_is_refused_at_start_with_its_cure(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(env._VALUES, "SOLIDARITY_MAIL_IN_URL", wrong)
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.mailbox("SOLIDARITY_MAIL_IN_URL")
    assert "SOLIDARITY_MAIL_IN_" in str(refusal.value) and "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "right", ["", "imaps://a%40b.example@imap.example.org/INBOX", "imap://a@h:143", "maildir:///m"]
)
def test_a_mailbox_is_taken_from_the_settings(right: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(env._VALUES, "SOLIDARITY_MAIL_IN_URL", right)
    assert env.mailbox("SOLIDARITY_MAIL_IN_URL") == right


def test_without_a_mailbox_nothing_is_read(settings: Settings) -> None:
    settings.MAIL_IN_URL = ""
    assert fetching.fetch() == 0
