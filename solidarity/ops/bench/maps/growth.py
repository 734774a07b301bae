"""How tile, page and search grow with the number of reports."""

from functools import partial

import numpy as np
from django.conf import settings
from django.urls import reverse

from mapping.enums import STATUS_KEYS, Status
from solidarity.ops.bench import bench_region, bench_server
from solidarity.ops.bench.bench_server import Connection, Server
from solidarity.ops.bench.maps import tile_speed
from solidarity.ops.bench.sizes import Size, label
from solidarity.ops.bench.timing import Figure, figure, median, once

GOAL = 0.1


def _get(client: Connection, path: str, session: str) -> None:
    status, _head, _body = client.get(path, {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"})
    assert status == 200, (path, status)


def _measured(site: Server, rounds: int) -> dict[str, float]:
    """Return the median seconds of a tile after a change, of a signed-in page and of a search, with the present
    reports."""
    session = bench_server.session_of(bench_server.person("growth@bench.example", administrator=True))
    middle = tile_speed.middle()
    pages = {
        "page": reverse("mapping:zones", args=[middle.slug]),
        "search": reverse("mapping:zones", args=["bench"]) + f"?status={STATUS_KEYS[Status.UNDER_COVERED]}",
    }
    seconds: dict[str, list[float]] = {"tile": [], **{name: [] for name in pages}}
    with Connection(site.port) as client:
        for number in range(rounds + 4):
            tile_speed.change_map(middle.pk)
            path = tile_speed.path_with_right(*tile_speed.address(12))
            took = {"tile": once(partial(_get, client, path, ""))}
            took |= {name: once(partial(_get, client, page, session)) for name, page in pages.items()}
            if number >= 4:  # by now, both processes of the server have filled their caches with these reports
                for name, value in took.items():
                    seconds[name].append(value)
    return {name: median(values) for name, values in seconds.items()}


def measure(size: Size) -> list[Figure]:
    """Fill the ledger at each size of ``size.growth``, and fit the exponents."""
    measured = []
    with bench_server.granian(processes=size.processes) as site:
        for rows in size.growth:
            bench_region.fill(rows)
            measured.append(_measured(site, size.repeat(40, 3)))
    reports = np.log(np.array(size.growth, dtype=float))
    found = []
    for name in measured[0]:
        values = [each[name] for each in measured]
        exponent = float(np.polyfit(reports, np.log(values), 1)[0])
        sizes = ", ".join(
            f"{label(rows)}: {1e3 * value:.2f} ms" for rows, value in zip(size.growth, values, strict=True)
        )
        found.append(figure(f"growth of {name}", exponent, "", GOAL, f"≤ {GOAL}", f"exponent; {sizes}"))
    return found
