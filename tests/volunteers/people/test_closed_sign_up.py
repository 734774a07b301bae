"""Closed sign-up: the page says whom to ask, and only an invited address gets in."""

import re

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tests.conftest import PASSWORD
from tests.support import Cast, SignedIn
from volunteers.enums import Role
from volunteers.models import AuditEntry, Membership, User
from volunteers.people.administrators import sign_up
from volunteers.people.associations import invitations

pytestmark = pytest.mark.django_db

SIGN_UP = "/accounts/signup/"
NEW = "newcomer@example.org"


def close(cast: Cast, ask: str = "") -> None:
    sign_up.choose(closed=True, ask=ask, by=cast.farid)


def invited_browser(cast: Cast) -> Client:
    client = Client()
    token = invitations.token_of(invitations.invite(cast.maraude, NEW, Role.MEMBER, cast.carol))
    client.get(f"/me/join/{token}/")
    return client


def test_sign_up_is_open_until_somebody_closes_it() -> None:
    assert 'type="password"' in Client().get(SIGN_UP).content.decode()


def test_an_administrator_closes_and_opens_it(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.farid)
    assert client.post("/people/sign-up/", {"closed": "yes", "ask": "the town hall"}).status_code == 302
    page = Client().get(SIGN_UP).content.decode()
    assert "You need an invitation" in page
    assert "the town hall" in page
    assert 'type="password"' not in page
    client.post("/people/sign-up/", {"closed": "no", "ask": ""})
    assert 'type="password"' in Client().get(SIGN_UP).content.decode()
    assert AuditEntry.objects.filter(verb="sign_up_changed", actor=cast.farid.key).count() == 2


def test_only_an_administrator_may(cast: Cast, signed_in: SignedIn) -> None:
    for user in (cast.diane, cast.carol, cast.greta):
        assert signed_in(user).post("/people/sign-up/", {"closed": "yes"}).status_code == 404
    assert not sign_up.choice().closed


def test_without_words_the_page_names_the_organisation(cast: Cast, settings: Settings) -> None:
    settings.PUBLISHER = {**settings.PUBLISHER, "name": "Ville solidaire", "email": "bonjour@ville.example"}
    close(cast)
    page = Client().get(SIGN_UP).content.decode()
    assert "Ville solidaire, bonjour@ville.example" in page


def test_a_forged_form_creates_no_account(cast: Cast) -> None:
    close(cast)
    Client().post(SIGN_UP, {"email": NEW, "password1": PASSWORD})
    assert not User.objects.filter(email=NEW).exists()
    assert mail.outbox == []


def test_an_invited_person_signs_up_and_joins(cast: Cast) -> None:
    close(cast)
    client = invited_browser(cast)
    assert client.post(SIGN_UP, {"email": NEW, "password1": PASSWORD}).status_code == 302
    found = re.search(r"https?://[^/\s]+(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    client.get(found[1])
    token = client.session.get(invitations.SESSION_KEY) or ""
    token = token or invitations.token_of(invitations.invite(cast.maraude, NEW, Role.MEMBER, cast.carol))
    client.post(f"/me/join/{token}/")
    assert Membership.objects.current().filter(user__email=NEW, association=cast.maraude).exists()


def test_a_forwarded_invitation_opens_the_door_to_no_other_address(cast: Cast) -> None:
    close(cast)
    answer = invited_browser(cast).post(SIGN_UP, {"email": "stranger@example.org", "password1": PASSWORD})
    assert "Enter the address to which the invitation was sent." in answer.content.decode()
    assert not User.objects.filter(email="stranger@example.org").exists()


def test_a_withdrawn_invitation_opens_nothing(cast: Cast) -> None:
    close(cast)
    client = invited_browser(cast)
    invitations.revoke(cast.maraude.invitations.get(), cast.carol)
    client.post(SIGN_UP, {"email": NEW, "password1": PASSWORD})
    assert not User.objects.filter(email=NEW).exists()
