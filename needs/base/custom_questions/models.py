"""Models of needs.base.custom_questions."""

import uuid
from collections.abc import Collection
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import QuestionKind
from solidarity.lib.labels import LABEL_LANGUAGES, in_language


class QuestionSetQuerySet(models.QuerySet["QuestionSet"]):
    def newest(self) -> Self:
        """The current version of each association."""
        return (
            self.order_by("association_id", "-version")
            .distinct("association_id")
            .select_related("association")
            .prefetch_related("questions")
        )

    def of(self, associations: Collection[int]) -> Self:
        """All versions of the question sets of some associations, with their questions."""
        return self.filter(association__in=associations).select_related("association").prefetch_related("questions")


class QuestionSet(models.Model):
    """One version of an association's custom questions. A version never changes, because answers refer to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="question_sets")
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = QuestionSetQuerySet.as_manager()

    class Meta:
        ordering = ("association", "-version")
        constraints = [
            models.UniqueConstraint(fields=["association", "version"], name="a_question_set_once_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.association} {self.version}"


def no_choices() -> dict[str, list[str]]:
    """Return empty ``choice_labels``."""
    return {language: [] for language in LABEL_LANGUAGES}


class Question(models.Model):
    """A question. key: key of the question, the same in all versions. labels: the text of the question in each
    language.

    choice_labels: one list for each language, all in the same order; empty unless the kind is CHOICE.
    """

    of = models.ForeignKey("needs.QuestionSet", on_delete=models.CASCADE, related_name="questions")
    key = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind of answer"), max_length=8, choices=QuestionKind.choices)
    labels = models.JSONField()
    choice_labels = models.JSONField(default=no_choices, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["of", "key"], name="a_question_once_per_version"),
            models.UniqueConstraint(fields=["of", "position"], name="a_place_once_per_version"),
            models.CheckConstraint(condition=Q(position__lt=10), name="ten_questions_at_most"),
        ]

    def __str__(self) -> str:
        return str(self.labels["en"])

    @property
    def label(self) -> str:
        """The question in the reader's language."""
        return str(in_language(self.labels))

    @property
    def choices(self) -> list[str]:
        """The choices in the reader's language."""
        return list(in_language(self.choice_labels))
