"""The link of the first start."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FirstStart(models.Model):
    """The one valid link. The row is deleted when the first administrator exists.

    token: SHA-256 of the secret in the link. claim: SHA-256 of the secret in the session of the browser that opened
    the link; empty until then.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.CharField(max_length=64)
    claim = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("link of the first start")
        verbose_name_plural = _("links of the first start")

    def __str__(self) -> str:
        return f"{self.expires_at:%Y-%m-%d %H:%M}"
