"""Requests to every URL in every role, and the kind of each response."""

from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tests.access.world import ROLES
from tests.conftest import sign_in

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from volunteers.models import User

OPEN, NOT_THERE, SIGN_IN, FORBIDDEN, UNKNOWN, NO_METHOD = "O", "-", "L", "X", "U", "M"
COLUMNS = tuple(ROLES)
PAGE_METHODS = ("GET", "POST")
API_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


type AccessWorld = tuple[dict[str, Client], dict[str, dict[str, str]], dict[str, "User | None"]]
"""The stored data: (clients by role, URL arguments by state, accounts by role)."""

FORMS = {
    "map/reports/<uuid:key>/files/": {"format": "csv"},
    "map/schedules/<uuid:key>/step/": {"step": "pause"},
    "places/reservations/<uuid:reservation>/end/": {"end": "arrived"},
}
"""Forms for URLs that answer an empty form with 404."""


def is_api(pattern: str) -> bool:
    return pattern.startswith(("api/v1/", "open311/"))


def methods_of(pattern: str) -> tuple[str, ...]:
    return API_METHODS if is_api(pattern) else PAGE_METHODS


def clients(accounts: dict[str, "User | None"]) -> dict[str, Client]:
    return {role: sign_in(Client(), user) if user else Client() for role, user in accounts.items()}


def knock(
    client: Client, method: str, address: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> str:
    """Return the kind of the response; the effects of the request are rolled back."""
    if address.startswith("/accounts/"):
        cache.clear()  # the rate limits of the sign-in library
    with transaction.atomic():
        if is_api(address.lstrip("/")) and method != "GET":
            answer = client.generic(method, address, "{}", content_type="application/json", headers=headers)
        else:
            answer = getattr(client, method.lower())(address, form or {}, headers=headers)
        transaction.set_rollback(True)
    return kind_of(answer, address)


def kind_of(answer: "HttpResponseBase", address: str = "") -> str:
    """Return the kind of a response (names above). The kind is O if access is allowed, even if an empty form is
    refused."""
    status, to = answer.status_code, answer.headers.get("Location", "")
    if status in (301, 302, 303):
        return SIGN_IN if to.startswith(("/accounts/login/", "/admin/login/")) else OPEN
    special = {401: UNKNOWN, 403: FORBIDDEN, 404: NOT_THERE, 405: NO_METHOD}
    if status in special:
        return special[status]
    if (status, address) == (503, "/health/ready"):  # the page is open, and says that no worker runs in this test
        return OPEN
    assert status < 500 and status != 429, f"{status} at {address}"
    return OPEN
