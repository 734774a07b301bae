"""Requests per second of live tiles, compared with tipg, which serves tables of PostGIS, on the same shapes.

tipg is no dependency: it is installed into a virtual environment of its own when it is first asked for.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from solidarity.local.checkout import Checkout
from solidarity.ops.bench import bench_server
from solidarity.ops.bench.maps import pipelined, tile_speed
from solidarity.ops.bench.maps.pipelined import Server
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median
from solidarity.ops.ports import free_port, running

TIPG, UVICORN = "tipg==1.6.1", "uvicorn[standard]==0.54.0"
SCHEMA = "bench_tiles"
TABLES = {8: "cells7", 10: "cells8", 12: "zones", 14: "zones"}  # by zoom
TEN_TIMES = 10


def lay_out_shapes() -> None:
    """Store the content of the region's live tiles in separate tables, projected and indexed."""
    cells = "SELECT cell, status, cells, ST_Transform(outline, 3857) AS geom FROM mapping_lowzoomcell WHERE release_id IS NULL"
    zones = (
        "SELECT z.key, z.status, t.slug AS territory, z.overridden, z.computed, ST_Transform(z.shape, 3857) AS geom "
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


def measure(size: Size, say: Callable[[str], None]) -> list[Figure]:
    """Compare tiles of an open live map, drawn once and then kept, with tipg, which draws for each request. Without tipg,
    no figures."""
    python = installed(Checkout.here().installed / "tipg", say)
    if python is None:
        return []
    lay_out_shapes()
    rounds, seconds = size.repeat(3), size.seconds / 4
    found = []
    with bench_server.granian() as site, _tipg(python) as tipg:
        for zoom in tile_speed.ZOOMS:
            z, x, y = tile_speed.address(zoom)
            own = Server(site.port)
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(pipelined.rate(own, own.request(tile_speed.path_with_right(z, x, y)), seconds))
                theirs.append(pipelined.rate(tipg, tipg.request(peer_path(z, x, y)), seconds))
            note = "reference: tipg; times that ours are as many"
            found.append(figure(f"tile z{zoom} rps", median(ours), "1/s", median(theirs), f"≥ {TEN_TIMES}", note))
    return found
