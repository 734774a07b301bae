"""Ranges of a public release's map: through the shipped proxy, and from Python alone."""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from mapping.map.releases import archives
from solidarity.ops.bench import bench_server
from solidarity.ops.bench.maps import nginx_servers, pipelined
from solidarity.ops.bench.maps.pipelined import Server
from solidarity.ops.bench.measurements.page_speed import EMPTY
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median

RANGE = "bytes=16384-20479"  # as long as a tile
TILE_BYTES, LAST_ZOOM = 4_000, 5
WORLD = (-179.0, -80.0, 179.0, 80.0)


def _store() -> str:
    """Store a release whose map has 1,365 tiles; return its folder below RELEASES_ROOT."""
    archive = archives.pack(lambda z, x, y: os.urandom(TILE_BYTES), WORLD, 0, LAST_ZOOM, "bench", {"zones": {}})
    return archives.store("public", {"made": "for a benchmark"}, archive)


def measure(size: Size) -> list[Figure]:
    """Compare ranges through the shipped proxy with a bare nginx that also serves the file over TLS. Compare ranges
    from Python with an empty view behind all middleware. Without nginx, measure only the ranges from Python."""
    folder = _store()
    try:
        return _measure(folder, size)
    finally:
        archives.drop(folder)


def _measure(folder: str, size: Size) -> list[Figure]:
    rounds, seconds = size.repeat(3), size.seconds / 4
    path = reverse("mapping:public_file", args=[folder.partition("/")[2], archives.MAP])
    proxied: list[float] = []
    alone: list[float] = []
    python: list[float] = []
    empty: list[float] = []
    with (
        bench_server.granian(
            application="solidarity.ops.bench.empty_view:application", processes=size.processes
        ) as site,
        tempfile.TemporaryDirectory() as made,
    ):
        own = Server(site.port)
        for _ in range(rounds):
            python.append(pipelined.rate(own, own.request(path, Range=RANGE), seconds, 206))
            empty.append(pipelined.rate(own, own.request(EMPTY), seconds))
        if nginx_servers.program() is not None:
            root = Path(settings.RELEASES_ROOT) / folder
            with (
                nginx_servers.shipped(site.port, Path(made)) as proxy,
                nginx_servers.bare(root, Path(made)) as plain,
            ):
                for _ in range(rounds):
                    proxied.append(pipelined.rate(proxy, proxy.request(path, Range=RANGE), seconds, 206))
                    alone.append(pipelined.rate(plain, plain.request(f"/{archives.MAP}", Range=RANGE), seconds, 206))
    found = [
        figure(
            "release range from Python", median(python), "1/s", median(empty), "≥ 8,000/s", "reference: an empty view"
        )
    ]
    if proxied:
        note = "reference: a bare nginx, over TLS too"
        found.append(figure("release range by proxy", median(proxied), "1/s", median(alone), "≥ 0.8", note))
    return found
