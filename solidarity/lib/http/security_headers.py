"""Security headers for which Django has no setting."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Permissions-Policy has no effect on these parts of a page. A slow phone would load its 500 bytes twenty times.
PARTS = ("text/css", "text/javascript", "font/", "image/png")


class Headers:
    """Permissions-Policy allows only features that our pages use; Cross-Origin-Resource-Policy, on every response,
    forbids embedding."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.permissions = ", ".join(f"{name}=({who})" for name, who in settings.PERMISSIONS_POLICY.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.headers.get("Content-Type", "").startswith(PARTS):
            response.headers.setdefault("Permissions-Policy", self.permissions)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
