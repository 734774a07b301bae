"""The model beside the danger-word rules: it is what its training gives, helps with unseen sentences, and never drops a
hit that several patterns found."""

import string

import pytest

from solidarity.lib.danger_words.matcher import flags_by_rules, flags_in, hearing_of, sentences_of
from solidarity.lib.danger_words.rules import LANGUAGES
from solidarity.lib.danger_words.word_model import BUCKETS, SURE_PATTERNS, weights, written
from solidarity.lib.danger_words.words import words_of
from solidarity.ops.danger_training import word_training
from tests.needs.danger.figures import rows

LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def tune(danger: bool) -> list[str]:
    return [
        row.text
        for language in LANGUAGES
        for row in rows(language)[::4]
        if row.half == "tune" and bool(row.flags) == danger
    ]


def test_the_weights_are_not_older_than_the_corpus() -> None:
    said = written()
    assert said["corpus"] == word_training.checksum(word_training.sentences())
    assert len(said["words"]) == len(weights().words) == BUCKETS


@pytest.mark.repetition
def test_the_weights_are_what_the_training_gives() -> None:
    said, again = written(), word_training.trained(word_training.sentences())
    one, other = ([LETTERS.index(letter) for letter in each["words"]] for each in (said, again))
    assert (
        max(abs(old - new) for old, new in zip(one, other, strict=True)) <= 1
    )  # numerical libraries round differently
    assert said["signs"] == pytest.approx(again["signs"], rel=0.02, abs=2_000)


@pytest.mark.repetition
def test_in_sentences_that_were_held_out_it_misses_no_more_dangers_and_raises_fewer_false_alarms() -> None:
    every = word_training.held_out(word_training.sentences())
    for name, held in every.items():
        assert held.both[0] >= held.rules[0] - 0.003, name  # numerical libraries round differently
        assert held.both[1] <= held.rules[1] + 0.001, name
    assert sum(held.both[1] for held in every.values()) <= 0.975 * sum(held.rules[1] for held in every.values())


def test_it_never_drops_what_several_patterns_found() -> None:
    several = 0
    for text in tune(danger=True) + tune(danger=False):
        for sentence in sentences_of(words_of(text)):
            hits = hearing_of(sentence).hits
            if sum(hits.values()) >= SURE_PATTERNS:
                several += 1
                assert flags_in(text) >= set(hits), text
    assert several > 500


def test_it_raises_dangers_that_the_rules_miss_and_drops_false_alarms_of_the_rules() -> None:
    found = [text for text in tune(danger=True) if flags_in(text) and not flags_by_rules(words_of(text))]
    dropped = [text for text in tune(danger=False) if flags_by_rules(words_of(text)) and not flags_in(text)]
    assert found
    assert dropped


PLAIN = {
    "en": (
        "his lips are blue", "he says he wants to die", "i don't want to live any more", "she has passed out",
        "her waters have broken", "he is choking", "i am 14 and i am alone", "he is bleeding heavily",
        "the tent is on fire", "she took an overdose", "my chest hurts", "my baby is freezing",
        "our children are so cold", "he is frozen and does not move", "he is so cold that he can't speak",
        "someone is beating a man",
    ),
    "fr": (
        "ses lèvres sont bleues", "il veut mourir", "elle a fait une surdose d'héroïne", "j'ai 14 ans et je suis seul",
        "il est inconscient", "il ne respire plus", "elle a perdu les eaux", "il saigne beaucoup",
        "la tente est en feu", "il a mal à la poitrine", "mon bébé est gelé", "nos enfants ont très froid",
        "il est gelé et ne bouge plus", "elle a si froid qu'elle ne parle plus",
        "quelqu'un frappe un homme",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "around"),
    [
        ("en", "hello, {}"),
        ("en", "{} near the church, thank you for your help"),
        ("en", "we need two blankets and some soup, {}"),
        ("en", "i saw it on my way to work, {}"),
        ("en", "we are four people with two dogs and a tent, {}"),
        ("fr", "bonjour, {}"),
        ("fr", "{} près de l'église, merci pour votre aide"),
        ("fr", "il nous faut deux couvertures et de la soupe, {}"),
        ("fr", "je l'ai vu en allant au travail, {}"),
        ("fr", "nous sommes quatre avec deux chiens et une tente, {}"),
    ],
)
def test_a_plain_danger_is_found_whatever_else_its_sentence_says(language: str, around: str) -> None:
    assert [text for text in PLAIN[language] if not flags_in(around.format(text))] == []


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "à bientôt",
        "she is not unconscious",
        "il est conscient",
        "the tent is not on fire",
        "no child is alone here",
        "il ne veut pas mourir",
        "no pain in the chest",
        "il ne saigne pas",
        "all fine",
        "two blankets and soup please",
        "дякую",
        "merci !",
        "?!",
        "12",
    ],
)
def test_a_text_without_any_danger_raises_nothing(text: str) -> None:
    assert flags_in(text) == frozenset()


def test_a_flag_that_it_adds_belongs_to_words_of_the_sentence_and_nothing_cancels_it() -> None:
    for text in tune(danger=True):
        for sentence in sentences_of(words_of(text)):
            heard = hearing_of(sentence)
            added = flags_in(" ".join(sentence)) - set(heard.hits)
            assert added <= set(heard.near)
            assert not (added and (heard.dropped or heard.negated))
