"""Pages of signed-in people: no browser, proxy or shared computer may store them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

STORED_NOWHERE = "private, no-store"


def private_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Mark each page of a signed-in reader as private, whatever its view says about readers without account.

    Pages that the browser must ask for again each time (``private, no-cache``) keep their validators.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html") and request.user.is_authenticated:
            said = response.headers.get("Cache-Control", "")
            if not ("no-store" in said or ("private" in said and "no-cache" in said)):
                response.headers["Cache-Control"] = STORED_NOWHERE
                del response.headers["Expires"]
        return response

    return answer
