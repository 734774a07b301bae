"""Pages to go back to, which a form names."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_page(request: HttpRequest, field: str = "next") -> str:
    """Return the path in a field of a form, or "" if it is not a path on this site.

    A word without a slash would be taken for the name of an address.
    """
    page = request.POST.get(field, "")
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe and page.startswith("/") else ""
