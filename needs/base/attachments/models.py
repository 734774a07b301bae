"""Models of needs.base.attachments."""

import uuid
from typing import Self

from django.contrib.gis.db import models
from django.utils import timezone

from volunteers.people.accounts.models import User
from volunteers.people.associations.models import Membership


class NeedPhoto(models.Model):
    """A photo of a need, re-encoded: the original file and its metadata are not stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="photos")
    image = models.ImageField(upload_to="needs/%Y/%m/")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("made_at", "pk")

    def __str__(self) -> str:
        return f"{self.need_id} {self.pk}"


class VoiceNoteQuerySet(models.QuerySet["VoiceNote"]):
    def of_associations(self, user: User) -> Self:
        """Voice notes of encounters that are not retracted, from associations that the user is a current member of."""
        mine = Membership.objects.current().filter(user=user).values("association")
        return self.filter(encounter__association__in=mine, encounter__retracted_at=None)


class VoiceNote(models.Model):
    """Up to a minute of speech with an encounter, re-encoded: the original file is not stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    encounter = models.ForeignKey("needs.Encounter", on_delete=models.CASCADE, related_name="voice_notes")
    sound = models.FileField(upload_to="needs/voice/%Y/%m/")
    seconds = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    objects = VoiceNoteQuerySet.as_manager()

    class Meta:
        ordering = ("made_at", "pk")

    def __str__(self) -> str:
        return f"{self.encounter_id} {self.pk}"
