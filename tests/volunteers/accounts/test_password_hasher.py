"""What a sign-in costs, with and without hashes of former versions."""

from collections.abc import Callable, Iterator
from typing import Any

import argon2
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from solidarity import settings as written
from tests.conftest import PASSWORD
from tests.support import Cast
from volunteers.models import User
from volunteers.people.accounts.password_hasher import FORMER, LightArgon2Hasher

NEW, OLD = 19_456, 102_400  # KiB
WRONG = "a wrong passphrase"
Costs = Callable[[Callable[[], Any]], list[int]]


@pytest.fixture
def hashing(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = written.PASSWORD_HASHERS


@pytest.fixture
def costs(hashing: None) -> Iterator[Costs]:
    """A function that returns the memory of each hash that an action computes, in KiB, in increasing order."""
    found: list[int] = []
    make, check = argon2.low_level.hash_secret, argon2.PasswordHasher.verify

    def counted_make(*given: Any, **named: Any) -> bytes:
        found.append(named["memory_cost"])
        return make(*given, **named)

    def counted_check(self: argon2.PasswordHasher, hash: str, password: str) -> Any:
        found.append(argon2.extract_parameters(hash).memory_cost)
        return check(self, hash, password)

    def measure(action: Callable[[], Any]) -> list[int]:
        found.clear()
        action()
        return sorted(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2.low_level, "hash_secret", counted_make)
        patch.setattr(argon2.PasswordHasher, "verify", counted_check)
        yield measure


def former(password: str) -> str:
    hasher = Argon2PasswordHasher()
    encoded: str = hasher.encode(password, hasher.salt())
    assert encoded.startswith(FORMER)
    return encoded


def sign_in(email: str, password: str) -> tuple[int, int]:
    """Return the status and the number of queries of a sign-in."""
    with CaptureQueriesContext(connection) as queries:
        answer = Client().post("/accounts/login/", {"login": email, "password": password})
    return answer.status_code, len(queries)


def store(user: User, encoded: str) -> None:
    User.objects.filter(pk=user.pk).update(password=encoded)


@pytest.mark.django_db
def test_a_new_password_costs_what_owasp_recommends(hashing: None) -> None:
    user = User.objects.create_user("new@example.org", PASSWORD)
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert user.check_password(PASSWORD)
    assert not user.check_password(WRONG)


def test_a_former_hash_is_replaced_when_its_owner_signs_in(cast: Cast, costs: Costs) -> None:
    store(cast.alice, former(PASSWORD))
    assert costs(lambda: sign_in(cast.alice.email, PASSWORD)) == [NEW, OLD]
    cast.alice.refresh_from_db()
    assert cast.alice.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert costs(lambda: sign_in(cast.alice.email, PASSWORD)) == [NEW]
    assert sign_in(cast.alice.email, PASSWORD)[0] == 302


def test_who_proves_their_identity_with_a_former_hash_stays_signed_in(cast: Cast, hashing: None) -> None:
    store(cast.alice, former(PASSWORD))
    cast.alice.refresh_from_db()
    client, other = Client(), Client()
    for each in (client, other):
        each.force_login(cast.alice)
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    cast.alice.refresh_from_db()
    assert not cast.alice.password.startswith(FORMER)
    assert client.get("/accounts/email/").status_code == 200
    assert other.get("/accounts/email/").status_code == 302  # as after a new password


def test_a_refused_sign_in_costs_the_same_for_every_kind_of_account(cast: Cast, costs: Costs) -> None:
    hasher = LightArgon2Hasher()
    store(cast.alice, former(PASSWORD))
    store(cast.bob, hasher.encode(PASSWORD, hasher.salt()))
    store(cast.carol, "!without a password")
    emails = [cast.alice.email, cast.bob.email, cast.carol.email, "nobody@example.net"]
    sign_in("nobody@example.net", WRONG)  # loads everything that only a first request loads

    answers: list[tuple[int, int]] = []
    found = [costs(lambda email=email: answers.append(sign_in(email, WRONG))) for email in emails]  # type: ignore[misc]
    assert found == [[NEW, OLD]] * 4
    assert {status for status, _queries in answers} == {200}
    numbers = [queries for _status, queries in answers]
    assert max(numbers) - min(numbers) <= 1, numbers

    User.objects.filter(pk=cast.alice.pk).update(password=hasher.encode(PASSWORD, hasher.salt()))
    assert [costs(lambda email=email: sign_in(email, WRONG)) for email in emails] == [[NEW]] * 4  # type: ignore[misc]
