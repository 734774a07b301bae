"""The merged values from the messages of a dialogue so far, and its next question. The functions are pure, apart from
their use of the models."""

from dataclasses import dataclass, field
from typing import Any, Self

from needs.messages.channels.models import Dialogue, DialogueStep
from needs.messages.dialogue.understanding import Reason, Understood

MOST_TEXT, MOST_PLACE_TEXT, MOST_QUESTIONS = 5000, 300, 3
QUESTIONS = (DialogueStep.PLACE, DialogueStep.KIND, DialogueStep.PERSONS)


@dataclass(slots=True)
class DialogueDraft:
    """The values of a dialogue, by the names of ``NeedDraft``. place: the same value as in ``Dialogue.guess``.
    place_text: the answer to the question about the place, in the person's words."""

    text: str = ""
    kinds: list[str] = field(default_factory=list)
    persons: int | None = None
    urgency: str = ""
    place: dict[str, Any] | None = None
    place_text: str = ""
    own: bool = False
    reasons: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, dialogue: Dialogue) -> Self:
        return cls(**dialogue.draft)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def has_place(self) -> bool:
        """Whether a need can be filed with the place: a point, a district, or words for a dispatcher to look up."""
        return self.place is not None or bool(self.place_text)

    def add(self, text: str, found: Understood, *, asked: str) -> None:
        """Merge what a message says. asked: the question that the message answers, or ""."""
        self.text = f"{self.text}\n{text}".strip()[:MOST_TEXT]
        self.kinds = list(dict.fromkeys([*self.kinds, *found.kinds]))
        self.persons = found.persons or self.persons
        self.urgency = found.urgency or self.urgency
        self.own = self.own or found.own
        for of, why in found.reasons.items():
            self.reasons[of] = [str(each) for each in dict.fromkeys([*self.reasons.get(of, ()), *why])]
        if found.place is not None and (found.place.has_point or self.place is None):
            self.place = found.place.as_json()
            self.reasons["place"] = [str(each) for each in found.reasons.get("place", ())]
        elif asked == DialogueStep.PLACE and found.place is None and any(sign.isalnum() for sign in text):
            self.place_text = text.strip()[:MOST_PLACE_TEXT]
            self.reasons.setdefault("place", [str(Reason.ASKED)])

    def next_question(self, asked: list[str]) -> DialogueStep | None:
        """Return the next question; None if nothing is left to ask.

        Each question is asked only once, and a dialogue asks at most MOST_QUESTIONS questions.
        """
        lacks = {
            DialogueStep.PLACE: not self.has_place,
            DialogueStep.KIND: not self.kinds,
            DialogueStep.PERSONS: self.persons is None and bool(self.kinds) and self.has_place,
        }
        if len(asked) >= MOST_QUESTIONS:
            return None
        return next((step for step in QUESTIONS if lacks[step] and step not in asked), None)

    def words_of_place(self) -> str:
        """Return the place in words: the name in the table if it is the only one that fits, else the person's words."""
        place = self.place or {}
        named = place.get("lat") is not None or place.get("district")
        words = place.get("label") if named else place.get("words")
        return (self.place_text or str(words or ""))[:MOST_PLACE_TEXT]

    def guess(self) -> dict[str, Any]:
        """Return the values as ``Dialogue.guess`` stores them for the desk."""
        place = self.place or ({"words": self.place_text, "lat": None, "lng": None} if self.place_text else None)
        return {
            "kinds": self.kinds, "persons": self.persons, "urgency": self.urgency, "place": place,
            "own": self.own, "reasons": self.reasons,
        }  # fmt: skip
