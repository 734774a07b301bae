"""Models of needs.crew_messages."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.tour_seats.models import Seat
from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.messages import look
from volunteers.accounts.models import User


class CrewMessageQuerySet(models.QuerySet["CrewMessage"]):
    def unseen_by(self, user: User) -> Self:
        """Messages of others that a member of the crew has not marked as read."""
        mine = MessageSeen.objects.filter(message=OuterRef("pk"), user=user)
        return self.filter(~Exists(mine)).exclude(author=user)

    def with_readers(self) -> Self:
        """Annotate messages with ``readers``: how many people of the crew have marked them as read; and ``joined``:
        whether the author has a seat in the plan."""
        seat = Seat.objects.filter(plan=OuterRef("plan"), volunteer=OuterRef("author"))
        return self.select_related("author").annotate(readers=models.Count("seen"), joined=Exists(seat))


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

    @property
    def role(self) -> str:
        """The author's role in the active language. Only for rows of ``with_readers``."""
        if not self.from_crew:
            return str(_("coordination"))
        joined: bool = self.joined  # type: ignore[attr-defined]
        return str(_("volunteer") if joined else _("the crew"))

    @property
    def line(self) -> str:
        """Role, first name and text in one line."""
        who = f"{self.role}, {self.first_name}" if self.first_name else self.role
        return f"{who}: {self.text}"

    @property
    def first_name(self) -> str:
        """The first word of the name that the author shows to teams; "" if it is, or contains, a contact."""
        name = self.author.display_name if self.author else ""
        return "" if look(name, (Kind.EMAIL, Kind.PHONE)) else name.partition(" ")[0]


class MessageSeen(models.Model):
    """A member of the crew has read a message."""

    message = models.ForeignKey("needs.CrewMessage", on_delete=models.CASCADE, related_name="seen")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="a_message_seen_once")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.user_id}"
