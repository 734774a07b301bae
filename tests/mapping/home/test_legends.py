"""The legend of pages that belong to no territory explains the statuses that the reader can meet."""

import re

import pytest
from django.test import Client

from tests.support import Cast, City, SignedIn
from volunteers.enums import CountKind
from volunteers.models import Territory

pytestmark = pytest.mark.django_db

COUNTED = {"to_verify", "uncovered", "under_covered", "not_searched", "contradictory", "covered"}
SEARCHED = {"to_verify", "not_searched", "searched"}


def explained(client: Client, path: str) -> set[str]:
    page = client.get(path).content.decode()
    lists = re.findall(r'<ul class="status-list">(.*?)</ul>', page, flags=re.S)
    assert len(lists) == 1, path
    return set(re.findall(r'data-status="(\w+)"', lists[0]))


def test_a_site_with_a_count_explains_the_statuses_that_need_one(city: City, cast: Cast, signed_in: SignedIn) -> None:
    for client, path in ((Client(), "/about/"), (signed_in(cast.diane), "/")):
        assert explained(client, path) == COUNTED


def test_without_a_count_it_explains_searches_and_needs_only(city: City, cast: Cast, signed_in: SignedIn) -> None:
    Territory.objects.update(count_kind="")
    for client, path in (
        (Client(), "/about/"),
        (signed_in(cast.diane), "/"),
        (signed_in(cast.greta), "/"),
    ):
        assert explained(client, path) == SEARCHED
        assert "how many people are probably there" not in client.get(path).content.decode()


def test_readers_meet_the_statuses_of_the_territories_that_they_may_open(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    Territory.objects.filter(slug="sud").update(expected_persons=30, count_kind=CountKind.COUNT)
    Territory.objects.filter(slug="ville").update(count_kind="")
    assert explained(Client(), "/about/") == explained(signed_in(cast.diane), "/") == COUNTED | SEARCHED
    assert explained(signed_in(cast.alice), "/") == SEARCHED, "she has a duty in Nord only"


def test_a_site_without_territories_explains_the_statuses_of_a_count(db: None) -> None:
    assert explained(Client(), "/about/") == COUNTED
