"""The switch between words and pictures on the public pages. The switch sets a cookie, so that it works without
scripts."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from solidarity.lib.http.own_pages import own_page
from solidarity.lib.languages import PICTURES_COOKIE, in_public_languages
from volunteers.people.accounts.http_types import Request

KEPT_SECONDS = 180 * 24 * 3600


@in_public_languages
@require_http_methods(["GET", "HEAD", "POST"])
def pictures(request: Request) -> HttpResponse:
    """Show pictures instead of words from now on, or words again. An opened or reloaded address leads to the form and
    changes nothing."""
    response = redirect(own_page(request) or "needs:report_need")
    if request.method != "POST":
        return response
    if request.POST.get("pictures") == "1":
        response.set_cookie(
            PICTURES_COOKIE, "1", max_age=KEPT_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(PICTURES_COOKIE, samesite="Lax")
    return response
