"""Models of needs.help.following."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from needs.enums import UNFINISHED_STATES, News
from volunteers.enums import Medium


class ReporterAddressQuerySet(models.QuerySet["ReporterAddress"]):
    def ended_before(self, limit: datetime) -> Self:
        """Addresses of needs that were finished or retracted before a datetime."""
        ended = ~Q(need__state__in=UNFINISHED_STATES) | ~Q(need__retracted_at=None)
        return self.filter(ended, need__state_at__lt=limit)


class ReporterAddress(models.Model):
    """An address to which news of each step of a need is sent. It is deleted with the need, or earlier.

    address: an encrypted telephone number (E.164), e-mail address or browser subscription as JSON. digest: a hash of
    the address, keyed with the need, so that the addresses of two needs cannot be compared. language: the language of
    the messages.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="reporter_addresses")
    medium = models.CharField(max_length=5, choices=Medium.choices)
    address = models.BinaryField(editable=False)
    digest = models.CharField(max_length=64, editable=False)
    language = models.CharField(max_length=5)
    made_at = models.DateTimeField(default=timezone.now)

    objects = ReporterAddressQuerySet.as_manager()

    class Meta:
        ordering = ("made_at", "pk")
        constraints = [models.UniqueConstraint(fields=["need", "digest"], name="one_reporter_address_per_need")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.medium}"


class ReporterNews(models.Model):
    """One message to one address about one event. The news is stored with the event, without text; a worker sends it.

    of: the id of the step, message or commitment. not_before: the time of the next attempt.
    """

    address = models.ForeignKey("needs.ReporterAddress", on_delete=models.CASCADE, related_name="news")
    news = models.CharField(max_length=7, choices=News.choices)
    of = models.CharField(max_length=36)
    made_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "news", "of"], name="one_reporter_news_per_event")]
        indexes = [
            models.Index(fields=["not_before"], name="reporter_news_waiting", condition=Q(sent_at=None, failed_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.address_id} {self.news} {self.of}"
