"""The comparison of live tiles with another tile server, without that server."""

from pathlib import Path

import mapbox_vector_tile
import pytest
from django.db import connection

from mapping.coverage.folding import fold
from mapping.map.live import map_versions, tiles
from solidarity.local.services import map_server
from solidarity.ops.bench.maps import mapserver, tile_servers
from tests.support import City, Seen


@pytest.mark.parametrize("address", [(8, 129, 88), (10, 518, 352), (12, 2074, 1409), (14, 8298, 5636)])
def test_the_other_server_has_the_shapes_of_the_live_tile(
    address: tuple[int, int, int], city: City, seen: Seen
) -> None:
    for step in range(6):
        seen(lat=48.853 + step * 0.0024, lng=2.334 + step * 0.004, persons=step, minutes=40, hours_ago=5)
    fold.fold_outbox()
    tile_servers.lay_out_shapes()
    z, x, y = address
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {tile_servers.SCHEMA}.{tile_servers.TABLES[z]} "
            "WHERE ST_AsMVTGeom(geom, ST_TileEnvelope(%s, %s, %s), 4096, 64, true) IS NOT NULL",
            address,
        )
        there = cursor.fetchone()[0]
    view = map_versions.of_view("ville")
    assert view is not None
    layers = mapbox_vector_tile.decode(tiles.draw_live(z, x, y, view))
    assert there == sum(len(layer["features"]) for layer in layers.values()) > 0
    assert tile_servers.peer_path(*address).endswith(f"/{z}/{x}/{y}")
    with connection.cursor() as cursor:  # the other servers draw nothing from a column without this type
        cursor.execute(
            "SELECT DISTINCT srid, type FROM geometry_columns WHERE f_table_schema = %s", [tile_servers.SCHEMA]
        )
        assert cursor.fetchall() == [(3857, "MULTIPOLYGON")]


def test_a_server_that_cannot_be_installed_is_named_and_left_out(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    said: list[str] = []
    assert tile_servers.installed(file, said.append) is None
    assert len(said) == 1 and said[0].startswith("tipg cannot be installed")
    if map_server.program(file) is None:
        assert mapserver.installed(file, said.append) is None
        assert len(said) == 2 and said[1].startswith("MapServer cannot be installed")
