"""Models of mapping.out.scheduled_reports."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from mapping.enums import OverReason, Rhythm, ScheduledContent
from volunteers.models import Territory, User

NOT_WANTED = ("paused", "duty", "stopped", "no access", "too many", "no file", "no counters")
"""Failures of a mail that are no sign of a failure of the mail server."""


class ReportScheduleQuerySet(models.QuerySet["ReportSchedule"]):
    def active(self) -> Self:
        return self.filter(over_at=None, paused_at=None)

    def due(self, now: datetime) -> Self:
        """Active schedules with a mail that is due."""
        return self.active().filter(next_at__lte=now)


class ReportSchedule(models.Model):
    """The content and the days of regular mails about a territory. Scheduled reports have the rights of their author,
    who coordinates the territory.

    day: the weekday (0 is Monday) or the day of the month (1 to 31). hour: the hour of the day, in the site's time
    zone. addressee: a line on the cover of the PDF. next_at: the time of the next mail; None while nothing is sent.
    over_at: the time at which the schedule ended; nothing is sent after that until somebody renews it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="report_schedules")
    content = models.CharField(max_length=8, choices=ScheduledContent.choices)
    format = models.CharField(max_length=8, blank=True)  # an ExportFormat, without choices
    rhythm = models.CharField(max_length=5, choices=Rhythm.choices)
    day = models.PositiveSmallIntegerField()
    hour = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=5)
    addressee = models.CharField(max_length=120, blank=True)
    ends_on = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)
    over_reason = models.CharField(max_length=6, choices=OverReason.choices, blank=True)

    objects = ReportScheduleQuerySet.as_manager()

    class Meta:
        ordering = ("territory__path", "made_at")
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=23), name="report_schedule_hour"),
            models.CheckConstraint(
                condition=Q(rhythm="week", day__lte=6) | Q(rhythm="month", day__gte=1, day__lte=31),
                name="report_schedule_day",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], name="report_schedule_next", condition=~Q(next_at=None))]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.content} {self.rhythm} {self.day}"

    @property
    def halted(self) -> bool:
        """Whether waiting mails must no longer be sent. If only the last day has passed, they are still sent."""
        return self.paused_at is not None or self.over_reason in (OverReason.PERSON, OverReason.DUTY)


class ScheduleRecipient(models.Model):
    """A person who gets a scheduled report.

    user: an account that may open the linked page; None for a person without an account, who gets the PDF. address: the
    encrypted address; None two weeks after the person has stopped the mails. digest: a keyed hash of the mailbox.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    schedule = models.ForeignKey(ReportSchedule, on_delete=models.CASCADE, related_name="recipients")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80)
    address = models.BinaryField(null=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    made_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("made_at", "pk")
        constraints = [models.UniqueConstraint(fields=["schedule", "digest"], name="one_recipient_per_schedule")]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.pk}"


class StoppedMailbox(models.Model):
    """A mailbox of a person who stopped a scheduled report: nobody can add the mailbox to another scheduled report.
    Only a keyed hash is stored."""

    digest = models.CharField(max_length=64, primary_key=True, editable=False)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.digest[:8]


class ReportRun(models.Model):
    """One due date of a schedule, or one time that somebody sent it by hand.

    start, end: the days that the report covers. report, pdf: the mailed report and its PDF; the PDF is deleted after
    the last mail. The columns from not_before on are explained in volunteers.people.notifications.delivery; sent_at: when the
    mails were stored.
    """

    schedule = models.ForeignKey(ReportSchedule, on_delete=models.CASCADE, related_name="runs")
    due_at = models.DateTimeField()
    by_hand = models.BooleanField(default=False)
    start = models.DateField()
    end = models.DateField()
    report = models.ForeignKey("mapping.ZoneReport", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    pdf = models.BinaryField(null=True, editable=False)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("-due_at",)
        constraints = [models.UniqueConstraint(fields=["schedule", "due_at"], name="one_report_run_per_due_date")]
        indexes = [
            models.Index(fields=["not_before"], name="report_run_waiting", condition=Q(sent_at=None, failed_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.due_at:%Y-%m-%d}"


class ReportMail(models.Model):
    """One mail to one recipient. The mail is stored with the result of the run; a worker sends it.

    id: id of the mail and also its Message-ID, so that a mail program shows a repeated mail only once. export: the
    recipient's own file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(ReportRun, on_delete=models.CASCADE, related_name="mails")
    recipient = models.ForeignKey(ScheduleRecipient, on_delete=models.CASCADE, related_name="mails")
    export = models.ForeignKey("mapping.Export", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "recipient"], name="one_report_mail_per_recipient")]
        indexes = [
            models.Index(fields=["not_before"], name="report_mail_waiting", condition=Q(sent_at=None, failed_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.recipient_id}"
