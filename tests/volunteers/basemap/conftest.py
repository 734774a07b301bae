"""Fixtures: an empty folder for the street map, a local server of files, and a small made archive."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.street_maps import area, point, street, street_map
from tests.volunteers.basemap.file_server import Files, file_server
from volunteers.places.basemap import byte_sources

# Belleville: three streets, a toilet, a house number and a name, in two places 3 km apart.
EAST = (2.37, 48.86, 2.40, 48.88)


@pytest.fixture
def root(settings: Settings, tmp_path: Path, db: None) -> Path:
    settings.BASEMAP_ROOT = tmp_path / "basemap"
    return tmp_path / "basemap"


EXTRACT = Path(os.environ.get("SOLIDARITY_DATA", "/nowhere")) / "osm_portland" / "portland-central-filtered.osm.pbf"


@pytest.fixture
def real_city(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The street map of a real city, installed from its extract once per test process."""
    kept = tmp_path_factory.getbasetemp() / "real city"
    if kept.exists():
        shutil.copytree(kept, root)
    else:
        call_command("install_basemap", pbf=str(EXTRACT))
        shutil.copytree(root, kept)
    return root


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    """A server of files; a failed request is repeated at once."""
    monkeypatch.setattr(byte_sources, "RETRY_PAUSES", (0.0, 0.0))
    with file_server() as web:
        yield web


@pytest.fixture(scope="session")
def archive() -> bytes:
    """An archive in the Protomaps schema."""
    return street_map([
        area("earth", 2.33, 48.85, 2.41, 48.89, kind="earth"),
        area("water", 2.368, 48.87, 2.370, 48.885, kind="water", kind_detail="canal"),
        street("Rue de Crimée", (48.872, 2.385), (48.879, 2.378)),
        street("Rue de Belleville", (48.871, 2.377), (48.875, 2.389)),
        street("Rue de l’Ouest", (48.866, 2.335), (48.869, 2.336)),
        point("pois", 48.873, 2.382, kind="toilets", min_zoom=15),
        point("pois", 48.874, 2.383, kind="station", name="Jourdain", min_zoom=13),
        point("buildings", 48.8735, 2.3815, kind="address", addr_housenumber="12 bis", min_zoom=16),
        point("places", 48.872, 2.376, kind="neighbourhood", name="Belleville", min_zoom=12, **{"name:ar": "بلفيل"}),
    ])  # fmt: skip
