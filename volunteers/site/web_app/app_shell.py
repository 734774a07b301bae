"""The static files that a phone caches for offline use, and their version."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.templatetags.static import static

from volunteers.people.accounts.models import User

FILES = (
    "vendor/bootstrap/ltr/bootstrap.css",
    "vendor/bootstrap/ltr/bootstrap-reboot.css",
    "vendor/htmx/htmx.min.js",
    "vendor/idb/umd.js",
    "vendor/atkinson/files/atkinson-hyperlegible-latin-400-normal.woff2",
    "vendor/atkinson/files/atkinson-hyperlegible-latin-700-normal.woff2",
    "solidarity/fonts.css",
    "solidarity/theme.css",
    "solidarity/reports/low-bandwidth.css",
    "solidarity/forms.css",
    "solidarity/crises/crisis-report.css",
    "solidarity/unseen/unseen.css",
    "solidarity/home/home.css",
    "solidarity/home/home.js",
    "solidarity/commitments/commitments.css",
    "solidarity/commitments/commitments.js",
    "solidarity/danger/alarm-watch.js",
    "solidarity/poll.js",
    "solidarity/following/follow.css",
    "solidarity/following/follow.js",
    "solidarity/fonts/names.woff2",
    "solidarity/languages.css",
    "solidarity/reports/one-question.css",
    "solidarity/reports/pictures.css",
    "solidarity/tours/tour-mode.css",
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
    "solidarity/pii_check/on-entry.js",
    "solidarity/danger/danger-words.js",
    "solidarity/danger/saved-numbers.js",
    "solidarity/danger/tour-banner.js",
    "solidarity/danger/quick-exit.js",
    "solidarity/crises/crisis-report.js",
    "solidarity/reports/draft.js",
    "solidarity/reports/encounter.js",
    "solidarity/reports/filed.js",
    "solidarity/reports/nobody.js",
    "solidarity/reports/one-question.js",
    "solidarity/reports/pin-moves.js",
    "solidarity/reports/pin-street.js",
    "solidarity/reports/place.js",
    "solidarity/attachments/voice.js",
    "solidarity/tours/tour-mode.js",
    "solidarity/tours/tour-mode-counts.js",
    "solidarity/tours/tour-mode-end.js",
    "solidarity/tours/tour-mode-now.js",
    "solidarity/tours/tour-mode-taps.js",
    "solidarity/tours/tour-mode-time.js",
    "solidarity/tours/tour-mode-where.js",
    "solidarity/tours/tour-mode-words.js",
    "solidarity/tours/tours-here.js",
    "solidarity/tours/tour-start.js",
    "solidarity/reports/when.js",
    "solidarity/phone_queue/store.js",
    "solidarity/phone_queue/datetimes.js",
    "solidarity/phone_queue/sending.js",
    "solidarity/phone_queue/queue.js",
    "solidarity/phone_queue/forms.js",
    "solidarity/phone_queue/app.js",
    "solidarity/phone_queue/list.js",
    "solidarity/phone_queue/photo.js",
    "solidarity/undo/undo.js",
    "solidarity/undo/removal.js",
)
# Words and rules for free text. These files are large, so they are fetched only after the app shell is cached.
LATER_FILES = (
    "solidarity/danger/matcher.js",
    "solidarity/danger/rules/ar.js",
    "solidarity/danger/rules/en.js",
    "solidarity/danger/rules/es.js",
    "solidarity/danger/rules/fr.js",
    "solidarity/danger/rules/prs.js",
    "solidarity/danger/rules/ps.js",
    "solidarity/danger/rules/ro.js",
    "solidarity/danger/rules/ti.js",
    "solidarity/danger/rules/uk.js",
    "solidarity/danger/word-folding.js",
    "solidarity/danger/word-model.js",
    "solidarity/danger/word-weights.js",
    "solidarity/pii_check/pii-check.js",
    "solidarity/pii_check/vocabulary.js",
)
# The files of the map, of “Where can they go?” and of scans are fetched when the network is idle, because they are large
# and optional.
MAP_FILES = (
    "vendor/h3/h3-js.es.js",
    "vendor/maplibre-gl/maplibre-gl.css",
    "vendor/maplibre-gl/maplibre-gl.mjs",
    "vendor/maplibre-gl/maplibre-gl-worker.mjs",
    "vendor/pmtiles/pmtiles.js",
    "solidarity/find_help/find-help.css",
    "solidarity/find_help/map-places.js",
    "solidarity/find_help/places-list.js",
    "solidarity/find_help/where-to-go.js",
    "solidarity/stock_labels/scan.js",
    "solidarity/stock_labels/stock-labels.css",
    "solidarity/map/map.css",
    "solidarity/overrides/overrides.css",
    "solidarity/overrides/override-form.js",
    "solidarity/map/points-map.js",
    "solidarity/tours/drawn-line.js",
    "solidarity/map/basemap.js",
    "solidarity/map/bearings.js",
    "solidarity/map/fragments.js",
    "solidarity/map/frame.js",
    "solidarity/map/numbers.js",
    "solidarity/map/page.js",
    "solidarity/map/panel.js",
    "solidarity/map/patterns.js",
    "solidarity/map/search.css",
    "solidarity/map/search.js",
    "solidarity/map/start-here.js",
    "solidarity/map/style.js",
    "solidarity/tours/plan-layers.js",
)
WORKER_PARTS = ("solidarity/worker.js", "solidarity/push-worker.js")


def account_of(user: User | AnonymousUser) -> str:
    """Return a stable digest that identifies an account in the queue of a phone, or "" without an account."""
    return hashlib.sha256(f"phone-queue:{user.key}".encode()).hexdigest()[:24] if user.is_authenticated else ""


def path_of(name: str) -> Path | None:
    """Return the path of a static file, or None."""
    if settings.WHITENOISE_USE_FINDERS:
        found = finders.find(name)
        return Path(str(found)) if found else None
    path = settings.STATIC_ROOT / name
    return path if path.is_file() else None


@lru_cache(maxsize=1)
def version() -> str:
    """Return a digest of all cached files and the service worker."""
    digest = hashlib.sha256()
    for name in (*FILES, *LATER_FILES, *MAP_FILES, *WORKER_PARTS):
        path = path_of(name)
        digest.update(name.encode() + b"\0" + (path.read_bytes() if path else b"") + b"\0")
    return digest.hexdigest()[:16]


def urls_of(names: tuple[str, ...]) -> list[str]:
    """Return the URLs of the static files that exist."""
    return [static(name) for name in names if path_of(name)]
