"""Notifications, their settings, and push subscriptions."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.enums import DigestRhythm, Medium, Topic


class NotificationSettings(models.Model):
    """How a person wants to be notified. wanted: the enabled "topic:medium" pairs. phone: the encrypted telephone
    number. rhythm: the rhythm of the digest, if its pair is enabled. mail_refused_at: the time since which the person's
    address refuses mail; None if it does not."""

    user = models.OneToOneField(
        "User", on_delete=models.CASCADE, primary_key=True, related_name="notification_settings"
    )
    wanted = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    phone = models.BinaryField(null=True, blank=True, editable=False)
    language = models.CharField(_("language of messages"), max_length=5, blank=True)
    rhythm = models.CharField(max_length=4, choices=DigestRhythm.choices, default=DigestRhythm.WEEK)
    mail_refused_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("notification settings")
        verbose_name_plural = _("notification settings")

    def __str__(self) -> str:
        return f"{self.user_id}"


class PushSubscription(models.Model):
    """A browser that receives Web Push messages. endpoint: address of the browser at the push service."""

    user = models.ForeignKey("User", on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=1000)
    endpoint_hash = models.CharField(max_length=64, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=60)
    made_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.endpoint_hash[:8]}"


class Notification(models.Model):
    """A message to one person by one medium. A notification is stored in the transaction that causes it, and a worker
    sends it.

    key: a text that identifies the event, so that each notification is written once. path: path of the linked page.
    Title, body and path never contain a place, a person's name or a telephone number; the linked page shows those.
    not_before: the end of quiet hours or the time of the next attempt.
    """

    user = models.ForeignKey("User", on_delete=models.CASCADE, related_name="notifications")
    topic = models.CharField(max_length=10, choices=Topic.choices)
    medium = models.CharField(max_length=5, choices=Medium.choices)
    key = models.CharField(max_length=120)
    title = models.CharField(max_length=120)
    body = models.CharField(max_length=500, blank=True)
    path = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "medium", "key"], name="one_notification_per_medium_and_key")
        ]
        indexes = [
            models.Index(
                fields=["not_before"], name="notification_waiting", condition=models.Q(sent_at=None, failed_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.topic} {self.medium}"
