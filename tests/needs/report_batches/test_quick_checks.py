"""The quick ways of the checks give what the plain ways give."""

import itertools
from typing import Any

import pytest
from django.utils import translation
from rest_framework import serializers

from needs.doors.report_batches.serializers import KINDS
from needs.reports.serializers import EncounterSerializer, FieldsMadeOnce, NeedSerializer
from solidarity.lib.danger_words.rules import every_language
from solidarity.lib.pii_check.vocabulary import LONGEST_BEGINNING, Vocabulary, words
from tests.needs.crises.crisis_cases import opened
from tests.support import Cast

BODIES: tuple[dict[str, Any], ...] = (
    {}, {"persons": 2}, {"persons": -1, "at": "yesterday"}, {"persons": None, "note": None, "contacts": None},
    {"id": "x", "latitude": 91, "longitude": "2.35", "asked": ["food", "food", "gold"], "minutes": 1e9},
    {"persons": "3", "asked": [], "given": "food", "consent": "yes", "unknown": 1, "note": " two by the bridge "},
    {"kinds": ["food"], "urgency": "soon", "text": "x" * 5000, "place_text": "", "contact": "", "category": 1},
    {"kinds": [], "category": 0, "urgency": "never", "tour": "", "association": "no slug!", "answers": [], "question_set": 7},
    {"category": 10**8, "crisis": "flood", "answers": {"a": 1}, "question_set": None, "at": "2090-01-01T00:00:00Z"},
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_fields_that_were_not_sent_are_what_rest_framework_makes_of_them(kind: str, cast: Cast) -> None:
    categories = opened(cast.diane).categories.all()
    mixed = [one | other for one, other in itertools.product(BODIES, BODIES)]
    outcomes = set()
    for body in [*BODIES, *mixed, *[{"kind": kind, **each} for each in mixed]]:
        found: list[tuple[bool, Any]] = []
        for read in (FieldsMadeOnce.to_internal_value, serializers.Serializer.to_internal_value):
            form: Any = KINDS[kind](context={"categories": categories})
            try:
                found.append((True, dict(read(form, body))))
            except serializers.ValidationError as error:
                found.append((False, error.detail))
        assert found[0] == found[1], body
        outcomes.add(found[0][0])
    assert False in outcomes


TOO_MUCH: tuple[tuple[type[FieldsMadeOnce], dict[str, Any]], ...] = (
    (EncounterSerializer, {"persons": 10**9, "minutes": -1, "note": "x" * 50_000, "latitude": 91}),
    (NeedSerializer, {"persons": -1, "text": "x" * 50_000, "longitude": -181, "contact": "x" * 5000}),
)  # fmt: skip


@pytest.mark.parametrize(("body", "wrong"), TOO_MUCH, ids=("encounter", "need"))
def test_each_reader_gets_the_errors_of_kept_fields_in_their_language(
    body: type[FieldsMadeOnce], wrong: dict[str, Any]
) -> None:
    languages = ("fr", "en", "fr", "de")
    said: list[dict[str, str]] = []
    for language in languages:
        with translation.override(language), pytest.raises(serializers.ValidationError) as refused:
            body().to_internal_value(wrong)
        found: Any = refused.value.detail
        said.append({name: str(errors[0]) for name, errors in found.items() if name in wrong})
    french, english, again, german = said
    assert french.keys() == wrong.keys()
    assert again == french
    for name in wrong:
        assert len({french[name], english[name], german[name]}) == 3, name
        assert english[name].startswith("Ensure this "), name


def _plainly_holds(known: Vocabulary, word: str) -> bool:
    return any(
        part in known.whole
        or any(part[:length] in known.beginnings for length in range(3, min(len(part), LONGEST_BEGINNING) + 1))
        for part in (word, *word.split("-"))
    )


def test_words_of_the_vocabulary_are_found_as_if_each_beginning_were_tried() -> None:
    for known in (words().health, words().origin):
        some = [*known.whole, *known.beginnings, *words().names, *words().not_names]
        tried = [each for word in some for each in (word, word[:-1], f"{word}x", f"peu-{word}", f"{word[:4]}zzz")]
        found = [known.holds(word) for word in tried]
        assert found == [_plainly_holds(known, word) for word in tried]
        assert set(found) == {True, False}


def test_danger_words_are_found_as_if_each_beginning_were_tried() -> None:
    vocabulary = every_language().vocabulary
    some = [*vocabulary._whole, *vocabulary._beginnings]
    for word in {each for atom in some for each in (atom, atom[:1], atom[:2], f"{atom}en", f"{atom[:4]}zz")}:
        if word and len(word) <= 40:
            plain = set(vocabulary._whole.get(word, ())).union(
                *(vocabulary._beginnings.get(word[:length], ()) for length in range(1, len(word) + 1))
            )
            assert plain <= vocabulary.atoms_of(word)
            near = vocabulary._with_error(word) if len(word) >= 5 and word not in vocabulary._known else set()
            assert vocabulary.atoms_of(word) - (set() if word[0].isdigit() else near) <= plain
