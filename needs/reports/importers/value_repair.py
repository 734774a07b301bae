"""Repair of values: wrongly decoded text, HTML entities, hours that a clock change repeats or skips."""

import html
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from needs.reports.importers.row_outcomes import Findings

# The bytes 80 to BF of UTF-8 text, decoded as Windows-1252 or Latin-1.
_TRAIL = (
    "["
    + "".join(re.escape(bytes([byte]).decode("cp1252", errors="ignore") or chr(byte)) for byte in range(0x80, 0xC0))
    + "\u0080-\u009f]"
)
# Accents, œ, dashes, quotes and emoji as they look after wrong decoding. Sequences that occur in real text are left
# out: É» occurs in French, Ã© does not.
_MOJIBAKE = re.compile(f"[ÂÃ]{_TRAIL}|Å[“’]|â[€‚„]{_TRAIL}|ðŸ{_TRAIL}{{2}}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")


def _bytes_of(text: str) -> bytes:
    """Return the bytes of a text that was decoded as Windows-1252, with the five bytes that Windows-1252 leaves
    undefined decoded as Latin-1."""
    return b"".join(
        character.encode("latin-1") if "\u0080" <= character <= "\u009f" else character.encode("cp1252")
        for character in text
    )


def _redecode(match: re.Match[str]) -> str:
    try:
        return _bytes_of(match[0]).decode("utf-8")
    except UnicodeError:
        return match[0]


def demojibake(text: str) -> str:
    """Repair UTF-8 text that was decoded as Windows-1252: "GoÃ¢ve" becomes "Goâve"."""
    return _MOJIBAKE.sub(_redecode, text)


def repaired_text(text: str, findings: Findings) -> str:
    """Return the text with entities, mojibake and control characters repaired and line breaks as ``\\n``."""
    value = text.replace("\r\n", "\n").replace("\r", "\n")
    for _escaped_twice_or_more in range(3):
        if not _ENTITY.search(value) or (plain := html.unescape(value)) == value:
            break
        findings.repair("html_entities", "HTML entities were replaced by their characters.")
        value = plain
    if (plain := demojibake(value)) != value:
        findings.repair("mojibake", "Characters wrongly decoded by another program were restored.")
        value = plain
    if _CONTROLS.search(value):
        findings.repair("control_characters", "Control characters were removed from the text.")
        value = _CONTROLS.sub("", value)
    if "\ufffd" in value:
        findings.remark(
            "unreadable_characters", "Some characters could not be read and were replaced by question marks."
        )
    return value.strip()


def shorten(text: str, length: int, findings: Findings) -> str:
    """Return the text cut to a number of characters, at a word if possible."""
    if len(text) <= length:
        return text
    findings.repair("shortened", "The text was cut to the length of its field.")
    head = text[: length - 1]
    space = head.rfind(" ")
    return (head[:space] if space > length // 2 else head) + "…"


def in_zone(local: datetime, zone: ZoneInfo, findings: Findings) -> datetime:
    """Return a local time in UTC. A repeated hour is read as its first occurrence; a skipped hour is read as winter
    time."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        findings.repair("hour_skipped", "The clock skips this hour in spring. It was read in winter time.")
    elif local.replace(tzinfo=zone, fold=1).astimezone(UTC) != moment:
        findings.repair("hour_twice", "The clock repeats this hour in autumn. The first one was used.")
    return moment
