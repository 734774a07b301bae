"""The text of a mail as its sender wrote it: without HTML, quoted mails, signatures and files."""

import re
from email.message import Message
from html.parser import HTMLParser
from itertools import islice
from typing import Any

from mailparser_reply.parser import EmailMessage

MOST_PARTS = 200
MOST_BYTES = 256 * 1024  # of one part
MOST_CHARACTERS = 6000
LANGUAGES = ("en", "fr", "es", "de", "it", "nl", "pl")

_CHARSET = re.compile(
    r"utf[-_]?(8|16(le|be)?)|(us-)?ascii|iso[-_]?8859[-_]\d{1,2}|latin[-_]?1|windows-\d{3,4}|cp\d{3,4}|koi8-[ru]"
    r"|gb2312|gbk|gb18030|big5|euc-(jp|kr)|shift[-_]jis|iso-2022-jp|macintosh|mac-?roman",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\u200b\xad]")
_SOUND = re.compile(r"\.(3gp|aac|amr|flac|m4a|mp3|oga|ogg|opus|wav|wma)$", re.IGNORECASE)
_SIGNED = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}


def text_and_files(mail: Message, *, is_reply: bool) -> tuple[str, int]:
    """Return the text of a mail and the number of its files. is_reply: if True, also cut quoted mails and not just the
    signature.

    If a mail has both plain text and HTML, the plain text is used. Text after MOST_CHARACTERS, and parts after
    MOST_PARTS, are ignored.
    """
    plain, html, files = _parts(mail)
    text = "\n".join(plain)
    if not text.strip():
        text = "\n".join(text_of_html(each, without_quotes=is_reply) for each in html)
    return own_words(text, is_reply=is_reply), files


def _parts(mail: Message) -> tuple[list[str], list[str], int]:
    plain: list[str] = []
    html: list[str] = []
    files, seen, waiting = 0, 0, [mail]
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(), seen + 1
        kind = part.get_content_type()
        if kind.startswith("multipart/") and part.is_multipart():
            inside: Any = part.get_payload()
            waiting.extend(each for each in inside[MOST_PARTS::-1] if isinstance(each, Message))
        elif kind in ("text/plain", "text/html") and not _is_file(part):
            (plain if kind == "text/plain" else html).append(_decoded(part))
        elif kind not in _SIGNED and (_is_file(part) or not part.get("Content-ID")):
            files += 1
    return plain, html, files


def sounds_in(mail: Message) -> int:
    """Return the number of sound files of a mail, such as voice messages. Parts after MOST_PARTS are ignored."""
    return sum(
        part.get_content_maintype() == "audio" or _SOUND.search(_file_name(part)) is not None
        for part in islice(mail.walk(), MOST_PARTS)
    )


def _file_name(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except (LookupError, ValueError):  # the mail names an unsuitable charset
        return ""


def _is_file(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return disposition.startswith("attachment") or "name=" in disposition


def _decoded(part: Message) -> str:
    """Return the text of a part. If its charset is missing, unknown or wrong, it is UTF-8 or else Windows-1252."""
    try:
        named = str(part.get_content_charset() or "")
    except (LookupError, ValueError):
        named = ""
    if not _CHARSET.fullmatch(named):  # Python decodes with whatever codec a mail names; some of these are slow
        named = ""
        del part["Content-Type"]
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        content = None
    data = content[:MOST_BYTES] if isinstance(content, bytes) else b""
    for charset in (named or "utf-8", "utf-8"):
        try:
            return data.decode(charset)
        except (UnicodeError, LookupError):
            continue
    return data.decode("windows-1252", errors="replace")


# --- HTML ------------------------------------------------------------------------------------------------------------

_HIDDEN = {"head", "script", "style", "title", "template", "object", "svg"}
_BLOCKS = {"p", "div", "br", "li", "tr", "table", "h1", "h2", "h3", "h4", "blockquote", "ul", "ol", "hr", "pre"}
_VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "wbr"}
_QUOTES = re.compile(r"\b(gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|protonmail_quote)\b")


class _Words(HTMLParser):
    """Collects the visible text. A hidden or quoted element is skipped until its end."""

    def __init__(self, *, without_quotes: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.without_quotes, self.words, self.skipped = without_quotes, list[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.skipped:
            if tag == self.skipped[0]:
                self.skipped.append(tag)
        elif tag in _HIDDEN or (self.without_quotes and self._quotes(tag, attrs)):
            if tag not in _VOID:
                self.skipped = [tag]
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.skipped:
            if tag == self.skipped[0]:
                self.skipped.pop()
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.words.append(re.sub(r"\s+", " ", data))

    @staticmethod
    def _quotes(tag: str, attrs: list[tuple[str, str | None]]) -> bool:
        return tag == "blockquote" or any(
            name in ("class", "id") and value and _QUOTES.search(value) for name, value in attrs
        )


def text_of_html(html: str, *, without_quotes: bool) -> str:
    """Return the visible text of a page, with one line per block."""
    words = _Words(without_quotes=without_quotes)
    words.feed(html)
    words.close()
    return "".join(words.words)


# --- quotes and signatures -------------------------------------------------------------------------------------------


def own_words(text: str, *, is_reply: bool) -> str:
    """Return a text without its signature and, for a reply, without the mails that it quotes.

    If nothing is left, return all lines that are not quotes, because some people write below the quoted mail.
    """
    tidy = tidied(text)
    if not is_reply:
        return _without_signature(tidy)
    replies = EmailMessage(text=tidy, languages=[*LANGUAGES], keep_hyphen_lists=True).read().replies
    first = _unquoted(replies[0].body if replies and not replies[0].headers else "")
    return first or _unquoted(tidy) or tidy


def tidied(text: str) -> str:
    """Return a text without invisible characters, long runs of spaces and empty lines; at most MOST_CHARACTERS."""
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:MOST_CHARACTERS]


def _without_signature(text: str) -> str:
    """Cut at “-- ” (RFC 3676, section 4.3), unless it is the first line."""
    return (re.split(r"\n--\n", text, maxsplit=1)[0].strip()) or text


def _unquoted(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith(">")).strip()
