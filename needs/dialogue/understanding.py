"""What a message says about a need: kinds, people, urgency and place, each with the words that say so.

Only our own word lists and the names table are read; no outside service. ``understand`` changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from needs.dialogue.message_words import LANGUAGES, Hit, Words, hits, of_language, readable, words
from needs.dialogue.named_place import NamedPlace, named_place
from needs.dialogue.shared_position import has_short_link, shared_point, without_positions
from needs.enums import Urgency
from needs.reports.declarations import MOST_PERSONS

EMOJI = {
    "food": "🍞🍲🍽🥖🥪🍜", "water": "💧🚰🥤", "clothes": "👕👖🧥🧦👟", "blanket": "🥶❄🛌", "tent": "⛺🏕",
    "hygiene": "🚿🧼🪥", "health": "🤒🤕🏥💊🚑🩹", "shelter": "🏠🛏", "papers": "📄🪪", "transport": "🚌🚇",
    "phone": "📱🔋🔌", "pet": "🐶🐕🐱",
}  # fmt: skip


class Reason(models.TextChoices):
    """Why the rules read a message as they do, or why they cannot read it."""

    KIND_WORD = "kind_word", _("a word for this kind of help")
    PERSONS_WORD = "persons_word", _("a number of people")
    URGENCY_WORD = "urgency_word", _("a word about the time")
    SHARED_POINT = "shared_point", _("a shared position")
    ADDRESS = "address", _("a name in the table of places")
    NEARBY_NUMBER = "nearby_number", _("the house number is not known; the nearest one is")
    CROSSING = "crossing", _("two streets that meet")
    DISTRICT = "district", _("only the district")
    SEVERAL_PLACES = "several", _("several places have this name")
    SHORT_LINK = "short_link", _("a short link, which we do not open")
    NO_PLACE = "no_place", _("no place was understood")
    NO_KIND = "no_kind", _("no kind of help was understood")


@dataclass(frozen=True, slots=True)
class Because:
    """A reason, and the words of the message that it rests on. of: the field that it is about."""

    code: Reason
    of: str
    words: str = ""

    def as_json(self) -> dict[str, str]:
        return {"code": self.code.value, "of": self.of, "words": self.words}


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    """A place. words: as the message says it. label: the name found, or "". district: slug, if only that is known."""

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
            "words": self.words, "label": self.label, "latitude": self.latitude, "longitude": self.longitude,
            "district": self.district,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message says. persons: None if it says no number. urgency: "" if it says nothing about the time.

    place: None if no place was found. own: whether the writer needs help themselves.
    """

    kinds: tuple[str, ...] = ()
    persons: int | None = None
    urgency: str = ""
    place: PlaceGuess | None = None
    own: bool = False
    reasons: tuple[Because, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return the guess as ``Dialogue.guess`` stores it for the desk."""
        return {
            "kinds": list(self.kinds), "persons": self.persons, "urgency": self.urgency,
            "place": self.place.as_json() if self.place else None,
            "reasons": [reason.as_json() for reason in self.reasons],
        }  # fmt: skip


def understand(text: str, language: str, *, asked: str = "") -> Understood:
    """Return what a message says. language: one of LANGUAGES, or "" if unknown.

    asked: the question that the message answers, a ``DialogueStep``; "" for none. Then a name alone is a place, and a
    number alone is a number of people.
    """
    shown = readable(text)
    said = words(without_positions(shown))
    reasons: list[Because] = []
    place = _place(shown, language, asked, reasons)
    rest = _without(said, place) if place else said
    lists = _lists(language)
    kinds = _kinds(rest, shown, lists, reasons)
    persons = _persons(rest, lists, asked, reasons)
    urgency = _urgency(said, lists, reasons)
    own = any(hits(each.lists["self"], said, each.clitics) for each in lists[:1])
    return Understood(kinds, persons, urgency, place, own, tuple(reasons))


def _lists(language: str) -> list[Words]:
    """Return the lists of the language first, then the others: people mix languages."""
    return [of_language(code) for code in dict.fromkeys([language, *LANGUAGES]) if code in LANGUAGES]


# --- place ---------------------------------------------------------------------------------------------------------


def _place(text: str, language: str, asked: str, reasons: list[Because]) -> PlaceGuess | None:
    if (point := shared_point(text)) is not None:
        reasons.append(Because(Reason.SHARED_POINT, "place"))
        return PlaceGuess("", "", point.latitude, point.longitude)
    if has_short_link(text):
        reasons.append(Because(Reason.SHORT_LINK, "place"))
    named = named_place(without_positions(text), language, answers_where=asked == "place")
    if named is None:
        return None
    reasons.append(Because(_why(named), "place", named.label))
    return PlaceGuess(named.words, named.label, named.latitude, named.longitude, named.district)


def _why(named: NamedPlace) -> Reason:
    if named.several:
        return Reason.SEVERAL_PLACES
    if named.district:
        return Reason.DISTRICT
    if named.crossing:
        return Reason.CROSSING
    return Reason.NEARBY_NUMBER if named.nearby_number else Reason.ADDRESS


def _without(said: Sequence[str], place: PlaceGuess) -> list[str]:
    """Return words without those of the place, whose numbers are no people and whose names are no kinds of help."""
    inside = words(place.words)
    for start in range(len(said) - len(inside) + 1) if inside else ():
        if list(said[start : start + len(inside)]) == inside:
            return [*said[:start], *said[start + len(inside) :]]
    return list(said)


# --- kinds and urgency ---------------------------------------------------------------------------------------------


def _kinds(said: list[str], text: str, lists: Sequence[Words], reasons: list[Because]) -> tuple[str, ...]:
    """Return the kinds in the order of the message, from the first language that has a word for one."""
    for each in lists:
        found = sorted(
            ((hit.start, kind, hit) for kind, entries in each.named("kinds").items()
             for hit in hits(entries, said, each.clitics)), key=lambda one: one[:2],
        )  # fmt: skip
        if found:
            kinds = dict.fromkeys(kind for _start, kind, _hit in found)
            first: dict[str, Hit] = {}
            for _start, kind, hit in found:
                first.setdefault(kind, hit)
            reasons += [Because(Reason.KIND_WORD, kind, first[kind].entry.said) for kind in kinds]
            return tuple(kinds)
    shown = [(kind, sign) for kind, signs in EMOJI.items() for sign in signs if sign in text]
    reasons += [Because(Reason.KIND_WORD, kind, sign) for kind, sign in shown]
    return tuple(dict.fromkeys(kind for kind, _sign in shown))


def _urgency(said: list[str], lists: Sequence[Words], reasons: list[Because]) -> str:
    """Return the urgency; "later" first, because "not urgent" contains "urgent"."""
    for each in lists[:1]:
        for value in (Urgency.LATER, Urgency.NOW):
            if found := hits(each.lists[f"urgency.{value.value}"], said, each.clitics):
                reasons.append(Because(Reason.URGENCY_WORD, "urgency", found[0].entry.said))
                return value.value
    return ""


# --- people --------------------------------------------------------------------------------------------------------


def _persons(said: list[str], lists: Sequence[Words], asked: str, reasons: list[Because]) -> int | None:
    number, told = 0, ""
    for each in lists[:1] if lists else ():
        number, told = _counted(said, each) or (0, "")
        if not number and asked == "persons":
            number, told = next(((n, word) for word in said if (n := _number(word, each))), (0, ""))
        if not number:
            number, told = max(
                ((int(count), found[0].entry.said) for count, entries in each.named("counts").items()
                 if (asked == "persons" or count != "1") and (found := hits(entries, said, each.clitics))),
                default=(0, ""),
            )  # fmt: skip
    if not 0 < number <= MOST_PERSONS:
        return None
    reasons.append(Because(Reason.PERSONS_WORD, "persons", told))
    return number


def _counted(said: list[str], lists: Words) -> tuple[int, str] | None:
    """Return the sum of the numbers before words for people, or the number after "we are"; None without one."""
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
    return None


def _number(word: str, lists: Words) -> int:
    if word.isdecimal():
        return int(word) if len(word) <= 3 else 0
    return lists.numbers.get(word, 0)
