"""Test sentences for the PII check in French and English, with and without personal data. The same seed gives the same
sentences.

Names, streets, telephone numbers and e-mail addresses come from Faker, which is independent of the check's own lists.
The other sentences are handwritten like real notes: short, with errors, sometimes without capitals or accents.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from solidarity.lib.pii_check.detection import Kind

SEED = 20261125
FILE = Path(__file__).with_name("pii_sentences.txt")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence. kind: the kind of personal data in it, or None. hand: whether a person wrote the whole sentence."""

    text: str
    language: str
    kind: Kind | None
    hand: bool = False


@cache
def _written() -> dict[str, list[str]]:
    """Return the handwritten sentences by kind and language; a key is, for example, "health fr"."""
    parts = re.split(r"^\[(.+)\]$", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {title: body.split("\n")[1:-1] for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def _lines(what: str, language: str) -> list[str]:
    return [line for line in _written()[f"{what} {language}"] if line]


def corpus(seed: int = SEED) -> list[Sentence]:
    """Return all sentences. The same seed gives the same sentences."""
    made: list[Sentence] = []
    for language in ("fr", "en"):
        chance, fakes = _fakers(language, seed)
        made += _names(language, chance, fakes)
        made += _drawn(language, Kind.PHONE, 140, partial(_phone, language, chance, fakes))
        made += _drawn(language, Kind.EMAIL, 100, partial(_mail, language, chance, fakes))
        made += [Sentence(text, language, Kind.NAME, hand=True) for text in _lines("name", language)]
        for kind in (Kind.HEALTH, Kind.ORIGIN, None):
            for text in _lines(kind.value if kind else "plain", language):
                made += [Sentence(form, language, kind, hand=True) for form in (text, _without_care(text))]
        made += _places(language, chance, fakes)
    return made


def _fakers(language: str, seed: int) -> tuple[random.Random, list[Any]]:
    from faker import Faker

    fakes = [Faker(locale) for locale in (("fr_FR",) if language == "fr" else ("en_GB", "en_US"))]
    for fake in fakes:
        fake.seed_instance(seed)
    return random.Random(f"{seed}{language}"), fakes


def _names(language: str, chance: random.Random, fakes: list[Any]) -> list[Sentence]:
    made = []
    frames = _lines("name frame", language)
    for number in range(250):
        fake = chance.choice(fakes)
        frame = frames[number % len(frames)]
        first, last = fake.first_name(), fake.last_name()
        text = frame.format(first=first, last=last, LAST=last.upper(), low=first.lower())
        made.append(Sentence(text, language, Kind.NAME))
    return made


def _drawn(language: str, kind: Kind, count: int, draw: Callable[[], str]) -> list[Sentence]:
    frames = _lines(f"{kind.value} frame", language)
    texts = (
        frames[number % len(frames)].format(phone=said, mail=said)
        for number, said in enumerate(draw() for _ in range(count))
    )
    return [Sentence(text, language, kind) for text in texts]


_FR_DIGITS = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"]
_EN_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TENS = {1: "dix", 2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}
_TEENS = ["dix", "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"]


def _spoken_pair(pair: str) -> str:
    number = int(pair)
    if number < 10:
        return f"zéro {_FR_DIGITS[number]}"
    if number < 20:
        return _TEENS[number - 10]
    tens, unit = divmod(number, 10)
    if tens in (7, 9):
        return f"{'soixante' if tens == 7 else 'quatre-vingt'}-{_TEENS[unit]}"
    ten = "quatre-vingt" if tens == 8 else _TENS[tens]
    return ten if not unit else f"{ten}{' et ' if unit == 1 and tens != 8 else '-'}{_FR_DIGITS[unit]}"


def _phone(language: str, chance: random.Random, fakes: list[Any]) -> str:
    if language == "fr":
        digits = chance.choice("01234567"[1:]).rjust(2, "0") + "".join(chance.choices("0123456789", k=8))
        pairs = [digits[at : at + 2] for at in range(0, 10, 2)]
        ways: Sequence[Callable[[], Any]] = (
            lambda: " ".join(pairs), lambda: ".".join(pairs), lambda: "-".join(pairs), lambda: digits, lambda: "/".join(pairs),
            lambda: f"+33 {digits[1]} {' '.join(pairs[1:])}", lambda: f"0033{digits[1:]}", lambda: f"+33(0){digits[1:]}",
            lambda: " ".join(_spoken_pair(pair) for pair in pairs), lambda: ", ".join(_spoken_pair(pair) for pair in pairs),
            lambda: fakes[0].phone_number(), lambda: " ".join(digits), lambda: "O" + " ".join(pairs)[1:],
            lambda: f"{pairs[0]} {_spoken_pair(pairs[1])} {' '.join(pairs[2:])}",
        )  # fmt: skip
    else:
        tail = "".join(chance.choices("0123456789", k=9))
        digits = f"07{tail}"
        american = f"{chance.choice('23456789')}{tail[:2]}", f"{chance.choice('23456789')}{tail[2:4]}", tail[4:8]
        ways = (
            lambda: f"{digits[:5]} {digits[5:]}", lambda: digits, lambda: f"+44 {digits[1:5]} {digits[5:]}", lambda: f"+44{digits[1:]}",
            lambda: f"020 {tail[:4]} {tail[4:8]}", lambda: "-".join(american), lambda: f"({american[0]}) {american[1]}-{american[2]}",
            lambda: ".".join(american), lambda: f"+1 {' '.join(american)}", lambda: " ".join(_EN_DIGITS[int(each)] for each in digits),
            lambda: " ".join("oh" if each == "0" else _EN_DIGITS[int(each)] for each in digits), lambda: f"0044 {digits[1:]}",
            lambda: chance.choice(fakes).phone_number(), lambda: " ".join(digits),
        )  # fmt: skip
    return str(chance.choice(ways)())


def _mail(language: str, chance: random.Random, fakes: list[Any]) -> str:
    fake = chance.choice(fakes)
    whole = str(chance.choice((fake.email, fake.free_email, fake.company_email))())
    user, host = whole.split("@")
    at, dot = ("arobase", "point") if language == "fr" else ("at", "dot")
    spelled = f"{user} {at} {host.replace('.', f' {dot} ')}"
    bracketed = f"{user}({'a' if language == 'fr' else 'at'}){host}"
    return chance.choice((whole, whole, whole.upper(), spelled, bracketed, f"{user} @ {host}", f"{user}[at]{host}"))


def _places(language: str, chance: random.Random, fakes: list[Any]) -> list[Sentence]:
    made = []
    stations, frames = _lines("station", language), _lines("place frame", language)
    for number in range(300):
        fake = chance.choice(fakes)
        place = stations[number % len(stations)] if number % 2 else fake.street_name()
        if number % 6 == 0:
            place = f"{chance.randint(1, 150)} {place}"
        text = chance.choice(frames).format(place=place)
        made.append(Sentence(text, language, None))
    return made


def _without_care(text: str) -> str:
    """Return the sentence as if typed in a hurry: lower case, no accents, no full stop."""
    plain = "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))
    return plain.lower().rstrip(".")
