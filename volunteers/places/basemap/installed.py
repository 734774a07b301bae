"""The installed street map: one PMTiles archive in the Protomaps schema."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.gis.gdal import DataSource, GDALException, OGRGeometry
from django.contrib.gis.gdal.feature import Feature
from django.contrib.gis.geos import Polygon
from django.urls import reverse
from django.utils.translation import pgettext

from volunteers.places.basemap.archive_header import Header, header_of
from volunteers.places.basemap.area_catalogue import Bounds
from volunteers.places.basemap.problems import StreetMapError

FILE_NAME = "basemap.pmtiles"
LAYERS = ("boundaries", "buildings", "earth", "landcover", "landuse", "places", "pois", "roads", "water")
MARGIN = 0.001  # degrees; a feature on the edge of the bounds counts as inside
ATTRIBUTION = "© OpenStreetMap contributors"


def root() -> Path:
    """Return the folder of the street map: the archive, an unfinished download, the state of an installation."""
    return Path(settings.BASEMAP_ROOT)


def path() -> Path:
    """Return the path of the installed archive, even if it does not exist yet."""
    return root() / FILE_NAME


def header() -> Header | None:
    """Return the header of the installed archive; None without a readable archive in the Protomaps schema."""
    try:
        stat = path().stat()
        found = _header(str(path()), stat.st_mtime_ns, stat.st_size)
    except (OSError, StreetMapError):
        return None
    return found if found.has_streets else None


def about() -> dict[str, Any] | None:
    """Return the creation time of the installed archive and its size in bytes, or None without a usable archive."""
    if header() is None:
        return None
    stat = path().stat()
    return {"at": datetime.fromtimestamp(stat.st_mtime, UTC), "size": stat.st_size}


@lru_cache(maxsize=4)
def _header(file: str, _changed: int, _size: int) -> Header:
    return header_of(Path(file))


def address() -> str:
    """Return the URL of the street map: BASEMAP_URL, else our own file if it can be drawn, else ""."""
    if settings.BASEMAP_URL:
        return str(settings.BASEMAP_URL)
    return reverse("mapping:basemap") if header() else ""


def map_settings() -> dict[str, Any]:
    """Return the settings with which the scripts of a map draw the street map (basemap.js), or the well-known places if
    there is no street map."""
    found: dict[str, Any] = {"basemap": address(), "attribution": ATTRIBUTION, "bearings": reverse("places:bearings")}
    if found["basemap"]:
        about = None if settings.BASEMAP_URL else header()
        found["basemapLayers"] = list(about.layers) if about else list(LAYERS)
    return found


def service_names() -> dict[str, str]:
    """Return names for services that have none of their own, by kind. The names depend on the reader's language."""
    return {
        "toilets": pgettext("place on the map", "Toilets"),
        "drinking_water": pgettext("place on the map", "Drinking water"),
        "shower": pgettext("place on the map", "Showers"),
        "shelter": pgettext("place on the map", "Shelter"),
        "social_facility": pgettext("place on the map", "Social services"),
        "hospital": pgettext("place on the map", "Hospital"),
        "clinic": pgettext("place on the map", "Clinic"),
        "pharmacy": pgettext("place on the map", "Pharmacy"),
        "police": pgettext("place on the map", "Police"),
        "station": pgettext("place on the map", "Station"),
        "library": pgettext("place on the map", "Library"),
    }


def features(layer: str, bounds: Bounds | None = None) -> Iterator[Feature]:
    """Yield the features of a layer at the highest zoom, in Web Mercator, with their fields.

    A feature on the edge of two tiles is yielded twice, once from each tile. Without a readable street map or layer,
    nothing is yielded. GDAL before 3.8 cannot read the archive.
    """
    about = header()
    if about is None:
        return
    try:
        found = DataSource(str(path()))[layer]
    except (GDALException, IndexError):
        return
    west, south, east, north = about.bounds
    box = Polygon.from_bbox(bounds or (west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN))
    box.srid = 4326
    box.transform(3857)
    # Without a filter, GDAL only estimates the number of features, and the iteration would end too early or fail.
    found.spatial_filter = OGRGeometry.from_bbox(box.extent)
    yield from found
