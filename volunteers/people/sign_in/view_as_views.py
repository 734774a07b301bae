"""The switch that lets coordinators view the map as a volunteer or as the public."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from volunteers.enums import Audience
from volunteers.people.accounts.http_types import Request
from volunteers.people.roles import standing
from volunteers.people.sign_in import view_as


@require_POST
def switch_view(request: Request) -> HttpResponse:
    """Switch to the audience that the form names, or back to the coordinator's own view; then open the map."""
    standing.coordinator_only(request.user)
    audience = view_as.switch(request.session, request.POST.get("as", ""))
    return redirect("mapping:public" if audience == Audience.PUBLIC else "mapping:map")
