"""An association's own questions: a new version of them, the one that is asked now, and answers as they are read."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from needs.enums import QuestionKind
from needs.models import Encounter, Question, QuestionSet
from volunteers.models import Association, User


class Overtaken(Exception):
    """Somebody else has made a new version in the meantime."""


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question before it is stored. key: of the one that it goes on; "" for a new one."""

    kind: str
    label_en: str
    label_fr: str
    choices_en: tuple[str, ...] = ()
    choices_fr: tuple[str, ...] = ()
    key: str = ""


def current(association: Association) -> QuestionSet | None:
    """The version that is asked now."""
    return QuestionSet.objects.filter(association=association).newest().first()


def sets_for(associations: Iterable[Association], named: Collection[str] = ()) -> list[QuestionSet]:
    """The versions that are asked now, and older ones that a form from a phone names by their ids."""
    own = [each.pk for each in associations]
    found = {each.pk: each for each in QuestionSet.objects.filter(association__in=own).newest()}
    old = {name for name in named if name not in {str(key) for key in found}}
    if old:
        found |= {each.pk: each for each in QuestionSet.objects.of(own).filter(pk__in=old)}
    return list(found.values())


def edit(association: Association, drafts: Sequence[QuestionDraft], *, after: int, author: User) -> QuestionSet | None:
    """Ask these questions from now on. after: the version that the editor saw, 0 for none. Raises Overtaken.

    None when nothing changed: then there is no new version.
    """
    with transaction.atomic():
        Association.objects.select_for_update().get(pk=association.pk)
        before = current(association)
        if (before.version if before else 0) != after:
            raise Overtaken
        old = [_draft_of(each) for each in before.questions.all()] if before else []
        if old == list(drafts):
            return None
        made = QuestionSet.objects.create(association=association, version=after + 1, author=author)
        known = {each.key for each in old}
        Question.objects.bulk_create(
            Question(
                of=made, position=position, kind=each.kind, label_en=each.label_en, label_fr=each.label_fr,
                choices_en=list(each.choices_en), choices_fr=list(each.choices_fr),
                key=each.key if each.key in known else secrets.token_hex(4),
            )
            for position, each in enumerate(drafts)
        )  # fmt: skip
    return made


def _draft_of(question: Question) -> QuestionDraft:
    return QuestionDraft(
        question.kind, question.label_en, question.label_fr, tuple(question.choices_en), tuple(question.choices_fr),
        question.key,
    )  # fmt: skip


def told(encounter: Encounter) -> list[tuple[str, str]]:
    """(question, answer) of an encounter in the reader's language, under the version that was asked."""
    if encounter.question_set is None:
        return []
    said: dict[str, Any] = {**encounter.answers, **encounter.answers_in_words}
    return [
        (each.label, _words(each, said[each.key]))
        for each in encounter.question_set.questions.all()
        if each.key in said
    ]


def _words(question: Question, value: Any) -> str:
    if question.kind == QuestionKind.YES_NO:
        return _("yes") if value else _("no")
    if question.kind == QuestionKind.CHOICE:
        return str(question.choices[value])
    return str(value)
