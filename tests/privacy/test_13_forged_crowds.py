"""Attack 13: post anonymous reports around a lone need, so that a public list publishes the centre of the need's
cell."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from needs.api import public_requests
from needs.models import Need, NeedStep
from solidarity.lib import grid
from tests.needs.api_cases import NORD, file
from tests.support import Cast
from volunteers.models import User

BASE = "/open311/v2/"


@pytest.fixture(autouse=True)
def open311(settings: Settings) -> None:
    """Switch Open311 on. It is off by default, but its rules must protect people where it is on."""
    settings.OPEN311 = True


def aged(needs: Any) -> None:
    """Change the dates of needs so that the current edition includes them."""
    moment = public_requests.edition(timezone.now()) - timedelta(days=2)
    needs.update(at=moment, filed_at=moment, state_at=moment)
    NeedStep.objects.filter(need__in=needs).update(at=moment)


def published_place(need: Need) -> tuple[float, float] | None:
    [row] = public_requests.list_requests(public_requests.RequestQuery(ids=[need.pk]), timezone.now())
    return row.place


def forge(number: int, persons: int = 10) -> None:
    """Post requests without an account, each from its own device and address."""
    for each in range(number):
        sent = Client(REMOTE_ADDR=f"198.51.100.{each + 1}").post(
            f"{BASE}requests.json",
            {"service_code": "food", "lat": str(NORD[0]), "long": str(NORD[1]), "description": f"people {each}",
             "attribute[persons]": str(persons)},
        )  # fmt: skip
        assert sent.status_code == 201, sent.content


def test_anonymous_posts_do_not_publish_the_place_of_a_lone_need(cast: Cast) -> None:
    lone = file(NORD, persons=1)
    forge(12)
    aged(Need.objects.all())
    assert Need.objects.count() == 13
    assert published_place(lone) is None
    listed = Client().get(f"{BASE}requests.json").json()
    assert {(row["lat"], row["long"]) for row in listed} == {(None, None)}


def test_one_account_and_many_anonymous_posts_are_two_sources(cast: Cast) -> None:
    lone = file(NORD, persons=9)
    Need.objects.filter(pk=lone.pk).update(author=cast.alice)
    forge(6)
    aged(Need.objects.all())
    assert published_place(lone) is None


def test_three_accounts_or_two_and_the_rest_are_a_crowd(cast: Cast) -> None:
    lone = file(NORD, persons=5)
    people: list[User] = [cast.alice, cast.greta]
    for who in people:
        Need.objects.filter(pk=file(NORD, persons=5).pk).update(author=who)
    aged(Need.objects.all())
    assert lone.cell is not None
    assert published_place(lone) == grid.centre(grid.parent(lone.cell, 8))
