"""Models of mapping.map.overrides."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.enums import Status


class FieldNoteQuerySet(models.QuerySet["FieldNote"]):
    def current(self, now: datetime) -> Self:
        return self.filter(removed_at=None, at__lte=now, expires_at__gt=now)


class FieldNote(models.Model):
    """A text about a place, shown next to its figures until it expires. cell: one of the territory's cells."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cell = models.BigIntegerField()
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("note"), max_length=1000)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="field_notes")
    association = models.ForeignKey("volunteers.Association", on_delete=models.PROTECT, related_name="field_notes")
    at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("shown until"))
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = FieldNoteQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("field note")
        verbose_name_plural = _("field notes")
        indexes = [models.Index(fields=["cell", "expires_at"], name="fieldnote_cell")]

    def __str__(self) -> str:
        return f"{self.territory} {self.at:%Y-%m-%d}"


class OverrideQuerySet(models.QuerySet["Override"]):
    def pinning(self, now: datetime) -> Self:
        """Return the overrides in force at a datetime."""
        return self.filter(retracted_at=None, at__lte=now, expires_at__gt=now)


class Override(models.Model):
    """A status that a team on site gives to one cell, with what the team saw. An override replaces the model's status.

    persons: people seen in the cell; if several cells were searched together, this cell's share of the total. contest:
    id of the submitted form, the same for all cells of one form. extended_reason: the second reason, required if the
    override is shown for more than PIN_DAYS. association: None if a coordinator of the territory filed it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cell = models.BigIntegerField()
    at = models.DateTimeField()
    filed_at = models.DateTimeField(default=timezone.now)
    persons = models.FloatField()
    hours = models.FloatField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    model_status = models.PositiveSmallIntegerField(choices=Status.choices, null=True)
    reason = models.CharField(max_length=500)
    extended_reason = models.CharField(max_length=500, blank=True)
    contest = models.UUIDField(default=uuid.uuid4)
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.PROTECT, null=True, related_name="overrides"
    )
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="overrides")
    expires_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)
    retracted_at = models.DateTimeField(null=True, blank=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("override")
        verbose_name_plural = _("overrides")
        indexes = [models.Index(fields=["cell", "expires_at"], name="override_cell")]

    def __str__(self) -> str:
        return f"{self.cell:x} {self.get_status_display()}"

    @property
    def team(self) -> str:
        """The name of the association, or the words for the coordination of the territory; never a person's name."""
        return str(self.association or _("Coordination of the territory"))
