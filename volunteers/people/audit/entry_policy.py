"""Policy for the details of audit entries: integers, booleans and short codes are allowed; places, names and contacts
are not."""

import re
from collections.abc import Mapping
from typing import Any

MOST = 12
_KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _:/+.,-]{0,79}")
_IDENTIFYING = (
    "name", "mail", "phone", "contact", "address", "lat", "lng", "lon", "latitude", "longitude", "point", "place", "cell",
    "h3", "text", "title", "ip",
)  # fmt: skip
_DECIMALS = re.compile(r"\d\.\d{3,}")
_CELL = re.compile(r"\b8[0-9a-f]{14}\b")
_DIGITS = re.compile(r"(?:\d[ .-]?){9,}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:]+)?")


class ForbiddenDetail(ValueError):
    """A detail that could be a place, a name or a contact."""


def checked(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details, or raise ForbiddenDetail if one of them must not be stored for ever."""
    if len(details) > MOST:
        raise ForbiddenDetail(f"more than {MOST} details")
    return {key: _checked(key, value) for key, value in details.items()}


def _checked(key: str, value: Any) -> Any:
    if not _KEY.fullmatch(key) or any(part in _IDENTIFYING for part in key.split("_")):
        raise ForbiddenDetail(f"the key {key!r}")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 10**9:  # an H3 cell or a telephone number is larger
        return int(value)
    if isinstance(value, str):
        text = str(value)
        rest = _DATE.sub("", text)
        if text == "" or (_CODE.fullmatch(text) and not any(bad.search(rest) for bad in (_DECIMALS, _CELL, _DIGITS))):
            return text
    raise ForbiddenDetail(f"the value of {key!r}")
