"""The pages for people without an account, outside the need form, in every public language."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from mapping.map.estimates import public_estimate
from mapping.map.releases.public import publishing
from tests.needs.language_reviews.test_public_languages import PUBLIC, RIGHT_TO_LEFT, browser_in, complete
from tests.support import Cast
from volunteers.models import User

PUBLISHER = {
    "name": "Maraude du Nord", "number": "RNA W751234567", "address": "3 rue de Crimée, 75019 Paris",
    "email": "nord@example.org", "phone": "01 23 45 67 89", "director": "Diane Martin",
    "host": "Hôte SARL, 1 quai de Seine, 75019 Paris, 01 98 76 54 32",
}  # fmt: skip


@pytest.fixture
def estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two territories with public figures: one shown, one hidden."""
    day = public_estimate.public_day(timezone.now())
    shown = public_estimate.PublicSpan(14, 120, 90, 160, 40)
    hidden = public_estimate.PublicSpan(14, None, 0, 0, 40)
    rows = [
        public_estimate.PublicUnseenEstimate("Ville", day, [shown]),
        public_estimate.PublicUnseenEstimate("Sud", day, [hidden]),
    ]
    monkeypatch.setattr("mapping.templatetags.unseen_tags.public_unseen_estimates", lambda: rows)


def _sign_up_pages(client: Client) -> list[Any]:
    """Return the pages of signing up: the form, its errors, the mail that was sent, and the links of mails."""
    known = User.objects.create_user("known@example.org", "Kl9-long-enough")
    address = EmailAddress.objects.create(user=known, email=known.email, primary=True)
    link = reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])
    form = reverse("account_signup")
    pages = [client.get(form), client.post(form, {}), client.post(form, {"email": "x", "password1": "short"})]
    pages.append(client.post(form, {"email": "new@example.org", "password1": "12345678"}))
    pages.append(client.post(form, {"email": "new@example.org", "password1": "new@example.org"}))
    return [
        *pages,
        client.get(reverse("account_email_verification_sent")),
        client.get(link),
        client.get(reverse("account_confirm_email", args=["wrong"])),
    ]


def _sign_in_pages(client: Client) -> list[Any]:
    """Return the pages of signing in and of choosing a new password, with their errors."""
    blocked = User.objects.create_user("blocked@example.org", "Kl9-long-enough", is_active=False)
    EmailAddress.objects.create(user=blocked, email=blocked.email, primary=True, verified=True)
    known = User.objects.create_user("sleeper@example.org", "Kl9-long-enough")
    sign_in, ask = reverse("account_login"), reverse("account_reset_password")
    wrong = {"login": "nobody@example.org", "password": "wrong"}
    pages = [client.get(sign_in), client.post(sign_in, {}), client.post(sign_in, {"login": "x", "password": "x"})]
    pages += [client.post(sign_in, wrong) for _each in range(6)]  # the last is one too many
    pages.append(client.post(sign_in, {"login": blocked.email, "password": "Kl9-long-enough"}, follow=True))
    pages += [client.get(ask), client.post(ask, {"email": "x"}), client.post(ask, {"email": known.email}, follow=True)]
    key = f"{user_pk_to_url_str(known)}-{default_token_generator.make_token(known)}"
    form = client.get(reverse("account_reset_password_from_key", args=[*key.split("-", 1)]), follow=True)
    own = form.request["PATH_INFO"]
    pages += [form, client.post(own, {"password1": "short"})]
    return [
        *pages,
        client.post(own, {"password1": "blue-river-lantern-42"}, follow=True),
        client.get(reverse("account_reset_password_from_key", args=["a", "wrong"])),
    ]


@pytest.mark.parametrize("code", PUBLIC)
@pytest.mark.usefixtures("estimates")
def test_every_page_without_account_is_translated(
    code: str, cast: Cast, settings: Settings, told: Callable[..., None]
) -> None:
    client = browser_in(code)
    settings.DEMO, settings.COUNTRY = True, "FR"
    with complete(code):
        pages = [client.get(reverse(name)) for name in ("mapping:public", "home", "about", "legal_notice")]
        told(22)
        publishing.publish_due()
        settings.PUBLISHER, settings.PUBLIC_COUNTS = PUBLISHER, True
        pages += [client.get(reverse(name)) for name in ("mapping:public", "home", "about", "legal_notice")]
        pages += _sign_up_pages(client)
        pages += _sign_in_pages(client)
    for page in pages:
        text = page.content.decode()
        direction = "rtl" if code in RIGHT_TO_LEFT else "ltr"
        assert f'<html lang="{code}" dir="{direction}">' in text
        assert len(re.findall(r"<h1\b", text)) == 1


@pytest.mark.parametrize("code", ["en", "fr", *PUBLIC])
def test_the_legal_notice_names_who_publishes_and_hosts_the_site(code: str, db: None, settings: Settings) -> None:
    settings.PUBLISHER = PUBLISHER
    client = browser_in(code)
    page = client.get(reverse("legal_notice")).content.decode()
    for value in PUBLISHER.values():
        assert value in page
    assert 'href="tel:0123456789"><bdi dir="ltr">01 23 45 67 89</bdi>' in page
    assert '<bdi dir="ltr">nord@example.org</bdi>' in page
    for name in ("home", "about", "mapping:public", "account_signup", "needs:report_need"):
        other = client.get(reverse(name)).content.decode()
        assert f'href="{reverse("legal_notice")}"' in other
        assert "Maraude du Nord" in other


def test_only_administrators_are_told_which_details_are_missing(client: Client, cast: Cast, settings: Settings) -> None:
    settings.PUBLISHER, settings.MFA_REQUIRED = {**PUBLISHER, "phone": "", "host": ""}, False
    addresses = [reverse("legal_notice"), reverse("about")]
    for address in addresses:
        assert "still empty" not in client.get(address).content.decode()
    client.force_login(cast.farid)
    for address in addresses:
        page = client.get(address).content.decode()
        assert "<p>Telephone, Host of the site</p>" in page
        assert 'href="/set-up/organisation/"' in page


def test_details_of_the_publisher_are_text_and_never_markup(client: Client, db: None, settings: Settings) -> None:
    evil = '"><script>alert(1)</script>'
    settings.PUBLISHER = dict.fromkeys(PUBLISHER, evil)
    for name in ("legal_notice", "about", "home"):
        assert "<script>alert" not in client.get(reverse(name)).content.decode()


def test_pages_without_an_account_stay_complete_for_people_with_one(cast: Cast) -> None:
    client = browser_in("ar")
    client.force_login(cast.alice)
    for name in ("about", "mapping:public", "legal_notice"):
        assert '<html lang="en" dir="ltr">' in client.get(reverse(name)).content.decode()


def test_the_mail_of_a_sign_up_is_in_a_complete_language(db: None, mailoutbox: list[EmailMessage]) -> None:
    client = browser_in("ar")
    sent = {"email": "new@example.org", "password1": "blue-river-lantern-42"}
    client.post(reverse("account_signup"), sent, headers={"accept-language": "ar,fr;q=0.8"})
    (mail,) = mailoutbox
    assert "adresse" in mail.body
