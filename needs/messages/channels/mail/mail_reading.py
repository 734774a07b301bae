"""Reading the sender and the text of a mail, and whether a machine wrote it. The functions of this module accept every
mail without an error."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from needs.messages.channels.mail import mail_text

MOST_HEADER_BYTES = 256 * 1024
MOST_LINES = 200_000  # a file of 8 MB has about 110,000 lines
MOST_BOUNDARIES = 400  # number of lines that begin a part
MOST_MULTIPARTS = 20
MOST_SUBJECT = 200

_BOUNDARY = re.compile(rb"^--\S", re.MULTILINE)
_MULTIPART = re.compile(rb"^content-type:\s*multipart/", re.MULTILINE | re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f-\xff]{1,245}>")
_ANSWERED = re.compile(r"^\s*(re|aw|sv|rép|ref|r)\s*(\[\d+\])?\s*:", re.IGNORECASE)
_FORWARDED = re.compile(r"^\s*(fwd?|tr|wg|rv|i|enc)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadMail:
    """sender: an e-mail address in lower case, "" if there is none. message_id: the Message-ID of the mail with its
    brackets, or "".

    provider_id: a digest that is the same if the mail comes again. sent_at: the time in the mail, or now. files, sounds:
    the number of its files, and how many of them are sound files. parsed: the parsed mail, for the rules about bounces
    and automatic mail.
    """

    sender: str
    text: str
    message_id: str
    provider_id: str
    sent_at: datetime
    files: int
    sounds: int
    parsed: Message


def read(data: bytes, now: datetime) -> ReadMail:
    """Return a mail from its bytes, even if the end of the mail is missing."""
    mail = parsed(data)
    subject = header(mail, "Subject")[:MOST_SUBJECT]
    answered = bool(header(mail, "In-Reply-To") or header(mail, "References") or _ANSWERED.match(subject))
    is_reply = answered and not _FORWARDED.match(subject)
    text, files = mail_text.text_and_files(mail, is_reply=is_reply)
    if not is_reply and subject and subject.lower() not in text.lower():
        text = f"{subject}\n{text}".strip()
    sender, found = sender_of(mail), _MESSAGE_ID.search(header(mail, "Message-ID"))
    message_id = found.group() if found else ""
    # The digest includes sender and text. Otherwise, a forger who knows the Message-ID of a mail could send another
    # mail with this Message-ID first, and the real mail would count as a copy.
    same = [message_id, sender, text] if message_id else [hashlib.sha256(data).hexdigest()]
    provider_id = hashlib.sha256("\0".join(same).encode(errors="replace")).hexdigest()
    return ReadMail(sender, text, message_id, provider_id, _sent_at(mail, now), files, mail_text.sounds_in(mail), mail)


def parsed(data: bytes) -> Message:
    """Return the parsed mail. If the mail has too many parts or lines, the last parts or lines are missing. If its
    parts are nested too deeply, only the headers remain."""
    if data.count(b"\n") > MOST_LINES:
        data = b"\n".join(data.split(b"\n", MOST_LINES)[:MOST_LINES])
    blank = _BLANK_LINE.search(data)
    if blank is None or blank.start() > MOST_HEADER_BYTES:
        data = data[:MOST_HEADER_BYTES]
    for number, boundary in enumerate(_BOUNDARY.finditer(data)):
        if number == MOST_BOUNDARIES:
            data = data[: boundary.start()]
            break
    if sum(1 for _each in _MULTIPART.finditer(data)) <= MOST_MULTIPARTS:
        try:
            return message_from_bytes(data)
        except (MessageError, RecursionError, ValueError, LookupError):
            pass
    mail = BytesHeaderParser().parsebytes(data[:MOST_HEADER_BYTES])
    mail.set_payload("")
    del mail["Content-Type"]
    return mail


def header(mail: Message, name: str) -> str:
    """Return a header on one line, decoded as far as possible, without control characters; "" if it is missing."""
    raw = str(mail.get(name, ""))[:2000]
    try:
        text = str(make_header(decode_header(raw)))
    except (MessageError, LookupError, ValueError):
        text = raw
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ufffd\ud800-\udfff]", " ", text).split())


def sender_of(mail: Message) -> str:
    """Return the first valid address of From, or ""."""
    raw = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", str(mail.get("From", ""))[:2000]).split())
    for _name, address in getaddresses([raw]):
        try:
            validate_email(address)
        except ValidationError:
            continue
        if address.isascii() and len(address) <= 254:
            return address.lower()
    return ""


def _sent_at(mail: Message, now: datetime) -> datetime:
    try:
        found = parsedate_to_datetime(header(mail, "Date"))
        sent = found if found.tzinfo else found.replace(tzinfo=UTC)
        return sent if datetime(2000, 1, 1, tzinfo=UTC) <= sent <= now else now
    except (ValueError, TypeError, OverflowError):
        return now
