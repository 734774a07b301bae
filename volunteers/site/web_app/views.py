"""The web app on a phone: service worker, manifest, offline page."""

import json
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from solidarity.lib.languages import in_public_languages
from solidarity.lib.site import features
from volunteers.site.web_app import app_shell


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker, which handles cached files, the phone's queue and push notifications."""
    headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
    return HttpResponse(_worker_text(), content_type="text/javascript; charset=utf-8", headers=headers)


@lru_cache(maxsize=1)
def _worker_text() -> str:
    shell = {
        "version": app_shell.version(),
        "hashed": not settings.STATIC_FROM_SOURCE,
        "files": app_shell.urls_of(app_shell.FILES),
        "laterFiles": app_shell.urls_of(app_shell.LATER_FILES),
        "mapFiles": app_shell.urls_of(app_shell.MAP_FILES),
        "scripts": app_shell.urls_of(
            (
                "vendor/idb/umd.js",
                "solidarity/phone_queue/store.js",
                "solidarity/phone_queue/datetimes.js",
                "solidarity/phone_queue/sending.js",
            )
        ),
        "icon": static("solidarity/favicon.svg"),
        "offline": reverse("offline"),
        "static": settings.STATIC_URL,
        "borders": reverse("mapping:boundaries"),
    }
    parts = [path.read_text() for name in app_shell.WORKER_PARTS if (path := app_shell.path_of(name))]
    return "\n".join([f"self.SHELL = {json.dumps(shell)};", *parts])


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Return the web app manifest in the reader's language."""

    def icon(size: int, purpose: str) -> dict[str, str]:
        name = "icon" if purpose == "any" else "icon-maskable"
        src = static(f"solidarity/{name}-{size}.png")
        return {"src": src, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}

    shortcuts = {
        "needs:log_encounter": _("Log an encounter"),
        "needs:start_tour": _("Start a tour"),
        "needs:report_need": _("Report a need"),
        "needs:phone_queue": _("Reports waiting on this phone"),
    }

    content = {
        "id": "/",
        "name": "Solidarity",
        "short_name": "Solidarity",
        "description": _("Nobody left unseen: log encounters and report needs, even without network."),
        "lang": get_language(),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf6ee",
        "theme_color": "#faf6ee",
        "icons": [
            {"src": static("solidarity/favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            icon(192, "any"),
            icon(512, "any"),
            icon(512, "maskable"),
        ],
        "shortcuts": [
            {"name": name, "url": reverse(page)} for page, name in shortcuts.items() if features.has_page(page)
        ],
    }
    response = JsonResponse(content, content_type="application/manifest+json")
    response["Cache-Control"] = "private, max-age=3600"
    response["Vary"] = "Accept-Language, Cookie"
    return response


@in_public_languages
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show emergency numbers and the features that work offline, in place of a page that is not cached."""
    return render(request, "offline.html")
