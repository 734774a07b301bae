"""Models of needs.doors.phone_queue."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

RECEIPT_DAYS = 90  # longer than the time for which a phone keeps an unsent report (LONGEST in queue_items)


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def old(self, now: datetime) -> Self:
        return self.filter(filed_at__lt=now - timedelta(days=RECEIPT_DAYS))


class Receipt(models.Model):
    """Proof that an item was received. The receipt contains the phone's id for the item and the SHA-256 of its body,
    but no user and no content."""

    id = models.UUIDField(primary_key=True, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    filed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["filed_at"], name="receipt_filed_at")]

    def __str__(self) -> str:
        return str(self.id)
