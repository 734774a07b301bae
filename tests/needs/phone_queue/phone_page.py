"""A phone in the street: opening its pages, going offline, reading and filling its queue."""

import re
from typing import Any, Protocol

from playwright.sync_api import Page

from solidarity.ops.bench.network_conditions import NetworkProxy
from volunteers.models import User

PHONE = {"width": 390, "height": 844}
HERE = {"latitude": 48.8660, "longitude": 2.3500}
QUEUE = "const q = await import('/static/solidarity/phone_queue/queue.js');"
READY = "() => Boolean(navigator.serviceWorker.controller)"
WRITE = """async ({number, first}) => {
  const q = await import('/static/solidarity/phone_queue/queue.js');
  for (let each = 0; each < number; each += 1) {
    await q.enqueue({kind: 'encounter', edit: '/encounters/new/', summary: {persons: 2}, fields: {
      latitude: String(48.86 + (first + each) / 1e5), longitude: '2.35', persons: '2', asked: ['food', 'blanket'],
      given: ['food'], when: 'now', note: `report ${first + each}`, place_text: 'under the bridge',
      association: 'maraude-du-nord'}});
  }
}"""
DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('solidarity.draft.'))"


class OpenPhone(Protocol):
    """A function that opens a page on a phone behind the network proxy and waits for service worker and cached
    pages."""

    def __call__(self, user: User | None, path: str = ..., **options: Any) -> Page: ...


LAST_FILE = "/static/solidarity/pii_check/vocabulary.js"  # of those that the worker caches for writing offline


def pages_cached(page: Page) -> bool:
    """Return whether the pages of the account and the words for free text are cached on the phone."""
    script = f"""async () => {{ {QUEUE}
      return (await q.store.recall('pages'))?.account === q.account() && Boolean(await caches.match('{LAST_FILE}'));
    }}"""
    return bool(page.evaluate(script))


def set_offline(page: Page, network: NetworkProxy, yes: bool = True) -> None:
    """Take the network away from the phone, or give it back."""
    network.down = yes
    page.context.set_offline(yes)


def send_now(page: Page) -> None:
    """Make a page send its queue, as it would do later: after 5, 15 or 60 seconds."""
    page.evaluate("() => document.dispatchEvent(new CustomEvent('queue:send'))")


def waiting(page: Page) -> list[dict[str, Any]]:
    """Return the items that wait in the phone queue."""
    items: list[dict[str, Any]] = page.evaluate(f"async () => {{ {QUEUE} return await q.pending(); }}")
    return items


def stored_text(page: Page) -> str:
    """Return everything in the databases and storages of this page, as text."""
    return str(
        page.evaluate(
            f"""async () => {{ {QUEUE}
              const db = await idb.openDB('solidarity');
              const all = {{}};
              for (const name of db.objectStoreNames) all[name] = await db.getAll(name);
              db.close();
              return JSON.stringify([all, {{...localStorage}}]);
            }}"""
        )
    )


def drafts(page: Page) -> list[str]:
    """Return the keys of the drafts on the phone."""
    return [str(key) for key in page.evaluate(DRAFTS)]


def fill_form(page: Page, persons: int = 3) -> None:
    """Fill the encounter form with the phone's position and a number of people."""
    page.get_by_role("button", name=re.compile("my position|ma position", re.I)).first.click()
    page.locator("[data-place][data-chosen]").wait_for()
    page.locator("[name=persons]").fill(str(persons))


def save_form(page: Page) -> None:
    """Submit the encounter form."""
    page.locator("form[data-queue=encounter] [type=submit]").click()
