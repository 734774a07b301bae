"""What a message says about a need: kinds, people, urgency and place, each with the words of the message that express
it.

The functions read only our own word lists and the table of place names; they call no outside service. ``understand``
changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from needs.base.records.declarations import MOST_PERSONS
from needs.enums import Urgency
from needs.messages.dialogue.message_words import LANGUAGES, Words, hits, of_language, readable, words
from needs.messages.dialogue.named_place import NamedPlace, named_place
from needs.messages.dialogue.shared_position import has_short_link, shared_point, without_positions

EMOJI = {
    "food": "🍞🍲🍽🥖🥪🍜", "water": "💧🚰🥤", "clothes": "👕👖🧥🧦👟", "blanket": "🥶❄🛌", "tent": "⛺🏕",
    "hygiene": "🚿🧼🪥", "health": "🤒🤕🏥💊🚑🩹", "shelter": "🏠🛏", "papers": "📄🪪", "transport": "🚌🚇",
    "phone": "📱🔋🔌", "pet": "🐶🐕🐱",
}  # fmt: skip


SHORTEST_FOREIGN = 4
"""Minimum length of a word if it is not in the message's language: English "ill" is folded like French "il"."""


class Reason(StrEnum):
    """The origin of a value that does not come from a word of the message.

    ``needs.messages.message_desk`` turns it into a sentence.
    """

    LINK = "link"  # a shared position
    ADDRESS = "address"
    LANDMARK = "landmark"
    CROSSING = "crossing"
    NEAR_NUMBER = "near_number"  # the house number is not known; the nearest known one was used
    PERHAPS = "perhaps"  # the place lacks a number that was written with it
    DISTRICT = "district"
    SEVERAL = "several"  # several places have this name
    SHORT_LINK = "short_link"  # a link that only another service can open
    ASKED = "asked"  # the whole message answers our question
    DANGER = "danger"
    FAILED = "failed"  # the rules failed, so the message was not read


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    """A place. words: the words of the message that name the place. label: the name found in the table, or "".
    district: slug of the district, if only the district is known."""

    words: str
    label: str = ""
    latitude: float | None = None
    longitude: float | None = None
    district: str = ""

    @property
    def has_point(self) -> bool:
        return self.latitude is not None and self.longitude is not None

    def as_json(self) -> dict[str, Any]:
        return {
            "words": self.words, "label": self.label, "lat": self.latitude, "lng": self.longitude,
            "district": self.district,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message says. persons: number of people; None if the message gives no number. urgency: the urgency; "" if
    the message says nothing about the time.

    place: the place in the message, None if no place was found. own: whether the writer needs help themselves. reasons:
    for each field, the words of the message from which the value comes, or one code of Reason.
    """

    kinds: tuple[str, ...] = ()
    persons: int | None = None
    urgency: str = ""
    place: PlaceGuess | None = None
    own: bool = False
    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the guess as ``Dialogue.guess`` stores it for the desk."""
        return {
            "kinds": list(self.kinds), "persons": self.persons, "urgency": self.urgency, "own": self.own,
            "place": self.place.as_json() if self.place else None,
            "reasons": {of: list(why) for of, why in self.reasons.items()},
        }  # fmt: skip


def understand(text: str, language: str, *, asked: str = "") -> Understood:
    """Return the information that the rules find in a message. language: the language of the message, one of LANGUAGES,
    or "" if unknown.

    asked: the question that the message answers, a ``DialogueStep``; "" for none. If the message answers a question, a
    name alone is a place, and a number alone is a number of people.
    """
    shown = readable(text)
    said = words(without_positions(shown))
    reasons: dict[str, Sequence[str]] = {}
    place = _place(shown, language, asked, reasons)
    rest = _without(said, place) if place else said
    lists = _lists(language)
    kinds = _kinds(rest, shown, lists, reasons)
    persons = _persons(rest, lists[0], asked, reasons)
    urgency = _urgency(said, lists[0], reasons)
    own = bool(hits(lists[0].lists["self"], said, lists[0].clitics))
    return Understood(kinds, persons, urgency, place, own, reasons)


def _lists(language: str) -> list[Words]:
    """Return the lists of the language first, then the lists of the other languages, because people mix languages."""
    return [of_language(code) for code in dict.fromkeys([language, *LANGUAGES]) if code in LANGUAGES]


# --- place ---------------------------------------------------------------------------------------------------------


def _place(text: str, language: str, asked: str, reasons: dict[str, Sequence[str]]) -> PlaceGuess | None:
    if (point := shared_point(text)) is not None:
        reasons["place"] = [Reason.LINK]
        return PlaceGuess("", "", point.latitude, point.longitude)
    named = named_place(without_positions(text), language, answers_where=asked == "place")
    if named is None:
        if has_short_link(text):
            reasons["place"] = [Reason.SHORT_LINK]
        return None
    reasons["place"] = [_why(named)]
    return PlaceGuess(named.words, named.label, named.latitude, named.longitude, named.district)


def _why(named: NamedPlace) -> Reason:
    for true, reason in (
        (named.several, Reason.SEVERAL), (bool(named.district), Reason.DISTRICT), (named.crossing, Reason.CROSSING),
        (named.perhaps, Reason.PERHAPS), (named.nearby_number, Reason.NEAR_NUMBER), (named.landmark, Reason.LANDMARK),
    ):  # fmt: skip
        if true:
            return reason
    return Reason.ADDRESS


def _without(said: Sequence[str], place: PlaceGuess) -> list[str]:
    """Return the words without the words of the place, so that a house number is not read as a number of people, and a
    street name not as a kind of help."""
    inside = words(place.words)
    for start in range(len(said) - len(inside) + 1) if inside else ():
        if list(said[start : start + len(inside)]) == inside:
            return [*said[:start], *said[start + len(inside) :]]
    return list(said)


# --- kinds and urgency ---------------------------------------------------------------------------------------------


def _kinds(said: list[str], text: str, lists: Sequence[Words], reasons: dict[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the kinds in the order of the message, from the first language that has a word for one; else from emoji."""
    for each in lists:
        found = sorted(
            (hit.start, kind, hit.entry.said) for kind, entries in each.named("kinds").items()
            for hit in hits(entries, said, each.clitics)
            if each is lists[0] or len(hit.entry.said) >= SHORTEST_FOREIGN or not hit.entry.said.isascii()
        )  # fmt: skip
        if found:
            break
    else:
        found = [(text.index(sign), kind, sign) for kind, signs in EMOJI.items() for sign in signs if sign in text]
    first: dict[str, str] = {}
    for _start, kind, word in sorted(found):
        first.setdefault(kind, word)
    if first:
        reasons["kinds"] = list(first.values())
    return tuple(first)


def _urgency(said: list[str], lists: Words, reasons: dict[str, Sequence[str]]) -> str:
    """Return the urgency; "later" first, because "not urgent" contains "urgent"."""
    for value in (Urgency.LATER, Urgency.NOW):
        if found := hits(lists.lists[f"urgency.{value.value}"], said, lists.clitics):
            reasons["urgency"] = [found[0].entry.said]
            return value.value
    return ""


# --- people --------------------------------------------------------------------------------------------------------


def _persons(said: list[str], lists: Words, asked: str, reasons: dict[str, Sequence[str]]) -> int | None:
    number, told = _counted(said, lists)
    if not number and asked == "persons":
        number, told = next(((n, word) for word in said if (n := _number(word, lists))), (0, ""))
    if not number:
        alone = asked == "persons"  # "me" counts only as an answer to a question
        number, told = max(
            ((int(count), found[0].entry.said) for count, entries in lists.named("counts").items()
             if (alone or count != "1") and (found := hits(entries, said, lists.clitics))),
            default=(0, ""),
        )  # fmt: skip
    if not 0 < number <= MOST_PERSONS:
        return None
    reasons["persons"] = [told]
    return number


def _counted(said: list[str], lists: Words) -> tuple[int, str]:
    """Return a number of people and the words that say it: the sum of the numbers before words for people, or the
    number after "we are"; else 0."""
    total, told = 0, []
    for at, word in enumerate(said):
        number = _number(word, lists)
        if number and (who := hits(lists.lists["people"], said[at + 1 : at + 3], lists.clitics)):
            total += number
            told.append(f"{word} {who[0].entry.said}")
    if total:
        return total, ", ".join(told)
    for hit in hits(lists.lists["we_are"], said, lists.clitics):
        if hit.end < len(said) and (number := _number(said[hit.end], lists)):
            return number, f"{hit.entry.said} {said[hit.end]}"
    return 0, ""


def _number(word: str, lists: Words) -> int:
    if word.isdecimal():
        return int(word) if len(word) <= 3 else 0
    return lists.numbers.get(word, 0)
