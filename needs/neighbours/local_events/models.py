"""Models of needs.neighbours.local_events."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.models import shown
from needs.base.moderated_texts.moderation_codes import ContentKind
from solidarity.lib.database.region import region_field


class LocalEventKind(models.TextChoices):
    MEAL = "meal", _("meal")
    DRINKS = "drinks", _("hot drinks")
    CLOTHES = "clothes", _("clothes")
    WASH = "wash", _("showers and laundry")
    CARE = "care", _("health care")
    ADVICE = "advice", _("advice on papers and rights")
    COMPANY = "company", _("company, games, culture")
    ROUND = "round", _("mobile round with stops")
    MEETING = "meeting", _("meeting of volunteers")


BROUGHT = tuple(each for each in LocalEventKind if each not in (LocalEventKind.ROUND, LocalEventKind.MEETING))
"""What a round can bring."""


class LocalEventQuerySet(models.QuerySet["LocalEvent"]):
    def coming(self, now: datetime) -> Self:
        """Events with an occurrence that ends after a moment."""
        return self.filter(Q(over_at=None) | Q(over_at__gt=now))

    def taking_place(self, now: datetime) -> Self:
        """Coming events, without series that were cancelled as a whole."""
        return self.coming(now).filter(cancelled_at=None)

    def for_everybody(self) -> Self:
        """Events that people without an account may see."""
        return self.filter(Q(walk_in=True) | Q(public=True), shown(ContentKind.EVENT))

    def located(self) -> Self:
        """Annotate events with ``where``: the event's own point, or the point of its place.

        A place with a secret address gives no point.
        """
        placed = Case(When(place__address_hidden=False, then=F("place__point")))
        return self.annotate(where=Coalesce("point", placed))


class LocalEvent(models.Model):
    """A local event, once or repeated. The place of an event is public, like the point of a ``Place``.

    starts_at, ends_at: start and end of the first occurrence. repeats: an RFC 5545 RRULE without DTSTART, empty for one
    occurrence; read by dateutil in the site's time zone (recurrence.py). over_at: the time at which the last occurrence
    ends; None if the series has no end. walk_in: True if people may come without joining; *Find help now* then shows
    the event. public: True if people without an account see the event. brings: the things that a round brings. seats:
    number of places for people who join; None if nobody can join. place: an entry of the guide, whose point and address
    are not copied; else point and address. cell: the cell of the point or the place; for a round, the cell of its first
    stop. changed_at: the time of the last change of the series. cancelled_at: the time at which the whole series was
    cancelled.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("what it is"), max_length=8, choices=LocalEventKind.choices)
    title = models.CharField(_("title"), max_length=80)
    about = models.TextField(_("what people should know"), max_length=1000, blank=True)
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, null=True, blank=True, related_name="local_events"
    )
    group = models.ForeignKey(
        "needs.Group", on_delete=models.CASCADE, null=True, blank=True, related_name="local_events"
    )
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    territory = models.ForeignKey(
        "volunteers.Territory", on_delete=models.SET_NULL, null=True, related_name="local_events"
    )
    place = models.ForeignKey("needs.Place", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    point = models.PointField(_("where"), geography=True, null=True, blank=True)
    cell = models.BigIntegerField(null=True, editable=False)
    region = region_field("cell")
    address = models.CharField(_("address"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    repeats = models.CharField(_("repeats"), max_length=200, blank=True)
    over_at = models.DateTimeField(null=True, blank=True, editable=False)
    walk_in = models.BooleanField(_("people may just come"), default=False)
    public = models.BooleanField(_("people without an account see it"), default=False)
    brings = ArrayField(
        models.CharField(max_length=8, choices=[(each.value, each.label) for each in BROUGHT]),
        verbose_name=_("what the round brings"), default=list, blank=True,
    )  # fmt: skip
    seats = models.PositiveSmallIntegerField(_("places for people who join"), null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    word = models.CharField(_("why it is cancelled"), max_length=200, blank=True)

    objects = LocalEventQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "pk")
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["territory", "starts_at"], name="local_event_territory"),
            models.Index(fields=["over_at"], name="local_event_over"),
        ]

    def __str__(self) -> str:
        return self.title


class RoundStop(models.Model):
    """A stop of a mobile round.

    minutes: the time from the start of the round until it arrives; stays: the minutes that it stays.
    """

    event = models.ForeignKey(LocalEvent, on_delete=models.CASCADE, related_name="stops")
    order = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("place"), max_length=120)
    point = models.PointField(_("where"), geography=True)
    cell = models.BigIntegerField(editable=False)
    minutes = models.PositiveSmallIntegerField(_("minutes after the start"), default=0)
    stays = models.PositiveSmallIntegerField(_("minutes there"), default=15)

    class Meta:
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return f"{self.event_id} {self.order}"


class EventException(models.Model):
    """One occurrence that differs. occurrence: the start that the rule gives to this occurrence. It is
    cancelled, has other times, or has a note for the people who come."""

    event = models.ForeignKey(LocalEvent, on_delete=models.CASCADE, related_name="exceptions")
    occurrence = models.DateTimeField()
    cancelled = models.BooleanField(default=False)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    word = models.CharField(_("what people should know"), max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "occurrence"], name="one_exception_per_occurrence")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.occurrence:%Y-%m-%d}"


class EventSeat(models.Model):
    """A person who joined one occurrence.

    waiting: whether the person is on the waiting list, in which the earliest ``at`` comes first.
    """

    event = models.ForeignKey(LocalEvent, on_delete=models.CASCADE, related_name="taken")
    occurrence = models.DateTimeField()
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="event_seats")
    waiting = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "occurrence", "user"], name="one_event_seat_per_person")
        ]
        indexes = [models.Index(fields=["event", "occurrence", "at"], name="event_seats")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.user_id}"
