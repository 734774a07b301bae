"""Security headers for which Django has no setting."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Permissions-Policy has no effect on these parts of a page. A slow phone would load its 500 bytes twenty times.
PARTS = ("text/css", "text/javascript", "font/", "image/png")


class Headers:
    """Permissions-Policy allows only features that our pages use; Cross-Origin-Resource-Policy, on every response,
    forbids embedding. Pages of signed-in readers are never stored by browsers or proxies; a public page keeps its own
    caching for readers without an account."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.permissions = ", ".join(f"{name}=({who})" for name, who in settings.PERMISSIONS_POLICY.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.headers.get("Content-Type", "").startswith(PARTS):
            response.headers.setdefault("Permissions-Policy", self.permissions)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if _shows_menu_of_reader(request, response):
            told = response.headers.get("Cache-Control", "")
            if "private" not in told or "no-store" not in told:
                response.headers["Cache-Control"] = "private, no-store"
        return response


def _shows_menu_of_reader(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the answer is a page of somebody who is signed in. Each such page shows the menu of their role, which the next
    reader of a shared phone must not find. Files, tiles and JSON set their own caching."""
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    user = getattr(request, "user", None) if is_page and settings.SESSION_COOKIE_NAME in request.COOKIES else None
    return user is not None and user.is_authenticated
