"""What the first visit to a page costs on a slow phone: bytes, first paint, and when a map's list can be read.

The site is served as a deployment serves it: collected files, compressed, by granian, without a street map.
"""

from typing import Any

from django.conf import settings

from solidarity.ops.bench import bench_server
from solidarity.ops.bench.measurements.phone import chromium_program
from solidarity.ops.bench.network_conditions import NetworkProxy, network_proxy
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.slow_phone import LINK, Visit, visit
from solidarity.ops.bench.timing import Figure, figure, median

MAP = "/map/t/b-0-0/"
MAP_PARTS = {"shows": "[data-overview]", "until": "[data-drawn]"}
PAGES = (  # name, address, most KB
    ("home", "/", 100),
    ("about", "/about/", 100),
    ("need form", "/help/none/form/", 120),
)
MAP_KB = 700


def measure(size: Size) -> list[Figure]:
    """Visit each page with an empty cache, several times unless the run is short."""
    rounds = size.repeat(3, 1)
    from playwright.sync_api import sync_playwright

    person = bench_server.person("weight@bench.example", administrator=True)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": bench_server.session_of(person)}
    folder = settings.STATE / "bench-static"  # the folder stays, so that the next run compresses only changed files
    bench_server.collect(folder)
    with (
        bench_server.granian(folder) as site,
        network_proxy(f"http://127.0.0.1:{site.port}") as network,
        sync_playwright() as play,
    ):
        chromium = play.chromium.launch(executable_path=chromium_program(), args=["--no-sandbox"])
        found: list[Figure] = []
        for name, address, most in PAGES:
            found += _figures(name, _visits(chromium, network, address, rounds), most)
        found += _map_figures(_visits(chromium, network, MAP, rounds, cookies=[cookie], **MAP_PARTS))
        chromium.close()
    return found


def _visits(chromium: Any, network: NetworkProxy, address: str, rounds: int, **options: Any) -> list[Visit]:
    """Return first visits, each with an empty cache, after one that warms the server."""
    return [visit(chromium, network, address, locale="fr-FR", **options) for _ in range(rounds + 1)][1:]


def _figures(name: str, seen: list[Visit], most: float) -> list[Figure]:
    size, painted = max(each.size for each in seen), median([each.painted for each in seen])
    return [
        figure(f"weight {name}", size / 1024, "KB", most, "≤ 1", f"{len(seen[0].answers)} answers"),
        figure(f"paint {name}", painted / 1000, "s", 3, "≤ 1", _REFERENCE.format(size / LINK)),
    ]


_REFERENCE = "400 kbit/s, processor 4 times slower; the bytes alone take {:.1f} s"


def _map_figures(seen: list[Visit]) -> list[Figure]:
    size, shown = max(each.size for each in seen), median([each.shown for each in seen])
    return [
        figure("weight first map", size / 1024, "KB", MAP_KB, "≤ 1", f"{len(seen[0].answers)} answers"),
        figure("list of the map readable", shown / 1000, "s", 4, "≤ 1", _REFERENCE.format(size / LINK)),
    ]
