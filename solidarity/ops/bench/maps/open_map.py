"""From a report to the changed zone on a map that somebody has open: the web server, a worker, and a client that sends
the same requests as the page (live-tiles.js)."""

import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import fold
from mapping.enums import Status
from mapping.models import CellState
from solidarity.lib import grid
from solidarity.ops.bench import bench_region, bench_server
from solidarity.ops.bench.bench_server import Connection
from solidarity.ops.bench.maps.tile_speed import address_of
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median, percentile

EVERY = 1.0  # seconds between two questions, as in live-tiles.js
LONGEST = 30.0
ZOOM = 14


@contextmanager
def _worker() -> Iterator[None]:
    """Run a worker with this process's database inside the block."""
    environment = {**os.environ, "SOLIDARITY_DB_NAME": str(connection.settings_dict["NAME"])}
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "solidarity", "worker", "-P", "prefork", "-c", "1", "-l", "ERROR",
         "--without-gossip", "--without-mingle", "--without-heartbeat"],
        cwd=settings.ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


class OpenMap:
    """The client of one open map. It has a right to the tiles, and knows the version that it shows."""

    def __init__(self, client: Connection, session: str) -> None:
        self.client = client
        self.version = reverse("mapping:tiles_version", args=["bench"])
        self.asked = time.perf_counter()
        status, head, body = client.get(self.version, {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"})
        assert status == 200, status
        self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        self.right = json.loads(body)["right"]
        tags = (line for line in head.split(b"\r\n") if line.lower().startswith(b"etag:"))
        self.known = next(tags).partition(b":")[2].strip().decode()

    def ask(self) -> bool:
        """Ask for the version when it is time, and return whether it has changed."""
        time.sleep(max(0.0, self.asked + EVERY * random.uniform(0.9, 1.1) - time.perf_counter()))
        self.asked = time.perf_counter()
        status, head, body = self.client.get(f"{self.version}?v={quote(self.right)}", {"If-None-Match": self.known})
        if status == 304:
            return False
        assert status == 200, status
        self._take(head, body)
        return True

    def tile(self, x: int, y: int) -> bytes:
        path = reverse("mapping:tile", args=["bench", ZOOM, x, y])
        status, _head, body = self.client.get(f"{path}?v={quote(self.right)}")
        assert status == 200, status
        return body


def _report(session: str, latitude: float, longitude: float) -> bytes:
    """Return the request that files an encounter of many persons: it changes the state of a cell where little is
    known."""
    token = uuid.uuid4().hex
    body = json.dumps({
        "id": str(uuid.uuid4()), "at": timezone.now().isoformat(), "latitude": latitude, "longitude": longitude,
        "persons": 40, "minutes": 30, "asked": ["food"], "given": [], "association": "bench", "consent": True,
    }).encode()  # fmt: skip
    cookies = f"{settings.CSRF_COOKIE_NAME}={token}; {settings.SESSION_COOKIE_NAME}={session}"
    return (
        f"POST {reverse('api:encounters')} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-CSRFToken: {token}\r\nCookie: {cookies}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def measure(size: Size) -> list[Figure]:
    """Measure the seconds from the moment at which a report is sent until the client has a tile that differs. Raise
    RuntimeError if that never happens."""
    fold.fold_outbox()
    rounds = size.repeat(20)
    found = CellState.objects.exclude(status=Status.UNDER_COVERED).order_by("?").values_list("cell", flat=True)
    places = [grid.centre(cell) for cell in found[:rounds]]
    own = bench_region.association().pk
    session = bench_server.session_of(bench_server.person("open-map@bench.example", own, administrator=True))
    seconds = []
    with (
        bench_server.granian(more=bench_server.WITHOUT_LIMITS, processes=size.processes) as site,
        _worker(),
        Connection(site.port) as writer,
        Connection(site.port) as reader,
    ):
        shown = OpenMap(reader, session)
        for latitude, longitude in places:
            _zoom, x, y = address_of(latitude, longitude, ZOOM)
            while shown.ask():  # an earlier report may still be folded
                pass
            before = shown.tile(x, y)
            time.sleep(random.uniform(0.0, EVERY))  # people report at any moment between two questions
            start = time.perf_counter()
            status, _head, body = writer.send(_report(session, latitude, longitude))
            assert status == 201, body[:300]
            while not shown.ask() or shown.tile(x, y) == before:
                if time.perf_counter() - start > LONGEST:
                    raise RuntimeError("the open map did not change after a report")
            seconds.append(time.perf_counter() - start)
    note = f"p50 {median(seconds):.2f} s, {len(seconds)} reports; reference: the second between two questions"
    return [figure("report to open map p95", percentile(seconds, 0.95), "s", EVERY, "≤ 2 s", note)]
