"""Safe defaults: a page that says nothing requires sign-in, is not stored, and counts each form that is sent."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.views.decorators.cache import cache_control
from pytest_django import Settings

from solidarity.lib.http.open_addresses import open_path
from solidarity.urls import urlpatterns as all_addresses
from tests.support import Cast, SignedIn
from volunteers.people.api.page_throttling import limit_reads

STORED_NOWHERE = "max-age=0, no-cache, no-store, must-revalidate, private"


def new_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("new")


def open_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


def harvestable_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("places")


@cache_control(public=True, max_age=60)
def cached_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("cached")


urlpatterns = [
    path("new/", new_page),
    open_path("new/open/", open_page),
    open_path("new/cached/", cached_page),
    *limit_reads([path("new/places/", harvestable_page)]),
    *all_addresses,
]


def addresses(holds: Callable[[URLPattern], bool]) -> list[str]:
    """Return the addresses of the platform for which ``holds``, without the admin site."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> list[str]:
        found = []
        for each in patterns:
            own = before + str(each.pattern)
            if own.startswith("admin/"):
                continue
            if isinstance(each, URLResolver):
                found += walk(each.url_patterns, own)
            elif holds(each):
                found.append(own or "^")
        return found

    return sorted(set(walk(get_resolver().url_patterns, "")))


def is_open(address: URLPattern) -> bool:
    """Whether nobody needs to sign in. The views of the API check the reader themselves (table.txt)."""
    return not getattr(address.callback, "login_required", True) and not hasattr(address.callback, "cls")


def counts_reads(address: URLPattern) -> bool:
    return getattr(address.callback, "counts_reads", False)


def listed_in(name: str) -> list[str]:
    lines = (Path(__file__).parent / name).read_text().splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    assert sorted(lines) == lines
    return lines


def test_every_open_page_is_listed_and_nothing_else_is_open() -> None:
    listed, found = listed_in("open.txt"), addresses(is_open)
    assert sorted(set(found) - set(listed)) == [], (
        "open without sign-in: add a line to tests/access/open.txt if intended"
    )
    assert sorted(set(listed) - set(found)) == []


def test_every_page_whose_reading_counts_is_listed() -> None:
    """A page with places or lists that leaves this list could be harvested."""
    assert addresses(counts_reads) == listed_in("limited.txt")


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_new_page_requires_sign_in_and_is_not_stored(client: Client, cast: Cast, signed_in: SignedIn) -> None:
    for method in (client.get, client.post):
        answer = method("/new/?day=2")
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/new/%3Fday%3D2")
        assert answer["Cache-Control"] == STORED_NOWHERE
    answer = signed_in(cast.alice).get("/new/")
    assert (answer.content, answer["Cache-Control"]) == (b"new", STORED_NOWHERE)
    assert "Expires" in answer


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_an_open_page_says_so_and_a_cached_page_too(client: Client) -> None:
    answer = client.get("/new/open/")
    assert (answer.content, answer["Cache-Control"]) == (b"open", STORED_NOWHERE)
    assert client.get("/new/cached/")["Cache-Control"] == "public, max-age=60"


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_forms_of_a_new_page_are_limited_and_reading_if_its_address_says_so(
    cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.API_RATES = {**settings.API_RATES, "account_writes": "2/min"}
    client = signed_in(cast.alice)
    assert [client.post("/new/").status_code for _each in range(3)] == [200, 200, 429]
    settings.API_RATES = {**settings.API_RATES, "account": "4/min"}
    client = signed_in(cast.bob)
    assert [client.get("/new/").status_code for _each in range(6)] == [200] * 6
    answers = [client.get("/new/places/") for _each in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert signed_in(cast.alice).get("/new/places/").status_code == 200  # each account has its own limit
