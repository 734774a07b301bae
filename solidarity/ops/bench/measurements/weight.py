"""What the first visit to a page costs on a slow phone: bytes, first paint, and when a map's list can be read.

The site is served as a deployment serves it: collected files, compressed, by granian, without a street map.
"""

from typing import Any

from django.conf import settings

from solidarity.ops.bench import bench_server
from solidarity.ops.bench.measurements.phone import chromium_program
from solidarity.ops.bench.network_conditions import network_proxy
from solidarity.ops.bench.slow_phone import LINK, Visit, visit
from solidarity.ops.bench.timing import Figure, figure

MAP = "/map/t/b-0-0/"
PAGES = (  # name, address, most KB
    ("home", "/", 100),
    ("about", "/about/", 100),
    ("need form", "/help/none/form/", 120),
)
MAP_KB = 700


def measure() -> list[Figure]:
    """Visit each page once with an empty cache."""
    from playwright.sync_api import sync_playwright

    person = bench_server.person("weight@bench.example", administrator=True)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": bench_server.session_of(person)}
    folder = settings.STATE / "bench-static"  # stays: the next run compresses only what has changed
    bench_server.collect(folder)
    with (
        bench_server.granian(folder) as site,
        network_proxy(f"http://127.0.0.1:{site.port}") as network,
        sync_playwright() as play,
    ):
        chromium = play.chromium.launch(executable_path=chromium_program(), args=["--no-sandbox"])
        found: list[Figure] = []
        for name, address, most in PAGES:
            found += _figures(name, visit(chromium, network, address, locale="fr-FR"), most)
        found += _map_figures(chromium, network, cookie)
        chromium.close()
    return found


def _figures(name: str, seen: Visit, most: float) -> list[Figure]:
    return [
        figure(f"weight {name}", seen.size / 1024, "KB", most, "≤ 1", f"{len(seen.answers)} answers"),
        figure(f"paint {name}", seen.painted / 1000, "s", 3, "≤ 1", _REFERENCE.format(seen.size / LINK)),
    ]


_REFERENCE = "400 kbit/s, processor 4 times slower; the bytes alone take {:.1f} s"


def _map_figures(chromium: Any, network: Any, cookie: dict[str, str]) -> list[Figure]:
    seen = visit(
        chromium, network, MAP, shows="[data-zone-list], [data-overview]", until="[data-drawn]", cookies=[cookie],
        locale="fr-FR",
    )  # fmt: skip
    return [
        figure("weight first map", seen.size / 1024, "KB", MAP_KB, "≤ 1", f"{len(seen.answers)} answers"),
        figure("list of the map readable", seen.shown / 1000, "s", 4, "≤ 1", _REFERENCE.format(seen.size / LINK)),
    ]
