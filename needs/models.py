"""What was seen and what was asked for: tours, encounters, citizen reports, needs, aid, commitments, imports.

The tables of this module are the ledger. Every report carries an id minted by whoever filed it (idempotent by
constraint) and a hash of its content (a second filing with other content is a conflict).
"""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import (
    UNFINISHED_STATES,
    Category,
    Channel,
    CommitmentState,
    NeedState,
    Origin,
    TourMode,
    Urgency,
)
from volunteers.models import Membership, User


class ReportQuerySet[ModelT: models.Model](models.QuerySet[ModelT]):
    """What all kinds of report can be asked."""

    def live(self) -> Self:
        """Reports that were not retracted."""
        return self.filter(retracted_at=None)

    def between(self, start: datetime, end: datetime) -> Self:
        """Reports of things that happened in [start, end)."""
        return self.filter(at__gte=start, at__lt=end)

    def in_cells(self, cells: list[int]) -> Self:
        """Reports that lie in the given H3 cells of resolution 9."""
        return self.filter(cell__in=cells)

    def with_old_points(self, now: datetime) -> Self:
        """Reports whose exact point has outlived its purpose (privacy.md, "Retention")."""
        limit = now - timedelta(hours=settings.EXACT_POINT_HOURS)
        return self.filter(filed_at__lt=limit, archive=False).exclude(point=None)

    def with_old_fine_cells(self, now: datetime) -> Self:
        limit = now - timedelta(days=settings.FINE_CELL_DAYS)
        return self.filter(filed_at__lt=limit, archive=False).exclude(fine_cell=None)


class Report(models.Model):
    """What every report has.

    at: when it happened. point: the exact place, kept for EXACT_POINT_HOURS. fine_cell: H3 resolution 10, kept for
    FINE_CELL_DAYS. cell: H3 resolution 9, kept as long as the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(_("when"))
    filed_at = models.DateTimeField(default=timezone.now, editable=False)
    point = models.PointField(_("place"), geography=True, null=True, blank=True, spatial_index=False)
    fine_cell = models.BigIntegerField(null=True, blank=True, editable=False)
    cell = models.BigIntegerField(null=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.WEB)
    archive = models.BooleanField(_("archive, exempt from retention"), default=False)
    retracted_at = models.DateTimeField(null=True, blank=True)
    run = models.ForeignKey("needs.ImportRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


def _indexes(name: str) -> list[models.Index]:
    return [
        models.Index(fields=["cell", "at"], name=f"{name}_cell_at"),
        models.Index(fields=["at"], name=f"{name}_at"),
    ]


class TourQuerySet(ReportQuerySet["Tour"]):
    def open(self) -> Self:
        return self.live().filter(ended_at=None)

    def of_associations(self, user: User) -> Self:
        """Tours of the associations that the person is a current member of."""
        return self.filter(association__in=Membership.objects.current().filter(user=user).values("association"))

    def lately(self, since: datetime) -> Self:
        """Tours that are open, or ended after a moment; the latest first."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gte=since)).order_by("-at")

    def for_list(self) -> Self:
        """Tours with their association and the number of encounters, open ones first, then the latest."""
        count = models.Count("encounters", filter=Q(encounters__retracted_at=None))
        return (
            self.live()
            .select_related("association")
            .annotate(met=count, is_over=models.ExpressionWrapper(~Q(ended_at=None), models.BooleanField()))
            .order_by("is_over", "-at")
        )


class Tour(models.Model):
    """A walk (FR: maraude): the record of search effort, also when nobody was met."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    association = models.ForeignKey("volunteers.Association", on_delete=models.PROTECT, related_name="tours")
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="tours_started")
    walkers = models.PositiveSmallIntegerField(_("how many of you"), default=2)
    mode = models.CharField(_("how"), max_length=8, choices=TourMode.choices, default=TourMode.FOOT)
    at = models.DateTimeField(_("start"))
    ended_at = models.DateTimeField(_("end"), null=True, blank=True)
    line = models.LineStringField(_("line drawn"), geography=True, null=True, blank=True, spatial_index=False)
    filed_at = models.DateTimeField(default=timezone.now, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.WEB)
    archive = models.BooleanField(default=False)
    retracted_at = models.DateTimeField(null=True, blank=True)
    run = models.ForeignKey("needs.ImportRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = TourQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("tour")
        verbose_name_plural = _("tours")
        indexes = [models.Index(fields=["at"], name="tour_at")]

    def __str__(self) -> str:
        return f"{self.association} {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.retracted_at is None


class TourCell(models.Model):
    """One cell of a tour. minutes: time spent in it; None when the tour logged no time."""

    tour = models.ForeignKey("needs.Tour", on_delete=models.CASCADE, related_name="cells")
    cell = models.BigIntegerField()
    minutes = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tour", "cell"], name="a_cell_once_per_tour"),
            models.CheckConstraint(condition=Q(minutes=None) | Q(minutes__gte=0), name="tour_minutes_not_negative"),
        ]
        indexes = [models.Index(fields=["cell"], name="tourcell_cell")]

    def __str__(self) -> str:
        return f"{self.tour_id} {self.cell:x}"


class EncounterQuerySet(ReportQuerySet["Encounter"]):
    def of_associations(self, user: User) -> Self:
        """Encounters of the associations that the person is a current member of."""
        return self.filter(association__in=Membership.objects.current().filter(user=user).values("association"))

    def retractable_by(self, user: User) -> Self:
        """Encounters that the person may take back: their own, and all of the associations they dispatch for."""
        mine = Membership.objects.current().filter(user=user).values("association")
        dispatched = Membership.objects.dispatching().filter(user=user).values("association")
        return self.live().filter(Q(author=user, association__in=mine) | Q(association__in=dispatched))

    def for_list(self, since: datetime) -> Self:
        """Encounters since a moment with what a list shows of them, the latest first."""
        return self.live().filter(at__gte=since).select_related("association", "author", "tour").order_by("-at")

    def recent_points(self, now: datetime) -> Self:
        """Encounters whose exact point an association still sees: the last EXACT_POINT_HOURS."""
        return self.live().filter(filed_at__gte=now - timedelta(hours=settings.EXACT_POINT_HOURS))


class Encounter(Report):
    """People met in the street, or nobody. No names.

    persons: people met. contacts: how many of them received something. minutes: time looked around, outside a tour.
    """

    association = models.ForeignKey("volunteers.Association", on_delete=models.PROTECT, related_name="encounters")
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="encounters")
    tour = models.ForeignKey("needs.Tour", on_delete=models.SET_NULL, null=True, blank=True, related_name="encounters")
    persons = models.PositiveSmallIntegerField(_("people met"), default=1)
    contacts = models.PositiveSmallIntegerField(_("people helped"), default=0)
    minutes = models.FloatField(_("minutes looked around"), null=True, blank=True)
    asked = ArrayField(models.CharField(max_length=10, choices=Category.choices), default=list, blank=True)
    given = ArrayField(models.CharField(max_length=10, choices=Category.choices), default=list, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    note_pinned = models.BooleanField(_("share the note as a field note"), default=False)
    consent = models.BooleanField(_("the people met agree that this is noted"), default=False)
    place_text = models.CharField(_("where, in words"), max_length=300, blank=True, db_default="")

    objects = EncounterQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("encounter")
        verbose_name_plural = _("encounters")
        indexes = [*_indexes("encounter"), models.Index(fields=["tour"], name="encounter_tour")]

    def __str__(self) -> str:
        return f"{self.association} {self.at:%Y-%m-%d %H:%M}"


class PlannedTourQuerySet(models.QuerySet["PlannedTour"]):
    def of_associations(self, user: User) -> Self:
        """Plans of the associations that the person is a current member of."""
        return self.filter(association__in=Membership.objects.current().filter(user=user).values("association"))

    def for_list(self) -> Self:
        """Plans with their association and how many places are taken."""
        return self.select_related("association", "tour").annotate(seats_taken=models.Count("taken"))

    def coming(self, now: datetime) -> Self:
        """Plans that are not over yet, the next one first."""
        return self.filter(cancelled_at=None, start__gt=now - timedelta(hours=6)).order_by("start")

    def on(self, start: datetime, end: datetime) -> Self:
        """Plans that start in [start, end)."""
        return self.filter(cancelled_at=None, start__gte=start, start__lt=end)


class PlannedTour(models.Model):
    """A tour before it is walked. cells: where it goes, H3 resolution 9, in the order they are walked.

    seats: places left open for volunteers. repeats: the plan comes back every week; series: what its repetitions share.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="planned_tours")
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    start = models.DateTimeField(_("start"))
    minutes = models.PositiveSmallIntegerField(_("minutes in all"), default=120)
    mode = models.CharField(_("how"), max_length=8, choices=TourMode.choices, default=TourMode.FOOT)
    cells = ArrayField(models.BigIntegerField(), default=list)
    seats = models.PositiveSmallIntegerField(_("places for volunteers"), default=0)
    repeats = models.BooleanField(_("every week"), default=False)
    series = models.UUIDField(default=uuid.uuid4)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    tour = models.OneToOneField("needs.Tour", on_delete=models.SET_NULL, null=True, blank=True, related_name="plan")

    objects = PlannedTourQuerySet.as_manager()

    class Meta:
        ordering = ("start",)
        verbose_name = _("planned tour")
        verbose_name_plural = _("planned tours")
        constraints = [models.UniqueConstraint(fields=["series", "start"], name="a_plan_once_per_series_and_start")]

    def __str__(self) -> str:
        return f"{self.association} {self.start:%Y-%m-%d %H:%M}"


class Seat(models.Model):
    """A volunteer's place in a planned tour."""

    plan = models.ForeignKey("needs.PlannedTour", on_delete=models.CASCADE, related_name="taken")
    volunteer = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="seats")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "volunteer"], name="one_seat_per_volunteer")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.volunteer_id}"


class CitizenReportQuerySet(ReportQuerySet["CitizenReport"]):
    pass


class CitizenReport(Report):
    """Somebody without an association saw that people are there. source: a pseudonym, never a person."""

    source = models.CharField(max_length=64)
    with_account = models.BooleanField(default=False)
    persons = models.PositiveSmallIntegerField(default=1)
    text = models.TextField(blank=True, max_length=5000)
    reference = models.CharField(_("number in the imported file"), max_length=80, blank=True)

    objects = CitizenReportQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("citizen report")
        verbose_name_plural = _("citizen reports")
        indexes = _indexes("citizenreport")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class NeedQuerySet(ReportQuerySet["Need"]):
    def unfinished(self) -> Self:
        return self.live().filter(state__in=UNFINISHED_STATES)

    def for_triage(self) -> Self:
        """What a dispatcher has to look at, the most urgent and oldest first."""
        order = models.Case(
            models.When(urgency=Urgency.NOW, then=0), models.When(urgency=Urgency.SOON, then=1), default=2
        )
        return self.unfinished().alias(order=order).order_by("order", "at")

    def held(self) -> Self:
        """Needs that wait for a moderator."""
        return self.live().filter(state=NeedState.HELD)

    def followed_by(self, hashed: str) -> Self:
        """The need of a private follow-up link. hashed: SHA-256 of the link's token (filing.follow_hash)."""
        return self.exclude(follow_hash="").filter(follow_hash=hashed)


class Need(Report):
    """Something asked for, by a citizen, the person concerned or an association.

    kinds: categories asked for, the first one leads. contact: encrypted; dispatchers alone see it (contacts.py).
    follow_hash: SHA-256 of the private follow-up link's token, which is stored nowhere.
    """

    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.CITIZEN)
    source = models.CharField(max_length=64, blank=True)
    with_account = models.BooleanField(default=False)
    author = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="needs"
    )
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.PROTECT, null=True, blank=True, related_name="needs"
    )
    encounter = models.ForeignKey(
        "needs.Encounter", on_delete=models.SET_NULL, null=True, blank=True, related_name="needs"
    )
    kinds = ArrayField(models.CharField(max_length=10, choices=Category.choices), default=list)
    urgency = models.CharField(_("how urgent"), max_length=6, choices=Urgency.choices, default=Urgency.SOON)
    persons = models.PositiveSmallIntegerField(_("for how many people"), default=1)
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField(_("in your words"), blank=True, max_length=20000)
    place_text = models.CharField(_("where, in words"), max_length=300, blank=True)
    contact = models.BinaryField(null=True, blank=True, editable=False)
    follow_hash = models.CharField(max_length=64, blank=True, editable=False)
    reference = models.CharField(_("number in the imported file"), max_length=80, blank=True)
    state = models.CharField(max_length=10, choices=NeedState.choices, default=NeedState.NEW)
    state_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        indexes = [
            *_indexes("need"),
            models.Index(fields=["state", "at"], name="need_state_at"),
            models.Index(fields=["follow_hash"], name="need_follow", condition=~Q(follow_hash="")),
        ]

    def __str__(self) -> str:
        return f"{'/'.join(self.kinds)} {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED_STATES


class NeedStep(models.Model):
    """One step of a need's way, shown to whoever filed it."""

    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=10, choices=NeedState.choices)
    at = models.DateTimeField(default=timezone.now)
    by_reporter = models.BooleanField(default=False)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.need_id} {self.state}"


class AidQuerySet(ReportQuerySet["Aid"]):
    pass


class Aid(Report):
    """Help that reached people without an encounter: a commitment kept, a meal served. contacts: people helped."""

    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.PROTECT, null=True, blank=True, related_name="aid"
    )
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="aid")
    need = models.ForeignKey("needs.Need", on_delete=models.SET_NULL, null=True, blank=True, related_name="aid")
    contacts = models.PositiveSmallIntegerField(default=1)
    given = ArrayField(models.CharField(max_length=10, choices=Category.choices), default=list, blank=True)

    objects = AidQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("aid")
        verbose_name_plural = _("aid")
        indexes = _indexes("aid")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Commitment(models.Model):
    """A volunteer or association takes a need, wholly or in part, until a visible expiry."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="commitments")
    volunteer = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="commitments")
    association = models.ForeignKey("volunteers.Association", on_delete=models.SET_NULL, null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=CommitmentState.choices, default=CommitmentState.ACTIVE)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        constraints = [
            models.UniqueConstraint(fields=["need"], condition=Q(state="active"), name="one_active_commitment_per_need")
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.state}"


class Retraction(models.Model):
    """A report taken back by its author; the evidence is subtracted exactly."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.PositiveSmallIntegerField()
    report = models.UUIDField()
    at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "report"], name="one_retraction_per_report")]

    def __str__(self) -> str:
        return f"{self.kind} {self.report}"


class ImportRun(models.Model):
    """One reading of one file. Its totals balance: rows = accepted + repaired + refused + known."""

    profile = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    association = models.ForeignKey("volunteers.Association", on_delete=models.PROTECT, null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    dry_run = models.BooleanField(default=False)
    rows = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    repaired = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=dict)

    class Meta:
        ordering = ("-started_at",)
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.profile} {self.file_name}"
