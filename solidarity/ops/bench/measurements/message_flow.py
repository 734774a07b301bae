"""Text messages at the webhook while reports are filed, through HTTP, served by granian.

1,800 messages, as many as in a busy hour, come within three minutes, while 50 reports a second are filed. Every tenth
message is sent twice, as by a gateway that got no answer in time. Every request is due at a certain time. It is
measured from that time, even if it is sent later because it has to wait for the request before.
"""

import base64
import json
import multiprocessing
import os
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import connections
from standardwebhooks import Webhook

from needs.messages.channels.models import Correspondent, InboundMessage
from needs.messages.dialogue import message_reading
from needs.models import Need
from solidarity.lib.sms_gateways.chosen_gateway import WEBHOOKS
from solidarity.ops.bench import bench_region, bench_server
from solidarity.ops.bench.measurements.filing_speed import filing_requests
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, percentile

MESSAGES, PER_SECOND, FILINGS_PER_SECOND = 1800, 10, 50
PEOPLE, CLIENTS = 600, 3
TEXTS = (
    "We need blankets, two people, near the station", "Il fait très froid, une famille avec un bébé", "oui",
    "Нужна еда и вода", "أحتاج إلى مكان للنوم الليلة", "STATUS",
)  # fmt: skip


def _calls(count: int, secret: str, run: str) -> list[bytes]:
    """Return signed calls of the gateway; every tenth call occurs twice."""
    signer, calls = Webhook(secret), []
    for number in range(count):
        data = {"id": f"{run}-{number}", "from": f"+336120{number % PEOPLE:05d}", "text": TEXTS[number % len(TEXTS)]}
        body = json.dumps({"type": "message.received", "data": data}, ensure_ascii=False)
        known, at = f"msg_{run}{number}", int(time.time())
        signature = signer.sign(known, datetime.fromtimestamp(at, UTC), body)
        call = (
            f"POST {WEBHOOKS}generic/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"webhook-id: {known}\r\nwebhook-timestamp: {at}\r\nwebhook-signature: {signature}\r\n"
            f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
        ).encode()
        calls += [call, call] if number % 10 == 0 else [call]
    return calls


def _send(port: int, requests: list[tuple[float, bytes]], start: float, out: Any, kind: str) -> None:
    """Send each request at its second after ``start``; put the seconds from that time to the answer, and the statuses."""
    seconds, statuses = [], set()
    with bench_server.Connection(port) as client:
        for due, request in requests:
            if (wait := start + due - time.time()) > 0:
                time.sleep(wait)
            status, _head, _body = client.send(request)
            seconds.append(time.time() - start - due)
            statuses.add(status)
    out.put((kind, seconds, sorted(statuses)))


def _spread(requests: list[bytes], per_second: float) -> list[list[tuple[float, bytes]]]:
    """Give each request its second, and share the requests among the clients."""
    timed = [(number / per_second, request) for number, request in enumerate(requests)]
    return [timed[client::CLIENTS] for client in range(CLIENTS)]


def _read(stop: Any) -> None:
    """Read waiting messages as the worker does, which is woken at most twice a second."""
    while not stop.is_set():
        message_reading.read_waiting(5)
        stop.wait(0.5)


def _wait_until_read(run: str, end: float) -> None:
    waiting = InboundMessage.objects.waiting().filter(provider_id__startswith=f"{run}-")
    while waiting.exists() and time.time() < end:
        time.sleep(0.5)


def _warm_up(port: int, filings: list[bytes]) -> None:
    """Make the processes of the server load everything that they load on first use. A call that is not signed reaches
    the webhook too."""
    unsigned = f"POST {WEBHOOKS}generic/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    for filing in filings:
        with bench_server.Connection(port) as client:
            assert client.send(filing)[0] == 201 and client.send(unsigned)[0] in (403, 429)


def measure(size: Size) -> list[Figure]:
    """Return the 95th percentile from the time of a call until its message is stored, and the messages that were lost
    or stored twice."""
    count = size.repeat(MESSAGES, least=10)
    run, secret = uuid.uuid4().hex[:8], "whsec_" + base64.b64encode(os.urandom(24)).decode()
    member = bench_server.person("filing@bench.example", association=bench_region.association().pk)
    token = bench_server.token_of(member)
    calls = _calls(count, secret, run)
    filings = filing_requests(int(len(calls) / PER_SECOND * FILINGS_PER_SECOND) + 1, token, 41)
    environment = {"SOLIDARITY_SMS_GATEWAY": "generic", "SOLIDARITY_SMS_SECRET": secret}
    with bench_server.granian(more=environment, processes=size.processes) as site:
        _warm_up(site.port, filing_requests(4 * CLIENTS, token, 42))
        connections.close_all()
        out: Any = multiprocessing.Queue()
        stop = multiprocessing.Event()
        reader = multiprocessing.Process(target=_read, args=(stop,))
        reader.start()
        start = time.time() + 1
        processes = [
            multiprocessing.Process(target=_send, args=(site.port, part, start, out, kind))
            for kind, requests, rate in (("sms", calls, PER_SECOND), ("filing", filings, FILINGS_PER_SECOND))
            for part in _spread(requests, rate)
        ]
        for process in processes:
            process.start()
        results = [out.get() for _ in processes]
        for process in processes:
            process.join()
        _wait_until_read(run, time.time() + 600)
        stop.set()
        reader.join()
    seconds: dict[str, list[float]] = {"sms": [], "filing": []}
    for kind, found, statuses in results:
        assert statuses == [{"sms": 200, "filing": 201}[kind]], (kind, statuses)
        seconds[kind] += found
    stored = list(
        InboundMessage.objects.filter(provider_id__startswith=f"{run}-").values_list("provider_id", flat=True)
    )
    lost, twice = count - len(set(stored)), len(stored) - len(set(stored))
    read = InboundMessage.objects.filter(provider_id__startswith=f"{run}-").exclude(read_at=None)
    waited = [(row.read_at - row.stored_at).total_seconds() for row in read if row.read_at]
    unread = count - len(waited)
    Need.objects.filter(dialogues__correspondent__received__provider_id__startswith=f"{run}-").delete()
    Correspondent.objects.filter(received__provider_id__startswith=f"{run}-").delete()
    assert (lost, twice, unread) == (0, 0, 0), (lost, twice, unread)
    note = f"{count} in {len(calls) / PER_SECOND:.0f} s, {FILINGS_PER_SECOND} filings/s; reference: p95 of the filings"
    p95, filed = 1e3 * percentile(seconds["sms"], 0.95), 1e3 * percentile(seconds["filing"], 0.95)
    return [
        figure("sms stored p95", p95, "ms", filed, "≤ 2000 ms", note),
        figure(
            "sms queue p95",
            p95 + 1e3 * percentile(waited, 0.95),
            "ms",
            filed,
            "≤ 2000 ms",
            "from the call until the dialogue has read it",
        ),
        figure("sms lost or twice", lost + twice, "", count, "0", f"{len(calls) - count} were sent twice"),
    ]
