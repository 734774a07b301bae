"""Signing in: who is let in at all."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from tests.conftest import PASSWORD, sign_in


@pytest.mark.django_db
def test_an_address_that_was_not_confirmed_signs_nobody_in(cast: Any) -> None:
    EmailAddress.objects.filter(user=cast.greta).update(verified=False)
    client = Client()
    client.post("/accounts/login/", {"login": cast.greta.email, "password": PASSWORD})
    assert client.get("/me/")["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["diane", "farid"])
def test_without_the_second_factor_that_a_role_demands_nothing_opens(cast: Any, settings: Any, who: str) -> None:
    settings.MFA_REQUIRED = True
    client = sign_in(Client(), getattr(cast, who))
    for pattern in ("map/", "me/", "map/audit/", "open/", "me/tokens/", "admin/"):
        assert client.get("/" + pattern)["Location"] == "/accounts/2fa/", pattern
