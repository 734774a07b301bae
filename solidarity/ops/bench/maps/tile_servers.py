"""Live tiles compared with tipg and MapServer, which serve tables of PostGIS, on the same shapes.

Neither is a dependency: tipg is installed into a virtual environment of its own when it is first asked for, MapServer is
unpacked (mapserver.py).
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from solidarity.local.checkout import Checkout
from solidarity.ops.bench import bench_server
from solidarity.ops.bench.maps import mapserver, nginx_servers, pipelined, tile_speed
from solidarity.ops.bench.maps.pipelined import Server
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median, once
from solidarity.ops.ports import free_port, running

TIPG, UVICORN = "tipg==1.6.1", "uvicorn[standard]==0.54.0"
SCHEMA = "bench_tiles"
TABLES = {8: "cells7", 10: "cells8", 12: "zones", 14: "zones"}  # by zoom
UNIQUE = {"cells7": "cell", "cells8": "cell", "zones": "key"}
TEN_TIMES = 10
SMALLEST = 200  # bytes of a tile with zones


@dataclass(frozen=True, slots=True)
class Other:
    """Another tile server. path: gives the address of the same tile there."""

    name: str
    server: Server
    path: Callable[[int, int, int], str]


def lay_out_shapes() -> None:
    """Store the content of the region's live tiles in separate tables, projected and indexed."""
    # tipg and MapServer believe the column's declared type: without it, tipg draws empty tiles.
    shape = "ST_Multi(ST_Transform({}, 3857))::geometry(MultiPolygon, 3857) AS geom"
    cells = f"SELECT cell, status, cells, {shape.format('outline')} FROM mapping_lowzoomcell WHERE release_id IS NULL"
    zones = (
        f"SELECT z.key, z.status, t.slug AS territory, z.overridden, z.computed, {shape.format('z.shape')} "
        "FROM mapping_zone z JOIN volunteers_territory t ON t.id = z.territory_id WHERE z.release_id IS NULL"
    )
    sources = {"cells7": f"{cells} AND resolution = 7", "cells8": f"{cells} AND resolution = 8", "zones": zones}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        for name, source in sources.items():
            cursor.execute(f"CREATE TABLE {SCHEMA}.{name} AS {source}")
            cursor.execute(f"CREATE INDEX ON {SCHEMA}.{name} USING gist (geom)")
            cursor.execute(f"ANALYZE {SCHEMA}.{name}")


def peer_path(zoom: int, x: int, y: int) -> str:
    """Return the address of the same tile in tipg."""
    return f"/collections/{SCHEMA}.{TABLES[zoom]}/tiles/WebMercatorQuad/{zoom}/{x}/{y}"


def installed(folder: Path, say: Callable[[str], None]) -> Path | None:
    """Return the Python of the environment with tipg, made on first use. If that fails, print the reason and return
    None."""
    python = folder / "bin" / "python"
    made = folder / "complete"
    if not made.is_file():
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
            subprocess.run([str(python), "-m", "pip", "install", "-q", TIPG, UVICORN], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            say(f"tipg cannot be installed and is left out: {error}")
            return None
        made.touch()
    return python


@contextmanager
def _tipg(python: Path) -> Iterator[Server]:
    values, server = connection.settings_dict, Server(free_port())
    login = quote(values["USER"]) + (f":{quote(values['PASSWORD'])}" if values["PASSWORD"] else "")
    place = quote(values["HOST"] or "/var/run/postgresql", safe="") + (f":{values['PORT']}" if values["PORT"] else "")
    environment = {
        **os.environ, "DATABASE_URL": f"postgresql://{login}@{place}/{values['NAME']}", "TIPG_DB_SCHEMAS": f'["{SCHEMA}"]',
    }  # fmt: skip
    command = [
        str(python), "-m", "uvicorn", "tipg.main:app", "--port", str(server.port), "--workers", str(bench_server.WORKERS),
        "--log-level", "error", "--no-access-log",
    ]  # fmt: skip

    def healthy() -> bool:
        with server.connect() as link:
            return pipelined.first_answer(link, server.request("/healthz"))[0] == 200

    with running(command, healthy, env=environment, cwd=python.parent):
        yield server


@contextmanager
def _others(say: Callable[[str], None]) -> Iterator[list[Other]]:
    """Start the tile servers that can be installed here."""
    with ExitStack() as stack:
        found = []
        tipg = installed(Checkout.here().installed / "tipg", say)
        if tipg is not None:
            found.append(Other("tipg", stack.enter_context(_tipg(tipg)), peer_path))
        program = mapserver.installed(Checkout.here().installed, say) if nginx_servers.program() else None
        if program is not None:
            server = stack.enter_context(mapserver.serving(program, SCHEMA, UNIQUE))
            found.append(Other("MapServer", server, lambda z, x, y: mapserver.path(TABLES[z], z, x, y)))
        yield found


def measure(size: Size, say: Callable[[str], None]) -> list[Figure]:
    """Compare tiles of an open live map with servers that draw them for each request, from a copy that does not change:
    requests per second of a tile that was drawn once, and the time of the first answer after a change. Then compare the
    same tile through the shipped proxy with a file of a bare nginx."""
    lay_out_shapes()
    with bench_server.granian() as site, _others(say) as others:
        found = [each for zoom in tile_speed.ZOOMS for each in _beside(others, Server(site.port), zoom, size)]
    return found + _through_proxy(size)


def _beside(others: Sequence[Other], own: Server, zoom: int, size: Size) -> list[Figure]:
    z, x, y = tile_speed.address(zoom)
    seconds, changed, found = size.seconds / 4, tile_speed.middle().pk, []
    for other in others:
        request = other.server.request(other.path(z, x, y))
        with other.server.connect() as link:
            assert len(pipelined.first_answer(link, request)[2]) > SMALLEST, f"{other.name} draws nothing"
        ours, theirs, first, drawn = [], [], [], []
        for _ in range(size.repeat(3)):
            ours.append(pipelined.rate(own, own.request(tile_speed.path_with_right(z, x, y)), seconds))
            theirs.append(pipelined.rate(other.server, request, seconds))
        with own.connect() as site, other.server.connect() as peer:
            for _ in range(size.repeat(20) + 2):
                tile_speed.change_map(changed)
                own_request = own.request(tile_speed.path_with_right(z, x, y))
                first.append(once(partial(pipelined.first_answer, site, own_request)))
                drawn.append(once(partial(pipelined.first_answer, peer, request)))
        note = f"reference: {other.name}"
        found += [
            figure(f"tile z{zoom} rps, {other.name}", median(ours), "1/s", median(theirs), f"≥ {TEN_TIMES}", note),
            figure(
                f"tile z{zoom} first, {other.name}", 1e3 * median(first[2:]), "ms", 1e3 * median(drawn[2:]), "≤ 1", note
            ),
        ]
    return found


def _through_proxy(size: Size) -> list[Figure]:
    """Compare tiles through the shipped proxy, which asks the application each time, with a file. Without nginx, no
    figures."""
    if nginx_servers.program() is None:
        return []
    found = []
    with (
        tempfile.TemporaryDirectory() as made,
        bench_server.granian(more={"SOLIDARITY_ALLOWED_HOSTS": f"127.0.0.1,{nginx_servers.SITE}"}) as site,
        nginx_servers.shipped(site.port, Path(made)) as proxy,
    ):
        root = Path(made) / "tiles"
        root.mkdir()
        for zoom in tile_speed.ZOOMS:
            request = proxy.request(tile_speed.path_with_right(*tile_speed.address(zoom)))
            with proxy.connect() as link:
                status, _head, body = pipelined.first_answer(link, request)
            assert status == 200, status
            (root / "tile.mvt").write_bytes(body)
            with nginx_servers.bare(root, Path(made)) as plain:
                proxied, alone = [], []
                for _ in range(size.repeat(3)):
                    proxied.append(pipelined.rate(proxy, request, size.seconds / 4))
                    alone.append(pipelined.rate(plain, plain.request("/tile.mvt"), size.seconds / 4))
            note = "reference: the tile as a file of a bare nginx, over TLS too"
            found.append(figure(f"tile z{zoom} by proxy", median(proxied), "1/s", median(alone), "", note))
    return found
