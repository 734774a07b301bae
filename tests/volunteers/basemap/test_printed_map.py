"""The street map in printed maps: drawn from the installed archive, quiet, escaped, and absent without an archive."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.street_maps import Feature, area, street, street_map
from volunteers.places.basemap import installed, printed_map
from volunteers.places.basemap.printed_map import PictureFrame

WEST, SOUTH, EAST, NORTH = 2.34, 48.86, 2.36, 48.87
FRAME = PictureFrame.around([(WEST, SOUTH), (EAST, NORTH)], 1000.0, 0.0)
AVENUE = {"kind": "major_road", "kind_detail": "primary", "min_zoom": 8}


@pytest.fixture
def install(root: Path) -> Callable[..., None]:
    def write(*features: Feature) -> None:
        installed.root().mkdir(parents=True, exist_ok=True)
        installed.path().write_bytes(street_map([area("earth", 2.3, 48.8, 2.4, 48.9, kind="earth"), *features]))

    return write


def test_water_parks_and_streets_are_drawn_with_names_where_nothing_is(install: Callable[..., None]) -> None:
    install(
        area("water", WEST, SOUTH, EAST, SOUTH + 0.001, kind="water"),
        area("landuse", 2.35, 48.865, 2.355, 48.868, kind="park"),
        area("landuse", 2.341, 48.865, 2.343, 48.868, kind="industrial"),
        street("Avenue Longue", (48.863, 2.33), (48.863, 2.37), **AVENUE),
        street("Rue Courte", (48.866, 2.345), (48.866, 2.3453)),
        street("Rue Cachée", (48.864, 2.33), (48.864, 2.37)),
    )
    hidden = (0.0, FRAME.at((WEST, 48.8643))[1], 1000.0, FRAME.at((WEST, 48.8637))[1])
    found = printed_map.draw(FRAME, [hidden])
    assert [len(re.findall(kind, found.ground)) for kind in ("svg-water", "svg-park")] == [1, 1]
    assert found.ground.count("Z") == 2  # the river and the park only
    assert re.findall(r">([^<]+)</text>", found.ways) == ["Avenue Longue"] * 2 + [
        installed.ATTRIBUTION
    ]  # with a light edge
    numbers = [float(each) for each in re.findall(r"-?\d+(?=,)", found.ways)]
    assert min(numbers) >= 0 and max(numbers) <= FRAME.width


def test_a_coarse_picture_leaves_small_streets_out(install: Callable[..., None]) -> None:
    install(
        street("Rue Petite", (48.866, 2.30), (48.866, 2.40)), street("Grand Axe", (48.86, 2.3), (48.86, 2.4), **AVENUE)
    )
    wide = PictureFrame.around([(2.2, 48.8), (2.5, 48.95)], 1000.0, 0.0)
    found = printed_map.draw(wide)
    assert "Grand Axe" in found.ways and "Rue Petite" not in found.ways
    assert "Rue Petite" in printed_map.draw(FRAME).ways


def test_names_of_a_foreign_file_are_never_markup(install: Callable[..., None]) -> None:
    install(street('<script>alert("1")</script>', (48.865, 2.33), (48.865, 2.37), **AVENUE))
    assert "&lt;script&gt;" in printed_map.draw(FRAME).ways and "<script" not in printed_map.draw(FRAME).ways


def test_without_a_readable_street_map_nothing_is_drawn(root: Path) -> None:
    assert not printed_map.draw(FRAME)
    root.mkdir(parents=True)
    installed.path().write_bytes(b"PMTiles of no use" * 100)
    assert not printed_map.draw(FRAME)
