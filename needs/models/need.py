"""Needs, their steps and photos."""

import uuid
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import TAKEABLE_STATES, UNFINISHED_STATES, Category, NeedState, Origin, OutcomeReason, Urgency
from needs.models.report import Report, ReportQuerySet, indexes


class NeedQuerySet(ReportQuerySet["Need"]):
    def unfinished(self) -> Self:
        return self.live().filter(state__in=UNFINISHED_STATES)

    def in_order(self) -> Self:
        """The most urgent first, then the oldest."""
        order = models.Case(
            models.When(urgency=Urgency.NOW, then=0), models.When(urgency=Urgency.SOON, then=1), default=2
        )
        return self.alias(order=order).order_by("order", "at", "pk")

    def for_triage(self) -> Self:
        """What a dispatcher has to look at, the most urgent and oldest first."""
        return self.unfinished().in_order()

    def takeable(self) -> Self:
        """What volunteers and associations can take, wholly or in part."""
        return self.live().filter(state__in=TAKEABLE_STATES)

    def held(self) -> Self:
        """Needs that wait for a moderator."""
        return self.live().filter(state=NeedState.HELD)

    def followed_by(self, hashed: str) -> Self:
        """The need of a private follow-up link. hashed: SHA-256 of the link's token (filing.follow_hash)."""
        return self.exclude(follow_hash="").filter(follow_hash=hashed)


class Need(Report):
    """Something asked for, by a citizen, the person concerned or an association.

    kinds: categories asked for, the first one leads. met_kinds: those that were met. contact: encrypted; dispatchers
    alone see it (contacts.py). follow_hash: SHA-256 of the private follow-up link's token, which is stored nowhere.
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
    state = models.CharField(max_length=10, choices=NeedState.choices, default=NeedState.NEW)
    state_at = models.DateTimeField(default=timezone.now, editable=False)

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
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED_STATES


class NeedStep(models.Model):
    """One step of a need's way, shown to whoever filed it.

    before: the state it came from; empty for the first step. reason: a coded outcome or failure (enums.OutcomeReason).
    text: the dispatcher's own words, never shown to the reporter.
    """

    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="steps")
    before = models.CharField(max_length=10, choices=NeedState.choices, blank=True)
    state = models.CharField(max_length=10, choices=NeedState.choices)
    at = models.DateTimeField(default=timezone.now)
    by_reporter = models.BooleanField(default=False)
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(_("why"), max_length=20, choices=OutcomeReason.choices, blank=True)
    text = models.TextField(_("in your words"), max_length=1000, blank=True)

    class Meta:
        ordering = ("at", "pk")
        indexes = [models.Index(fields=["need", "at"], name="needstep_need_at")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.state}"


class NeedPhoto(models.Model):
    """A photo of a need, encoded anew: no position, no original, no thumbnail of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="photos")
    image = models.ImageField(upload_to="needs/%Y/%m/")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("made_at", "pk")

    def __str__(self) -> str:
        return f"{self.need_id} {self.pk}"
