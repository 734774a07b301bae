"""The switch by which coordinators look as a volunteer or as the public, and the way back."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from solidarity.lib.http.http_types import Request
from volunteers.accounts import view_as
from volunteers.enums import Audience
from volunteers.territories import access


@require_POST
@login_required
def look_as(request: Request) -> HttpResponse:
    """Look as the audience of the form, or as oneself; to the map that is seen then."""
    if not access.is_coordinator(request.user):
        raise Http404
    audience = view_as.switch(request.session, request.POST.get("as", ""))
    return redirect("mapping:public" if audience == Audience.PUBLIC else "mapping:map")
