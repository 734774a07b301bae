"""The text that people wrote, without quotes, signatures, HTML and files, whatever their mail program added."""

import base64
import time
from email.message import EmailMessage

import pytest
from django.utils import timezone

from needs.messages.channels.mail import mail_reading
from needs.messages.channels.mail.mail_text import own_words
from tests.needs.channels.mail.conftest import mail

COLD = "Il fait froid, deux personnes près du métro."


def read(data: bytes) -> mail_reading.ReadMail:
    return mail_reading.read(data, timezone.now())


def raw(body: bytes, content_type: str, encoding: str = "8bit") -> bytes:
    head = f"From: ana@example.org\nMIME-Version: 1.0\nContent-Type: {content_type}\n"
    return f"{head}Content-Transfer-Encoding: {encoding}\n\n".encode() + body


@pytest.mark.parametrize(
    ("content_type", "written"),
    [
        ("text/plain; charset=utf-8", "utf-8"),
        ("text/plain; charset=iso-8859-1", "iso-8859-1"),
        ("text/plain", "utf-8"),
        ("text/plain; charset=no-such-charset", "utf-8"),
        ("text/plain; charset=utf-8", "windows-1252"),
        ("text/plain; charset=us-ascii", "iso-8859-1"),
        ("text/plain; charset=idna", "utf-8"),
        ('text/plain; charset="=?utf-8?q?x?="', "utf-8"),
        ("text/plain; charset*=utf-8''%FF", "utf-8"),
    ],
)
def test_a_missing_wrong_or_unknown_charset_is_guessed(content_type: str, written: str) -> None:
    assert read(raw(COLD.encode(written), content_type)).text == COLD


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode", "no-such-encoding"])
def test_an_encoding_that_is_broken_or_unknown_loses_no_mail(encoding: str) -> None:
    read(raw(b"=E9=ZZ %%% begin 644\xff\xfe somebody", "text/plain", encoding))
    assert read(raw(base64.b64encode(COLD.encode()), "text/plain", "base64")).text == COLD


def test_plain_text_wins_over_html_and_html_is_read_without_tags() -> None:
    both = EmailMessage()
    both["From"] = "ana@example.org"
    both.set_content("Plain words")
    both.add_alternative("<p>Other <b>words</b></p>", subtype="html")
    assert read(both.as_bytes()).text == "Plain words"
    html = "<html><head><title>x</title><style>p{}</style></head><body><p>Two&nbsp;people &amp; a dog</p><script>1</script>"
    assert read(raw((html + "<div>near the <i>church</i><br>tonight").encode(), "text/html")).text == (
        "Two people & a dog\n\nnear the church\ntonight"
    )


def test_files_are_counted_and_not_read() -> None:
    made = EmailMessage()
    made["From"] = "ana@example.org"
    made.set_content("See the photo.")
    made.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="a.gif")
    made.add_attachment("Secret text", filename="notes.txt")
    found = read(made.as_bytes())
    assert (found.text, found.files) == ("See the photo.", 2)


QUOTED = [
    "On Fri, 27 Nov 2026 at 09:00, Help <help@solidarity.example> wrote:\n> Where are they?\n> Call 115.",
    "Le ven. 27 nov. 2026 à 09:00, Help <help@solidarity.example> a écrit :\n> Où ?\n> Appelez le 115.",
    "-----Original Message-----\nFrom: Help\nSent: Friday\nTo: Ana\nSubject: Information\n\nCall 115.",
    "> Where are they?\n> Call 115.",
]


@pytest.mark.parametrize("quoted", QUOTED)
@pytest.mark.parametrize("signature", ["", "\n\n-- \nAna\n06"])
def test_a_reply_is_read_without_the_mail_that_it_quotes(quoted: str, signature: str) -> None:
    found = read(mail(f"By the church.{signature}\n\n{quoted}", Subject="Re: Information"))
    assert found.text.split("\n")[0] == "By the church."
    assert "115" not in found.text


def test_an_answer_below_the_quoted_mail_is_read() -> None:
    found = read(mail(f"{QUOTED[0]}\n\nBy the church.", Subject="Re: Information"))
    assert "By the church." in found.text and "115" not in found.text


def test_a_list_with_hyphens_is_no_signature_and_a_forwarded_mail_is_read_whole() -> None:
    needs = "They need:\n- blankets\n- water"
    assert read(mail(needs, Subject="Re: Information")).text == needs
    forwarded = f"See below.\n\n{QUOTED[2].replace('Call 115', 'My friend is cold by the bridge')}"
    assert "cold by the bridge" in read(mail(forwarded, Subject="Fwd: please")).text


def test_the_subject_of_a_first_mail_is_part_of_its_text() -> None:
    assert read(mail("\n", Subject="Cold at the bridge")).text == "Cold at the bridge"
    assert read(mail("By the church.", Subject="Re: Information")).text == "By the church."


def test_nothing_in_a_header_can_add_a_header_or_a_line() -> None:
    nasty = (
        b"From: =?utf-8?q?Ana=0D=0ABcc:_all=40example.org?= <ana@example.org>\n"
        b"Subject: =?utf-8?q?Cold=0D=0ABcc:_all=40example.org?=\nMessage-ID: <a b>\n <c>>, <d@example.org>\n\nhello"
    )
    found = read(nasty)
    assert found.sender == "ana@example.org"
    assert found.text.split("\n") == ["Cold Bcc: all@example.org", "hello"]
    assert found.message_id == "<c>"


@pytest.mark.parametrize(
    "sender", ["", "Ana", "<>", "ana@", "@example.org", "a" * 300 + "@example.org", "=?utf-8?b?/////w==?=", "\xff\xfe"]
)
def test_a_sender_that_nobody_can_answer_is_none(sender: str) -> None:
    assert read(f"From: {sender}\n\nhello".encode("latin-1")).sender == ""


HEAD = b"From: ana@example.org\nSubject: Cold\nMIME-Version: 1.0\n"
PARTS, HTML = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n", HEAD + b"Content-Type: text/html\n\n"
BOMBS: dict[str, tuple[bytes, bytes, int]] = {  # the start, the part that is repeated, the number of repetitions
    "nested parts": (HEAD, b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", 20_000),
    "many parts": (PARTS, b"--b\nContent-Type: text/plain\n\nx\n", 200_000),
    "empty parts": (PARTS, b"--b\n\n", 500_000),
    "mails in mails": (HEAD, b"Content-Type: message/rfc822\n\n", 50_000),
    "many headers": (HEAD, b"X: y\n", 1_000_000),
    "one long header": (HEAD + b"X: ", b"y ", 2_000_000),
    "many recipients": (b"From: ", b"a@b.c, ", 500_000),
    "encoded words": (HEAD + b"Subject: ", b"=?utf-8?q?a?= ", 200_000),
    "open comments": (HTML, b"<!--<![", 200_000),
    "open tags": (HTML, b"<a ", 200_000),
    "deep tags": (HTML, b"<div>", 200_000),
    "empty lines": (HEAD + b"\n", b"\n", 4_000_000),
    "zeros": (b"", b"\0", 1_000_000),
    "nothing": (b"", b"", 0),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_mail_that_is_made_to_be_slow_is_read_quickly(name: str) -> None:
    first, piece, number = BOMBS[name]
    made = first + piece * number
    start = time.process_time()
    read(made)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "piece",
    [
        "On a ",
        "On a\n",
        "From: ",
        "From:* ",
        "Disclaimer: mail ",
        "_",
        "-- \n",
        "> ",
        "\n",
        " \n",
        "- a\n",
        "Le a, ",
        "\xa0\n",
    ],
)
def test_a_text_that_is_made_to_be_slow_is_cut_quickly(piece: str) -> None:
    start = time.process_time()
    own_words(piece * 20_000 + "!", is_reply=True)
    assert time.process_time() - start < 2
