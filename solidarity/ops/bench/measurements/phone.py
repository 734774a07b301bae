"""The phone page in a real browser: time until a report is saved, bytes per report, time to send a full queue.

It needs Playwright and Chromium (SOLIDARITY_CHROMIUM), like the tests.
"""

import os
import shutil
import time
from typing import Any

from django.conf import settings

from solidarity.ops.bench import bench_region, bench_server
from solidarity.ops.bench.network_conditions import NetworkProxy, network_proxy
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median, percentile

TAPS = 60
LINK = 50_000 / 8  # bytes a second each way: 50 kbit/s
MAP = ("maplibre", "pmtiles", "/map", "map.js", "drawn-line.js", "map.css")

_WRITE = """async (number) => {
  const q = await import('/static/solidarity/phone_queue/queue.js');
  let bytes = 0;
  for (let each = 0; each < number; each += 1) {
    const item = await q.enqueue({kind: 'encounter', summary: {persons: 2}, edit: '/encounters/new/', fields: {
      latitude: (48.86 + each / 1e5).toFixed(6), longitude: '2.350000', place_text: '', persons: '2', contacts: '', minutes: '20',
      asked: ['food', 'blanket'], given: ['food'], when: 'now', at: '', note: '', tour: '', association: 'bench'}});
    bytes += item.body.length;
  }
  return bytes;
}"""
_TAPS = """async (number) => {
  const form = document.querySelector('form[data-queue=encounter]');
  const took = [];
  for (let each = 0; each < number; each += 1) {
    form.elements.latitude.value = (48.86 + each / 1e5).toFixed(6);
    form.elements.longitude.value = '2.35';
    delete form.dataset.savedAfter;
    form.querySelector('[type=submit]').click();
    while (!form.dataset.savedAfter) await new Promise((next) => setTimeout(next, 5));
    took.push(Number(form.dataset.savedAfter));
    document.querySelector('[data-queue-another]').click();
  }
  return took;
}"""
_BARE = """async (number) => {
  await import('/static/vendor/idb/umd.js');
  const db = await idb.openDB('bare', 1, {upgrade: (made) => made.createObjectStore('rows', {autoIncrement: true})});
  const took = [];
  for (let each = 0; each < number; each += 1) {
    const began = performance.now();
    const tx = db.transaction('rows', 'readwrite', {durability: 'strict'});
    tx.store.add({body: 'x'.repeat(300)});
    await tx.done;
    took.push(performance.now() - began);
  }
  db.close();
  return took;
}"""
_LEFT = """async () => (await (await import('/static/solidarity/phone_queue/queue.js')).pending()).length"""
_READY = """async () => {
  const q = await import('/static/solidarity/phone_queue/queue.js');
  return Boolean(navigator.serviceWorker.controller && (await q.store.recall('pages')));
}"""


def measure(size: Size) -> list[Figure]:
    """Measure the first load, the time from tap to saved, the bytes per report, and sending a full queue at 50
    kbit/s."""
    from playwright.sync_api import sync_playwright

    cookie = bench_server.session_of(
        bench_server.person("phone@bench.example", association=bench_region.association().pk)
    )
    with (
        bench_server.granian() as site,
        network_proxy(f"http://127.0.0.1:{site.port}") as network,
        sync_playwright() as play,
    ):
        chromium = play.chromium.launch(executable_path=chromium_program(), args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": _url(network)}])
        page = context.new_page()
        page.goto(f"{_url(network)}/encounters/new/")
        _wait(page, _READY, 60)
        load = sum(size for path, size in network.answers if not any(part in path for part in MAP))
        figures = [figure("phone first load", load / 1024, "KB", 300, "≤ 1", "compressed, without the map")]
        figures += _saved(page, network, size.repeat(TAPS, least=3))
        figures += _replay(page, network, size.queued)
        chromium.close()
    return figures


def chromium_program() -> str | None:
    """Return the machine's Chromium, or None for Playwright's own."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return os.environ.get("SOLIDARITY_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def _url(network: NetworkProxy) -> str:
    return network.url.replace("localhost", "127.0.0.1")


def _wait(page: Any, script: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not page.evaluate(script):
        if time.monotonic() > end:
            raise RuntimeError("the phone was not ready in time")
        time.sleep(0.05)


def _saved(page: Any, network: NetworkProxy, taps_wanted: int) -> list[Figure]:
    network.down = True
    page.context.set_offline(True)
    taps, bare = page.evaluate(_TAPS, taps_wanted), page.evaluate(_BARE, taps_wanted)
    page.evaluate(
        """async () => {
          const q = await import('/static/solidarity/phone_queue/queue.js');
          for (const {id} of await q.pending()) await q.store.remove(id);
        }"""
    )
    note = f"median {median(taps):.0f} ms; reference: a bare write to the disk, p95"
    return [figure("phone tap to saved", percentile(taps, 0.95), "ms", percentile(bare, 0.95), "≤ 100 ms", note)]


def _replay(page: Any, network: NetworkProxy, reports: int) -> list[Figure]:
    content = page.evaluate(_WRITE, reports)
    network.down, network.rate = False, LINK
    network.bytes_up = network.bytes_down = 0
    start = time.perf_counter()
    page.context.set_offline(False)
    _wait(page, f"async () => !(await ({_LEFT})())", 300)
    took = time.perf_counter() - start
    carried = network.bytes_up + network.bytes_down
    network.rate = None
    note = f"{network.bytes_up / reports:.0f} up, {network.bytes_down / reports:.0f} down; reference: what was typed"
    return [
        figure("phone bytes a report", carried / reports, "bytes", content / reports, "", note),
        figure(
            f"phone replay of {reports}",
            took,
            "s",
            content / LINK,
            "≤ 15 s",
            "50 kbit/s; reference: what was typed alone",
        ),
    ]
