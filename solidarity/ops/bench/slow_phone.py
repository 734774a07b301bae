"""A slow phone on a slow link: Chromium with a slower processor and a throttled network, and what a page costs there."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from solidarity.ops.bench.network_conditions import NetworkProxy

LINK = 400_000 / 8  # bytes a second each way: 400 kbit/s
LATENCY = 100  # milliseconds of each request
SLOWER = 4  # times slower than this machine's processor
QUIET = 0.7  # seconds without an answer after which a page counts as complete
SIZE = {"width": 360, "height": 740}

# Notes the first frame in which an element is shown with the page's styles: window.shownAt, in ms since navigation.
_WATCH = """(selector) => {
  window.shownAt = null;
  const look = () => {
    const element = document.querySelector(selector);
    const painted = performance.getEntriesByName('first-contentful-paint').length;
    if (painted && element && element.getBoundingClientRect().height > 0) window.shownAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    """The first visit to a page. size: number of bytes that the server sent. painted, shown: milliseconds until the
    first paint, and until the element that matters is shown."""

    size: int
    painted: float
    shown: float
    answers: tuple[tuple[str, int], ...]


def visit(
    browser: Any,
    network: NetworkProxy,
    address: str,
    *,
    shows: str = "h1",
    until: str = "",
    slow: bool = True,
    **options: Any,
) -> Visit:
    """Open a page for the first time. shows: a selector of the element that matters. until: a selector that appears
    when the page is complete; without it, the network has to be quiet. slow: whether processor and link are slow; the
    bytes do not depend on it. options: the options of the browser's context.

    The service worker is blocked: it fetches its files after the page, for later visits.
    """
    root = network.url.replace("localhost", "127.0.0.1")
    cookies = options.pop("cookies", [])
    context = browser.new_context(viewport=SIZE, service_workers="block", **options)
    try:
        context.add_cookies([{**cookie, "url": root} for cookie in cookies])
        context.add_init_script(f"({_WATCH})({shows!r})")
        page = context.new_page()
        if slow:
            _throttle(context.new_cdp_session(page))
        network.answers.clear()
        before = network.bytes_down
        page.goto(root + address, timeout=90_000)
        page.wait_for_function("() => window.shownAt !== null", timeout=90_000)
        if until:
            page.wait_for_selector(until, state="attached", timeout=90_000)
        _wait_for_quiet(lambda: network.bytes_down)
        painted = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
        shown = page.evaluate("() => window.shownAt")
        return Visit(network.bytes_down - before, painted, shown, tuple(network.answers))
    finally:
        context.close()


def _throttle(devtools: Any) -> None:
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY, "downloadThroughput": LINK, "uploadThroughput": LINK},
    )
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def _wait_for_quiet(count: Callable[[], int]) -> None:
    """Wait until no byte was sent for a while."""
    last, since = count(), time.monotonic()
    while time.monotonic() - since < QUIET:
        time.sleep(0.05)
        if count() != last:
            last, since = count(), time.monotonic()
