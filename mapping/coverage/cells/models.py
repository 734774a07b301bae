"""Models of mapping.coverage.cells."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, cast

from django.contrib.gis.db import models
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.coverage.cells.help_by_day import BUCKETS
from mapping.enums import Source, Status
from needs.enums import ReportKind
from solidarity.lib.database.region import region_field
from volunteers.places.territories.models import Territory

if TYPE_CHECKING:
    from mapping.coverage.cells.release_models import Release


class CoverageSettings(models.Model):
    """Settings of the coverage model for one territory.

    resolution: H3 resolution of the cells; 9, or 8 in a sparse territory. adaptive: whether the number of expected
    people decides the resolution. presence_only: True if nobody logs search effort here. m0: number of people expected
    per cell, from ``Territory.expected_persons``. model: parameters in force. territory_cells.assign_cells sets m0 and
    model from the territory tree. group_size: mean size of the group in which a person was met (citizen_rates.
    group_sizes); it widens the displayed ranges.
    """

    territory = models.OneToOneField(
        "volunteers.Territory", on_delete=models.CASCADE, primary_key=True, related_name="coverage"
    )
    resolution = models.PositiveSmallIntegerField(_("resolution of the cells"), default=9)
    adaptive = models.BooleanField(_("cell size depends on the number of people expected"), default=True)
    presence_only = models.BooleanField(_("nobody logs searches here"), default=False)
    m0 = models.FloatField(_("prior mean per cell"), default=1.0, editable=False)
    group_size = models.FloatField(default=1.0, db_default=1.0, editable=False)
    model = models.ForeignKey(
        "mapping.Parameters",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("model of the zones"),
    )

    class Meta:
        verbose_name = _("coverage settings")
        verbose_name_plural = _("coverage settings")
        constraints = [models.CheckConstraint(condition=Q(resolution__in=[8, 9]), name="resolution_8_or_9")]

    def __str__(self) -> str:
        return f"{self.territory}"


def no_help() -> list[float]:
    """Return the empty daily buckets of a new cell."""
    return [0.0] * BUCKETS


class CellState(models.Model):
    """Decayed sums and the posterior of one cell.

    a, x, xt: the sums A, X and X_T of the associations' evidence (docs/model.md). day: the day to which the sums are
    decayed, in days since 2020-01-01 UTC. help: contacts by day (mapping.coverage.cells.help_by_day). ac: the decayed weight
    of citizens' reports, before the limit of the cell. citizen_rate: κ in force (mapping.coverage.citizen_rates). mean: expected
    number of persons present. chance: the probability P that help is missing. computed: the status that the model
    gives. status: the displayed status, which comes from an override while ``overridden`` is true.
    """

    cell = models.BigIntegerField(primary_key=True)
    region = region_field("cell")
    territory = models.IntegerField()
    day = models.FloatField()
    a = models.FloatField(default=0)
    x = models.FloatField(default=0)
    xt = models.FloatField(default=0)
    help = ArrayField(models.FloatField(), default=no_help)
    ac = models.FloatField(default=0)
    citizen_rate = models.FloatField(default=0)
    last_search = models.FloatField(null=True)
    shape = models.FloatField(default=0)
    rate = models.FloatField(default=1)
    theta = models.FloatField(default=0)
    mean = models.FloatField(default=0)
    chance = models.FloatField(default=0)
    status = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NOT_SEARCHED)
    computed = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NOT_SEARCHED)
    overridden = models.BooleanField(default=False)
    zone = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["territory"], name="cellstate_territory"),
            models.Index(fields=["zone"], name="cellstate_zone"),
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"


def evidence_day(moment: datetime) -> float:
    """Return the days from 2020-01-01 UTC to an aware datetime, the unit of Evidence.day and CellState.day."""
    return moment.timestamp() / 86400.0 - 18262.0


def moment_of(day: float) -> datetime:
    """Return the datetime of an evidence day (days since 2020-01-01 UTC)."""
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day)


class CellTouch(models.Model):
    """An outbox row, which names a report to fold in the regions of two cells. Rows are only added; the fold deletes
    exactly the rows that it folded."""

    id = models.BigAutoField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=ReportKind.choices)
    report = models.UUIDField()
    old_cell = models.BigIntegerField(null=True)
    new_cell = models.BigIntegerField(null=True)
    region = region_field("new_cell", "old_cell")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["region", "id"], name="celltouch_region")]

    def __str__(self) -> str:
        return f"{self.kind} {self.report}"


class UnfoldedReportQuerySet(models.QuerySet["UnfoldedReport"]):
    def given_up(self) -> Self:
        """Reports that are not tried again until an administrator asks for it."""
        return self.filter(attempts__gte=UnfoldedReport.ATTEMPTS)

    def waiting(self) -> Self:
        return self.filter(attempts__lt=UnfoldedReport.ATTEMPTS)

    def by_report(self) -> models.QuerySet["UnfoldedReport", dict[str, Any]]:
        """One row per report, with its kind, the time of its first outbox row (``first_at``), the highest number of
        attempts (``most``) and the classes of its errors (``causes``): first the reports that were given up, then the
        oldest."""
        rows = self.values("kind", "report").annotate(
            first_at=models.Min("at"), most=models.Max("attempts"), causes=ArrayAgg("error", distinct=True)
        )
        return rows.annotate(given_up=Q(most__gte=UnfoldedReport.ATTEMPTS)).order_by("-given_up", "first_at", "report")


class UnfoldedReport(models.Model):
    """An outbox row whose fold failed, kept aside so that it does not block its region. id: the id of the outbox row. at:
    the time at which the outbox row was added. attempts: number of failed attempts; after ATTEMPTS of them, the report is
    a dead letter. error: class of the last error, without its text, which may name a place. retry_at: the time of the next
    attempt."""

    ATTEMPTS = 5

    id = models.BigIntegerField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=ReportKind.choices)
    report = models.UUIDField()
    old_cell = models.BigIntegerField(null=True)
    new_cell = models.BigIntegerField(null=True)
    region = region_field("new_cell", "old_cell")
    at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField()
    error = models.CharField(max_length=40)
    retry_at = models.DateTimeField()

    objects = UnfoldedReportQuerySet.as_manager()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.kind} {self.report}"


class Evidence(models.Model):
    """The evidence of one report in one cell, as it was folded. The row does not depend on the parameters of the model.

    day: days since 2020-01-01 UTC. persons: the number y of persons seen. hours: search time; None if not logged, 0 if
    nobody searched. contacts: number of people helped. source: the kind of source, which decides the weight of the row.
    origin: a 64-bit pseudonym of the citizen or association.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=ReportKind.choices)
    report = models.UUIDField()
    cell = models.BigIntegerField()
    region = region_field("cell")
    day = models.FloatField()
    source = models.PositiveSmallIntegerField(choices=Source.choices)
    origin = models.BigIntegerField()
    persons = models.FloatField()
    hours = models.FloatField(null=True)
    contacts = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["report"], name="evidence_report"),
            models.Index(fields=["cell", "day"], name="evidence_cell"),
            models.Index(fields=["day"], condition=Q(contacts__gt=0), name="evidence_help"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.report} {self.cell:x}"


class RetainedEvidence(models.Model):
    """Remaining weight of erased reports in a cell: decayed sums at ``day``. The row contains neither the reports nor
    their times.

    source: LOGGED or UNLOGGED for associations' evidence, CITIZEN for all citizens' evidence. lives: half-lives in
    days; the other arrays contain one sum per half-life. persons: Σy, or for citizens the weight of the days.
    unlogged: decayed number of rows without logged time. searches: decayed number of rows with logged time. sweeps: Σ(1 −
    e^(−rate·hours)) over the rows with logged time. last: day of the last search.
    """

    cell = models.BigIntegerField()
    region = region_field("cell")
    source = models.PositiveSmallIntegerField(choices=Source.choices)
    day = models.FloatField()
    rate = models.FloatField()
    lives = ArrayField(models.FloatField())
    persons = ArrayField(models.FloatField())
    unlogged = ArrayField(models.FloatField())
    searches = ArrayField(models.FloatField())
    sweeps = ArrayField(models.FloatField())
    last = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cell", "source"], name="one_retained_evidence_per_cell_and_source")
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class ZoneQuerySet(models.QuerySet["Zone"]):
    def live(self) -> Self:
        return self.filter(release=None)

    def of_release(self, release: "Release | None") -> Self:
        return self.filter(release=release)

    def within(self, territory: Territory) -> Self:
        return self.filter(territory__path__startswith=territory.path)


_ZoneManager = models.Manager.from_queryset(ZoneQuerySet)


class ZoneManager(_ZoneManager["Zone"]):
    """Zones without what only a fold reads."""

    def get_queryset(self) -> ZoneQuerySet:
        return cast("ZoneQuerySet", super().get_queryset().defer("members", "sums"))


class Zone(models.Model):
    """Contiguous cells of one status in one territory.

    key: taken over from the old zone with which this zone shares the most cells; the same in every release. persons:
    expected people present, the sum of the cells' means. persons_low, persons_high: the 90 % interval of persons.
    sweeps: mean search effort of teams in the cells. chance: the mean of P over the cells. help_share: contacts given,
    divided by the contacts that the norm asks for. last_search: day of the last search by an association. overridden:
    True if the status comes from overrides. overridden_until: the time at which the first of these overrides ends.
    computed: the status that the model gives to most of the cells. cold: True if the zone was computed under a cold
    plan. counted: False if the territory has no count with a source; persons, chance and help_share are then 0 and nobody
    reads them. region: the region of the cell with the lowest number; null without cells. regions: the regions of all
    cells; empty in releases. name_cell: the cell that names the zone, near its middle; it stays the same while it belongs
    to the zone. members: the cells of the zone, in ascending order (zone_rows.packed). sums: the sums over its cells
    (zone_sums). A fold reads these two instead of the states of all cells, if they agree with the figures of the zone.
    Both are empty in releases; queries leave them out.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid.uuid4)
    # Both have an index with a second column.
    release = models.ForeignKey(
        "mapping.Release", on_delete=models.CASCADE, null=True, related_name="zones", db_index=False
    )
    territory = models.ForeignKey(
        "volunteers.Territory", on_delete=models.CASCADE, related_name="zones", db_index=False
    )
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    shape = models.MultiPolygonField(srid=4326)
    region = models.BigIntegerField(null=True)
    regions = ArrayField(models.BigIntegerField(), default=list)
    name_cell = models.BigIntegerField(null=True)
    members = models.BinaryField(null=True)
    sums = ArrayField(models.FloatField(), default=list, db_default=[])
    cells = models.PositiveIntegerField()
    persons = models.FloatField()
    persons_low = models.FloatField()
    persons_high = models.FloatField()
    sweeps = models.FloatField()
    chance = models.FloatField()
    help_share = models.FloatField()
    last_search = models.FloatField(null=True)
    citizen_share = models.FloatField(default=0)
    overridden = models.BooleanField(default=False)
    overridden_until = models.DateTimeField(null=True)
    computed = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NOT_SEARCHED)
    cold = models.BooleanField(default=False)
    counted = models.BooleanField(default=True, db_default=True)
    model = models.ForeignKey("mapping.Parameters", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    derived_at = models.DateTimeField()

    objects = ZoneManager()

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        indexes = [models.Index(fields=["territory", "status"], name="zone_territory_status")]
        constraints = [
            models.UniqueConstraint(fields=["release", "key"], name="one_zone_per_release", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.territory} {self.get_status_display()}"


class LowZoomCell(models.Model):
    """An H3 cell of resolution 7 or 8, shown at low zooms with the status that most cells below it have."""

    id = models.BigAutoField(primary_key=True)
    release = models.ForeignKey("mapping.Release", on_delete=models.CASCADE, null=True, related_name="+")
    cell = models.BigIntegerField()
    resolution = models.PositiveSmallIntegerField()
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    cells = models.PositiveIntegerField()
    outline = models.PolygonField(srid=4326)

    class Meta:
        indexes = [models.Index(fields=["resolution"], name="lowzoomcell_resolution")]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "cell"], name="one_low_zoom_cell_per_release", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class ZoneChange(models.Model):
    """One step in a zone's history. before: the status before the change, None for a new zone. status: the status after
    the change, None for a zone that ended."""

    zone = models.UUIDField()
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    before = models.PositiveSmallIntegerField(choices=Status.choices, null=True)
    status = models.PositiveSmallIntegerField(choices=Status.choices, null=True)
    overridden = models.BooleanField(default=False)
    cells = models.PositiveIntegerField()
    persons = models.FloatField()

    class Meta:
        ordering = ("at", "pk")
        indexes = [models.Index(fields=["zone", "at"], name="zonechange_zone")]

    def __str__(self) -> str:
        return f"{self.zone} {self.at:%Y-%m-%d %H:%M}"


class Recompute(models.Model):
    """A computation of all cells: refresh, publication or reconcile. difference: the largest difference that a
    reconcile found."""

    job = models.CharField(_("job"), max_length=12)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    cells = models.PositiveIntegerField(_("cells"), default=0)
    zones = models.PositiveIntegerField(_("zones"), default=0)
    difference = models.FloatField(_("largest difference"), null=True)

    class Meta:
        verbose_name = _("computation of all cells")
        verbose_name_plural = _("computations of all cells")
        get_latest_by = "started_at"

    @classmethod
    def last_finished(cls) -> "Recompute | None":
        """Return the computation that finished last; None if none has finished."""
        return cls.objects.exclude(finished_at=None).order_by("-finished_at").first()

    def __str__(self) -> str:
        return f"{self.job} {self.started_at:%Y-%m-%d %H:%M}"
