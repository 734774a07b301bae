"""Duties of people in territories: assignments, requests for them, and the time during which a dispatcher is on duty."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Duty


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self, now: datetime | None = None) -> Self:
        """Return the duties that give access now. After its end has passed, a duty gives no rights, even before it is
        closed."""
        return self.filter(Q(until=None) | Q(until__gt=now or timezone.now()), ended_at=None)

    def run_out(self) -> Self:
        """Return the duties with an end in the past that are not closed yet."""
        return self.filter(ended_at=None, until__lte=timezone.now())

    def coordinating(self) -> Self:
        return self.current().filter(duty=Duty.COORDINATOR)

    def dispatching(self) -> Self:
        return self.current().filter(duty=Duty.DISPATCHER)


class Assignment(models.Model):
    """A person's duty in a territory. Coordinators state their purpose (docs/privacy.md).

    shown: True if the coordinator chose to be shown as the person in charge. contact: the contact of the coordinator,
    in their own words. until: the planned end, the last moment of a day; None until somebody ends the duty.
    """

    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="assignments")
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="assignments")
    duty = models.CharField(max_length=12, choices=Duty.choices)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    shown = models.BooleanField(_("shown as the person in charge"), default=False, db_default=False)
    contact = models.CharField(_("how to reach you"), max_length=200, blank=True, db_default="")
    started_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
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


class DutyShiftQuerySet(models.QuerySet["DutyShift"]):
    def current(self, now: datetime) -> Self:
        """Return the shifts that have begun and not ended."""
        return self.filter(started_at__lte=now, ends_at__gt=now)


class DutyShift(models.Model):
    """A time during which a dispatcher is on duty, so that alarms go to them first. The shift ends automatically at
    ``ends_at``."""

    user = models.OneToOneField(
        "volunteers.User", on_delete=models.CASCADE, primary_key=True, related_name="duty_shift"
    )
    started_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()

    objects = DutyShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("time on duty")
        verbose_name_plural = _("times on duty")

    def __str__(self) -> str:
        return f"{self.user_id} {self.ends_at:%Y-%m-%d %H:%M}"


class DutyRequestQuerySet(models.QuerySet["DutyRequest"]):
    def waiting(self) -> Self:
        """Return the requests without an answer, the oldest first."""
        return self.filter(accepted=None).order_by("asked_at")


class DutyRequest(models.Model):
    """A person's request for a duty in a territory. accepted: the answer, None as long as nobody has answered the
    request."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="duty_requests")
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="duty_requests")
    duty = models.CharField(_("duty"), max_length=12, choices=Duty.choices)
    text = models.CharField(_("in your words"), max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    accepted = models.BooleanField(null=True, blank=True)
    answered_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = DutyRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a duty")
        verbose_name_plural = _("requests for a duty")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "territory", "duty"], condition=Q(accepted=None), name="one_waiting_duty_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.duty}"
