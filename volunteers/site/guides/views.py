"""Pages of the guides. Everybody may read them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from solidarity.lib.http.kept_pages import kept
from solidarity.lib.site import features
from volunteers.site.guides.guide_files import NAMES, guide


@kept
@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """List the guides."""
    return render(request, "volunteers/guides/guides.html", {"guides": NAMES.items()})


@kept
@require_safe
def read(request: HttpRequest, reader: str) -> HttpResponse:
    """Show a guide in the reader's language."""
    try:
        found = guide(reader, get_language() or "en", features.off())
    except KeyError as none:
        raise Http404 from none
    return render(request, "volunteers/guides/guide.html", {"guide": found})
