"""The release: one dated, frozen publication of the map."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Audience


class ReleaseQuerySet(models.QuerySet["Release"]):
    def public(self) -> Self:
        """Return the public releases, the latest last."""
        return self.filter(audience=Audience.PUBLIC).order_by("as_of")


class Release(models.Model):
    """One dated, frozen publication of the map for one audience. as_of: the time of the figures; later reports are not
    included.

    recent_days: days for which the public release calls a search recent. folder: the folder of its files
    (mapping.map.releases.archives). memory: state that the partition of the next public
    release needs (mapping.map.releases.public.partition.Kept); never published. unseen: the unseen estimate of each
    territory, by primary key (mapping.coverage.unseen.unseen_estimate.DayFigure); releases for associations and volunteers only.
    """

    audience = models.CharField(_("audience"), max_length=12, choices=Audience.choices)
    as_of = models.DateTimeField(_("reports until"))
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    recent_days = models.PositiveSmallIntegerField(default=14)
    folder = models.CharField(max_length=100, blank=True, editable=False)
    memory = models.JSONField(default=dict, editable=False)
    unseen = models.JSONField(default=dict, editable=False)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        get_latest_by = "published_at"
        constraints = [
            models.UniqueConstraint(fields=["audience", "as_of"], name="one_release_per_audience_and_moment")
        ]

    def __str__(self) -> str:
        return f"{self.audience} {self.as_of:%Y-%m-%d %H:%M}"
