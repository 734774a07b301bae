"""Tiles of the region served by granian: uncached, cached, not modified."""

import io
import math

from django.db import connection

from mapping.map import tiles
from solidarity.lib import cell_geometry
from solidarity.ops.bench import bench_region, bench_server
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, in_turn, median, once

ZOOMS = (8, 10, 12, 14)

# The reference for uncached tiles: ST_AsMVT of one stored hexagon per cell.
_HEXES = """
    WITH box AS (SELECT ST_TileEnvelope({z}, {x}, {y}) AS box)
    SELECT ST_AsMVT(l, 'cells') FROM (
        SELECT c.cell, c.status, ST_AsMVTGeom(c.geom, b.box, 4096, 64, true) AS geom
        FROM box b, bench_hex c WHERE c.geom && b.box) l"""


def address(zoom: int) -> tuple[int, int, int]:
    """Return the tile (zoom, x, y) at the region's centre."""
    lat, lng = bench_region.CENTRE
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


def measure(size: Size) -> list[Figure]:
    """Compare uncached tiles with hexagons in SQL, cached tiles with uncached tiles, and 304 responses with cached
    tiles."""
    rounds = size.repeat(15)
    _lay_out_hexes()
    found: list[Figure] = []
    cookie = {
        "Cookie": f"sessionid={bench_server.session_of(bench_server.person('tiles@bench.example', administrator=True))}"
    }
    with bench_server.granian() as site, bench_server.Connection(site.port) as client, connection.cursor() as cursor:
        for zoom in ZOOMS:
            z, x, y = address(zoom)
            path = f"/map/t/bench/tiles/{z}/{x}/{y}.mvt"

            def fetch(path: str = path) -> None:
                status, _head, _body = client.get(path, cookie)
                assert status == 200, status

            def uncached(fetch: object = fetch) -> float:
                tiles.forget_live()
                return once(fetch)  # type: ignore[arg-type]

            def hexes(z: int = z, x: int = x, y: int = y) -> None:
                cursor.execute(_HEXES.format(z=z, x=x, y=y))
                cursor.fetchone()

            cold = [uncached() for _ in range(rounds)]
            plain = [once(hexes) for _ in range(rounds)]
            _status, head, body = client.get(path, cookie)
            tag = next(
                line.split(b":", 1)[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"etag:")
            )
            conditional = {**cookie, "If-None-Match": tag.decode()}

            def unchanged(path: str = path, conditional: dict[str, str] = conditional) -> None:
                status, _head, _body = client.get(path, conditional)
                assert status == 304, status

            warm, same = in_turn(fetch, unchanged, 4 * rounds)
            note = f"{len(body) / 1024:.0f} KB; reference: hexagons in SQL"
            found += [
                figure(f"tile z{zoom} uncached", 1e3 * median(cold), "ms", 1e3 * median(plain), "", note),
                figure(f"tile z{zoom} cached", 1e3 * median(warm), "ms", 1e3 * median(cold), "", "reference: uncached"),
                figure(f"tile z{zoom} 304", 1e3 * median(same), "ms", 1e3 * median(warm), "", "reference: cached"),
            ]
    return found
