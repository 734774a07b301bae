"""The values that the rules of the dialogue read in unclear messages, as initial values of a form, with the reason
for each in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.base.records.declarations import MOST_PERSONS, DraftPlace
from needs.enums import Category, Origin, Urgency
from needs.models import Dialogue

_CODES: Mapping[str, str | Promise] = {
    "danger": gettext_lazy("because of danger words"),
    "link": gettext_lazy("because the message shares a position"),
    "short_link": gettext_lazy("unknown, because only another service can open the link in the message"),
    "address": gettext_lazy("because the message names an address"),
    "near_number": gettext_lazy("because the message names an address; this is the nearest number that we know"),
    "crossing": gettext_lazy("because the message names a crossing"),
    "landmark": gettext_lazy("because the message names a known place"),
    "several": gettext_lazy("uncertain, because several places have this name"),
    "perhaps": gettext_lazy("uncertain: perhaps this place, but the number in the message is not known there"),
    "district": gettext_lazy("because the message names only the district"),
    "asked": gettext_lazy("because it answers our question"),
    "failed": gettext_lazy("missing, because our rules failed on this message"),
}
"""Reasons that the rules give as a code; any other reason is the word that they read."""


@dataclass(frozen=True, slots=True)
class Guess:
    """kinds: codes of Category. urgency: a code of Urgency, or "". words: the place in words.

    district: slug, if only that is known. own: whether the writer needs help themselves. reasons: the reason for each
    field, in the active language.
    """

    kinds: tuple[str, ...] = ()
    urgency: str = ""
    persons: int | None = None
    place: DraftPlace | None = None
    words: str = ""
    district: str = ""
    own: bool = True
    reasons: Mapping[str, str] = field(default_factory=dict)

    def initial(self) -> dict[str, Any]:
        """Return the initial values of the fields of a need. Unknown values are left out."""
        values: dict[str, Any] = {
            "kinds": list(self.kinds), "urgency": self.urgency, "persons": self.persons, "place_text": self.words,
            "district": self.district, "origin": Origin.SELF if self.own else Origin.CITIZEN,
        }  # fmt: skip
        if self.place:
            values |= {"latitude": f"{self.place.latitude:.6f}", "longitude": f"{self.place.longitude:.6f}"}
        return {name: value for name, value in values.items() if value}


def guess_of(dialogue: Dialogue) -> Guess:
    """Return a dialogue's guess; values that no form would accept are left out."""
    said: Mapping[str, Any] = dialogue.guess or {}
    where = said.get("place") or {}
    persons = said.get("persons")
    urgency = said.get("urgency") or ""
    reasons = {name: _in_words(why) for name, why in (said.get("reasons") or {}).items() if why}
    return Guess(
        kinds=tuple(kind for kind in said.get("kinds") or () if kind in Category.values),
        urgency=urgency if urgency in Urgency.values else "",
        persons=persons if isinstance(persons, int) and 1 <= persons <= MOST_PERSONS else None,
        place=_point(where),
        words=str(where.get("words") or "")[:300],
        district=str(where.get("district") or ""),
        own=bool(said.get("own", True)),
        reasons=reasons,
    )


def _point(where: Mapping[str, Any]) -> DraftPlace | None:
    try:
        return DraftPlace(float(where["lat"]), float(where["lng"]))
    except (KeyError, TypeError, ValueError):
        return None


def _in_words(why: str | Sequence[str]) -> str:
    """Return a sentence for a code, or for one or several words that the rules read."""
    words = [why] if isinstance(why, str) else list(dict.fromkeys(why))
    if len(words) == 1 and words[0] in _CODES:
        return str(_CODES[words[0]])
    quoted = ", ".join(f"“{word}”" for word in words[:3])
    return _("because the message says %(words)s") % {"words": quoted}
