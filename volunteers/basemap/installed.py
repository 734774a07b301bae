"""The installed street map: one PMTiles archive in the Protomaps schema."""

from pathlib import Path

from django.conf import settings
from django.urls import reverse

from volunteers.basemap.archive_header import header_of

FILE_NAME = "basemap.pmtiles"
ATTRIBUTION = "© OpenStreetMap contributors"
LAYERS = ("water", "buildings", "roads", "places")


def path() -> Path:
    """Return the path of the built file, even if it does not exist yet."""
    return Path(settings.BASEMAP_ROOT) / FILE_NAME


def address() -> str:
    """Return the URL of the base map: BASEMAP_URL, else our own file if it exists, else ""."""
    if settings.BASEMAP_URL:
        return str(settings.BASEMAP_URL)
    return reverse("mapping:basemap") if path().is_file() else ""


def layers() -> list[str]:
    """Return the layers in our own base map. If our base map is missing or another one is used, return all possible
    layers."""
    if settings.BASEMAP_URL or not path().is_file():
        return list(LAYERS)
    there = header_of(path()).layers
    return [name for name in LAYERS if name in there]
