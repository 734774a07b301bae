"""Models of needs.reports.danger."""

import uuid
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import AlarmSource, AlarmStep, ReporterAnswer, WordsWay
from solidarity.lib.danger_words.flags import DangerFlag


class DangerAlarmQuerySet(models.QuerySet["DangerAlarm"]):
    def live(self) -> Self:
        """Alarms of reports that were not retracted."""
        return self.exclude(need__retracted_at__isnull=False).exclude(encounter__retracted_at__isnull=False)

    def waiting(self) -> Self:
        """Alarms of live reports that nobody has acknowledged."""
        return self.live().filter(acknowledged_at=None)


class DangerAlarm(models.Model):
    """The alarm of one need or encounter: the report shows danger to life.

    flags: the dangers found in the words or named by the sender. source: the way in which the danger was recognised.
    reporter_answer: the reporter's answer on the page with the emergency numbers. step: the last step that somebody
    took; empty until the alarm is acknowledged. notified_level: the level of the last announcement, one of the levels
    in ``announcing``. notified_at: the time of this announcement.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.OneToOneField(
        "needs.Need", on_delete=models.CASCADE, null=True, blank=True, related_name="danger_alarm"
    )
    encounter = models.OneToOneField(
        "needs.Encounter", on_delete=models.CASCADE, null=True, blank=True, related_name="danger_alarm"
    )
    flags = ArrayField(models.CharField(max_length=13, choices=DangerFlag.choices), default=list, blank=True)
    source = models.CharField(max_length=6, choices=AlarmSource.choices)
    raised_at = models.DateTimeField(default=timezone.now)
    reporter_answer = models.CharField(max_length=13, choices=ReporterAnswer.choices, blank=True)
    reporter_answered_at = models.DateTimeField(null=True, blank=True)
    step = models.CharField(_("what was done"), max_length=13, choices=AlarmStep.choices, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    notified_level = models.SmallIntegerField(default=0)
    notified_at = models.DateTimeField(null=True, blank=True)

    objects = DangerAlarmQuerySet.as_manager()

    class Meta:
        ordering = ("-raised_at",)
        verbose_name = _("danger alarm")
        verbose_name_plural = _("danger alarms")
        constraints = [
            models.CheckConstraint(
                condition=Q(need=None, encounter__isnull=False) | Q(need__isnull=False, encounter=None),
                name="an_alarm_has_one_report",
            )
        ]
        indexes = [models.Index(fields=["raised_at"], name="alarm_waiting", condition=Q(acknowledged_at=None))]

    def __str__(self) -> str:
        return f"{self.need_id or self.encounter_id} {'/'.join(self.flags)}"


class AlarmStepTaken(models.Model):
    """One step taken on an alarm. All steps of an alarm together are its history."""

    alarm = models.ForeignKey("needs.DangerAlarm", on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=13, choices=AlarmStep.choices)
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.step}"


class AlarmWords(models.Model):
    """Where words of danger are that raised an alarm or came in after it. The words themselves are not copied: they are
    read from their own row, as long as it exists.

    way, key: the kind of the row and its primary key. flags: the dangers found in the words. at: when they came in.
    """

    alarm = models.ForeignKey("needs.DangerAlarm", on_delete=models.CASCADE, related_name="words")
    way = models.CharField(max_length=9, choices=WordsWay.choices)
    key = models.CharField(max_length=36)
    flags = ArrayField(models.CharField(max_length=13, choices=DangerFlag.choices))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [models.UniqueConstraint(fields=["alarm", "way", "key"], name="words_of_an_alarm_once")]

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.way}"
