"""Models of mapping.out.calendar_feeds."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from mapping.enums import FeedScope
from volunteers.models import Association, Territory, User


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def usable(self) -> Self:
        return self.filter(revoked_at=None, user__is_active=True)


class CalendarFeed(models.Model):
    """A private address of planned tours. The address is shown once and never stored.

    digest: SHA-256 of its token. association, territory: the feed contains the tours of one of these; both are None if
    it contains the person's own tours. used_on: the last day on which a calendar program fetched it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    scope = models.CharField(max_length=11, choices=FeedScope.choices)
    association = models.ForeignKey(Association, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now)
    used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ("scope", "made_at")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at=None, scope="own"), name="one_calendar_feed_of_own_tours"
            ),
            models.UniqueConstraint(
                fields=["user", "association"], condition=Q(revoked_at=None, scope="association"),
                name="one_calendar_feed_per_association",
            ),
            models.UniqueConstraint(
                fields=["user", "territory"], condition=Q(revoked_at=None, scope="territory"),
                name="one_calendar_feed_per_territory",
            ),
            models.CheckConstraint(
                condition=Q(scope="own", association=None, territory=None)
                | Q(scope="association", association__isnull=False, territory=None)
                | Q(scope="territory", association=None, territory__isnull=False),
                name="calendar_feed_scope",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user_id} {self.scope}"
