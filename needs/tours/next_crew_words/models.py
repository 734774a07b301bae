"""Models of needs.tours.next_crew_words."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.people.accounts.models import User


class NextCrewWordQuerySet(models.QuerySet["NextCrewWord"]):
    def current(self, now: datetime) -> Self:
        """Words that are neither expired nor taken back."""
        return self.filter(expires_at__gt=now, taken_back_at=None)

    def expired(self, now: datetime) -> Self:
        """Words that nobody may read any more, for deletion."""
        return self.filter(expires_at__lte=now)

    def for_list(self, user: User) -> Self:
        """Words with their territory and association, the latest first. readers: number of people who marked the words
        as read. mine: whether the person marked it."""
        mine = WordSeen.objects.filter(word=OuterRef("pk"), user=user)
        related = self.select_related("territory", "association").defer("territory__polygon")
        return related.annotate(readers=Count("seen"), mine=Exists(mine)).order_by("-at", "pk")


class NextCrewWord(models.Model):
    """A short note from one crew to the next, for a territory.

    association: the author's association; None for a coordinator or dispatcher, whose notes are shown under the name of
    the coordination.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.CharField(_("word to the next crew"), max_length=300)
    at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = NextCrewWordQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "pk")
        verbose_name = _("word to the next crew")
        verbose_name_plural = _("words to the next crew")
        indexes = [models.Index(fields=["territory", "expires_at"], name="nextcrewword_current")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("at")), name="a_word_expires_after_it_is_written")
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.at:%Y-%m-%d %H:%M}"

    def is_unread_by(self, user: User) -> bool:
        """Whether somebody else wrote the word and the person has not read it. Only for rows of ``for_list``."""
        mine: bool = self.mine  # type: ignore[attr-defined]
        return not mine and self.author_id != user.pk


class WordSeen(models.Model):
    """A person has read a word to the next crew."""

    word = models.ForeignKey("needs.NextCrewWord", on_delete=models.CASCADE, related_name="seen")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "user"], name="a_word_seen_once")]

    def __str__(self) -> str:
        return f"{self.word_id} {self.user_id}"
