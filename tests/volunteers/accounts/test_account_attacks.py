"""Attacks on accounts: timing that reveals known addresses, links to another host, tokens that outlive a password."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.conftest import PASSWORD
from tests.needs.api_cases import TokenClient
from tests.support import Cast, SignedIn
from volunteers.models import ApiToken, AuditEntry, User
from volunteers.people.audit.verbs import Verb

NEW = "another long passphrase"


class CountingHasher(MD5PasswordHasher):
    """A hasher that counts the computed hashes. In production each hash takes a third of a second."""

    algorithm = "counted"
    hashes = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashes += 1
        return super().encode(password, salt)


@pytest.fixture
def counted(settings: Settings, cast: Cast) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    for user in User.objects.all():
        user.set_password(PASSWORD)
        user.save()


def work(action: Callable[[Client], Any]) -> tuple[tuple[int, int, int, Any], int]:
    """Run a request. Return (password hashes, mails, status, address of the next page) and the number of queries."""
    client = Client()
    client.get("/accounts/login/")  # loads everything that only a first request loads
    CountingHasher.hashes, sent = 0, len(mail.outbox)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = action(client)
    done = (CountingHasher.hashes, len(mail.outbox) - sent, answer.status_code, answer.headers.get("Location"))
    return done, len(queries)


def sign_up(address: str) -> Callable[[Client], Any]:
    form = {"email": address, "password1": NEW}
    return lambda client: client.post("/accounts/signup/", form)


def test_sign_up_does_the_same_work_for_a_known_and_a_new_address(cast: Cast, counted: None) -> None:
    before = User.objects.count()
    known, known_queries = work(sign_up(cast.alice.email))
    assert User.objects.count() == before
    assert EmailAddress.objects.filter(email__endswith="@example.org").count() == before
    new, new_queries = work(sign_up("nobody-yet@example.net"))
    assert known == new
    assert known[0] == 1
    assert known[1] == 1
    assert abs(known_queries - new_queries) <= 3, (known_queries, new_queries)
    assert User.objects.count() == before + 1
    assert [each.to for each in mail.outbox] == [[cast.alice.email], ["nobody-yet@example.net"]]
    cast.alice.refresh_from_db()
    assert cast.alice.check_password(PASSWORD)


def test_sign_in_does_the_same_work_for_a_known_and_an_unknown_address(cast: Cast, counted: None) -> None:
    known, known_queries = work(
        lambda client: client.post("/accounts/login/", {"login": cast.alice.email, "password": NEW})
    )
    unknown, unknown_queries = work(
        lambda client: client.post("/accounts/login/", {"login": "nobody@example.net", "password": NEW})
    )
    assert known == unknown
    assert known[0] == 1
    assert abs(known_queries - unknown_queries) <= 1, (known_queries, unknown_queries)


def test_password_reset_does_the_same_work_for_a_known_and_an_unknown_address(cast: Cast, counted: None) -> None:
    known, known_queries = work(lambda client: client.post("/accounts/password/reset/", {"email": cast.alice.email}))
    unknown, unknown_queries = work(
        lambda client: client.post("/accounts/password/reset/", {"email": "nobody@example.net"})
    )
    assert known == unknown
    assert known[1] == 1
    assert abs(known_queries - unknown_queries) <= 1, (known_queries, unknown_queries)


@pytest.mark.django_db
def test_links_in_mails_begin_with_the_configured_address_whatever_the_host_header_says(
    cast: Cast, settings: Settings
) -> None:
    settings.SITE_URL = "https://solidarity.example"
    settings.ALLOWED_HOSTS = ["*"]
    for action in (
        sign_up("nobody-yet@example.net"),
        sign_up(cast.alice.email),
        lambda client: client.post("/accounts/password/reset/", {"email": cast.alice.email}),
        lambda client: client.post("/accounts/password/reset/", {"email": "nobody@example.net"}),
    ):
        mail.outbox.clear()
        action(Client(headers={"host": "evil.example", "x-forwarded-host": "evil.example"}))
        [sent] = mail.outbox
        assert "evil" not in f"{sent.subject} {sent.body}"
        assert "https://solidarity.example/accounts/" in sent.body
        assert "testserver" not in sent.body


@pytest.mark.django_db
def test_a_reset_link_from_a_mail_still_works(cast: Cast) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": cast.alice.email})
    token = TokenClient(cast.alice)
    [link] = [word for word in mail.outbox[-1].body.split() if "/accounts/password/reset/key/" in word]
    page = client.get("/" + link.split("/", 3)[3], follow=True)
    done = client.post(page.request["PATH_INFO"], {"password1": NEW})
    assert done.status_code == 302
    cast.alice.refresh_from_db()
    assert cast.alice.check_password(NEW)
    assert token.ask("me/").status_code == 401


@pytest.mark.django_db
def test_a_new_password_revokes_the_api_tokens_with_the_sign_ins(cast: Cast, signed_in: SignedIn) -> None:
    own, others, elsewhere = TokenClient(cast.alice), TokenClient(cast.bob), signed_in(cast.alice)
    assert own.ask("me/").status_code == elsewhere.get("/me/").status_code == 200
    form = {"oldpassword": PASSWORD, "password1": NEW}
    assert signed_in(cast.alice).post("/accounts/password/change/", form).status_code == 302
    assert own.ask("me/").status_code == 401
    assert elsewhere.get("/me/").status_code == 302
    assert others.ask("me/").status_code == 200
    assert not ApiToken.objects.filter(user=cast.alice, revoked_at=None).exists()
    assert AuditEntry.objects.get(verb=Verb.PASSWORD_CHANGED).details == {"tokens": 1}
    assert AuditEntry.objects.filter(verb=Verb.TOKEN_REVOKED).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["Alice\nBcc: all@example.org", "A\rB", "A\x01B", "A\u2028B", "A\u202eB", "A\x1b[1m", "A\tB"]
)
def test_a_display_name_is_one_line_without_control_characters(name: str, cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.alice).post("/me/", {"display_name": name})
    assert page.status_code == 200
    assert page.context["form"].errors["display_name"]
    cast.alice.refresh_from_db()
    assert cast.alice.display_name == "Alice"
    with pytest.raises(ValidationError):
        User(email="x@example.org", display_name=name).full_clean(exclude=["password"])
    for fine in ("Zoë O’Neil-Öz", "نسرین\u200cها", "李", "Ana (bureau) 🙂"):
        assert signed_in(cast.alice).post("/me/", {"display_name": fine}).status_code == 302


@pytest.mark.django_db
def test_the_account_and_the_dashboard_are_not_stored_by_caches(cast: Cast, signed_in: SignedIn) -> None:
    for address in ("/me/", "/map/dashboard/", "/map/t/ville/dashboard/"):
        assert "no-store" in signed_in(cast.diane).get(address)["Cache-Control"], address
