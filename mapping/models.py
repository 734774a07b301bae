"""What the reports mean: territories, cells, evidence, zones, releases, zone reports."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.enums import Audience, Duty, ExportFormat, ExportKind, ExportState, Level, Source, Status
from needs.enums import ReportKind


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def coordinated_by(self, user: Any) -> Self:
        """Territories the person coordinates, and all below them; every one for an administrator. None while they look as
        somebody else (mapping.looking)."""
        if getattr(user, "looks_as", None) is not None:
            return self.none()
        if user.is_administrator:
            return self.all()
        return self._assigned(user, [Duty.COORDINATOR])

    def seen_by(self, user: Any) -> Self:
        """Territories the person is assigned to with any duty, and all below them; all for an administrator."""
        if user.is_administrator:
            return self.all()
        return self._assigned(user, list(Duty))

    def _assigned(self, user: Any, duties: list[Duty]) -> Self:
        paths = list(
            self.model._default_manager.filter(
                assignments__user=user, assignments__duty__in=duties, assignments__ended_at=None
            ).values_list("path", flat=True)
        )
        if not paths:
            return self.none()
        condition = Q()
        for path in paths:
            condition |= Q(path__startswith=path)
        return self.filter(condition)

    def under(self, territory: "Territory") -> Self:
        """The territory and all below it."""
        return self.filter(path__startswith=territory.path)

    def zoned(self) -> Self:
        return self.filter(zoned=True)


class Territory(models.Model):
    """An area somebody answers for.

    path: slugs from the root, each ended by "/". zoned: cells belong to it and zones are drawn in it (of territories
    that overlap only one is zoned). expected_persons: people expected by the last official count; shared out over the
    cells it is m0 of zones.md. resolution: of its cells, 9, or 8 where it is sparse. m0 and
    model follow from the tree (territories.settle).
    """

    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=13, choices=Level.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=400, unique=True, editable=False)
    polygon = models.MultiPolygonField(_("border"), srid=4326)
    zoned = models.BooleanField(_("zones are drawn here"), default=True)
    resolution = models.PositiveSmallIntegerField(default=9)
    adaptive = models.BooleanField(_("cells as large as the expected people ask for"), default=True)
    expected_persons = models.FloatField(_("people expected, by the last official count"), null=True, blank=True)
    count_source = models.CharField(_("which count"), max_length=200, blank=True)
    presence_only = models.BooleanField(_("nobody logs search here"), default=False)
    m0 = models.FloatField(default=1.0, editable=False, help_text="people expected per cell, from expected_persons")
    model = models.ForeignKey(
        "mapping.Parameters", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    coordinators = models.ManyToManyField("volunteers.User", through="Assignment", related_name="territories")

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        ordering = ("path",)
        verbose_name = _("territory")
        verbose_name_plural = _("territories")
        constraints = [models.CheckConstraint(condition=Q(resolution__in=[8, 9]), name="resolution_8_or_9")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.path = f"{self.parent.path if self.parent else ''}{self.slug}/"
        super().save(*args, **kwargs)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self) -> Self:
        return self.filter(ended_at=None)

    def coordinating(self) -> Self:
        return self.current().filter(duty=Duty.COORDINATOR)


class Assignment(models.Model):
    """Somebody's duty in a territory. A coordinator's purpose is written down (privacy.md)."""

    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="assignments")
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="assignments")
    duty = models.CharField(max_length=12, choices=Duty.choices)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "territory", "duty"], condition=Q(ended_at=None), name="one_current_assignment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.territory} · {self.get_duty_display()}"


class ParametersQuerySet(models.QuerySet["Parameters"]):
    def accepted(self) -> Self:
        return self.filter(proposed=False)

    def proposals(self) -> Self:
        """Versions that the nightly estimate proposes and nobody has accepted or declined."""
        return self.filter(proposed=True, declined_at=None)

    def in_force(self, territory: "Territory | None") -> "Parameters":
        """The newest version for the territory, or for its nearest ancestor that has one, or the global one."""
        step = territory
        while step is not None:
            own = self.accepted().filter(territory=step).order_by("-version").first()
            if own is not None:
                return own
            step = step.parent
        return self.accepted().filter(territory=None).order_by("-version")[0]


class Parameters(models.Model):
    """One version of the model's parameters (zones.md); rows are never edited, a new version is added."""

    territory = models.ForeignKey(
        "mapping.Territory", on_delete=models.CASCADE, null=True, blank=True, related_name="parameters"
    )
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    values = models.JSONField(help_text="names and values as in mapping.evidence.Model")
    proposed = models.BooleanField(default=False)
    declined_at = models.DateTimeField(null=True, blank=True)
    grounds = models.JSONField(default=dict, help_text="why it is proposed: likelihoods, data used")

    objects = ParametersQuerySet.as_manager()

    class Meta:
        verbose_name = _("model parameters")
        verbose_name_plural = _("model parameters")
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "version"], name="a_version_once_per_territory", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.territory or '*'} v{self.version}"


class Cell(models.Model):
    """A cell of a zoned territory; what does not change. ring: its H3 neighbours that are cells too, or not."""

    cell = models.BigIntegerField(primary_key=True)
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="cells")
    parent8 = models.BigIntegerField()
    parent7 = models.BigIntegerField()
    lat = models.FloatField()
    lng = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["territory", "cell"], name="cell_territory"),
            models.Index(fields=["parent7"], name="cell_parent7"),
            models.Index(fields=["parent8"], name="cell_parent8"),
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class CellState(models.Model):
    """Decayed sums and the posterior of one cell.

    a, x, xt, s: zones.md's A and X of associations, X_T, S, at ``day`` (days since 2020-01-01 UTC). ac, xc: the
    citizens' share of A and X, capped. mean: persons present. chance: P. computed: the model's status; status: the one
    that is shown, an override's while it is pinned.
    """

    cell = models.BigIntegerField(primary_key=True)
    territory = models.IntegerField()
    day = models.FloatField()
    a = models.FloatField(default=0)
    x = models.FloatField(default=0)
    xt = models.FloatField(default=0)
    s = models.FloatField(default=0)
    ac = models.FloatField(default=0)
    xc = models.FloatField(default=0)
    last_search = models.FloatField(null=True)
    shape = models.FloatField(default=0)
    rate = models.FloatField(default=1)
    theta = models.FloatField(default=0)
    mean = models.FloatField(default=0)
    chance = models.FloatField(default=0)
    status = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NOT_SEARCHED)
    computed = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NOT_SEARCHED)
    pinned = models.BooleanField(default=False)
    zone = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["territory"], name="cellstate_territory"),
            models.Index(fields=["zone"], name="cellstate_zone"),
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class CellTouch(models.Model):
    """The outbox: a report whose evidence is to be folded. Append-only; the fold deletes exactly what it folded."""

    id = models.BigAutoField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=ReportKind.choices)
    report = models.UUIDField()
    old_cell = models.BigIntegerField(null=True)
    new_cell = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.report}"


class Evidence(models.Model):
    """One report's evidence in one cell, as folded; free of model parameters.

    day: days since 2020-01-01 UTC. persons: y. hours: search time; None when not logged, 0 when the row carries no
    search. contacts: people helped. source: what it weighs. origin: a 64-bit pseudonym of the citizen or association.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=ReportKind.choices)
    report = models.UUIDField()
    cell = models.BigIntegerField()
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
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.report} {self.cell:x}"


class Carried(models.Model):
    """What the evidence of erased reports still weighs in a cell: decayed sums at ``day``, no report and no time of one.

    source: LOGGED or UNLOGGED for associations' evidence; CITIZEN for all that citizens said. lives: half-lives, days; the
    other arrays hold one sum for each of them. persons: Σy, of citizens the weight after their caps. passes: rows whose time
    was not logged. searches, sweeps: rows with time, and their Σ(1 − e^(−rate·hours)). contacts: people helped. last:
    day of the last search.
    """

    cell = models.BigIntegerField()
    source = models.PositiveSmallIntegerField(choices=Source.choices)
    day = models.FloatField()
    rate = models.FloatField()
    lives = ArrayField(models.FloatField())
    persons = ArrayField(models.FloatField())
    passes = ArrayField(models.FloatField())
    searches = ArrayField(models.FloatField())
    sweeps = ArrayField(models.FloatField())
    contacts = ArrayField(models.FloatField())
    last = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cell", "source"], name="carried_once_per_cell_and_source")]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class CarriedVoice(models.Model):
    """What one source of citizens' reports has said in a cell in reports that are erased: decayed sums at ``day``, for the
    limit on one source. Kept only while a report of the same source, in the same place, is still there."""

    cell = models.BigIntegerField()
    origin = models.BigIntegerField()
    day = models.FloatField()
    lives = ArrayField(models.FloatField())
    said = ArrayField(models.FloatField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cell", "origin"], name="carried_once_per_cell_and_origin")]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class OverrideQuerySet(models.QuerySet["Override"]):
    def pinning(self, now: datetime) -> Self:
        """Overrides that decide what is shown at a moment."""
        return self.filter(retracted_at=None, at__lte=now, expires_at__gt=now)


class Override(models.Model):
    """A field worker's contest of a status in one cell: what was seen, until when it counts.

    persons: people seen in the cell (a share, where several cells were looked at together). contest: the form it came
    with, shared by its cells. extended_reason: the second reason that a pin beyond PIN_DAYS needs.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cell = models.BigIntegerField()
    at = models.DateTimeField()
    filed_at = models.DateTimeField(default=timezone.now)
    persons = models.FloatField()
    hours = models.FloatField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    model_status = models.PositiveSmallIntegerField(choices=Status.choices, null=True)
    reason = models.CharField(max_length=500)
    extended_reason = models.CharField(max_length=500, blank=True)
    contest = models.UUIDField(default=uuid.uuid4)
    association = models.ForeignKey("volunteers.Association", on_delete=models.PROTECT, related_name="overrides")
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="overrides")
    expires_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)
    retracted_at = models.DateTimeField(null=True, blank=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("override")
        verbose_name_plural = _("overrides")
        indexes = [models.Index(fields=["cell", "expires_at"], name="override_cell")]

    def __str__(self) -> str:
        return f"{self.cell:x} {self.get_status_display()}"


class ReleaseQuerySet(models.QuerySet["Release"]):
    def public(self) -> Self:
        """The public releases, the latest last."""
        return self.filter(audience=Audience.PUBLIC).order_by("as_of")


class Release(models.Model):
    """One dated, frozen publication of the map for one audience. as_of: reports after it are not in it.

    folder: where its files lie (mapping.archives), named by their content. memory: what the partition of the next public
    release has to know of this one (mapping.public.partition.Kept); it is never published.
    """

    audience = models.CharField(max_length=12, choices=Audience.choices)
    as_of = models.DateTimeField()
    published_at = models.DateTimeField(default=timezone.now)
    folder = models.CharField(max_length=100, blank=True, editable=False)
    memory = models.JSONField(default=dict, editable=False)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        get_latest_by = "published_at"
        constraints = [
            models.UniqueConstraint(fields=["audience", "as_of"], name="one_release_per_audience_and_moment")
        ]

    def __str__(self) -> str:
        return f"{self.audience} {self.as_of:%Y-%m-%d %H:%M}"


class ReleaseFiles(models.Model):
    """Where the files of a volunteers' release lie for one territory (mapping.release_files)."""

    release = models.ForeignKey("mapping.Release", on_delete=models.CASCADE, related_name="files")
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="+")
    folder = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "territory"], name="files_once_per_release_and_area")]

    def __str__(self) -> str:
        return self.folder


class PublicPlace(models.Model):
    """One record of a public release: what everybody may know of a place, and no more (mapping.public.partition.Place).

    number: of the place within its commune, for its name. coverage: lower edge of the bucket of search coverage, per cent.
    count: reports of the month with noise, where a deployment publishes counts (mapping.public.counts).
    """

    release = models.ForeignKey("mapping.Release", on_delete=models.CASCADE, related_name="places")
    key = models.CharField(max_length=20)
    level = models.CharField(max_length=1)
    commune = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    coverage = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(null=True)
    outline = models.MultiPolygonField(srid=4326)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "key"], name="a_place_once_per_release")]

    def __str__(self) -> str:
        return self.key


class CountLedger(models.Model):
    """The budget of public counts: what was spent. number: which of the year's COUNTS_A_YEAR publications it was."""

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


class ZoneQuerySet(models.QuerySet["Zone"]):
    def live(self) -> Self:
        return self.filter(release=None)

    def of_release(self, release: "Release | None") -> Self:
        return self.filter(release=release)

    def within(self, territory: Territory) -> Self:
        return self.filter(territory__path__startswith=territory.path)


class Zone(models.Model):
    """Contiguous cells of one status in one territory.

    key: identity over recomputes (largest overlap); the same in every release. persons: expected people present, the
    sum of the cells' means; persons_low and persons_high: its 90 % interval. sweeps: mean X of its cells. chance: mean
    P. help_share: contacts given over contacts due by the norm. last_search: day of the last association search. pinned:
    an override decides the status, until pinned_until (of several overrides the first to end); computed: what the model
    says of most of its cells. cold: under a cold plan.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid.uuid4)
    release = models.ForeignKey("mapping.Release", on_delete=models.CASCADE, null=True, related_name="zones")
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="zones")
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    shape = models.MultiPolygonField(srid=4326)
    cells = models.PositiveIntegerField()
    persons = models.FloatField()
    persons_low = models.FloatField()
    persons_high = models.FloatField()
    sweeps = models.FloatField()
    chance = models.FloatField()
    help_share = models.FloatField()
    last_search = models.FloatField(null=True)
    citizen_share = models.FloatField(default=0)
    pinned = models.BooleanField(default=False)
    pinned_until = models.DateTimeField(null=True)
    computed = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NOT_SEARCHED)
    cold = models.BooleanField(default=False)
    model = models.ForeignKey("mapping.Parameters", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    derived_at = models.DateTimeField()

    objects = ZoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        indexes = [models.Index(fields=["territory", "status"], name="zone_territory_status")]
        constraints = [
            models.UniqueConstraint(fields=["release", "key"], name="a_zone_once_per_release", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.territory} {self.get_status_display()}"


class ParentCell(models.Model):
    """What a low zoom shows of the cells below one H3 cell of resolution 7 or 8. counts: cells of each status."""

    id = models.BigAutoField(primary_key=True)
    release = models.ForeignKey("mapping.Release", on_delete=models.CASCADE, null=True, related_name="+")
    cell = models.BigIntegerField()
    resolution = models.PositiveSmallIntegerField()
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    cells = models.PositiveIntegerField()
    outline = models.PolygonField(srid=4326)

    class Meta:
        indexes = [models.Index(fields=["resolution"], name="parentcell_resolution")]
        constraints = [
            models.UniqueConstraint(fields=["release", "cell"], name="a_parent_once_per_release", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class ZoneChange(models.Model):
    """One step in a zone's history. before: None when the zone was born; status: None when it ended."""

    zone = models.UUIDField()
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    before = models.PositiveSmallIntegerField(choices=Status.choices, null=True)
    status = models.PositiveSmallIntegerField(choices=Status.choices, null=True)
    pinned = models.BooleanField(default=False)
    cells = models.PositiveIntegerField()
    persons = models.FloatField()

    class Meta:
        ordering = ("at", "pk")
        indexes = [models.Index(fields=["zone", "at"], name="zonechange_zone")]

    def __str__(self) -> str:
        return f"{self.zone} {self.at:%Y-%m-%d %H:%M}"


class FieldNoteQuerySet(models.QuerySet["FieldNote"]):
    def current(self, now: datetime) -> Self:
        return self.filter(removed_at=None, at__lte=now, expires_at__gt=now)


class FieldNote(models.Model):
    """Text that its author pins to a place until it expires, shown beside figures. cell: where in the territory."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cell = models.BigIntegerField()
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("note"), max_length=1000)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="field_notes")
    association = models.ForeignKey("volunteers.Association", on_delete=models.PROTECT, related_name="field_notes")
    at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("shown until"))
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = FieldNoteQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("field note")
        verbose_name_plural = _("field notes")
        indexes = [models.Index(fields=["cell", "expires_at"], name="fieldnote_cell")]

    def __str__(self) -> str:
        return f"{self.territory} {self.at:%Y-%m-%d}"


class UnseenFigure(models.Model):
    """The headline, day by day: people estimated in cells without association search for 14 or 28 days.

    persons, low, high: the estimate and its 90 % interval. cells: how many such cells there are.
    """

    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="unseen")
    day = models.DateField()
    days = models.PositiveSmallIntegerField()
    persons = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    cells = models.PositiveIntegerField()

    class Meta:
        ordering = ("day",)
        constraints = [models.UniqueConstraint(fields=["territory", "day", "days"], name="one_unseen_figure_per_day")]

    def __str__(self) -> str:
        return f"{self.territory} {self.day} {self.days}"


class MonthlyNeed(models.Model):
    """How often a kind of need was named in a place in a month; no report, no identity. cell: H3 resolution 8."""

    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="monthly_needs")
    cell = models.BigIntegerField()
    month = models.DateField()
    kind = models.CharField(max_length=10)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cell", "month", "kind"], name="one_monthly_need_per_place_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.kind} {self.count}"


class ColdPlanQuerySet(models.QuerySet["ColdPlan"]):
    def active(self, now: datetime) -> Self:
        return self.filter(start__lte=now).filter(Q(end=None) | Q(end__gt=now))


class ColdPlan(models.Model):
    """A spell for which norm and expectations of a territory, and all below it, are other ones.

    norm_factor multiplies r* (contacts due per person and week), persons_factor m0 (people expected). temperature: what
    set it off, in °C, when a threshold did.
    """

    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="cold_plans")
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("until"), null=True, blank=True)
    norm_factor = models.FloatField(_("contacts due, times"), default=2.0)
    persons_factor = models.FloatField(_("people expected, times"), default=1.0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    temperature = models.FloatField(null=True, blank=True)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ColdPlanQuerySet.as_manager()

    class Meta:
        ordering = ("-start",)
        verbose_name = _("cold plan")
        verbose_name_plural = _("cold plans")

    def __str__(self) -> str:
        return f"{self.territory} {self.start:%Y-%m-%d}"


class ColdTrigger(models.Model):
    """A temperature at or below which a cold plan starts by itself (a webhook tells temperatures). key_hash: of the
    webhook's key. heard_at, heard_celsius: the latest reading. quiet_until: a plan that it started was ended early, so
    it starts none before then."""

    territory = models.OneToOneField("mapping.Territory", on_delete=models.CASCADE, related_name="cold_trigger")
    celsius = models.FloatField(_("starts at or below, °C"), default=-2.0)
    norm_factor = models.FloatField(default=2.0)
    persons_factor = models.FloatField(default=1.0)
    hours = models.PositiveSmallIntegerField(_("lasts for, hours"), default=48)
    key_hash = models.CharField(max_length=64, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    heard_celsius = models.FloatField(null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.territory} {self.celsius} °C"


class ZoneReport(models.Model):
    """What a zone report says, frozen when it is made, so that page and files print the same digits.

    payload: see mapping.reports.compose.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="reports")
    start = models.DateField()
    end = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    payload = models.JSONField()

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.territory} {self.start}–{self.end}"


class Export(models.Model):
    """A file being made by a worker, or made. done, total: rows, for the progress bar."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=ExportKind.choices)
    format = models.CharField(max_length=8, choices=ExportFormat.choices)
    report = models.ForeignKey("mapping.ZoneReport", on_delete=models.CASCADE, null=True, related_name="exports")
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="+")
    start = models.DateField()
    end = models.DateField()
    language = models.CharField(max_length=5, default="en")
    author = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=ExportState.choices, default=ExportState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    EXTENSIONS: ClassVar[dict[str, str]] = {"csv": "csv", "geojson": "geojson", "xlsx": "xlsx", "pdf": "pdf"}

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.kind} {self.format} {self.state}"

    @property
    def share(self) -> float:
        """Progress between 0 and 1."""
        if self.state == ExportState.DONE:
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0


class Parting(models.Model):
    """An association takes everything along: a file made by a worker; and, once it has the file, leaves.

    leaving_at: when it was confirmed that it leaves; the worker then erases it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="partings")
    asked_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=ExportState.choices, default=ExportState.WAITING)
    size = models.PositiveBigIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    photos = models.PositiveIntegerField(default=0)
    leaving_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("file of everything")
        verbose_name_plural = _("files of everything")

    def __str__(self) -> str:
        return f"{self.association} {self.state}"


class Recompute(models.Model):
    """A run over all cells: refresh, publication, reconcile. difference: largest one found by a reconcile."""

    job = models.CharField(max_length=12)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    cells = models.PositiveIntegerField(default=0)
    zones = models.PositiveIntegerField(default=0)
    difference = models.FloatField(null=True)

    class Meta:
        get_latest_by = "started_at"

    def __str__(self) -> str:
        return f"{self.job} {self.started_at:%Y-%m-%d %H:%M}"


def evidence_day(moment: datetime) -> float:
    """Days from 2020-01-01 UTC to an aware moment, the unit of Evidence.day and CellState.day."""
    return moment.timestamp() / 86400.0 - 18262.0
