from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.street_city import city as street_city
from tests.volunteers.basemap.file_server import Files, file_server


@pytest.fixture
def builds(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    """A server that stands for the Protomaps builds, and an empty folder for the street map."""
    settings.BASEMAP_ROOT = tmp_path_factory.mktemp("streets") / "basemap"
    with file_server() as web:
        web.files = {
            "/builds.json": b'[{"key": "20261120.pmtiles"}]', "/20261120.pmtiles": street_city(48.860, 2.348),
        }  # fmt: skip
        settings.BASEMAP_BUILDS, settings.BASEMAP_BUILDS_LIST = f"{web.origin}/", f"{web.origin}/builds.json"
        yield web
