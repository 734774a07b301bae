"""Parts of the site that are red."""

from django.db import models
from django.utils import timezone


class RedPart(models.Model):
    """A part that is red, and since when. told_at: the time at which administrators got a mail; null before. The row is
    deleted when the part is green again."""

    part = models.CharField(max_length=20, primary_key=True)
    since = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.part
