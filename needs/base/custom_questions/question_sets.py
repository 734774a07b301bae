"""An association's custom questions: reading the current version, storing a new one, showing answers."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from needs.base.custom_questions.models import no_choices
from needs.enums import QuestionKind
from needs.models import Encounter, Question, QuestionSet
from volunteers.models import Association, User


class Overtaken(Exception):
    """Another dispatcher has stored a new version in the meantime."""


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question before it is stored. labels: the text of the question in each language. choices: the list of choices
    in each language, for QuestionKind.CHOICE.

    key: the key of the same question in the previous version; "" for a new question.
    """

    kind: str
    labels: Mapping[str, str]
    choices: Mapping[str, Sequence[str]] = field(default_factory=no_choices)
    key: str = ""


def current(association: Association) -> QuestionSet | None:
    """Return the current version of an association's questions."""
    return QuestionSet.objects.filter(association=association).newest().first()


def sets_for(associations: Iterable[Association], named: Collection[str] = ()) -> list[QuestionSet]:
    """Return the current versions, and the older versions in ``named`` (ids), which a form from a phone still uses."""
    own = [each.pk for each in associations]
    found = {each.pk: each for each in QuestionSet.objects.filter(association__in=own).newest()}
    old = {name for name in named if name not in {str(key) for key in found}}
    if old:
        found |= {each.pk: each for each in QuestionSet.objects.of(own).filter(pk__in=old)}
    return list(found.values())


def edit(association: Association, drafts: Sequence[QuestionDraft], *, after: int, author: User) -> QuestionSet | None:
    """Store these questions as the new version. If nothing changed, store nothing and return None.

    after: number of the version that the editor saw, 0 for none. Raises Overtaken.
    """
    with transaction.atomic():
        Association.objects.select_for_update().get(pk=association.pk)
        before = current(association)
        if (before.version if before else 0) != after:
            raise Overtaken
        rows = before.questions.all() if before else ()
        old = [QuestionDraft(each.kind, each.labels, each.choice_labels, each.key) for each in rows]
        if old == list(drafts):
            return None
        made = QuestionSet.objects.create(association=association, version=after + 1, author=author)
        known = {each.key for each in old}
        Question.objects.bulk_create(
            Question(
                of=made, position=position, kind=each.kind, labels=dict(each.labels),
                choice_labels={language: list(texts) for language, texts in each.choices.items()},
                key=each.key if each.key in known else secrets.token_hex(4),
            )
            for position, each in enumerate(drafts)
        )  # fmt: skip
    return made


def answers_shown(encounter: Encounter) -> list[tuple[str, str]]:
    """Return (question, answer) pairs of an encounter in the reader's language, from the version that was asked."""
    if encounter.question_set is None:
        return []
    given: dict[str, Any] = {**encounter.answers, **encounter.answers_in_words}
    return [
        (each.label, words_of(each, given[each.key]))
        for each in encounter.question_set.questions.all()
        if each.key in given
    ]


def words_of(question: Question, value: Any) -> str:
    """Return an answer in the reader's language."""
    if question.kind == QuestionKind.YES_NO:
        return _("yes") if value else _("no")
    if question.kind == QuestionKind.CHOICE:
        return str(question.choices[value])
    return str(value)
