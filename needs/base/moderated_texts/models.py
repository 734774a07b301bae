"""Models of needs.base.moderated_texts."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.moderation_codes import AppealOutcome, ContentKind, Outcome, ReportReason


class CaseQuerySet(models.QuerySet["ModerationCase"]):
    def undecided(self) -> Self:
        return self.filter(outcome="")

    def appealed(self) -> Self:
        """Cases with an appeal that waits for an answer."""
        return self.exclude(appealed_at=None).filter(appeal_outcome="")

    def waiting(self) -> Self:
        """Cases in which a moderator has something to decide."""
        return self.filter(Q(outcome="") | Q(appealed_at__isnull=False, appeal_outcome=""))

    def told_to(self, author: object) -> Self:
        """Cases that authors can see: hidden texts, and texts that wait for a moderator."""
        return self.filter(author=author).filter(Q(withheld=True) | ~Q(outcome__in=["", Outcome.KEPT]))


class ModerationCase(models.Model):
    """One text that was reported or held, with the decision of a moderator.

    key: the id of the text in its own table. author, association: the author and their association. territory: the
    territory whose coordinators decide; if None, administrators decide. withheld: True if only the author and
    moderators see the text now. held_at: the time at which the text was held because of a held word, before anybody saw
    it.
    digest: keyed digest of the text; a later report of the same text joins the case. holder: the moderator who reads it
    now, until held_until. reason, words: the message to the author. days: the number of days in which the author may
    not write.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=ContentKind.choices)
    key = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    association = models.ForeignKey("volunteers.Association", on_delete=models.SET_NULL, null=True, related_name="+")
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    held_at = models.DateTimeField(null=True)
    withheld = models.BooleanField(default=False)
    holder = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    holder_since = models.DateTimeField(null=True)
    holder_until = models.DateTimeField(null=True)
    passed_on_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=14, choices=ReportReason.choices, blank=True)
    words = models.CharField(_("a few words to the author"), max_length=300, blank=True)
    days = models.PositiveSmallIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    appeal = models.CharField(_("why the decision is wrong"), max_length=500, blank=True)
    appealed_at = models.DateTimeField(null=True)
    appeal_outcome = models.CharField(max_length=10, choices=AppealOutcome.choices, blank=True)
    appeal_decided_at = models.DateTimeField(null=True)
    appeal_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ("opened_at", "pk")
        indexes = [
            models.Index(fields=["kind", "key"], name="moderation_withheld", condition=Q(withheld=True)),
            models.Index(fields=["kind", "key", "-opened_at"], name="moderation_of_text"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key", "author"], condition=Q(outcome=""), nulls_distinct=False,
                name="one_open_case_per_text",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_appealed(self) -> bool:
        return self.appealed_at is not None and not self.appeal_outcome


def shown(kind: ContentKind) -> Q:
    """Rows that neither a held word nor a moderator keeps back, in any table with texts that can be reported."""
    key = Cast(OuterRef("pk"), CharField())
    return ~Q(Exists(ModerationCase.objects.filter(kind=kind, key=key, withheld=True)))


class ContentReport(models.Model):
    """Somebody reports a text. by: the account of the person who reported; None without an account. The name of the
    person who reported is never shown to anybody."""

    case = models.ForeignKey(ModerationCase, on_delete=models.CASCADE, related_name="reports")
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=14, choices=ReportReason.choices)
    words = models.CharField(_("in your words"), max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")
        constraints = [models.UniqueConstraint(fields=["case", "by"], name="a_case_reported_once_per_person")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.reason}"


class PersonBlock(models.Model):
    """A person blocks another person. The block works in both directions, and the other person is not told.

    association: the association to whose loans the block applies; without an association, the block is the person's
    own. kind: the kind of text that they wrote.
    """

    by = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="blocks")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    blocked = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=ContentKind.choices, default=ContentKind.LOAN)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["by", "association", "blocked"], nulls_distinct=False, name="a_person_blocked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by_id} {self.blocked_id}"


class WritingPause(models.Model):
    """A moderator decided that a person may not write until a given time."""

    case = models.OneToOneField(ModerationCase, on_delete=models.CASCADE, primary_key=True, related_name="pause")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="writing_pauses")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.until:%Y-%m-%d}"


class HeldWord(models.Model):
    """A word that keeps a text back until a person has read it.

    folded: the word in the form used for comparisons. language: the language of the word; "" for every language. whole:
    whether it counts only as a whole word.
    """

    word = models.CharField(_("word"), max_length=60)
    folded = models.CharField(max_length=80, editable=False)
    language = models.CharField(_("language"), max_length=8, blank=True)
    whole = models.BooleanField(_("only as a whole word"), default=True)
    added_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("language", "folded")
        constraints = [models.UniqueConstraint(fields=["folded", "language"], name="a_held_word_once")]

    def __str__(self) -> str:
        return self.word


class ModerationMonth(models.Model):
    """The figures of a month, counted while all its cases exist. month: the first day of the month.

    reported: number of cases that a report opened; held: number of cases that a held word opened. outcomes: number of
    cases by outcome. passed_on: number of cases that were passed on to administrators. appeals, overturned: number of
    appeals, and number of appeals that changed the decision. median_hours: the median time from the opening of a case
    to its decision; None without a decision.
    """

    month = models.DateField(primary_key=True)
    reported = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    outcomes = models.JSONField(default=dict)
    passed_on = models.PositiveIntegerField(default=0)
    appeals = models.PositiveIntegerField(default=0)
    overturned = models.PositiveIntegerField(default=0)
    median_hours = models.FloatField(null=True)

    class Meta:
        ordering = ("-month",)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


def decided_before(limit: datetime) -> Q:
    """Cases that were decided before a given time and have no appeal that waits or was decided later, and undecided
    cases that were opened before this time."""
    over = Q(decided_at__lt=limit) & (Q(appealed_at=None) | Q(appeal_decided_at__lt=limit))
    return over | Q(outcome="", opened_at__lt=limit)
