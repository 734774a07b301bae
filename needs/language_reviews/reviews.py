"""Which public languages a speaker has checked: what comes with the software (locale/reviews.json), and what coordinators
of this installation wrote down. A language that nobody checked stays in use and is shown to coordinators as such."""

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

from needs.models import TongueReview
from needs.reports import emergency_gate
from needs.reports.emergency_gate import Danger
from solidarity.lib import languages
from volunteers.enums import Language

_CALL_FIRST = (
    "First: is somebody in danger?",
    "If one of these is true, a telephone call helps faster than any form.",
    "In danger right now? Call first.",
    "Call now",
    "The call is free. Say where you are and what you see; stay until help comes, if you can.",
    "Somebody called: go on",
    "None of these",
)


@dataclass(frozen=True, slots=True)
class Review:
    """reviewer: as they want to be named. current: the sentences have not changed since. key: None for a shipped one."""

    reviewer: str
    on: date
    note: str
    current: bool
    key: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A public language. label: in the reader's words; sentences: how many there are; reviews: the newest first."""

    code: str
    own_name: str
    label: str | Promise
    sentences: int
    reviews: Sequence[Review]

    @property
    def reviewed(self) -> bool:
        """Whether a speaker checked what stands there now."""
        return any(review.current for review in self.reviews)

    @property
    def changed_since(self) -> bool:
        """Whether a speaker checked it once, and sentences have changed since."""
        return bool(self.reviews) and not self.reviewed


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for a reviewer, in three languages; several forms are joined by " / "."""

    english: str
    french: str
    theirs: str


def standings() -> list[Standing]:
    """All public languages in the order of the chooser."""
    return [standing(code) for code in dict(settings.PUBLIC_LANGUAGES)]


def standing(code: str) -> Standing:
    """Where one language stands. KeyError for one that is not public."""
    own_name = dict(settings.PUBLIC_LANGUAGES)[code]
    now = languages.print_of(code)
    shipped = [
        Review(each["name"], date.fromisoformat(each["on"]), each.get("note", ""), each["sentences"] == now, None)
        for each in shipped_record()[code]["checked_by"]
    ]
    own = [
        Review(row.reviewer, row.reviewed_on, row.note, row.sentences == now, row.pk)
        for row in TongueReview.objects.filter(language=code)
    ]
    reviews = sorted([*shipped, *own], key=lambda each: each.on, reverse=True)
    return Standing(code, str(own_name), Language(code).label, len(languages.catalogue(code)), reviews)


def shipped_record() -> dict[str, dict[str, list[dict[str, str]]]]:
    """What the software itself says of each language: who wrote it and who checked it."""
    found: dict[str, dict[str, list[dict[str, str]]]] = json.loads(
        (Path(settings.LOCALE_PATHS[0]) / "reviews.json").read_text(encoding="utf-8")
    )
    return found


def sentences(code: str) -> Iterator[Sentence]:
    """Every sentence of a language for a reviewer to read, those about danger and telephone numbers first."""
    for entry in sorted(languages.catalogue(code), key=lambda each: each.msgid not in _about_danger()):
        theirs = " / ".join(entry.msgstr_plural[key] for key in sorted(entry.msgstr_plural)) or entry.msgstr
        with override("fr"):
            french = pgettext(entry.msgctxt, entry.msgid) if entry.msgctxt else _(entry.msgid)
        yield Sentence(entry.msgid, "" if french == entry.msgid else french, theirs)


@cache
def _about_danger() -> frozenset[str]:
    """The sentences in English that a life can hang on."""
    with override("en"):
        lines = [
            line
            for country in emergency_gate.COUNTRIES
            for each in Danger
            for line in emergency_gate.lines_for(country, each)
        ]
        return frozenset([*_CALL_FIRST, *(str(line.purpose) for line in lines), *(str(each.label) for each in Danger)])


def record(code: str, *, reviewer: str, on: date, note: str, by: int) -> TongueReview:
    """Write down that a speaker read what stands there now."""
    return TongueReview.objects.create(
        language=code,
        reviewer=reviewer,
        reviewed_on=on,
        note=note,
        sentences=languages.print_of(code),
        recorded_by_id=by,
    )


def take_back(code: str, key: int) -> bool:
    """Take away a review that was written down here; whether it was there."""
    gone, _rows = TongueReview.objects.filter(language=code, pk=key).delete()
    return gone > 0
