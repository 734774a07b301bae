"""Tiles of the region served by granian: uncached, cached, not modified."""

import io
import itertools
import math
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from mapping.map.live import map_versions
from mapping.map.live.signed_tiles import Right, signed_tiles
from solidarity.lib import cell_geometry, grid
from solidarity.ops.bench import bench_region, bench_server
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, in_turn, median, once
from volunteers.models import Cell, Territory, User
from volunteers.people.accounts.viewer import Viewer

ZOOMS = (8, 10, 12, 14)
GOALS = {8: 6, 10: 3, 12: 2, 14: 1.5}

_CHANGES = itertools.cycle([(1e-5, 1), (-1e-5, 2)])  # degrees of longitude, status

# The reference for uncached tiles: ST_AsMVT of one stored hexagon per cell.
_HEXES = """
    WITH box AS (SELECT ST_TileEnvelope({z}, {x}, {y}) AS box)
    SELECT ST_AsMVT(l, 'cells') FROM (
        SELECT c.cell, c.status, ST_AsMVTGeom(c.geom, b.box, 4096, 64, true) AS geom
        FROM box b, bench_hex c WHERE c.geom && b.box) l"""


def address(zoom: int) -> tuple[int, int, int]:
    """Return the tile (zoom, x, y) at the region's centre."""
    return address_of(*bench_region.CENTRE, zoom)


def address_of(lat: float, lng: float, zoom: int) -> tuple[int, int, int]:
    """Return the tile (zoom, x, y) at a place."""
    side = 2**zoom
    y = (1 - math.log(math.tan(math.radians(lat)) + 1 / math.cos(math.radians(lat))) / math.pi) / 2
    return zoom, int((lng + 180) / 360 * side), int(y * side)


def _lay_out_hexes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_hex")
        cursor.execute(
            "CREATE TABLE bench_hex (cell bigint PRIMARY KEY, status smallint, geom geometry(Polygon, 3857))"
        )
        cursor.execute("SELECT cell, status FROM mapping_cellstate")
        rows = cursor.fetchall()
        text = io.StringIO("".join(f"{cell}\t{status}\t{cell_geometry.polygon(cell).ewkt}\n" for cell, status in rows))
        cursor.execute("CREATE TEMP TABLE hex_in (cell bigint, status smallint, geom geometry)")
        cursor.cursor.copy_expert("COPY hex_in FROM STDIN", text)
        cursor.execute("INSERT INTO bench_hex SELECT cell, status, ST_Transform(geom, 3857) FROM hex_in")
        cursor.execute("CREATE INDEX ON bench_hex USING gist (geom)")
        cursor.execute("ANALYZE bench_hex")


def middle() -> Territory:
    """Return the territory in the middle of the region."""
    return Cell.objects.select_related("territory").get(cell=grid.cell_of(*bench_region.CENTRE)).territory


def path_with_right(z: int, x: int, y: int) -> str:
    """Return the address of a tile of the present view of the region."""
    return f"/map/t/bench/tiles/{z}/{x}/{y}.mvt?v={_right()}"


def _right() -> str:
    view = map_versions.of_view("bench")
    assert view is not None
    return Right.now("bench", view, map_versions.of_access()).signed()


def change_map(territory: int) -> None:
    """Move the outlines of the two zones in the middle of a territory back and forth, and turn the status of the low-zoom
    cells there over, as a fold would change them. No drawn tile can be used afterwards."""
    latitude, longitude = bench_region.CENTRE
    step, status = next(_CHANGES)
    cell = grid.cell_of(latitude, longitude)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mapping_zone SET shape = ST_Translate(shape, %s, 0) WHERE id IN (SELECT id FROM mapping_zone "
            "WHERE release_id IS NULL AND territory_id = %s "
            "ORDER BY shape <-> ST_SetSRID(ST_MakePoint(%s, %s), 4326), id LIMIT 2)",
            [step, territory, longitude, latitude],
        )
        cursor.execute(
            "UPDATE mapping_lowzoomcell p SET status = %s FROM volunteers_cell k "
            "WHERE k.cell = %s AND p.cell IN (k.parent7, k.parent8) AND p.release_id IS NULL",
            [status, cell],
        )
        assert cursor.rowcount == 2, cursor.rowcount


def _request(path: str, user: User | None = None) -> Any:
    request: Any = RequestFactory(headers={"Accept-Encoding": "gzip"}).get(path)
    request.user, request.viewer = user or AnonymousUser(), Viewer(user or AnonymousUser())
    return request


def in_the_view(size: Size) -> list[Figure]:
    """Compare what answers a request, from request to response, with hexagons in SQL: the first answer after a change of
    the map, for the holder of a right, and for a session whose account was read."""
    rounds, changed = size.repeat(30), middle().pk
    reader = bench_server.person("tiles@bench.example", administrator=True)
    holder, found = signed_tiles(_nobody), []
    with connection.cursor() as cursor:
        for zoom in ZOOMS:
            z, x, y = address(zoom)
            by_right: list[float] = []
            by_session: list[float] = []
            plain: list[float] = []
            for number in range(rounds + 2):
                seconds: list[float] = []
                for _ in range(2):
                    change_map(changed)
                    request = _request(path_with_right(z, x, y), reader)
                    view = resolve(request.path)
                    by_its_session = partial(view.func, request, **view.kwargs)
                    seconds.append(once(by_its_session if seconds else partial(holder, request)))
                seconds.append(once(partial(cursor.execute, _HEXES.format(z=z, x=x, y=y))))
                if number >= 2:
                    for values, value in zip((by_right, by_session, plain), seconds, strict=True):
                        values.append(1e3 * value)
            for name, values in (("in the view", by_right), ("by session", by_session)):
                reference, goal = median(plain), f"≤ {GOALS[zoom]} ms"
                found.append(figure(f"tile z{zoom} {name}", median(values), "ms", reference, goal, "hexagons in SQL"))
    return found


def _nobody(request: HttpRequest) -> HttpResponse:
    raise AssertionError(f"the right was refused: {request.path}")


def measure(size: Size) -> list[Figure]:
    """Compare uncached tiles with hexagons in SQL, cached tiles with uncached tiles, and 304 responses with cached
    tiles. Before each uncached tile, two zones of the territory in the middle of the tile change, so that it has to be read
    again."""
    rounds = size.repeat(15)
    _lay_out_hexes()
    found: list[Figure] = in_the_view(size)
    changed = middle().pk
    with (
        bench_server.granian(processes=size.processes) as site,
        bench_server.Connection(site.port) as client,
        connection.cursor() as cursor,
    ):
        for zoom in ZOOMS:
            z, x, y = address(zoom)
            path = f"/map/t/bench/tiles/{z}/{x}/{y}.mvt"

            def fetch(right: str, path: str = path) -> bytes:
                status, head, _body = client.get(f"{path}?v={right}")
                assert status == 200, status
                return head

            def hexes(z: int = z, x: int = x, y: int = y) -> None:
                cursor.execute(_HEXES.format(z=z, x=x, y=y))
                cursor.fetchone()

            fetch(_right())
            cold, plain = [], []
            for _ in range(rounds):
                change_map(changed)
                right = _right()
                cold.append(once(partial(fetch, right)))
                plain.append(once(hexes))
            right = _right()
            head = fetch(right)
            assert b"immutable" in head
            tag = next(
                line.split(b":", 1)[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"etag:")
            )

            def unchanged(path: str = path, right: str = right, tag: str = tag.decode()) -> None:
                status, _head, _body = client.get(f"{path}?v={right}", {"If-None-Match": tag})
                assert status == 304, status

            warm, same = in_turn(partial(fetch, right), unchanged, 4 * rounds)
            goal = f"≤ {GOALS[zoom]} ms"
            found += [
                figure(
                    f"tile z{zoom} uncached", 1e3 * median(cold), "ms", 1e3 * median(plain), goal, "hexagons in SQL"
                ),
                figure(f"tile z{zoom} cached", 1e3 * median(warm), "ms", 1e3 * median(cold), "≤ 1 ms", "uncached"),
                figure(f"tile z{zoom} 304", 1e3 * median(same), "ms", 1e3 * median(warm), "≤ 1 ms", "cached"),
            ]
    return found
