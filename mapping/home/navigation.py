"""Template context about the reader, for every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from needs.danger import lane
from solidarity.lib.site import site_choices
from volunteers.enums import Duty
from volunteers.web_app import app_shell


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
    memberships = list(user.memberships.current())
    held = set(user.assignments.current().values_list("duty", flat=True))
    viewer = request.viewer  # type: ignore[attr-defined]
    return {
        **shared,
        "alarms_waiting": SimpleLazyObject(lambda: lane.count_for(viewer)),
        "queue_account": app_shell.account_of(user),
        "is_member": bool(memberships),
        "is_dispatcher": Duty.DISPATCHER in held,
        "is_association_dispatcher": any(m.role == "dispatcher" for m in memberships),
        "is_coordinator": user.is_administrator or Duty.COORDINATOR in held,
        "is_administrator": user.is_administrator,
    }
