"""Reviews of the public languages: shipped with the software (locale/reviews.json) or recorded by coordinators.

A language without a review stays in use; coordinators see that it is not reviewed.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from needs.enums import ReporterAnswer
from needs.models import LanguageReview
from needs.reports.danger.emergency_numbers import lines_for_flags
from solidarity.lib import languages
from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.site import emergency_gate
from solidarity.lib.site.emergency_gate import Danger
from volunteers.enums import Language

_CALL_FIRST = (
    "First: is somebody in danger?",
    "If one of these is true, a telephone call helps faster than any form.",
    "In danger right now? Call first.",
    "Call now",
    "The call is free. Say where you are and what you see; stay until help comes, if you can.",
    "Somebody has called. Continue",
    "None of these",
    "Your report is saved.",
    "We are telling the people on duty now.",
    "Nobody is on duty at the moment: please call yourself.",
    "Go to a safe place first, if you can. The call is free.",
    "Leave this page quickly",
)


@dataclass(frozen=True, slots=True)
class Review:
    """A review. current: True if the sentences have not changed since the review. key: None for a shipped review."""

    reviewer: str
    on: date
    note: str
    current: bool
    key: int | None


@dataclass(frozen=True, slots=True)
class LanguageStatus:
    """A public language and its reviews, newest first. label: name of the language in the reader's language. sentences:
    number of sentences in the language."""

    code: str
    own_name: str
    label: str | Promise
    sentences: int
    reviews: Sequence[Review]

    @property
    def reviewed(self) -> bool:
        """Whether a speaker reviewed the current sentences."""
        return any(review.current for review in self.reviews)

    @property
    def changed_since(self) -> bool:
        """Whether the sentences have changed since the last review."""
        return bool(self.reviews) and not self.reviewed


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in three languages for the reviewer; plural forms are joined by " / "."""

    english: str
    french: str
    translation: str


def statuses() -> list[LanguageStatus]:
    """Return all public languages in the order of the language chooser."""
    return [status_of(code) for code in dict(settings.PUBLIC_LANGUAGES)]


def status_of(code: str) -> LanguageStatus:
    """Return a language with its reviews. Raises KeyError for a language that is not public."""
    own_name = dict(settings.PUBLIC_LANGUAGES)[code]
    now = languages.print_of(code)
    shipped = [
        Review(each["name"], date.fromisoformat(each["on"]), each.get("note", ""), each["sentences"] == now, None)
        for each in shipped_record()[code]["checked_by"]
    ]
    own = [
        Review(row.reviewer, row.reviewed_on, row.note, row.sentences == now, row.pk)
        for row in LanguageReview.objects.filter(language=code)
    ]
    reviews = sorted([*shipped, *own], key=lambda each: each.on, reverse=True)
    return LanguageStatus(code, str(own_name), Language(code).label, len(languages.catalogue(code)), reviews)


def is_reviewed(code: str) -> bool:
    """Return whether a speaker reviewed the current sentences of a public language."""
    now = _print_of(code)
    shipped = any(each["sentences"] == now for each in shipped_record()[code]["checked_by"])
    return shipped or LanguageReview.objects.filter(language=code, sentences=now).exists()


@cache
def _print_of(code: str) -> str:
    """Return the digest of a catalogue, which does not change while the server runs."""
    return languages.print_of(code)


def shipped_record() -> dict[str, dict[str, list[dict[str, str]]]]:
    """Return the shipped record of each language: its authors and its reviewers."""
    path = Path(settings.LOCALE_PATHS[0]) / "reviews.json"
    record: dict[str, dict[str, list[dict[str, str]]]] = json.loads(path.read_text(encoding="utf-8"))
    return record


def sentences(code: str) -> Iterator[Sentence]:
    """Yield every sentence of a language for a reviewer, beginning with danger and telephone numbers."""
    for entry in sorted(languages.catalogue(code), key=lambda each: each.msgid not in _about_danger()):
        translation = " / ".join(entry.msgstr_plural[key] for key in sorted(entry.msgstr_plural)) or entry.msgstr
        with override("fr"):
            french = pgettext(entry.msgctxt, entry.msgid) if entry.msgctxt else _(entry.msgid)
        yield Sentence(entry.msgid, "" if french == entry.msgid else french, translation)


@cache
def _about_danger() -> frozenset[str]:
    """Return the English sentences about danger: a mistake in their translation can cost a life."""
    with override("en"):
        lines = [
            line
            for country in emergency_gate.COUNTRIES
            for each in Danger
            for line in emergency_gate.lines_for(country, each)
        ]
        lines += [
            line
            for country in emergency_gate.COUNTRIES
            for flag in DangerFlag
            for line in lines_for_flags([flag], country)
        ]
        labels = [str(each.label) for kind in (Danger, ReporterAnswer) for each in kind]
        return frozenset([*_CALL_FIRST, *(str(line.purpose) for line in lines), *labels])


def record(code: str, *, reviewer: str, on: date, note: str, by: int) -> LanguageReview:
    return LanguageReview.objects.create(
        language=code,
        reviewer=reviewer,
        reviewed_on=on,
        note=note,
        sentences=languages.print_of(code),
        recorded_by_id=by,
    )


def delete_review(code: str, key: int) -> bool:
    """Delete a recorded review; return whether it existed."""
    deleted, _rows = LanguageReview.objects.filter(language=code, pk=key).delete()
    return deleted > 0
