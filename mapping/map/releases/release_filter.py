"""Dated, frozen publications of the map, and the filter that decides which of them a reader sees."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mapping.coverage.cells import low_zoom_cells, zones
from mapping.coverage.cells.stored_states import load
from mapping.coverage.folding import active_overrides, rebuild
from mapping.coverage.unseen import unseen_estimate
from mapping.map.releases import volunteer_files
from mapping.models import LowZoomCell, Release, Zone, ZoneQuerySet
from volunteers.enums import Audience
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import access


def publish_all(now: datetime | None = None) -> list[Release]:
    """Freeze the releases that are due. The release for volunteers has the figures of VOLUNTEER_DELAY_HOURS ago, the
    release for associations has the current figures."""
    moment = now or timezone.now()
    delayed = moment - timedelta(hours=settings.VOLUNTEER_DELAY_HOURS)
    made = [publish(Audience.VOLUNTEER, delayed), publish(Audience.ASSOCIATION, moment)]
    volunteer_files.make(made[0])
    return made


def publish(audience: Audience, as_of: datetime) -> Release:
    """Freeze one release, which leaves out reports after ``as_of``; delete older releases for the same audience."""
    with transaction.atomic():
        found, params_of = rebuild.compute(as_of)
        stored = load("zone IS NOT NULL", [])
        keys = dict(zip(stored.cell.tolist(), stored.zone, strict=True))
        found.zone = [keys.get(cell) for cell in found.cell.tolist()]
        whole = rebuild.zoned_grid()
        live = {zone.key: zone for zone in Zone.objects.live().filter(since__lte=as_of)}
        ends = active_overrides.override_ends(as_of)
        release, _made = Release.objects.get_or_create(audience=audience, as_of=as_of)
        release.unseen = unseen_estimate.frozen(as_of)
        release.save(update_fields=["unseen"])
        release.zones.all().delete()
        LowZoomCell.objects.filter(release=release).delete()
        drawn = zones.draw_all(found, whole.rings)
        Zone.objects.bulk_create(zones.of_release(drawn, found, params_of, release, live, ends), batch_size=2000)
        for column in (whole.parent8, whole.parent7):
            low_zoom_cells.freeze(release, low_zoom_cells.leading(column, found.status))
        Release.objects.filter(audience=audience).exclude(pk=release.pk).delete()
    return release


def release_for(viewer: Viewer, territory: Territory) -> tuple[bool, Release | None]:
    """Return whether the reader may see figures, and the release that contains these figures (None: the live state)."""
    audience = access.audience_of(viewer, territory)
    if audience is None:
        return True, None
    release = Release.objects.filter(audience=audience).order_by("-published_at").first()
    return release is not None, release


def zones_for(viewer: Viewer, territory: Territory) -> ZoneQuerySet:
    """Return the zones of a territory that the reader may see. The map, list, panel, tiles and reports all use this
    function."""
    return zones_of(territory, *release_for(viewer, territory))


def zones_of(territory: Territory, there: bool, release: Release | None) -> ZoneQuerySet:
    """Return the zones of a territory in what :func:`release_for` found for a reader."""
    return Zone.objects.of_release(release).within(territory) if there else Zone.objects.none()
