"""Who knocks where, and what kind of answer comes."""

from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tests.access.world import ROLES
from tests.conftest import sign_in

OPEN, NOT_THERE, SIGN_IN, FORBIDDEN, UNKNOWN, NO_METHOD = "O", "-", "L", "X", "U", "M"
COLUMNS = tuple(ROLES)
PAGE_METHODS = ("GET", "POST")
API_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


FORMS = {"map/reports/<uuid:key>/files/": {"format": "csv"}}
"""What is sent where an empty form is answered like an address that is none."""


def is_api(pattern: str) -> bool:
    return pattern.startswith(("api/v1/", "open311/"))


def methods_of(pattern: str) -> tuple[str, ...]:
    return API_METHODS if is_api(pattern) else PAGE_METHODS


def clients(accounts: dict[str, Any]) -> dict[str, Client]:
    return {role: sign_in(Client(), user) if user else Client() for role, user in accounts.items()}


def knock(client: Client, method: str, address: str, form: dict[str, str] | None = None, **more: Any) -> str:
    """The kind of an answer; whatever the request did is taken back."""
    if method != "GET":
        cache.clear()  # how often somebody may write is another test's matter
    with transaction.atomic():
        if is_api(address.lstrip("/")) and method != "GET":
            answer = client.generic(method, address, "{}", content_type="application/json", **more)
        else:
            answer = getattr(client, method.lower())(address, form or {}, **more)
        transaction.set_rollback(True)
    return kind_of(answer)


def kind_of(answer: Any) -> str:
    """O: let in, whatever then becomes of an empty form; see the names above."""
    status, to = answer.status_code, answer.headers.get("Location", "")
    if status in (301, 302, 303):
        return SIGN_IN if to.startswith(("/accounts/login/", "/admin/login/")) else OPEN
    special = {401: UNKNOWN, 403: FORBIDDEN, 404: NOT_THERE, 405: NO_METHOD}
    if status in special:
        return special[status]
    assert status < 500 and status != 429, f"{status} at {answer.request['PATH_INFO']}"
    return OPEN
