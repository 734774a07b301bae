"""Models of needs.custom_questions."""

import uuid
from collections.abc import Collection
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from needs.enums import QuestionKind


class QuestionSetQuerySet(models.QuerySet["QuestionSet"]):
    def newest(self) -> Self:
        """The version of each association that is asked now."""
        return (
            self.order_by("association_id", "-version")
            .distinct("association_id")
            .select_related("association")
            .prefetch_related("questions")
        )

    def of(self, associations: Collection[int]) -> Self:
        """All versions of some associations, with their questions."""
        return self.filter(association__in=associations).select_related("association").prefetch_related("questions")


class QuestionSet(models.Model):
    """One version of an association's questions. It never changes: answers are read under the version they were given to."""

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


class Question(models.Model):
    """A question in both languages. key: the same through all versions. choices_*: in one order, for QuestionKind.CHOICE."""

    of = models.ForeignKey("needs.QuestionSet", on_delete=models.CASCADE, related_name="questions")
    key = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind of answer"), max_length=8, choices=QuestionKind.choices)
    label_en = models.CharField(max_length=120)
    label_fr = models.CharField(max_length=120)
    choices_en = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    choices_fr = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["of", "key"], name="a_question_once_per_version"),
            models.UniqueConstraint(fields=["of", "position"], name="a_place_once_per_version"),
            models.CheckConstraint(condition=Q(position__lt=10), name="ten_questions_at_most"),
        ]

    def __str__(self) -> str:
        return self.label_en

    @property
    def label(self) -> str:
        """In the reader's language."""
        return self.label_fr if (get_language() or "").startswith("fr") else self.label_en

    @property
    def choices(self) -> list[str]:
        """In the reader's language."""
        return self.choices_fr if (get_language() or "").startswith("fr") else self.choices_en
