"""Models of needs.guide.places."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.models import shown
from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.guide.places.place_kinds import CapacityKind, EditStep, NoticeKind, PlaceAudience, PlaceKind, ReservationEnd
from solidarity.lib.database.region import region_field
from volunteers.enums import Language

RESERVED_FOR = timedelta(hours=1)
"""How long a reservation holds."""


class PlaceQuerySet(models.QuerySet["Place"]):
    def listed(self) -> Self:
        """Places that are not closed for good."""
        return self.filter(closed_at=None)

    def on_map(self) -> Self:
        """Places with a point that may be shown and measured."""
        return self.filter(address_hidden=False)

    def of_kinds(self, kinds: list[str]) -> Self:
        """Places with at least one of the kinds."""
        return self.filter(kinds__overlap=kinds)


class Place(models.Model):
    """A service that people can go to.

    point: the position of the place. If address_hidden is true (for a refuge from violence, for example), the point of
    the place is for the organisation's own use. No page, map, list, file or distance shows or uses this point; readers
    get the telephone number. cell: H3 cell of the point, resolution 9. hours: opening hours in the OpenStreetMap
    syntax, in the site's time zone; empty: unknown. audience: the people who may come; empty for everybody. step_free:
    whether one can enter without steps; None if unknown. association: the organisation that keeps the entry up to date.
    checked_by, checked_as: the person who checked the entry last, and for which association. closed_at: the time since
    which the place no longer exists.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    kinds = ArrayField(models.CharField(max_length=12, choices=PlaceKind.choices), verbose_name=_("what there is"))
    association = models.ForeignKey(
        "volunteers.Association",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="places",
        verbose_name=_("kept up to date by"),
    )
    point = models.PointField(_("where"), geography=True)
    cell = models.BigIntegerField(editable=False)
    region = region_field("cell")
    address = models.CharField(_("address"), max_length=200, blank=True)
    address_hidden = models.BooleanField(_("keep the address secret"), default=False)
    hours = models.CharField(_("opening hours"), max_length=500, blank=True)
    audience = ArrayField(
        models.CharField(max_length=12, choices=PlaceAudience.choices),
        verbose_name=_("who may come"),
        default=list,
        blank=True,
    )
    conditions = models.CharField(_("good to know before one goes there"), max_length=300, blank=True)
    languages = ArrayField(
        models.CharField(max_length=3, choices=Language.choices),
        verbose_name=_("languages spoken"),
        default=list,
        blank=True,
    )
    step_free = models.BooleanField(_("access without steps"), null=True, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    about = models.TextField(_("description"), max_length=500, blank=True)
    checked_at = models.DateTimeField(_("last checked"), null=True, blank=True)
    checked_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    checked_as = models.ForeignKey(
        "volunteers.Association", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed for good"), null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        indexes = [
            GinIndex(fields=["kinds"], name="place_kinds"),
            models.Index(fields=["cell"], name="place_cell"),
            # Migration 0004 adds a GiST index of the points of each kind (needs.guide.find_help.nearest_places).
            models.Index(fields=["name"], name="place_secret", condition=Q(closed_at=None, address_hidden=True)),
        ]
        constraints = [models.CheckConstraint(condition=~Q(kinds=[]), name="a_place_has_a_kind")]

    def __str__(self) -> str:
        return self.name


class PlaceEdit(models.Model):
    """One change of an entry of the guide.

    before, after: the changed values by name. If the address of a place is hidden, its point, its cell and its address
    are left out. association: the association in whose name the edit was made; None for dispatchers and coordinators of
    the territory.
    """

    place = models.ForeignKey("needs.Place", on_delete=models.CASCADE, related_name="edits")
    at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    association = models.ForeignKey("volunteers.Association", on_delete=models.SET_NULL, null=True, related_name="+")
    step = models.CharField(max_length=10, choices=EditStep.choices)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=["place", "-at"], name="placeedit_place")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.step} {self.at:%Y-%m-%d %H:%M}"


class PlaceSource(models.Model):
    """A record of another guide from which a place came. source: short name of the source; key: number of the record in
    the source.

    values: the latest values of the source, by field of Place. read_at: the time at which these values were read.
    """

    place = models.ForeignKey("needs.Place", on_delete=models.CASCADE, related_name="sources")
    source = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    values = models.JSONField(default=dict)
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="a_source_record_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"


class PlaceConflict(models.Model):
    """A field of a place for which a source says something else. A person decides about the conflict. taken: True if
    the source's value was taken."""

    place = models.ForeignKey("needs.Place", on_delete=models.CASCADE, related_name="conflicts")
    source = models.CharField(max_length=60)
    field = models.CharField(max_length=30)
    ours = models.JSONField()
    theirs = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    taken = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "source", "field"], condition=Q(decided_at=None), name="one_open_conflict_per_field"
            )
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.field}"


class PlaceNoticeQuerySet(models.QuerySet["PlaceNotice"]):
    def in_force(self, now: datetime) -> Self:
        """Notices that readers see: not ended, not taken back, not kept back."""
        return self.filter(shown(ContentKind.NOTICE), start__lte=now, end__gt=now, taken_back_at=None)


class PlaceNotice(models.Model):
    """A temporary notice about a place, in force in [start, end): closed, full, other hours."""

    place = models.ForeignKey("needs.Place", on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(_("what"), max_length=10, choices=NoticeKind.choices)
    text = models.CharField(_("details"), max_length=200, blank=True)
    start = models.DateTimeField(_("from"), default=timezone.now)
    end = models.DateTimeField(_("until"))
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = PlaceNoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="a_notice_has_a_length")]
        indexes = [models.Index(fields=["place", "end"], name="placenotice_end")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.kind}"


class PlaceCapacity(models.Model):
    """The number of beds, meals or rooms that a place has free. total: the total number; None if unknown. set_at: the
    time at which a person set the number.

    reservable: True if the place agreed that tours and dispatchers reserve one for an hour.
    """

    place = models.ForeignKey("needs.Place", on_delete=models.CASCADE, related_name="capacities")
    kind = models.CharField(_("what"), max_length=10, choices=CapacityKind.choices)
    total = models.PositiveSmallIntegerField(_("in all"), null=True, blank=True)
    free = models.PositiveSmallIntegerField(_("free"), default=0)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    reservable = models.BooleanField(_("tours and dispatchers may reserve"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "kind"], name="one_capacity_per_place_and_kind"),
            models.CheckConstraint(
                condition=Q(total=None) | Q(free__lte=models.F("total")), name="no_more_free_than_in_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.kind} {self.free}"


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def holding(self, now: datetime) -> Self:
        """Reservations that hold a bed at a datetime."""
        return self.filter(ended_at=None, until__gt=now)


class Reservation(models.Model):
    """One bed (or meal …) held for an hour. It names nobody. until: the time at which the reservation lapses. end: the
    way in which it ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    capacity = models.ForeignKey("needs.PlaceCapacity", on_delete=models.CASCADE, related_name="reservations")
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    association = models.ForeignKey("volunteers.Association", on_delete=models.SET_NULL, null=True, related_name="+")
    tour = models.ForeignKey("needs.Tour", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    need = models.ForeignKey("needs.Need", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=10, choices=ReservationEnd.choices, blank=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["capacity", "until"], name="reservation_until")]

    def __str__(self) -> str:
        return f"{self.capacity_id} {self.until:%H:%M}"


class PlaceMistake(models.Model):
    """A mistake in an entry, reported by a reader. Nothing about the reader is stored. handled_at: the time at which
    somebody dealt with the mistake."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    place = models.ForeignKey("needs.Place", on_delete=models.CASCADE, related_name="mistakes")
    text = models.CharField(_("what is wrong"), max_length=300)
    at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.place_id} {self.at:%Y-%m-%d}"


class Signposting(models.Model):
    """Somebody was told about a place. A signposting counts neither as help given nor as a contact: zones do not use
    it.

    cell: the cell in which it was said, H3 resolution 9; None if a reader of the public page said it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    place = models.ForeignKey("needs.Place", on_delete=models.CASCADE, related_name="signpostings")
    kind = models.CharField(max_length=12, choices=PlaceKind.choices)
    cell = models.BigIntegerField(null=True, blank=True)
    association = models.ForeignKey("volunteers.Association", on_delete=models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    tour = models.ForeignKey(
        "needs.Tour", on_delete=models.SET_NULL, null=True, blank=True, related_name="signpostings"
    )
    encounter = models.ForeignKey(
        "needs.Encounter", on_delete=models.CASCADE, null=True, blank=True, related_name="signpostings"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["at"], name="signposting_at")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.at:%Y-%m-%d}"
