"""Public pages for readers without session, served by granian: requests per second of four clients."""

import multiprocessing
import time
from typing import Any

from django.db import connections
from django.urls import reverse
from django.utils import timezone

from needs.crises import crisis_events
from needs.models import Crisis
from solidarity.ops.bench import bench_server
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median
from volunteers.models import Territory

LANGUAGES = ("fr", "en", "ar,fr;q=0.5", "es")  # one client each
EMPTY = "/health/empty/"  # of solidarity.ops.bench.empty_view


def _client(port: int, path: str, language: str, until: float, out: Any) -> None:
    count, statuses, cookies = 0, set(), False
    headers = {"Accept-Language": language, "Accept-Encoding": "gzip"}
    with bench_server.Connection(port) as client:
        while time.time() < until:
            status, head, _body = client.get(path, headers)
            statuses.add(status)
            cookies = cookies or b"set-cookie" in head.lower()
            count += 1
    out.put((count, statuses, cookies))


def rate(port: int, path: str, seconds: float) -> tuple[float, bool]:
    """Return the requests per second for a page, and whether the page set a cookie."""
    out: Any = multiprocessing.Queue()
    start = time.perf_counter()
    until = time.time() + seconds
    clients = [
        multiprocessing.Process(target=_client, args=(port, path, language, until, out)) for language in LANGUAGES
    ]
    for client in clients:
        client.start()
    results = [out.get() for _ in clients]
    for client in clients:
        client.join()
    elapsed = time.perf_counter() - start
    assert {status for _count, statuses, _cookies in results for status in statuses} == {200}, path
    return sum(count for count, *_ in results) / elapsed, any(cookies for *_, cookies in results)


def _event() -> Crisis:
    """Return the benchmark's event, opened on first use."""
    known = Crisis.objects.filter(name="Benchmark").first()
    if known is not None:
        return known
    author = bench_server.person("pages@bench.example", administrator=True)
    area = crisis_events.as_multipolygon(Territory.objects.get(slug="bench").polygon)
    event = crisis_events.Event("Benchmark", "", area, timezone.now(), None, crisis_events.PRESET)
    return crisis_events.open_event(event, author.pk)


def pages() -> dict[str, str]:
    """Return the paths of the measured pages by name."""
    return {
        "home": reverse("home"),
        "help": reverse("needs:report_need"),
        "need form": reverse("needs:need_form", args=["none"]),
        "crisis report": reverse("needs:crisis_report", args=[_event().slug]),
        "public map": reverse("mapping:public"),
        "sign-in": reverse("account_login"),
        "about": reverse("about"),
    }


def measure(size: Size) -> list[Figure]:
    """Compare each page with an empty view behind all middleware, in turn on one server. Also print the rate of the
    same page when it is rendered for each request."""
    measured, rounds, seconds = pages(), size.repeat(3), size.seconds / 4
    connections.close_all()
    found: list[Figure] = []
    with (
        bench_server.granian(application="solidarity.ops.bench.empty_view:application") as site,
        bench_server.granian(more={"SOLIDARITY_KEPT_PAGE_SECONDS": "0"}) as rendering,
    ):
        for name, path in measured.items():
            kept, empty, rendered = [], [], []
            for _ in range(rounds):
                requests, cookies = rate(site.port, path, seconds)
                assert not cookies, f"{path} sets a cookie"
                kept.append(requests)
                empty.append(rate(site.port, EMPTY, seconds)[0])
                rendered.append(rate(rendering.port, path, seconds)[0])
            note = f"rendered for each request: {median(rendered):,.0f}; reference: an empty view behind all middleware"
            found.append(figure(f"page {name}", median(kept), "1/s", median(empty), "≥ 1,000/s", note))
    return found
