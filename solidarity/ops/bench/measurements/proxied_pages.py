"""Public pages through the shipped proxy, which keeps them, beside the same answer from a file of a bare nginx."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from solidarity.ops.bench import bench_server
from solidarity.ops.bench.maps import nginx_servers, pipelined
from solidarity.ops.bench.measurements import page_speed
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median

READER = {"Accept-Language": "fr", "Accept-Encoding": "gzip"}
GOAL, FILE = "≥ 0.8", "page.html"
OF_NGINX = {"server", "date", "content-type", "content-length", "connection", "etag", "last-modified", "accept-ranges"}


def measure(size: Size, pages: Mapping[str, str] | None = None) -> list[Figure]:
    """Return the requests per second of each page, in turn with the reference. pages: paths by name. Without nginx, no
    figures."""
    if nginx_servers.program() is None:
        return []
    measured, rounds, seconds = pages or page_speed.pages(), size.repeat(3), size.seconds / 4
    found = []
    with (
        tempfile.TemporaryDirectory() as made,
        bench_server.granian(more={"SOLIDARITY_ALLOWED_HOSTS": f"127.0.0.1,{nginx_servers.SITE}"}) as site,
        nginx_servers.shipped(site.port, Path(made)) as proxy,
    ):
        root = Path(made) / "pages"
        root.mkdir()
        for name, path in measured.items():
            with proxy.connect() as link:
                status, head, body = pipelined.first_answer(link, proxy.request(path, **READER))
            assert status == 200, path
            (root / FILE).write_bytes(body)
            with nginx_servers.bare(root, Path(made), _headers(head)) as plain:
                proxied, alone = [], []
                for _ in range(rounds):
                    proxied.append(pipelined.rate(proxy, proxy.request(path, **READER), seconds))
                    alone.append(pipelined.rate(plain, plain.request(f"/{FILE}", **READER), seconds))
            note = "reference: the same answer, as a file and headers of a bare nginx, over TLS too"
            found.append(figure(f"page {name} by proxy", median(proxied), "1/s", median(alone), GOAL, note))
    return found


def _headers(head: bytes) -> dict[str, str]:
    """Return the headers of an answer that nginx does not write itself."""
    lines = (line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:])
    return {name: value for name, _colon, value in lines if name.lower() not in OF_NGINX}
