"""Filing, alone and in batches: the verbs in this process, and the addresses that call them, served by granian.

The reference is what any program has to do: the indexed INSERT of a report and the INSERT of an outbox row, in one
transaction, without any check.
"""

import json
import multiprocessing
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connections
from django.urls import reverse
from django.utils import timezone

from needs.crises.crisis_events import PRESET, Event, open_event
from needs.models import Crisis
from needs.reports.intake import Sender, ToFile, file_all, file_encounter
from solidarity.lib import grid
from solidarity.ops.bench import bench_region, bench_server
from solidarity.ops.bench.measurements import filing_and_fold
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, in_turn, median, percentile
from volunteers.models import Territory

CLIENTS = 8
BATCH = 25
READS = 200
"""Pages that others read each second while an event's reports come in."""


class _Bare:
    """The reference, with a connection of its own."""

    def __init__(self) -> None:
        self.drafts = filing_and_fold.Sequence(12)
        self.raw = filing_and_fold.raw_connection()
        self.raw.autocommit = False
        self.cursor = self.raw.cursor()

    def insert(self, reports: int) -> None:
        for _each in range(reports):
            draft, key = self.drafts.draft(), str(uuid.uuid4())
            cell = grid.cell_of(draft.place.latitude, draft.place.longitude)
            self.cursor.execute(
                "INSERT INTO bench_bare (id, at, point, cell, persons, contacts) "
                "VALUES (%s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography, %s, %s, %s)",
                [key, draft.at, draft.place.longitude, draft.place.latitude, cell, draft.persons, draft.persons],
            )
            self.cursor.execute(
                "INSERT INTO bench_outbox (kind, report, new_cell, at) VALUES (2, %s, %s, now())", [key, cell]
            )
        self.raw.commit()


def verbs(size: Size) -> list[Figure]:
    """Compare the verbs for one report and for many with the reference."""
    drafts, own, bare = filing_and_fold.Sequence(11), bench_region.association().pk, _Bare()
    sender = Sender(None, "bench", "bench")

    def one() -> None:
        file_encounter(drafts.draft(), association=own, author=None)

    def many() -> None:
        file_all([ToFile(drafts.draft(), (), association=own) for _each in range(BATCH)], sender)

    rounds = size.repeat(1500)
    ours, theirs = in_turn(one, lambda: bare.insert(1), rounds, warm=min(50, rounds))
    rounds = size.repeat(200)
    batches, bare_batches = in_turn(many, lambda: bare.insert(BATCH), rounds, warm=min(10, rounds))
    bare.raw.close()
    note = f"p95 {1e3 * percentile(ours, 0.95):.2f} ms against {1e3 * percentile(theirs, 0.95):.2f} ms"
    rate, bare_rate = BATCH / median(batches), BATCH / median(bare_batches)
    together = f"batches of {BATCH}; reference: as many pairs of bare statements in one transaction"
    return [
        figure("filing verb", 1e3 * median(ours), "ms", 1e3 * median(theirs), "≤ 1.6", note),
        figure("filing verb in batches", rate, "1/s", bare_rate, "≥ 4,000/s", together),
    ]


# --- addresses -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Caller:
    """A sender of requests: a program with a token of the API, or somebody without an account if the token is ""."""

    token: str = ""

    def post(self, path: str, body: bytes, type: str = "application/json") -> bytes:
        who = f"Authorization: Bearer {self.token}" if self.token else "Origin: http://127.0.0.1"
        return (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {type}\r\n{who}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body


def encounters(count: int, seed: int) -> list[dict[str, Any]]:
    """Return the bodies of encounters. seed: the seed for the random places."""
    lat, lng = bench_region.points(count, seed)
    at = (timezone.now() - timedelta(hours=1)).isoformat()
    return [
        {
            "id": str(uuid.uuid4()), "at": at, "latitude": round(float(lat[i]), 6),
            "longitude": round(float(lng[i]), 6), "persons": i % 5, "minutes": 20, "asked": ["food", "blanket"],
            "given": ["food"], "association": "bench", "note": "Two people with a small dog need blankets",
        }
        for i in range(count)
    ]  # fmt: skip


def filing_requests(count: int, token: str, seed: int) -> list[bytes]:
    """Return requests that each file an encounter. seed: the seed for the random places."""
    path, caller = reverse("api:encounters"), _Caller(token)
    return [caller.post(path, json.dumps(each).encode()) for each in encounters(count, seed)]


def batch_requests(count: int, token: str, seed: int) -> list[bytes]:
    """Return requests that each file BATCH encounters."""
    path, caller = reverse("api:report_batch"), _Caller(token)
    every = [{"kind": "encounter", **each} for each in encounters(count * BATCH, seed)]
    parts = (every[start : start + BATCH] for start in range(0, len(every), BATCH))
    return [caller.post(path, json.dumps({"reports": part}).encode()) for part in parts]


def crisis_requests(count: int, crisis: Crisis, seed: int) -> list[bytes]:
    """Return posts of an event's form by people without an account, each from a device of its own."""
    lat, lng = bench_region.points(count, seed)
    path, caller = reverse("needs:crisis_report", args=[crisis.slug]), _Caller()
    category = crisis.categories.all()[0].pk
    bodies = [
        urlencode(
            {
                "id": str(uuid.uuid4()), "category": category, "urgency": "soon", "persons": 1 + i % 4, "gate": "",
                "latitude": round(float(lat[i]), 6), "longitude": round(float(lng[i]), 6),
                "text": "Two people with a small dog under the bridge need blankets for the night",
            }
        )
        for i in range(count)
    ]  # fmt: skip
    return [caller.post(path, body.encode(), "application/x-www-form-urlencoded") for body in bodies]


def _client(port: int, requests: list[bytes], until: float, pace: float, out: Any) -> None:
    """Send requests until a time, one every ``pace`` seconds at most. Put (seconds of each, statuses, time of the first
    request, time of the last answer)."""
    taken, statuses = [], set()
    with bench_server.Connection(port) as client:
        first = last = time.perf_counter()  # Linux has one such clock for all processes
        for number, request in enumerate(requests):
            time.sleep(max(0.0, first + number * pace - time.perf_counter()))
            start = time.perf_counter()
            if start > until:
                break
            status, _head, body = client.send(request)
            last = time.perf_counter()
            taken.append(last - start)
            statuses.add(status)
            if b'"status":4' in body or b'"status":5' in body:  # of one report in a batch
                statuses.add(422)
    out.put((taken, sorted(statuses), first, last))


def _load(port: int, batches: Sequence[list[bytes]], seconds: float, status: int, pace: float = 0.0) -> Any:
    """Start one client for each list of requests. Return a function that waits for them: (seconds of each, elapsed).

    All answers count, however slow. elapsed: seconds from the first request that a client sent to the last answer that a
    client received, so without the start and the end of the clients' processes.
    """
    connections.close_all()
    out: Any = multiprocessing.Queue()
    until = time.perf_counter() + seconds
    made = [multiprocessing.Process(target=_client, args=(port, each, until, pace, out)) for each in batches]
    for process in made:
        process.start()

    def finish() -> tuple[list[float], float]:
        results = [out.get() for _ in made]
        for process in made:
            process.join()
        statuses = {found for _taken, every, _first, _last in results for found in every}
        assert statuses == {status}, statuses
        elapsed = max(last for *_rest, last in results) - min(first for *_rest, first, _last in results)
        return [value for taken, *_rest in results for value in taken], elapsed

    return finish


def endpoints(size: Size) -> list[Figure]:
    """Compare single filing, batches and reports to an event with the reference and with the verb."""
    verb, batch = verbs(size)
    own = bench_region.association().pk
    users = [bench_server.person(f"filing{number}@bench.example", association=own) for number in range(CLIENTS)]
    keys = [bench_server.token_of(user) for user in users]
    area = Territory.objects.get(slug="bench").polygon
    crisis = open_event(Event("Bench", "", area, timezone.now() - timedelta(hours=1), None, PRESET), users[0].pk)
    with bench_server.granian(more=bench_server.WITHOUT_LIMITS, processes=size.processes) as site:
        with bench_server.Connection(site.port) as client:
            alone = []
            for request in filing_requests(size.repeat(600), keys[0], 21):
                start = time.perf_counter()
                status, _head, body = client.send(request)
                alone.append(time.perf_counter() - start)
                assert status == 201, (status, body[:300])
        most = int(size.seconds * 300)
        single = [filing_requests(most, key, 30 + n) for n, key in enumerate(keys)]
        seconds, elapsed = _load(site.port, single, size.seconds, 201)()
        many = [batch_requests(int(size.seconds * 40), key, 50 + n) for n, key in enumerate(keys)]
        batches, batch_elapsed = _load(site.port, many, size.seconds, 200)()
        page = f"GET {reverse('needs:crisis_report', args=[crisis.slug])} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        posts = [crisis_requests(most // 2, crisis, 70 + n) for n in range(CLIENTS)]
        reading = _load(site.port, [[page] * most] * 4, size.seconds, 200, pace=4 / READS)
        reports, crisis_elapsed = _load(site.port, posts, size.seconds, 302)()
        reads, read_elapsed = reading()
    read = f"while {len(reads) / read_elapsed:.0f} pages/s are read"
    bare = 1e3 / verb.reference
    return [
        verb,
        batch,
        figure("filing http", 1e3 * median(alone), "ms", verb.reference, "", "one client"),
        figure("filing rps", len(seconds) / elapsed, "1/s", bare, "≥ 500/s", _clients(seconds)),
        figure("filing rps in batches", BATCH * len(batches) / batch_elapsed, "1/s", bare, "≥ 4,000/s", _clients(batches)),
        figure("crisis report rps", len(reports) / crisis_elapsed, "1/s", bare, "≥ 200/s", f"{_clients(reports)}, {read}"),
    ]  # fmt: skip


def _clients(seconds: list[float]) -> str:
    return f"{CLIENTS} clients, p95 {1e3 * percentile(seconds, 0.95):.1f} ms"
