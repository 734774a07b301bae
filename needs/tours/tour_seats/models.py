"""Models of needs.tours.tour_seats."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Seat(models.Model):
    """A volunteer's place in a planned tour. reminded_at: the time at which the reminder was stored; None until
    then."""

    plan = models.ForeignKey("needs.PlannedTour", on_delete=models.CASCADE, related_name="taken")
    volunteer = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="seats")
    at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "volunteer"], name="one_seat_per_volunteer")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.volunteer_id}"


class SeatWish(models.Model):
    """A volunteer on the waiting list of a planned tour. The volunteer who has waited longest gets the next free
    seat."""

    plan = models.ForeignKey("needs.PlannedTour", on_delete=models.CASCADE, related_name="waiting")
    volunteer = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="seat_wishes")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("place on a waiting list")
        verbose_name_plural = _("places on waiting lists")
        constraints = [models.UniqueConstraint(fields=["plan", "volunteer"], name="one_seat_wish_per_volunteer")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.volunteer_id}"
