"""Who answers for which area, with which duty."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mapping.enums import Duty


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self) -> Self:
        return self.filter(ended_at=None)

    def coordinating(self) -> Self:
        return self.current().filter(duty=Duty.COORDINATOR)


class Assignment(models.Model):
    """Somebody's duty in a territory. A coordinator's purpose is written down (privacy.md)."""

    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="assignments")
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="assignments")
    duty = models.CharField(max_length=12, choices=Duty.choices)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "territory", "duty"], condition=Q(ended_at=None), name="one_current_assignment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.territory} · {self.get_duty_display()}"
