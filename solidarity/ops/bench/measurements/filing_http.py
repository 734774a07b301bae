"""Filing through the HTTP endpoint, served by granian."""

import json
import multiprocessing
import time
import uuid
from datetime import timedelta
from typing import Any

from django.db import connections
from django.urls import reverse
from django.utils import timezone

from solidarity.ops.bench import bench_region, bench_server
from solidarity.ops.bench.measurements.filing_and_fold import filing_verb
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median, percentile

CLIENTS = 8


def filing_requests(count: int, session: str, token: str, seed: int) -> list[bytes]:
    """Return requests that each file an encounter. session, token: of an account; seed: of the places."""
    lat, lng = bench_region.points(count, seed)
    path = reverse("api:encounters")
    at = (timezone.now() - timedelta(hours=1)).isoformat()
    made = []
    for i in range(count):
        body = json.dumps(
            {
                "id": str(uuid.uuid4()), "at": at, "latitude": round(float(lat[i]), 6),
                "longitude": round(float(lng[i]), 6), "persons": i % 5, "minutes": 20, "asked": ["food", "blanket"],
                "given": ["food"], "association": "bench", "consent": True,
            }
        ).encode()  # fmt: skip
        made.append(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-CSRFToken: {token}\r\n"
            f"Cookie: sessionid={session}; csrftoken={token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
    return made


def _client(port: int, requests: list[bytes], until: float, out: Any) -> None:
    seconds, statuses = [], set()
    with bench_server.Connection(port) as client:
        for request in requests:
            start = time.perf_counter()
            if time.time() > until:
                break
            status, _head, _body = client.send(request)
            seconds.append(time.perf_counter() - start)
            statuses.add(status)
    out.put((seconds, sorted(statuses)))


def measure(size: Size) -> list[Figure]:
    """Compare the latency of one client with a bare INSERT, and the requests per second of eight clients with the
    verb."""
    [verb] = filing_verb(size)
    own = bench_region.association().pk
    session = bench_server.session_of(bench_server.person("filing@bench.example", association=own))
    token = uuid.uuid4().hex
    with bench_server.granian() as site:
        with bench_server.Connection(site.port) as client:
            alone = []
            for request in filing_requests(size.repeat(600), session, token, 21):
                start = time.perf_counter()
                status, _head, body = client.send(request)
                alone.append(time.perf_counter() - start)
                assert status == 201, (status, body[:300])
        connections.close_all()
        out: Any = multiprocessing.Queue()
        batches = [filing_requests(int(size.seconds * 600), session, token, 30 + n) for n in range(CLIENTS)]
        end = time.time() + size.seconds
        start = time.perf_counter()
        processes = [multiprocessing.Process(target=_client, args=(site.port, batch, end, out)) for batch in batches]
        for process in processes:
            process.start()
        results = [out.get() for _ in processes]
        for process in processes:
            process.join()
        elapsed = time.perf_counter() - start
    seconds = [value for found, _statuses in results for value in found]
    statuses = {status for _found, found in results for status in found}
    assert statuses == {201}, statuses
    rate, verb_rate = len(seconds) / elapsed, 1e3 / verb.value
    note = f"{CLIENTS} clients, p95 {1e3 * percentile(seconds, 0.95):.1f} ms"
    return [
        figure("filing http", 1e3 * median(alone), "ms", verb.reference, "", "one client; reference: bare INSERT"),
        figure("filing rps", rate, "1/s", verb_rate, "≥ 0.4", note),
    ]
