"""API tokens, sessions and rate limits."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.needs.api_cases import V1, TokenClient, file
from tests.support import Cast, City, SignedIn
from volunteers.models import ApiToken
from volunteers.people.tokens import tokens

PAGE = "/me/tokens/"


def test_a_token_is_shown_once_and_stored_as_a_digest(cast: Cast, signed_in: SignedIn) -> None:
    alice = signed_in(cast.alice)
    made = alice.post(PAGE, {"name": "evening list", "scope": "read", "days": "30"})
    assert made.status_code == 201
    text = made.context["made"]
    assert text in made.content.decode()
    row = ApiToken.objects.get()
    assert text not in {str(value) for value in ApiToken.objects.values_list().get()}
    assert row.digest == tokens.digest(text)
    assert text not in alice.get(PAGE).content.decode()
    answer = Client().get(V1 + "me/", headers={"Authorization": f"Bearer {text}"})
    assert answer.json()["name"] == "Alice"
    assert not answer.json()["may_write"]


def test_a_read_only_token_changes_nothing(cast: Cast) -> None:
    reader, body = TokenClient(cast.alice, writes=False), {"base": None}
    refused = reader.send("profile/", body, "put")
    assert refused.status_code == 403
    assert "read-only" in refused.json()["detail"]
    assert reader.ask("profile/").status_code == 200
    assert TokenClient(cast.alice).send("profile/", body, "put").status_code == 200


def test_a_revoked_or_expired_token_is_refused_with_advice(cast: Cast, signed_in: SignedIn) -> None:
    client = TokenClient(cast.alice)
    signed_in(cast.bob).post(f"{PAGE}{client.row.pk}/revoke/")
    assert client.ask("me/").status_code == 200  # Bob cannot revoke Alice's token
    signed_in(cast.alice).post(f"{PAGE}{client.row.pk}/revoke/")
    refused = client.ask("me/")
    assert refused.status_code == 401
    assert "Make a new one" in refused.json()["detail"]
    over = TokenClient(cast.alice)
    ApiToken.objects.filter(pk=over.row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert over.ask("me/").status_code == 401


def test_the_token_of_a_closed_account_is_refused(cast: Cast) -> None:
    client = TokenClient(cast.alice)
    cast.alice.is_active = False
    cast.alice.save()
    assert client.ask("me/").status_code == 401


def test_a_token_does_not_bypass_the_second_factor(cast: Cast, settings: Settings) -> None:
    settings.MFA_REQUIRED = True
    assert TokenClient(cast.diane).ask("me/").status_code == 401  # she is a coordinator without a second factor
    assert TokenClient(cast.alice).ask("me/").status_code == 200


def test_a_session_works_with_the_csrf_token_only(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.alice)
    assert browser.get(V1 + "me/").json()["may_write"]
    refused = browser.put(V1 + "profile/", {"base": None}, content_type="application/json")
    assert refused.status_code == 403


def test_the_number_of_tokens_per_person_is_limited(cast: Cast) -> None:
    for _each in range(tokens.MOST_TOKENS):
        tokens.make(cast.alice, "one more", writes=False, days=7)
    with pytest.raises(tokens.TooMany):
        tokens.make(cast.alice, "one too many", writes=False, days=7)


def test_too_many_requests_get_a_retry_time(cast: Cast, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "account": "3/min"}
    client = TokenClient(cast.alice)
    codes = [client.ask("me/").status_code for _each in range(4)]
    assert codes == [200, 200, 200, 429]
    refused = client.ask("me/")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert TokenClient(cast.bob).ask("me/").status_code == 200


def test_writes_are_limited_before_reads(cast: Cast, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "account_writes": "1/min"}
    client = TokenClient(cast.alice)
    codes = [client.send("profile/", {"base": None}, "put").status_code for _each in range(2)]
    assert codes == [200, 429]
    assert client.ask("profile/").status_code == 200


def test_anonymous_readers_share_the_limit_of_their_address(client: Client, city: City, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "anonymous": "2/min"}
    codes = [client.get(V1 + "crises/").status_code for _each in range(3)]
    assert codes == [200, 200, 429]


def test_the_cache_contains_no_network_address(client: Client, city: City) -> None:
    from django.core.cache import cache

    client.get(V1 + "crises/", REMOTE_ADDR="203.0.113.77")
    raw: Any = cache
    keys = [key.decode() for key in raw._cache.get_client().keys("*")]
    assert any("throttle" in key for key in keys)
    assert not any("203.0.113" in key for key in keys)


def test_responses_of_the_api_are_not_cached(cast: Cast) -> None:
    file()
    assert "no-store" in TokenClient(cast.bob).ask("open-needs/")["Cache-Control"]


def test_an_unknown_url_of_the_api_answers_in_json(cast: Cast) -> None:
    answer = TokenClient(cast.alice).ask("nothing/here/")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_the_page_of_tokens_requires_sign_in(client: Client, db: None) -> None:
    assert client.get(PAGE).status_code == 302
