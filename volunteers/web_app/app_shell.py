"""The files that a phone keeps of the web app, so that it opens without network, and a version of them all."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

FILES = (
    "vendor/bootstrap/css/bootstrap.min.css",
    "vendor/bootstrap/css/bootstrap-reboot.min.css",
    "vendor/bootstrap/js/bootstrap.bundle.min.js",
    "vendor/htmx/htmx.min.js",
    "vendor/idb/umd.js",
    "vendor/atkinson/files/atkinson-hyperlegible-latin-400-normal.woff2",
    "vendor/atkinson/files/atkinson-hyperlegible-latin-700-normal.woff2",
    "solidarity/fonts.css",
    "solidarity/theme.css",
    "solidarity/light.css",
    "solidarity/forms.css",
    "solidarity/outbox.css",
    "solidarity/crisis.css",
    "solidarity/headline.css",
    "solidarity/fonts/names.woff2",
    "solidarity/tongues.css",
    "solidarity/pictures.css",
    "solidarity/walk.css",
    "solidarity/favicon.svg",
    "solidarity/icons.svg",
    "solidarity/chevron-light.svg",
    "solidarity/chevron-dark.svg",
    "solidarity/check-light.svg",
    "solidarity/check-dark.svg",
    "solidarity/dot-light.svg",
    "solidarity/dot-dark.svg",
    "solidarity/theme-early.js",
    "solidarity/base.js",
    "solidarity/guard.js",
    "solidarity/guard-words.js",
    "solidarity/needs/crisis-report.js",
    "solidarity/needs/draft.js",
    "solidarity/needs/encounter.js",
    "solidarity/needs/filed.js",
    "solidarity/needs/nobody.js",
    "solidarity/needs/place.js",
    "solidarity/needs/voice.js",
    "solidarity/needs/walk.js",
    "solidarity/needs/walk-end.js",
    "solidarity/needs/walk-now.js",
    "solidarity/needs/walk-taps.js",
    "solidarity/needs/walk-time.js",
    "solidarity/needs/walk-where.js",
    "solidarity/needs/when.js",
    "solidarity/outbox/store.js",
    "solidarity/outbox/moment.js",
    "solidarity/outbox/sending.js",
    "solidarity/outbox/queue.js",
    "solidarity/outbox/forms.js",
    "solidarity/outbox/app.js",
    "solidarity/outbox/list.js",
    "solidarity/outbox/picture.js",
)
# Fetched later, when the network is idle: the map is large, and everything works without it.
MAP_FILES = (
    "vendor/h3/h3-js.es.js",
    "vendor/maplibre-gl/maplibre-gl.css",
    "vendor/maplibre-gl/maplibre-gl.mjs",
    "vendor/maplibre-gl/maplibre-gl-shared.mjs",
    "vendor/maplibre-gl/maplibre-gl-worker.mjs",
    "vendor/pmtiles/pmtiles.js",
    "solidarity/map.css",
    "solidarity/contest.css",
    "solidarity/contest.js",
    "solidarity/needs/map.js",
    "solidarity/needs/way.js",
    "solidarity/map/basemap.js",
    "solidarity/map/fragments.js",
    "solidarity/map/frame.js",
    "solidarity/map/page.js",
    "solidarity/map/panel.js",
    "solidarity/map/patterns.js",
    "solidarity/map/search.js",
    "solidarity/map/style.js",
)
WORKER_PARTS = ("solidarity/worker.js", "solidarity/push-worker.js")


def account_of(user: Any) -> str:
    """The mark of an account in a phone's queue: a digest, the same for as long as the account lives; "" without one."""
    return hashlib.sha256(f"outbox:{user.key}".encode()).hexdigest()[:24] if user.is_authenticated else ""


def path_of(name: str) -> Path | None:
    """Where a static file lies; None when there is none."""
    if settings.WHITENOISE_USE_FINDERS:
        found = finders.find(name)
        return Path(str(found)) if found else None
    path = settings.STATIC_ROOT / name
    return path if path.is_file() else None


@lru_cache(maxsize=1)
def version() -> str:
    """Changes with any file of the shell or of the worker."""
    digest = hashlib.sha256()
    for name in (*FILES, *MAP_FILES, *WORKER_PARTS):
        path = path_of(name)
        digest.update(name.encode() + b"\0" + (path.read_bytes() if path else b"") + b"\0")
    return digest.hexdigest()[:16]


def addresses(names: tuple[str, ...]) -> list[str]:
    """The addresses of those static files that are there."""
    return [static(name) for name in names if path_of(name)]
