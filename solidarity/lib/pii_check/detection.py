"""Detection of personal data in free text: names, telephone numbers, e-mails, health, origin. Pure functions.

static/solidarity/pii_check/pii-check.js has the same algorithm and vocabulary; tests compare the two.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from solidarity.lib.pii_check.person_names import names_in
from solidarity.lib.pii_check.phone_scan import phone_spans
from solidarity.lib.pii_check.vocabulary import Vocabulary, words

Span = tuple[int, int]


class Kind(StrEnum):
    """A kind of personal data."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    HEALTH = "health"
    ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding. start, end: character positions in the composed text (NFC). words: the text found."""

    kind: Kind
    start: int
    end: int
    words: str


_PLAIN = {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"', "‐": "-", "‑": "-",
          "–": "-", "—": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "＠": "@"}  # fmt: skip
_FIGURE = re.compile(r"[+(]*\d")
_WORD = re.compile(r"[a-zà-ɏ]+(?:-[a-zà-ɏ]+)*")
_LETTERS = {
    chr(code): unicodedata.normalize("NFD", chr(code))[0] for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
}
_TABLE = str.maketrans({**_LETTERS, **_PLAIN})


def folded(text: str) -> str:
    """Return the text without accents, with plain quotes and spaces; each character stays one character."""
    return text if text.isascii() else text.translate(_TABLE)


def find(text: str, kinds: Collection[Kind] = tuple(Kind), *, region: str = "") -> list[Finding]:
    """Return the findings in a text, in order of position. French and English are both checked, because people mix
    them.

    region: the country in whose numbering plan telephone numbers are also sought.
    """
    whole = unicodedata.normalize("NFC", text)
    if not whole.strip():
        return []
    plain = folded(whole)
    low = plain.lower()
    some = set(_WORD.findall(low))
    finders: dict[Kind, Callable[[], Iterable[Span]]] = {
        Kind.EMAIL: lambda: _matches(words().email if "@" in low else words().email_without_at, low),
        Kind.PHONE: lambda: _phones(low, region),
        Kind.HEALTH: lambda: _vocabulary(words().health, low, some),
        Kind.ORIGIN: lambda: _vocabulary(words().origin, low, some),
        Kind.NAME: lambda: names_in(plain),
    }
    found = [
        Finding(kind, start, end, whole[start:end].strip())
        for kind, finder in finders.items()
        if kind in kinds
        for start, end in _apart(finder())
    ]
    if not found:
        return found
    mails = [each for each in found if each.kind is Kind.EMAIL]
    outside_mails = [
        each
        for each in found
        if each.kind is not Kind.NAME or not any(each.start < mail.end and mail.start < each.end for mail in mails)
    ]
    return sorted(outside_mails, key=lambda each: (each.start, each.kind))


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order of position, with overlapping spans merged."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], end))
        else:
            apart.append((start, end))
    return apart


def _matches(patterns: Iterable[re.Pattern[str]], low: str) -> Iterator[Span]:
    for pattern in patterns:
        for match in pattern.finditer(low):
            yield match.span()


def _vocabulary(known: Vocabulary, low: str, some: Collection[str]) -> list[Span]:
    """Return the words and phrases of a vocabulary. some: the words of the text."""
    spans = []
    if known.holds_any(some):
        spans = [match.span() for match in _WORD.finditer(low) if known.holds(match.group())]
    if known.any_phrase.search(low):
        spans += _matches(known.phrases, low)
    if not spans:
        return []
    harmless = list(_matches(known.harmless, low))
    return [span for span in spans if not any(start < span[1] and span[0] < end for start, end in harmless)]


def _phones(low: str, region: str) -> Iterator[Span]:
    bare, patterns = low, words().phone_in_words
    if any(map(str.isdigit, low)):
        patterns = words().phone
        for pattern in words().harmless:
            bare = pattern.sub(lambda match: "x" * len(match.group()), bare)
    known = []
    for start, end in _matches(patterns, bare):
        figure = _FIGURE.search(bare, start, end)
        known.append(((figure.start() if figure else start), end))
    yield from known
    if region:
        yield from phone_spans(bare, region, known)
