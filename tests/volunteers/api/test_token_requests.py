"""Requests with a token skip the middleware for browsers, and nothing else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from mapping.models import CellTouch
from needs.models import Encounter
from needs.reports.api import Encounters, Needs
from tests.needs.api.test_filing_api import met
from tests.needs.api_cases import TokenClient
from tests.support import Cast, SignedIn

pytestmark = pytest.mark.django_db


def answer_of(client: Client, body: Any, **headers: str) -> Any:
    return client.post(reverse("api:encounters"), body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("case", ["new", "invalid", "unknown token", "not JSON", "GET", "an error"])
def test_the_answer_and_its_headers_are_those_of_the_whole_middleware(
    case: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(headers={"Authorization": "Bearer sol_no"}) if case == "unknown token" else TokenClient(cast.bob)
    client.raise_request_exception = False
    if case == "an error":
        monkeypatch.setattr("needs.reports.intake.file_encounter", lambda *_report, **_more: 1 / 0)
    found = []
    for short in (True, False):
        monkeypatch.setattr(Encounters, "without_session", short)
        body: Any = (
            "{" if case == "not JSON" else met(persons=-1 if case == "invalid" else 2, note="call 06 12 34 56 78")
        )
        path = reverse("api:encounters")
        answer = client.get(path) if case == "GET" else answer_of(client, body, **{"Accept-Language": "fr"})
        assert "X-Frame-Options" in answer.headers and "Content-Security-Policy" in answer.headers
        headers = {name: value for name, value in answer.headers.items() if name != "Vary"}
        shown = answer.json() if case != "an error" else {}
        found.append(
            (answer.status_code, headers, {key: shown[key] for key in shown if key not in ("id", "content_hash")})
        )
        assert (answer.wsgi_request.__dict__.get("session") is None) == short
    assert found[0] == found[1]


def test_a_token_does_not_borrow_the_session_of_its_browser(cast: Cast, signed_in: SignedIn) -> None:
    bob = signed_in(cast.bob)
    refused = bob.post(
        reverse("api:encounters"), met(), content_type="application/json", headers={"Authorization": "Bearer sol_no"}
    )
    assert refused.status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.bob)
    assert answer_of(strict, met()).status_code == 403  # a session still needs its CSRF token
    assert not Encounter.objects.exists()


def test_every_check_of_a_filing_runs_without_the_middleware_for_browsers(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Encounters.without_session and Needs.without_session
    bob = TokenClient(cast.bob)
    assert "06 12 34 56 78" in str(answer_of(bob, met(note="call Mohamed on 06 12 34 56 78")).json()["warnings"])
    assert answer_of(bob, met(note="he does not breathe any more")).json()["danger"]
    assert answer_of(TokenClient(cast.bob, writes=False), met()).status_code == 403
    assert answer_of(TokenClient(cast.alice), met()).status_code == 404
    settings.ALLOWED_HOSTS = ["solidarity.example"]
    assert answer_of(bob, met()).status_code == 400
    settings.ALLOWED_HOSTS = ["*"]
    settings.API_RATES = {**settings.API_RATES, "account_writes": "3/min"}
    codes = [answer_of(bob, met()) for _each in range(2)]
    assert [each.status_code for each in codes] == [201, 429]
    assert 0 < int(codes[1]["Retry-After"]) <= 60
    assert Encounter.objects.count() == CellTouch.objects.count() == 3
