"""Who can sign in."""

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.conftest import PASSWORD, sign_in
from tests.support import Cast


@pytest.mark.django_db
def test_an_unconfirmed_email_address_cannot_sign_in(cast: Cast) -> None:
    EmailAddress.objects.filter(user=cast.greta).update(verified=False)
    client = Client()
    client.post("/accounts/login/", {"login": cast.greta.email, "password": PASSWORD})
    assert client.get("/me/")["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["diane", "farid"])
def test_nothing_opens_without_the_second_factor_that_a_role_requires(cast: Cast, settings: Settings, who: str) -> None:
    settings.MFA_REQUIRED = True
    client = sign_in(Client(), getattr(cast, who))
    for pattern in ("map/", "me/", "map/audit/", "open/", "me/tokens/", "admin/"):
        assert client.get("/" + pattern)["Location"] == "/accounts/2fa/", pattern


@pytest.mark.django_db
def test_changes_of_password_and_second_factor_are_recorded(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, settings: Settings
) -> None:
    from volunteers.models import AuditEntry
    from volunteers.people.audit.verbs import Verb

    settings.MFA_TOTP_TOLERANCE = 1  # a code may arrive in the half minute after its own
    client = sign_in(Client(), cast.alice)
    new = "another long passphrase"
    form = {"oldpassword": PASSWORD, "password1": new}
    assert client.post("/accounts/password/change/", form).status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor) == (Verb.PASSWORD_CHANGED, cast.alice.key)
    cast.alice.refresh_from_db()
    sign_in(client, cast.alice)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post("/accounts/2fa/totp/activate/", {"code": code})
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    changed = AuditEntry.objects.filter(verb=Verb.FACTOR_CHANGED)
    assert {"kind": "totp", "added": True} in [entry.details for entry in changed]
