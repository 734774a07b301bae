"""Held words: a text with a held word waits until a person has read it (docs/moderation.md explains the limits).

Each process keeps the list in memory for SECONDS, so checking a message needs no query.
"""

import re
import time
import unicodedata
from functools import lru_cache

from django.db import IntegrityError, transaction

from needs.models import HeldWord
from solidarity.lib.pii_check.detection import folded as plain
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

SECONDS = 10.0
MOST = 2000
_LEET = str.maketrans("013457@$!|", "oieastasil")
_Rows = tuple[tuple[str, str, bool], ...]

_kept: tuple[float, _Rows] = (0.0, ())


def fold(text: str) -> str:
    """Return a text in the form in which texts are compared: without case, accents and invisible characters, with
    letters instead of the digits that stand for them, and with one space between words."""
    visible = "".join(
        each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each) not in ("Cf", "Mn")
    )
    return " ".join(plain(visible).casefold().translate(_LEET).split())


def holds(text: str, language: str | None = None) -> bool:
    """Whether a text contains a held word.

    language: the language of the text; if it is unknown, the words of all languages count.
    """
    return bool(found_in(text, language))


def found_in(text: str, language: str | None = None) -> list[str]:
    """Return the held words of a text, folded."""
    rows = _rows()
    if not rows or not text:
        return []
    pattern = _pattern(rows, language or "")
    return sorted({match.group() for match in pattern.finditer(fold(text))}) if pattern else []


def add(word: str, language: str, *, whole: bool, by: User) -> bool:
    """Add a word; return False if it is in the list already, or if folding leaves nothing of it."""
    folded = fold(word)
    if not folded or HeldWord.objects.count() >= MOST:
        return False
    try:
        with transaction.atomic():
            HeldWord.objects.create(word=word.strip(), folded=folded, language=language, whole=whole, added_by=by)
            _record(by, added=True, language=language)
    except IntegrityError:
        return False
    return True


def remove(word: int, by: User) -> bool:
    """Remove a word; return False if it is not in the list."""
    with transaction.atomic():
        row = HeldWord.objects.filter(pk=word).first()
        if row is None:
            return False
        row.delete()
        _record(by, added=False, language=row.language)
    return True


def forget() -> None:
    """Delete the list from memory; it is read again for the next text."""
    global _kept
    _kept = (0.0, ())


def _record(by: User, *, added: bool, language: str) -> None:
    transaction.on_commit(forget)
    details = {"added": added, "language": language}
    recording.record(by, Verb.HELD_WORDS_CHANGED, "held_words", None, purpose=Purpose.COORDINATION, details=details)


def _rows() -> _Rows:
    global _kept
    until, rows = _kept
    if time.monotonic() >= until:
        rows = tuple(HeldWord.objects.order_by("pk").values_list("folded", "language", "whole"))
        _kept = (time.monotonic() + SECONDS, rows)
    return rows


@lru_cache(maxsize=32)
def _pattern(rows: _Rows, language: str) -> re.Pattern[str] | None:
    parts = [
        rf"(?<!\w){re.escape(word)}(?!\w)" if whole else re.escape(word)
        for word, own, whole in rows
        if not language or own in ("", language)
    ]
    return re.compile("|".join(sorted(parts, key=len, reverse=True))) if parts else None
