"""Folding of a text into words. The same algorithm folds rules and texts, in Python and in matcher.js."""

import re
import unicodedata

COMMA = ","
END = "."
LONGEST_TEXT = 20_000
"""Maximum number of characters; longer texts are cut."""
LONGEST_WORD = 40
DOUBLED = "too"
"""The word that keeps its doubled letter: "used too much" is not "used to"."""

_SAME = {
    "œ": "oe", "æ": "ae", "ß": "ss", "ı": "i", "ł": "l", "đ": "d", "ø": "o",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "′": "'",
    "ـ": "", "\u200c": "", "\u200d": "", "\u00ad": "",
    "ى": "ي", "ی": "ي", "ې": "ي", "ۍ": "ي", "ے": "ي", "ک": "ك", "ګ": "گ", "ة": "ه", "ہ": "ه", "ە": "ه", "ھ": "ه",
}  # fmt: skip
_SHIFTED = {0x1210: 0x1200, 0x1280: 0x1200, 0x1220: 0x1230, 0x12D0: 0x12A0, 0x1340: 0x1338}  # Ethiopic homophones
_FOLDED: dict[int, str] = {
    **{ord(old): new for old, new in _SAME.items()},
    **{old + order: chr(new + order) for old, new in _SHIFTED.items() for order in range(7)},
    **{zero + digit: str(digit) for zero in (0x660, 0x6F0) for digit in range(10)},
}
_FOLDED |= {ord("ሃ"): "ሀ", ord("ሓ"): "ሀ", ord("ኃ"): "ሀ", ord("ኣ"): "አ", ord("ዓ"): "አ"}
_MARKS = re.compile(r"[^\x00-\x7f]")
_JOINED = re.compile(r"(?<=[^\W\d_])'(?=(?:t|s|m|d|re|ll|ve)(?![^\W_])|[\u0400-\u04ff])")
_DOTTED = re.compile(r"(?<![^\W_])([^\W\d_])\.(?=[^\W\d_](?![^\W_]))")
"""Dots inside an abbreviation such as "o.d."; the last dot stays."""
_PIECES = re.compile(r"([^\W\d_]+)|(\d+)|([.!?;:\n\r؟۔؛።፧፨]+)|([,،፣፥፡()]+)")
_AGAIN = re.compile(r"([^\W\d_])\1+")


def plain(text: str) -> str:
    """Return the text in lower case, without accents and other marks, and with variants of a letter made the same."""
    low = text[:LONGEST_TEXT].lower()
    if not low.isascii():
        low = unicodedata.normalize("NFKD", low)
        low = _MARKS.sub(lambda sign: "" if unicodedata.category(sign[0]) == "Mn" else sign[0], low)
    return _DOTTED.sub(r"\1", _JOINED.sub("", low.translate(_FOLDED)))  # also "`", which is ASCII


def words_of(text: str) -> list[str]:
    """Return the words of a text, with ``COMMA`` and ``END`` between them."""
    found: list[str] = []
    for letters, digits, end, comma in _PIECES.findall(plain(text)):
        if letters or digits:
            found.append(_AGAIN.sub(r"\1", letters) if letters and letters != DOUBLED else letters or digits)
        else:
            found.append(END if end else COMMA if comma else "")
    return found
