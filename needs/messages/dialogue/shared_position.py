"""The position in a message: a shared link of a map, a geo: address, coordinates, or a full plus code.

Nothing is fetched. Short links and what3words addresses contain no position.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

_NUMBER = r"([+-]?\d{1,3}(?:\.\d+)?)"
_PAIR = rf"{_NUMBER}\s*(?:,|%2C)\s*{_NUMBER}"
_EXACT = r"([+-]?\d{1,3}[.,]\d{3,})"
_LINKED = (
    re.compile(rf"\bgeo:{_PAIR}", re.IGNORECASE),
    re.compile(rf"!3d{_NUMBER}!4d{_NUMBER}"),
    re.compile(rf"[?&#](?:q|query|ll|sll|center|daddr|destination|coordinate|cp|loc)=(?:loc:)?{_PAIR}", re.IGNORECASE),
    re.compile(rf"[?&]mlat={_NUMBER}&mlon={_NUMBER}", re.IGNORECASE),
    re.compile(rf"/@{_PAIR}"),
    re.compile(rf"#map=\d{{1,2}}/{_NUMBER}/{_NUMBER}"),
    re.compile(rf"/(?:place|search|dir/)/?{_PAIR}", re.IGNORECASE),
)
_PLAIN = re.compile(rf"(?<![\d.,]){_EXACT}\s*[,;/ ]\s*{_EXACT}(?![\d.])")
_DEGREES = re.compile(
    r"(\d{1,2})\s*°\s*(\d{1,2})\s*['′’]\s*(\d{1,2}(?:\.\d+)?)?\s*[\"″”]?\s*([NS])[\s,]*"
    r"(\d{1,3})\s*°\s*(\d{1,2})\s*['′’]\s*(\d{1,2}(?:\.\d+)?)?\s*[\"″”]?\s*([EWO])",
    re.IGNORECASE,
)
_CODE_SIGNS = "23456789CFGHJMPQRVWX"
_PLUS_CODE = re.compile(rf"(?<![A-Z0-9])([{_CODE_SIGNS}]{{8}})\+([{_CODE_SIGNS}]{{2,3}})(?![A-Z0-9])", re.IGNORECASE)
_SHORT = re.compile(r"(?:maps\.app\.goo\.gl|goo\.gl|g\.co|w3w\.co|what3words\.com|///\w+\.\w+\.\w+)", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|geo:)\S+|(?:maps\.app\.goo\.gl|goo\.gl|w3w\.co)/\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SharedPoint:
    """A position in degrees, WGS 84. words: the part of the message that gives it."""

    latitude: float
    longitude: float
    words: str


def shared_point(text: str) -> SharedPoint | None:
    """Return the first possible position in a text; None if there is none."""
    whole = unquote(text)
    for pattern in _LINKED:
        if (found := pattern.search(whole)) and (point := _point(found[1], found[2], found[0])):
            return point
    if (found := _PLAIN.search(whole)) and (point := _point(found[1], found[2], found[0])):
        return point
    if found := _DEGREES.search(whole):
        return _checked(_angle(*found.group(1, 2, 3, 4)), _angle(*found.group(5, 6, 7, 8)), found[0])
    if found := _PLUS_CODE.search(whole):
        return _from_plus_code(found[1].upper(), found[2].upper(), found[0])
    return None


def has_short_link(text: str) -> bool:
    """Return whether a text has a short link to a position, which only another service can resolve."""
    return _SHORT.search(text) is not None


def without_positions(text: str) -> str:
    """Return a text without links and coordinates, so that their digits are not read as numbers of people."""
    bare = _LINK.sub(" ", text)
    for pattern in (_PLAIN, _DEGREES, _PLUS_CODE):
        bare = pattern.sub(" ", bare)
    return bare


def _point(latitude: str, longitude: str, words: str) -> SharedPoint | None:
    return _checked(float(latitude.replace(",", ".")), float(longitude.replace(",", ".")), words)


def _checked(latitude: float, longitude: float, words: str) -> SharedPoint | None:
    """Return a point; None if the point cannot exist, or if it is 0, 0, which phones send without a known position."""
    if abs(latitude) > 90 or abs(longitude) > 180 or (abs(latitude) < 0.01 and abs(longitude) < 0.01):
        return None
    return SharedPoint(latitude, longitude, words.strip())


def _angle(degrees: str, minutes: str, seconds: str | None, side: str) -> float:
    size = int(degrees) + int(minutes) / 60 + float(seconds or 0) / 3600
    return -size if side.upper() in "SWO" else size


def _from_plus_code(first: str, second: str, words: str) -> SharedPoint | None:
    """Return the centre of a full plus code of ten signs (Open Location Code)."""
    latitude, longitude, size = -90.0, -180.0, 20.0
    pairs = first + second[:2]
    for at in range(0, len(pairs), 2):
        latitude += _CODE_SIGNS.index(pairs[at]) * size
        longitude += _CODE_SIGNS.index(pairs[at + 1]) * size
        size /= 20
    half = size * 20 / 2
    return _checked(latitude + half, longitude + half, words)
