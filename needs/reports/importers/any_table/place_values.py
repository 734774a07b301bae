"""Places as people write them: two numbers in one cell, degrees and minutes, H3 cells."""

import re

import h3.api.basic_str as h3

_NUMBER = r"[+-]?\d{1,3}(?:[.,]\d+)?"
_PAIR = re.compile(rf"\s*[(\[]?\s*({_NUMBER})\s*(?:[;|/]\s*|,\s+|\s+|,)\s*({_NUMBER})\s*[)\]]?\s*")
_POINT_PAIR = re.compile(r"\s*[(\[]?\s*([+-]?\d{1,3}\.\d+)\s*,\s*([+-]?\d{1,3}\.\d+)\s*[)\]]?\s*")
_WKT = re.compile(r"\s*(?:SRID=4326;)?POINT\s*\(\s*(\S+)\s+(\S+)\s*\)\s*", re.IGNORECASE)
_H3 = re.compile(r"\s*(8[0-9a-f]{14})\s*", re.IGNORECASE)
_SIGNS = re.compile(r"[°º'’′\"”″:]|\b(?:deg|min|sec)\b", re.IGNORECASE)
_HALF = re.compile(r"(?<![A-Za-z])([NSEWO])(?![A-Za-z])", re.IGNORECASE)


def degrees_of(text: str) -> float:
    """Return decimal degrees of a number, or of degrees, minutes and seconds such as 48°51'24"N. Raises ValueError."""
    halves = _HALF.findall(text)
    bare = _HALF.sub(" ", text).strip()
    parts = [float(part.replace(",", ".")) for part in _SIGNS.sub(" ", bare).split()]
    if not 1 <= len(parts) <= 3 or len(halves) > 1 or any(part < 0 or part >= 60 for part in parts[1:]):
        raise ValueError(text)
    size: float = abs(parts[0]) + sum(part / 60**power for power, part in enumerate(parts[1:], start=1))
    negative = bare.startswith("-") or (halves and halves[0].upper() in "SWO")
    return -size if negative else size


def pair_of(text: str) -> tuple[float, float]:
    """Return (latitude, longitude) in degrees of one cell: a pair, POINT(lng lat), degrees and minutes, or an H3 cell.

    Raises ValueError.
    """
    if match := _H3.fullmatch(text):
        if not h3.is_valid_cell(match[1].lower()):
            raise ValueError(text)
        latitude, longitude = h3.cell_to_latlng(match[1].lower())
        return latitude, longitude
    if match := _WKT.fullmatch(text):
        return float(match[2]), float(match[1])
    if match := _POINT_PAIR.fullmatch(text) or _PAIR.fullmatch(text):
        return degrees_of(match[1]), degrees_of(match[2])
    halves = list(_HALF.finditer(text))
    if len(halves) == 2:
        first, second = halves
        # The letter is before its number (N 48° E 2°) or after it (48° N 2° E).
        cut = second.start() if not text[: first.start()].strip() else first.end()
        pair = [(half[1].upper(), degrees_of(part.strip(" ,;")))
                for half, part in zip(halves, (text[:cut], text[cut:]), strict=True)]  # fmt: skip
        found = {("lat" if letter in "NS" else "lng"): value for letter, value in pair}
        if len(found) == 2:
            return found["lat"], found["lng"]
    raise ValueError(text)


def looks_like_pair(text: str) -> bool:
    try:
        latitude, longitude = pair_of(text)
    except ValueError:
        return False
    return abs(latitude) <= 90 and abs(longitude) <= 180
