"""Models of mapping.map.releases."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone

from mapping.enums import Status


class ReleaseFiles(models.Model):
    """The folder of a volunteers' release for one territory (mapping.map.releases.volunteer_files)."""

    release = models.ForeignKey("mapping.Release", on_delete=models.CASCADE, related_name="files")
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    folder = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "territory"], name="files_once_per_release_and_area")]

    def __str__(self) -> str:
        return self.folder


class PublicPlace(models.Model):
    """One place of a public release; all fields are public (mapping.map.releases.public.partition.Place).

    number: number of the place within its commune, used in its name. coverage: search coverage in per cent, as the
    lower edge of its bucket; 0 if no tour has entered the place recently. count: the month's number of reports with
    noise, if the deployment publishes counts (mapping.map.releases.public.counts).
    """

    release = models.ForeignKey("mapping.Release", on_delete=models.CASCADE, related_name="places")
    key = models.CharField(max_length=20)
    level = models.CharField(max_length=1)
    commune = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    coverage = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(null=True)
    outline = models.MultiPolygonField(srid=4326)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "key"], name="a_place_once_per_release")]

    def __str__(self) -> str:
        return self.key


class PublicWeek(models.Model):
    """The published figures of one week, which never change (mapping.map.releases.public.weekly_figures).

    monday: first day. figures: the figures of each territory, by primary key, including territories that are deleted
    later.
    """

    monday = models.DateField(unique=True)
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.monday}"


class CountLedger(models.Model):
    """One publication of counts, charged to the year's budget. number: number of the publication in the year, from 1 to
    12."""

    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    month = models.DateField(unique=True)
    epsilon = models.FloatField()
    spent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="a_publication_of_counts_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=12), name="twelve_publications_of_counts_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.number}"
