"""Models of needs.crew_messages."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.accounts.models import User


class CrewMessageQuerySet(models.QuerySet["CrewMessage"]):
    def unseen_by(self, user: User) -> Self:
        """Messages of coordinators that a member of the crew has not marked as read."""
        mine = MessageSeen.objects.filter(message=OuterRef("pk"), user=user)
        return self.filter(~Exists(mine), from_crew=False)

    def with_readers(self) -> Self:
        """Annotate messages with ``readers``: how many people of the crew have marked them as read."""
        return self.select_related("author").annotate(readers=models.Count("seen"))


class CrewMessage(models.Model):
    """One message. It belongs to a plan, or to a tour that was started without one. from_crew: an answer."""

    plan = models.ForeignKey(
        "needs.PlannedTour", on_delete=models.CASCADE, null=True, blank=True, related_name="crew_messages"
    )
    tour = models.ForeignKey(
        "needs.Tour", on_delete=models.CASCADE, null=True, blank=True, related_name="crew_messages"
    )
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    from_crew = models.BooleanField(default=False)
    text = models.CharField(_("message"), max_length=300)
    at = models.DateTimeField(default=timezone.now)

    objects = CrewMessageQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("message to a crew")
        verbose_name_plural = _("messages to crews")
        constraints = [
            models.CheckConstraint(
                condition=Q(plan=None, tour__isnull=False) | Q(plan__isnull=False, tour=None),
                name="a_crew_message_has_one_crew",
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan_id or self.tour_id} {self.at:%Y-%m-%d %H:%M}"


class MessageSeen(models.Model):
    """A member of the crew has read a message."""

    message = models.ForeignKey("needs.CrewMessage", on_delete=models.CASCADE, related_name="seen")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="a_message_seen_once")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.user_id}"
