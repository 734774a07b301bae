"""Mending values: text that was decoded wrongly, entities of web pages, hours that the clock has twice or never."""

import html
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from needs.importers.row_outcomes import Findings

# What the bytes 80 to BF look like when UTF-8 is read as Windows-1252 (or as Latin-1).
_TRAIL = (
    "["
    + "".join(re.escape(bytes([byte]).decode("cp1252", errors="ignore") or chr(byte)) for byte in range(0x80, 0xC0))
    + "\u0080-\u009f]"
)
# Only beginnings that no text of ours has by itself: É» is French, Ã© is not. Accented letters, œ, dashes and quotes, emoji.
_MOJIBAKE = re.compile(f"[ÂÃ]{_TRAIL}|Å[“’]|â[€‚„]{_TRAIL}|ðŸ{_TRAIL}{{2}}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")


def _bytes_of(text: str) -> bytes:
    """The bytes that were read as Windows-1252, its five undefined ones as Latin-1."""
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
    """UTF-8 that was read as Windows-1252 ("GoÃ¢ve") as it was meant ("Goâve"); other text stays as it is."""
    return _MOJIBAKE.sub(_redecode, text)


def mended(text: str, findings: Findings) -> str:
    """The text as it was meant: entities, mojibake and control characters mended; line breaks as ``\\n``."""
    value = text.replace("\r\n", "\n").replace("\r", "\n")
    for _escaped_twice_or_more in range(3):
        if not _ENTITY.search(value) or (plain := html.unescape(value)) == value:
            break
        findings.repair("html_entities", "Characters written as entities of a web page were written out.")
        value = plain
    if (plain := demojibake(value)) != value:
        findings.repair("mojibake", "Letters decoded wrongly by another program were restored.")
        value = plain
    if _CONTROLS.search(value):
        findings.repair("control_characters", "Control characters were removed from the text.")
        value = _CONTROLS.sub("", value)
    if "\ufffd" in value:
        findings.remark("unreadable_characters", "Some characters could not be read and stand as question marks.")
    return value.strip()


def shortened(text: str, length: int, findings: Findings) -> str:
    """The text cut to a length in characters, at a word if possible."""
    if len(text) <= length:
        return text
    findings.repair("shortened", "A text longer than its field was cut.")
    head = text[: length - 1]
    space = head.rfind(" ")
    return (head[:space] if space > length // 2 else head) + "…"


def in_zone(local: datetime, zone: ZoneInfo, findings: Findings) -> datetime:
    """An hour of a place's clock as a moment (aware, UTC). Of an hour that occurs twice the first; one that is
    skipped in spring is read by the clock before the change."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        findings.repair("hour_skipped", "The clock skips this hour in spring; it was read by the clock of winter.")
    elif local.replace(tzinfo=zone, fold=1).astimezone(UTC) != moment:
        findings.repair("hour_twice", "The clock has this hour twice in autumn; the first one was taken.")
    return moment
