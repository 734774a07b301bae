"""Checks of answers to an association's custom questions. Pure."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.enums import QuestionKind

MOST_QUESTIONS = 10
LEAST_CHOICES, MOST_CHOICES = 2, 8
LONGEST_LABEL, LONGEST_CHOICE = 120, 60  # characters
MOST_WORDS = 200  # maximum number of characters in a written answer
LARGEST = 9999


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to the custom questions, by question key. of: the version of the questions.

    chosen: the answers that are not text: yes or no, a number, or the position of a choice. words: written answers;
    retention deletes them like notes.
    """

    of: uuid.UUID | None = None
    chosen: Mapping[str, bool | int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.chosen or self.words)


NO_ANSWERS = Answers()


class Asked(Protocol):
    """The properties of a question that the check needs."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def choices(self) -> list[str]: ...


class Misfit(Enum):
    """Reasons why an answer does not fit its question."""

    UNKNOWN = "unknown"
    YES_NO = "yes_no"
    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"


WORDS: dict[Misfit, str | Promise] = {
    Misfit.UNKNOWN: _("This version of the questions has no such question."),
    Misfit.YES_NO: _("Answer true or false."),
    Misfit.NUMBER: _("Answer with a whole number from 0 to 9999."),
    Misfit.CHOICE: _("Answer with the position of one of the choices; the first is 0."),
    Misfit.TEXT: _("Answer in at most 200 characters."),
}


class AnswersRefused(Exception):
    """Answers do not fit their questions. problems: the problem of each refused answer, by question key."""

    def __init__(self, problems: Mapping[str, Misfit]) -> None:
        super().__init__(", ".join(f"{key}: {problem.value}" for key, problem in problems.items()))
        self.problems = dict(problems)


def check(of: uuid.UUID, questions: Iterable[Asked], given: Mapping[str, Any]) -> Answers:
    """Return the answers to a version, after a check. given: the answers by question key; None and "" mean no answer.

    Raises AnswersRefused.
    """
    asked = {question.key: question for question in questions}
    chosen: dict[str, bool | int] = {}
    words: dict[str, str] = {}
    problems: dict[str, Misfit] = {}
    for key, value in given.items():
        if value is None or value == "":
            continue
        question = asked.get(key)
        problem = _misfit(question, value) if question else Misfit.UNKNOWN
        if problem:
            problems[key] = problem
        elif isinstance(value, str):
            words[key] = value
        else:
            chosen[key] = value
    if problems:
        raise AnswersRefused(problems)
    return Answers(of, chosen, words) if chosen or words else NO_ANSWERS


def _misfit(question: Asked, value: Any) -> Misfit | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    fits = {
        QuestionKind.YES_NO: isinstance(value, bool),
        QuestionKind.NUMBER: whole and 0 <= value <= LARGEST,
        QuestionKind.CHOICE: whole and 0 <= value < len(question.choices),
        QuestionKind.TEXT: isinstance(value, str) and len(value) <= MOST_WORDS and "\x00" not in value,
    }
    return None if fits[QuestionKind(question.kind)] else Misfit(question.kind)
