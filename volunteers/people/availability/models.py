"""Profiles of volunteers and their weekly times."""

from datetime import datetime

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Category, Language, Skill, Weekday


class ProfileQuerySet(models.QuerySet["Profile"]):
    def offering(self, now: datetime) -> "ProfileQuerySet":
        """Return the profiles of active accounts that are not paused at a datetime."""
        free = models.Q(paused_until=None) | models.Q(paused_until__lte=now)
        return self.filter(free, user__is_active=True)


class Profile(models.Model):
    """A volunteer's offer.

    base: the centre of an H3 cell of resolution 9, never an address. radius: the radius in metres. kinds: kinds of help
    that the volunteer gives; empty for all. most: the number of needs at once that the volunteer chose (see
    :attr:`at_once`). paused_until: the time before which the volunteer gets no proposals.
    """

    user = models.OneToOneField("User", on_delete=models.CASCADE, primary_key=True, related_name="profile")
    base = models.PointField(_("around where"), geography=True, null=True, blank=True)
    radius = models.PositiveIntegerField(_("how far, in metres"), default=3000)
    skills = ArrayField(models.CharField(max_length=10, choices=Skill.choices), default=list, blank=True)
    kinds = ArrayField(models.CharField(max_length=10, choices=Category.choices), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=3, choices=Language.choices), default=list, blank=True)
    most = models.PositiveSmallIntegerField(_("how many needs at once"), default=3)
    paused_until = models.DateTimeField(_("pause until"), null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return f"{self.user_id}"

    @property
    def at_once(self) -> int:
        """The number of needs that the volunteer can have at once: the chosen number, but at most the site's limit."""
        return min(self.most, settings.COMMITMENTS_PER_VOLUNTEER)


class Window(models.Model):
    """A volunteer's weekly free time in the platform's time zone. The time goes past midnight if it ends before its
    start."""

    profile = models.ForeignKey("Profile", on_delete=models.CASCADE, related_name="windows")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    start = models.TimeField(_("from"))
    end = models.TimeField(_("until"))

    class Meta:
        ordering = ("weekday", "start")
        verbose_name = _("free time")
        verbose_name_plural = _("free times")
        constraints = [
            models.UniqueConstraint(fields=["profile", "weekday", "start"], name="a_window_once"),
            models.CheckConstraint(condition=~models.Q(start=models.F("end")), name="a_window_has_a_length"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.start}–{self.end}"
