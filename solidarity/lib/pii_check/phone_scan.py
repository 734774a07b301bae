"""Search for telephone numbers by a country's numbering plan, in time proportional to the length of the text.

The scan finds stretches that could be one number; the ``phonenumbers`` library only validates these. The library's own
scan tries many beginnings and ends of every stretch, and took 2 s for 40,000 characters.
"""

import re
from collections.abc import Collection, Iterator

FEWEST_DIGITS, MOST_DIGITS = 6, 17
_WIDEST_GAP = 3  # characters between two groups of digits
_INSIDE = frozenset(" .-()")  # characters that occur inside one number; others, such as "/", separate two numbers
_DIGITS = re.compile(r"\d+", re.ASCII)

Span = tuple[int, int]


def phone_spans(text: str, region: str, known: Collection[Span] = ()) -> Iterator[Span]:
    """Yield numbers that are valid in a region, or that are valid with a country code. known: spans found already."""
    covered = sorted(known)
    at = 0
    for groups in _stretches(text):
        start, end = _with_sign(text, groups[0][0]), groups[-1][1]
        while at < len(covered) and covered[at][1] < end:
            at += 1
        inside = at < len(covered) and covered[at][0] <= start
        digits = sum(last - first for first, last in groups)
        if inside or digits < FEWEST_DIGITS:
            continue
        if digits <= MOST_DIGITS and _valid(text, start, end, region):
            yield start, end
            continue
        yield from (
            (first, last)
            for first, last in groups
            if len(groups) > 1 and FEWEST_DIGITS <= last - first <= MOST_DIGITS and _valid(text, first, last, region)
        )


def _stretches(text: str) -> Iterator[list[Span]]:
    """Yield groups of digits. The gaps between them have at most _WIDEST_GAP characters, all from _INSIDE."""
    groups: list[Span] = []
    for match in _DIGITS.finditer(text):
        if groups and not _joins(text[groups[-1][1] : match.start()]):
            yield groups
            groups = []
        groups.append(match.span())
    if groups:
        yield groups


def _joins(gap: str) -> bool:
    return len(gap) <= _WIDEST_GAP and all(letter in _INSIDE for letter in gap) and " -" not in gap and ". " not in gap


def _with_sign(text: str, start: int) -> int:
    """Return the position at which a number begins, including a plus sign or bracket before its first digit."""
    while start and text[start - 1] in "+(":
        start -= 1
        if text[start] == "+":
            break
    return start


def _valid(text: str, start: int, end: int, region: str) -> bool:
    import phonenumbers  # imported here, because the import takes 30 ms

    if (start and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum()):
        return False
    written = text[start:end]
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return False
    if not phonenumbers.is_valid_number(number):
        return False
    if phonenumbers.region_code_for_number(number) != region or written.startswith("+"):
        return True
    # In a country whose numbers begin with a 0, digits without it are an amount or a reference.
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return _only_digits(national) == _only_digits(written) or _only_digits(written).startswith("00")


def _only_digits(text: str) -> str:
    return "".join(_DIGITS.findall(text))
