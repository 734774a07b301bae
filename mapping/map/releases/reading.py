"""A reader's view of a territory: release, level of detail and time of the figures."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.http import Http404
from django.utils import timezone

from mapping.map.releases import release_filter
from mapping.map.wording import rounding
from mapping.models import Release, Zone, ZoneQuerySet
from volunteers.enums import Audience
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import access

SESSION_KEY = "territory"


@dataclass(frozen=True, slots=True)
class Counted:
    """Number of zones with a status in a territory. name: name of the territory. has_count: whether their numbers of people
    have a source. latest: when the newest of their figures was computed."""

    territory: int
    name: str
    status: int
    has_count: bool
    zones: int
    latest: datetime


@dataclass(frozen=True)
class Reading:
    """A territory as one reader sees it.

    audience: the audience of the release, None for the live state. detail: ``exact``, ``bucket`` or ``band``
    (mapping.map.wording.rounding.detail_of). there: True if figures exist for the reader. release: the release that is
    read; None for the live state and before the first publication. next_at: the time at which the next release is due,
    None for the live state.
    """

    territory: Territory
    zones: ZoneQuerySet
    audience: Audience | None
    detail: str
    there: bool
    release: Release | None
    next_at: datetime | None

    @property
    def live(self) -> bool:
        return self.audience is None

    @cached_property
    def counted(self) -> list[Counted]:
        """Counts of the zones, read once, because all of them have to be counted."""
        columns = self.zones.values_list("territory_id", "territory__name", "status", "counted")
        return [Counted(*row) for row in columns.annotate(zones=Count("pk"), latest=Max("derived_at")).order_by()]

    @property
    def has_count(self) -> bool:
        """Whether any zone has a number of people with a source; True if there are no zones."""
        return not self.counted or any(each.has_count for each in self.counted)

    @cached_property
    def as_of(self) -> datetime | None:
        """Time of the figures; None without figures."""
        if self.live:
            return max((each.latest for each in self.counted), default=None)
        return self.release.as_of if self.release else None


def read(viewer: Viewer, territory: Territory) -> Reading:
    """Return the reading of a territory that the reader may see (volunteers.places.territories.access.territory_for)."""
    there, frozen = release_filter.release_for(viewer, territory)
    audience = Audience(frozen.audience) if frozen else None if there else access.audience_of(viewer, territory)
    zones = release_filter.zones_of(territory, there, frozen)
    return Reading(
        territory=territory,
        zones=zones,
        audience=audience,
        detail=rounding.detail_of(audience),
        there=there,
        release=frozen,
        next_at=None if audience is None else next_publication(),
    )


def next_publication() -> datetime:
    """Return the time at which the next releases are due, by the worker's schedule."""
    schedule: Any = settings.CELERY_BEAT_SCHEDULE["publish for volunteers"]["schedule"]
    moment = timezone.now()
    # Celery's estimate is too short by the fraction of a second that its computation took.
    due: datetime = moment + schedule.remaining_estimate(moment) + timedelta(seconds=30)
    return due.replace(second=0, microsecond=0)


def remember(session: Any, territory: Territory) -> None:
    """Store the territory with which the map opens next time."""
    if session.get(SESSION_KEY) != territory.slug:
        session[SESSION_KEY] = territory.slug


def start_of(viewer: Viewer, remembered: str | None = None) -> Territory | None:
    """Return the territory with which the map opens: the last viewed one, or else one that the reader coordinates, is
    assigned to, or may see."""
    visible = access.visible_territories(viewer)
    if remembered and (found := visible.filter(slug=remembered).first()):
        return found
    coordinated = Territory.objects.coordinated_by(viewer)
    assigned = Territory.objects.assigned_to(viewer.account) if viewer.account else Territory.objects.none()
    for candidates in (coordinated, assigned, visible):
        found = candidates.order_by("path").first()
        if found is not None:
            return found
    return None


def zone_of(reading: Reading, key: Any) -> Zone | None:
    """Return the zone with the given key, and its territory and parameters. Search only zones that the reader may
    see."""
    return reading.zones.select_related("territory", "model").filter(key=key).first()


def zone_or_404(reading: Reading, key: Any) -> Zone:
    """Return the zone as in :func:`zone_of`; raise Http404 if the reader may see no zone with this key."""
    if zone := zone_of(reading, key):
        return zone
    raise Http404
