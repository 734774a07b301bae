"""Models of needs.base.lifecycle."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import CallResult, NeedState


class CallAttempt(models.Model):
    """One attempt to call the reporter back. next_at: the time of the next attempt."""

    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="calls")
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    result = models.CharField(_("what came of it"), max_length=12, choices=CallResult.choices)
    note = models.CharField(_("note"), max_length=500, blank=True)
    next_at = models.DateTimeField(_("try again"), null=True, blank=True)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.need_id} {self.result}"


class Merge(models.Model):
    """A need merged into another. before: the merged need's state, restored by an undo."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="merged_here")
    merged = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="merges")
    before = models.CharField(max_length=10, choices=NeedState.choices)
    added_kinds = ArrayField(models.CharField(max_length=10), default=list)
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-at",)
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at=None), name="merged_into_one_need"),
            models.CheckConstraint(condition=~Q(kept=models.F("merged")), name="not_merged_with_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.kept_id}"


class NotDuplicate(models.Model):
    """Two needs that a dispatcher marked as different, so that they are not suggested as duplicates again."""

    one = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="not_duplicate_once"),
            models.CheckConstraint(condition=Q(one__lt=models.F("other")), name="not_duplicate_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"


class NeedLockQuerySet(models.QuerySet["NeedLock"]):
    def held(self, now: datetime) -> Self:
        """Locks that have not expired."""
        return self.filter(expires_at__gt=now)


class NeedLock(models.Model):
    """The person who works on a need, so that two people do not call the same reporter. The lock is only a warning; it
    does not stop other dispatchers."""

    need = models.OneToOneField("needs.Need", on_delete=models.CASCADE, primary_key=True, related_name="lock")
    holder = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    taken_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    objects = NeedLockQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.need_id}"
