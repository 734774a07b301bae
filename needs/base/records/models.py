"""Models of needs.base.records."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import (
    TAKEABLE_STATES,
    UNFINISHED_STATES,
    Actor,
    Category,
    Channel,
    NeedState,
    Origin,
    OutcomeReason,
    Urgency,
)
from solidarity.lib.database.region import region_field
from volunteers.people.accounts.models import User
from volunteers.people.associations.models import Membership, Vouch

CORRECTION_TIME = timedelta(hours=72)
"""Time after filing in which an encounter can be corrected."""
LISTED_FOR = timedelta(days=60)
"""Time for which reports are in the reader's list of reports."""


class ReportQuerySet[ModelT: models.Model](models.QuerySet[ModelT]):
    """Queries of all kinds of report."""

    def live(self) -> Self:
        """Reports that were not retracted."""
        return self.filter(retracted_at=None)

    def between(self, start: datetime, end: datetime) -> Self:
        """Reports of events in [start, end)."""
        return self.filter(at__gte=start, at__lt=end)


class Report(models.Model):
    """Columns of every report.

    at: the time at which the reported event happened. point: the exact place, deleted after EXACT_POINT_HOURS.
    fine_cell: H3 resolution 10, deleted after FINE_CELL_DAYS. cell: H3 resolution 9.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(_("when"))
    filed_at = models.DateTimeField(_("filed"), default=timezone.now, editable=False)
    point = models.PointField(_("place"), geography=True, null=True, blank=True, spatial_index=False)
    fine_cell = models.BigIntegerField(null=True, blank=True, editable=False)
    cell = models.BigIntegerField(null=True, editable=False)
    region = region_field("cell")
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.WEB)
    archive = models.BooleanField(_("archive, exempt from retention"), default=False)
    retracted_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    run = models.ForeignKey("needs.ImportRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


def indexes(name: str) -> list[models.Index]:
    """Return the indexes that every kind of report has."""
    return [models.Index(fields=["cell", "at"], name=f"{name}_cell_at"), models.Index(fields=["at"], name=f"{name}_at")]


class EncounterQuerySet(ReportQuerySet["Encounter"]):
    def of_associations(self, user: User) -> Self:
        """Encounters of the associations that the user is a current member of."""
        return self.filter(association__in=Membership.objects.current().filter(user=user).values("association"))

    def correctable_by(self, user: User, now: datetime) -> Self:
        """Encounters that the user may correct: the encounters of ``retractable_by``, but only for CORRECTION_TIME
        after filing."""
        return self.retractable_by(user).filter(filed_at__gte=now - CORRECTION_TIME)

    def retractable_by(self, user: User) -> Self:
        """Encounters that the user may retract: their own encounters, and all encounters of the associations for which
        they dispatch."""
        mine = Membership.objects.current().filter(user=user).values("association")
        dispatched = Membership.objects.dispatching().filter(user=user).values("association")
        return self.live().filter(Q(author=user, association__in=mine) | Q(association__in=dispatched))

    def for_list(self, since: datetime) -> Self:
        """Encounters since a datetime, with the related rows that lists show, the latest first."""
        return self.live().filter(at__gte=since).select_related("association", "author", "tour").order_by("-at")

    def listed_for(self, user: User, now: datetime) -> Self:
        """Encounters in a member's list of reports, the latest first."""
        return self.of_associations(user).for_list(now - LISTED_FOR)

    def recent_points(self, now: datetime) -> Self:
        """Encounters of the last EXACT_POINT_HOURS. Members of their association may see the exact points."""
        return self.live().filter(filed_at__gte=now - timedelta(hours=settings.EXACT_POINT_HOURS))


class Encounter(Report):
    """People met in the street, or nobody. No names.

    persons: number of people met. contacts: number of the people met who received something. minutes: number of minutes
    spent searching outside a tour. question_set: the version of the association's custom questions that was asked.
    answers: by question key: yes or no, a whole number, or the position of a choice. answers_in_words: free-text
    answers, deleted like notes.
    """

    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.PROTECT, related_name="encounters", verbose_name=_("association")
    )
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="encounters")
    tour = models.ForeignKey("needs.Tour", on_delete=models.SET_NULL, null=True, blank=True, related_name="encounters")
    persons = models.PositiveSmallIntegerField(_("people met"), default=1)
    contacts = models.PositiveSmallIntegerField(_("people helped"), default=0)
    minutes = models.FloatField(_("minutes spent looking"), null=True, blank=True)
    asked = ArrayField(
        models.CharField(max_length=10, choices=Category.choices), default=list, blank=True, verbose_name=_("asked for")
    )
    given = ArrayField(
        models.CharField(max_length=10, choices=Category.choices), default=list, blank=True, verbose_name=_("given")
    )
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
        indexes = indexes("encounter")

    def __str__(self) -> str:
        return f"{self.association} {self.at:%Y-%m-%d %H:%M}"


class CitizenReportQuerySet(ReportQuerySet["CitizenReport"]):
    pass


class CitizenReport(Report):
    """People seen by somebody without an association. source: a pseudonym."""

    source = models.CharField(max_length=64)
    with_account = models.BooleanField(_("with an account"), default=False)
    persons = models.PositiveSmallIntegerField(_("people seen"), default=1)
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
    """Help without an encounter, such as a fulfilled commitment or a meal. contacts: number of people helped."""

    association = models.ForeignKey(
        "volunteers.Association",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="aid",
        verbose_name=_("association"),
    )
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="aid")
    need = models.ForeignKey("needs.Need", on_delete=models.SET_NULL, null=True, blank=True, related_name="aid")
    contacts = models.PositiveSmallIntegerField(_("people helped"), default=1)
    given = ArrayField(
        models.CharField(max_length=10, choices=Category.choices), default=list, blank=True, verbose_name=_("given")
    )

    objects = AidQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("aid")
        verbose_name_plural = _("aid")
        indexes = indexes("aid")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Retraction(models.Model):
    """Retraction of a report; its evidence is subtracted exactly."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.PositiveSmallIntegerField(_("kind of report"))
    report = models.UUIDField(_("report"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    author = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("author")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("retraction")
        verbose_name_plural = _("retractions")
        constraints = [models.UniqueConstraint(fields=["kind", "report"], name="one_retraction_per_report")]

    def __str__(self) -> str:
        return f"{self.kind} {self.report}"


class NeedQuerySet(ReportQuerySet["Need"]):
    def unfinished(self) -> Self:
        return self.live().filter(state__in=UNFINISHED_STATES)

    def without_alarm(self) -> Self:
        """Needs without an unacknowledged danger alarm. Only these needs are shown to volunteers and the public."""
        return self.filter(Q(danger_alarm__isnull=True) | Q(danger_alarm__acknowledged_at__isnull=False))

    def takeable(self) -> Self:
        """Needs that volunteers and associations can take, wholly or in part."""
        return self.live().without_alarm().filter(state__in=TAKEABLE_STATES)

    def confirmed_for(self, author: int) -> Self:
        """An author's needs that somebody else verified or helped with, whom an association knows: a second throw-away
        account cannot confirm the reports of the first."""
        known = Q(by__in=Membership.objects.current().values("user")) | Q(by__in=Vouch.objects.current().values("user"))
        states = (NeedState.VERIFIED, NeedState.PARTLY_MET, NeedState.MET)
        steps = NeedStep.objects.filter(known, need=OuterRef("pk"), state__in=states, by_reporter=False)
        not_said = (OutcomeReason.SOLVED_ITSELF, OutcomeReason.BY_OTHERS)
        return self.live().filter(Exists(steps.exclude(by=author).exclude(reason__in=not_said)), author=author)

    def held(self) -> Self:
        """Needs that wait for a moderator."""
        return self.live().filter(state=NeedState.HELD)

    def followed_by(self, hashed: str) -> Self:
        """The need of a private follow-up link. hashed: SHA-256 of the link's token (filing.follow_hash)."""
        return self.exclude(follow_hash="").filter(follow_hash=hashed)


class Need(Report):
    """A need, reported by a citizen, the person concerned or an association.

    kinds: categories asked for, the main one first. met_kinds: the kinds that were already met. contact: the encrypted
    contact of the reporter; only dispatchers see it. follow_hash: SHA-256 of the private follow-up link's token, which
    itself is not stored. with_account: whether the sender's account counted as a source of its own (intake.Sender).

    A need has one of these places: a cell; a district, if a dispatcher knows only that; place_unknown, if nobody knows
    the place; or none of them, until a dispatcher has looked up the place in words.
    """

    origin = models.CharField(_("who reports"), max_length=10, choices=Origin.choices, default=Origin.CITIZEN)
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
    kinds = ArrayField(
        models.CharField(max_length=10, choices=Category.choices), default=list, verbose_name=_("kinds of help")
    )
    urgency = models.CharField(_("how urgent"), max_length=6, choices=Urgency.choices, default=Urgency.SOON)
    persons = models.PositiveSmallIntegerField(_("for how many people"), default=1)
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField(_("in your words"), blank=True, max_length=20000)
    place_text = models.CharField(_("where, in words"), max_length=300, blank=True)
    district = models.ForeignKey(
        "volunteers.Territory", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    place_unknown = models.BooleanField(default=False, db_default=False, editable=False)
    contact = models.BinaryField(null=True, blank=True, editable=False)
    follow_hash = models.CharField(max_length=64, blank=True, editable=False)
    reference = models.CharField(_("number in the imported file"), max_length=80, blank=True)
    met_kinds = ArrayField(
        models.CharField(max_length=10, choices=Category.choices),
        default=list,
        db_default=[],
        blank=True,
        editable=False,
    )
    crisis = models.ForeignKey(
        "needs.Crisis", on_delete=models.SET_NULL, null=True, blank=True, related_name="needs", editable=False
    )
    crisis_category = models.ForeignKey(
        "needs.CrisisCategory", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    site_categories = ArrayField(models.IntegerField(), default=list, db_default=[], blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=NeedState.choices, default=NeedState.NEW)
    state_at = models.DateTimeField(_("in this state since"), default=timezone.now, editable=False)
    first_opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    escalated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        indexes = [
            *indexes("need"),
            models.Index(fields=["state", "at"], name="need_state_at"),
            models.Index(fields=["follow_hash"], name="need_follow", condition=~Q(follow_hash="")),
            models.Index(fields=["crisis", "at"], name="need_crisis_at", condition=~Q(crisis=None)),
        ]

    def __str__(self) -> str:
        return f"{'/'.join(self.kinds)} {self.at:%Y-%m-%d %H:%M}"

    @property
    def lacks_place(self) -> bool:
        """Whether a dispatcher still has to look up the place, or to record that nobody knows it."""
        return self.cell is None and self.district_id is None and not self.place_unknown

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED_STATES


class NeedStep(models.Model):
    """One step of a need, shown to its reporter.

    before: the previous state; empty for the first step. text: the dispatcher's own words, never shown to the reporter.
    actor: the person or program that acted; empty for the first step and for steps that were imported.
    """

    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="steps")
    before = models.CharField(max_length=10, choices=NeedState.choices, blank=True)
    state = models.CharField(max_length=10, choices=NeedState.choices)
    at = models.DateTimeField(default=timezone.now)
    by_reporter = models.BooleanField(default=False)
    actor = models.CharField(max_length=10, choices=Actor.choices, blank=True, db_default="")
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(_("why"), max_length=20, choices=OutcomeReason.choices, blank=True)
    text = models.TextField(_("in your words"), max_length=1000, blank=True)

    class Meta:
        ordering = ("at", "pk")
        indexes = [models.Index(fields=["need", "at"], name="needstep_need_at")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.state}"
