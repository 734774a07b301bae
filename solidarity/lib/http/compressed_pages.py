"""Middleware that compresses pages and JSON, except where a stranger could learn from their size (docs/threat-model.md)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXT = frozenset(
    {
        "text/html", "text/css", "text/javascript", "text/plain", "application/json", "application/geo+json",
        "application/manifest+json", "application/problem+json", "application/vnd.oai.openapi", "image/svg+xml",
    }
)  # fmt: skip
OURS = frozenset({"same-origin", "none"})


class CompressedPages(GZipMiddleware):
    """gzip for texts, with up to 100 random bytes added by Django.

    A response to a signed-in person is not compressed if another site requested it. Otherwise, somebody who watches the
    network could guess its content from the sizes of many such responses (the BREACH attack).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if response.streaming or response.status_code == 206 or kind not in TEXT or asked_by_another_site(request):
            return response
        return super().process_response(request, response)  # type: ignore[arg-type]


def asked_by_another_site(request: HttpRequest) -> bool:
    """Return whether another site made the browser of a signed-in person send this request."""
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_session and request.headers.get("Sec-Fetch-Site", "none") not in OURS
