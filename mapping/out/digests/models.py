"""Models of mapping.out.digests."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from volunteers.enums import DigestRhythm


class Digest(models.Model):
    """One digest of one person. The row contains no text; the text is written when the digest is sent.

    period: the day on which it is due. under_way: True while a worker is sending the digest. If that worker dies, the
    digest is not sent again, so that nobody gets it twice. The other columns are explained in
    volunteers.people.notifications.delivery.
    """

    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="digests")
    rhythm = models.CharField(max_length=4, choices=DigestRhythm.choices)
    period = models.DateField()
    under_way = models.BooleanField(default=False)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "period"], name="one_digest_per_person_and_day")]
        indexes = [
            models.Index(fields=["not_before"], name="digest_waiting", condition=Q(sent_at=None, failed_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.period}"
