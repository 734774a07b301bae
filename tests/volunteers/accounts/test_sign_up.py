"""Sign-up: one password, mails in our own words, and signed in by the link in the browser that signed up."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from tests.conftest import PASSWORD
from tests.support import Cast
from volunteers.models import User

ADDRESS = "newcomer@example.org"
NEW = "another long passphrase"


def sign_up(client: Client, address: str = ADDRESS, **more: str) -> None:
    answer = client.post(reverse("account_signup"), {"email": address, "password1": NEW, **more})
    assert answer["Location"] == reverse("account_email_verification_sent")


def link_in(sent: mail.EmailMessage, start: str = "/accounts/confirm-email/") -> str:
    """Return the path of the link in a mail."""
    [link] = [word for word in str(sent.body).split() if start in word]
    return "/" + link.split("/", 3)[3]


def signed_in_as(client: Client) -> str:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).email if key else ""


@pytest.mark.django_db
def test_the_password_is_asked_once() -> None:
    page = Client().get(reverse("account_signup")).content.decode()
    assert page.count('type="password"') == 1
    assert "At least 10 characters." in page


@pytest.mark.django_db
def test_the_link_signs_in_at_once_in_the_browser_that_signed_up() -> None:
    client = Client()
    sign_up(client)
    assert signed_in_as(client) == ""
    answer = client.get(link_in(mail.outbox[-1]))
    assert answer["Location"] == reverse("needs:welcome")
    assert signed_in_as(client) == ADDRESS


@pytest.mark.django_db
def test_the_page_that_somebody_came_from_wins() -> None:
    client = Client()
    client.post(f"{reverse('account_signup')}?next=/about/", {"email": ADDRESS, "password1": NEW, "next": "/about/"})
    assert client.get(link_in(mail.outbox[-1]))["Location"] == "/about/"


@pytest.mark.django_db
def test_in_another_browser_the_link_alone_neither_confirms_nor_signs_in() -> None:
    sign_up(Client())
    path, other = link_in(mail.outbox[-1]), Client()
    assert "Yes, confirm it" in other.get(path).content.decode()
    user = User.objects.get(email=ADDRESS)
    assert not user.emailaddress_set.get().verified  # type: ignore[attr-defined]
    answer = other.post(path)
    assert answer["Location"] == f"{reverse('account_login')}?next=%2Fwelcome%2F"
    assert signed_in_as(other) == ""
    assert user.emailaddress_set.get().verified  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_link_of_somebody_else_does_not_sign_in(cast: Cast) -> None:
    """Somebody who signs up, then gets another person to open the link, ends up in nobody's account."""
    attacker, victim = Client(), Client()
    sign_up(attacker, "attacker@example.org")
    sign_up(victim, "victim@example.org")
    attackers, victims = (link_in(sent) for sent in mail.outbox[-2:])
    assert "Yes, confirm it" in victim.get(attackers).content.decode()
    assert signed_in_as(victim) == ""
    victim.get(victims)
    assert signed_in_as(victim) == "victim@example.org"
    assert signed_in_as(attacker) == ""


@pytest.mark.django_db
def test_a_used_or_invented_link_signs_nobody_in() -> None:
    client = Client()
    sign_up(client)
    path = link_in(mail.outbox[-1])
    client.get(path)
    client.logout()
    assert client.get(path).status_code == 200
    assert signed_in_as(client) == ""
    assert client.get("/accounts/confirm-email/MTpnuessed:abc/").status_code == 200
    assert signed_in_as(client) == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "Use at least 10 characters."),
        ("1234567890", "Many people use this password."),
        ("newcomer@example.org", "The password looks like your e-mail address."),
        ("", "Choose a password."),
    ],
)
def test_a_weak_password_is_refused_with_the_cure_and_the_address_stays(password: str, words: str) -> None:
    page = Client().post(reverse("account_signup"), {"email": ADDRESS, "password1": password}).content.decode()
    assert words in page
    assert f'value="{ADDRESS}"' in page
    assert "password2" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "newcomer", "a@b"])
def test_a_wrong_address_is_named(address: str) -> None:
    page = Client().post(reverse("account_signup"), {"email": address, "password1": NEW}).content.decode()
    assert "Enter your e-mail address." in page or "This is not an e-mail address." in page


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_mails_are_plain_text_in_our_own_words_with_the_name_and_address_of_the_site(
    cast: Cast, settings: Settings, language: str
) -> None:
    settings.SITE_URL = "https://solidarity.example"
    client = Client(headers={"accept-language": language})
    sign_up(client)
    sign_up(Client(headers={"accept-language": language}), cast.alice.email)
    for address in (cast.alice.email, "nobody@example.net"):
        Client(headers={"accept-language": language}).post(reverse("account_reset_password"), {"email": address})
    client = Client(headers={"accept-language": language})
    client.post(reverse("account_login"), {"login": cast.alice.email, "password": PASSWORD})
    client.post(reverse("account_email"), {"action_add": "", "email": "second@example.org"})
    assert len(mail.outbox) == 5
    for sent in mail.outbox:
        body = str(sent.body)
        assert sent.subject.startswith("Solidarity: ") and "\n" not in sent.subject
        assert "Solidarity" in body and body.rstrip().endswith("https://solidarity.example")
        assert not sent.alternatives  # type: ignore[attr-defined]
        assert not re.search(r"example\.com|&#|&quot;|<|\{|You're receiving|Hello from", body)
        assert len(re.findall(r"https://solidarity\.example/accounts/", body)) >= 1
        assert max(map(len, body.splitlines())) < 400
    if language == "en":
        assert [sent.subject for sent in mail.outbox] == [
            "Solidarity: Confirm your e-mail address", "Solidarity: You already have an account",
            "Solidarity: Choose a new password", "Solidarity: There is no account with this address",
            "Solidarity: Confirm your e-mail address",
        ]  # fmt: skip
    with translation.override(language):
        assert all(translation.gettext("Hello,") in str(sent.body) for sent in mail.outbox)
