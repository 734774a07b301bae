"""Sign-in with another organisation's account, against a provider with real signatures, and attacks on it."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from tests.support import Cast, SignedIn
from tests.volunteers.openid.openid_server import OpenId, openid_server
from volunteers.enums import Role
from volunteers.models import User
from volunteers.people.administrators import sign_up
from volunteers.people.associations import invitations

LOGIN, CONNECT = "/accounts/oidc/login/", "/accounts/oidc/connect/"


@pytest.fixture
def provider(db: None, settings: Settings) -> Iterator[OpenId]:
    with openid_server() as server:
        settings.SITE_URL = "https://solidarity.example"
        settings.OIDC_ISSUER, settings.OIDC_NAME = server.origin, "Ville de Nord"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = server.client
        settings.OUTGOING_PRIVATE = [server.origin]
        yield server


def agreed(address: str) -> str:
    """Return the path to which the provider sends a browser whose person agrees."""
    answer = requests.get(address, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}" == "https://solidarity.example"
    return f"{back.path}?{back.query}"


def go(client: Client, query: str = "") -> Any:
    return client.get(agreed(client.get(LOGIN + query)["Location"]))


def who(client: Client) -> User | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def test_a_new_person_gets_an_account_that_keeps_the_number_alone(client: Client, provider: OpenId) -> None:
    page = client.get("/accounts/login/?next=/me/").content.decode()
    assert "Sign in with Ville de Nord" in page and f'href="{LOGIN}?next=%2Fme%2F"' in page
    assert go(client, "?next=/me/").status_code == 302
    person = who(client)
    assert person is not None and person.email == "new@example.org" and not person.has_usable_password()
    row = SocialAccount.objects.get()
    assert (row.provider, row.uid, row.extra_data) == (provider.origin, "7", {})
    assert not SocialToken.objects.exists()
    assert EmailAddress.objects.get().verified
    again = Client()
    go(again)
    assert who(again) == person and User.objects.count() == 1


def test_without_a_provider_nothing_is_there(client: Client, db: None) -> None:
    assert LOGIN not in client.get("/accounts/login/").content.decode()
    for address in (
        LOGIN,
        LOGIN + "callback/",
        "/accounts/3rdparty/",
        "/accounts/3rdparty/signup/",
        "/accounts/oidc/x/login/",
    ):
        assert client.get(address).status_code == 404


def test_the_other_addresses_of_allauth_stay_closed(client: Client, provider: OpenId) -> None:
    for address in (
        "3rdparty/",
        "3rdparty/signup/",
        "social/signup/",
        "oidc/oidc/login/",
        "oidc/openid_connect/login/callback/",
    ):
        assert client.get(f"/accounts/{address}").status_code == 404, address


@pytest.mark.parametrize("verified", [False, True, "true", "false", None])
def test_an_address_of_an_existing_account_never_opens_that_account(
    verified: Any, client: Client, provider: OpenId, cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    provider.person |= {"email": cast.alice.email, "email_verified": verified}
    go(client)
    assert who(client) is None
    assert not SocialAccount.objects.exists()
    assert [mail.to for mail in mailoutbox] == [[cast.alice.email]]  # the owner is told, the visitor learns nothing


@pytest.mark.parametrize("verified", [False, "true", 1, None])
def test_an_address_that_is_not_confirmed_gets_a_mail_first(
    verified: Any, client: Client, provider: OpenId, mailoutbox: list[EmailMessage]
) -> None:
    provider.person["email_verified"] = verified
    assert go(client)["Location"] == "/accounts/confirm-email/"
    assert who(client) is None
    assert not EmailAddress.objects.get().verified
    assert [mail.to for mail in mailoutbox] == [["new@example.org"]]


def test_without_an_address_there_is_no_account(client: Client, provider: OpenId) -> None:
    for email in (None, ["a@example.org"], "nonsense"):
        provider.person["email"] = email
        answer = go(client)
        assert answer.status_code == 403 and "We need your e-mail address" in answer.content.decode()
    assert not User.objects.exists()


def test_closed_sign_up_holds_for_the_provider_too(client: Client, provider: OpenId, cast: Cast) -> None:
    sign_up.choose(closed=True, ask="the town hall", by=cast.farid)
    answer = go(client)
    assert answer.status_code == 403 and "the town hall" in answer.content.decode()
    invited = Client()
    token = invitations.token_of(invitations.invite(cast.maraude, "invited@example.org", Role.MEMBER, cast.carol))
    invited.get(f"/me/join/{token}/")
    assert go(invited).status_code == 403  # invited, but under another address
    assert not User.objects.filter(email="new@example.org").exists()
    provider.person |= {"sub": "8", "email": "Invited@example.org"}
    go(invited)
    assert who(invited) == User.objects.get(email="invited@example.org")


def test_an_answer_works_once_and_only_in_the_browser_that_asked(client: Client, provider: OpenId) -> None:
    back = agreed(client.get(LOGIN)["Location"])
    thief = Client()
    assert "You are not signed in" in thief.get(back).content.decode()
    assert who(thief) is None
    provider.asked.clear()
    assert "You are not signed in" in client.get(back).content.decode()  # the code is used
    back = agreed(client.get(LOGIN)["Location"])
    client.get(back)
    assert who(client) is not None
    client.logout()
    replayed = client.get(back)
    assert "You are not signed in" in replayed.content.decode() and who(client) is None


def test_an_id_token_of_another_sign_in_is_refused(client: Client, provider: OpenId) -> None:
    first = dict(parse_qsl(urlsplit(client.get(LOGIN)["Location"]).query))
    provider.claims["nonce"] = first["nonce"]
    assert "You are not signed in" in go(client).content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another-site"}, {"iss": "https://evil.example"}, {"exp": 1}, {"sub": "8"}, {"nonce": None}, {"sub": ""}],
)
def test_claims_that_do_not_fit_are_refused(claims: dict[str, Any], client: Client, provider: OpenId) -> None:
    provider.claims = claims
    assert "You are not signed in" in go(client).content.decode()
    assert not User.objects.exists()


def test_a_foreign_signature_is_refused(client: Client, provider: OpenId) -> None:
    provider.signing_key = rsa.generate_private_key(65537, 2048)
    assert "You are not signed in" in go(client).content.decode()
    provider.signing_key, provider.algorithm = "x" * 40, "HS256"
    assert "You are not signed in" in go(client).content.decode()
    provider.signing_key, provider.algorithm = "", "none"
    assert "You are not signed in" in go(client).content.decode()
    assert not User.objects.exists()


def test_a_provider_that_is_another_or_away_is_an_error_page(
    client: Client, provider: OpenId, settings: Settings
) -> None:
    provider.config["issuer"] = "https://evil.example"
    assert "You are not signed in" in client.get(LOGIN).content.decode()
    settings.OUTGOING_PRIVATE = []  # an address inside our own network is not called unless the settings name it
    assert "You are not signed in" in client.get(LOGIN).content.decode()


def test_a_host_header_and_parameters_change_nothing(client: Client, provider: OpenId, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    address = client.get(
        LOGIN + "?scope=admin&process=connect&auth_params=prompt%3Dnone&next=https://evil.example/",
        headers={"Host": "evil.example"},
    )["Location"]
    asked = dict(parse_qsl(urlsplit(address).query))
    assert asked["redirect_uri"] == "https://solidarity.example/accounts/oidc/login/callback/"
    assert sorted(asked["scope"].split()) == ["email", "openid"] and "prompt" not in asked
    assert client.get(agreed(address))["Location"].startswith("/")


def test_a_second_factor_is_asked_for_after_the_provider(client: Client, provider: OpenId, cast: Cast) -> None:
    SocialAccount.objects.create(user=cast.farid, provider=provider.origin, uid="7")
    TOTP.activate(cast.farid, "A" * 32)
    assert go(client)["Location"].startswith("/accounts/2fa/authenticate/")
    assert who(client) is None


def test_a_blocked_account_stays_blocked(client: Client, provider: OpenId, cast: Cast) -> None:
    SocialAccount.objects.create(user=cast.bob, provider=provider.origin, uid="7")
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    go(client)
    assert who(client) is None


def test_the_numbers_of_another_provider_open_nothing(client: Client, provider: OpenId, cast: Cast) -> None:
    SocialAccount.objects.create(user=cast.alice, provider="https://earlier.example", uid="7")
    go(client)
    assert who(client) != cast.alice


def test_only_a_click_and_a_fresh_proof_connect_an_account(provider: OpenId, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.alice)
    assert client.get(CONNECT).status_code == 405
    page = client.post(CONNECT).content.decode()
    address = page.partition(f'href="{provider.origin}')[2].partition('"')[0].replace("&amp;", "&")
    assert client.get(agreed(provider.origin + address))["Location"] == "/me/"
    assert SocialAccount.objects.get().user == cast.alice
    assert "Your account is connected." in client.get("/me/").content.decode()
    other = Client()
    go(other)
    assert who(other) == cast.alice
    assert client.post("/accounts/oidc/disconnect/").status_code == 302
    assert not SocialAccount.objects.exists()
    stale = Client()
    stale.force_login(cast.alice)
    assert stale.post(CONNECT)["Location"].startswith("/accounts/reauthenticate/")


def test_a_person_without_a_password_proves_who_they_are_at_the_provider(client: Client, provider: OpenId) -> None:
    go(client)
    session = client.session
    session["account_authentication_methods"] = [
        {**each, "at": time.time() - 3600} for each in session["account_authentication_methods"]
    ]
    session.save()
    answer = client.post("/accounts/oidc/disconnect/", headers={"Referer": "https://solidarity.example/me/"})
    assert answer["Location"] == f"{LOGIN}?next=%2Fme%2F"
    go(client)
    client.post("/accounts/oidc/disconnect/")
    assert SocialAccount.objects.exists()  # the last way to sign in stays
