"""Template context about the reader, for every page."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from needs.reports.danger import lane
from solidarity.lib.site import site_choices
from volunteers.people.roles import standing
from volunteers.site.web_app import app_shell


def nav(request: HttpRequest) -> dict[str, Any]:
    """Return the reader's roles as booleans, for the navigation."""
    user = getattr(request, "user", None)
    shared: dict[str, Any] = {
        "demo": settings.DEMO,
        "country": site_choices.country(),
        "app_version": app_shell.version(),
    }
    shared["openid_name"] = settings.OIDC_NAME if settings.OIDC_ISSUER else ""
    no_roles = dict.fromkeys(
        ("is_member", "is_dispatcher", "is_association_dispatcher", "is_coordinator", "is_administrator"), False
    )
    if user is None or not user.is_authenticated:
        return shared | no_roles
    view_as = request.viewer.view_as  # type: ignore[attr-defined]
    if view_as is not None:
        # While the reader uses “view as”, pages show a banner and no links for members or coordinators.
        return shared | no_roles | {"view_as": view_as}
    own, viewer = standing.of(user), request.viewer  # type: ignore[attr-defined]
    watches = own.dispatches or own.coordinates or user.is_administrator
    return {
        **shared,
        "alarms_waiting": cache(lambda: lane.count_for(viewer)) if watches else 0,
        "queue_account": app_shell.account_of(user),
        "is_member": own.member,
        "is_dispatcher": own.dispatches,
        "is_association_dispatcher": own.association_dispatcher,
        "is_coordinator": user.is_administrator or own.coordinates,
        "is_administrator": user.is_administrator,
    }
