"""What the field files: tours, encounters, citizen reports, aid."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import Category, Channel, TourMode
from needs.models.report import Report, ReportQuerySet, indexes
from volunteers.models import Membership, User


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
    question_set: the version of the association's own questions that was asked. answers: to them, by the question's key:
    yes or no, a whole number, or the position of a choice; answers_in_words: those in words, deleted like notes.
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
    question_set = models.ForeignKey(
        "needs.QuestionSet", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="encounters"
    )
    answers = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    answers_in_words = models.JSONField(default=dict, db_default={}, blank=True, editable=False)

    objects = EncounterQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("encounter")
        verbose_name_plural = _("encounters")
        indexes = [*indexes("encounter"), models.Index(fields=["tour"], name="encounter_tour")]

    def __str__(self) -> str:
        return f"{self.association} {self.at:%Y-%m-%d %H:%M}"


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
        indexes = indexes("citizenreport")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


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
        indexes = indexes("aid")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


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
