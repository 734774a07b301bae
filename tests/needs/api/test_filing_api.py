"""Filing reports as JSON through the API."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from needs.enums import NeedState
from needs.models import Encounter, Need
from needs.reports import filing
from tests.support import Cast, City, SignedIn

ENCOUNTERS, NEEDS = "/api/v1/encounters/", "/api/v1/needs/"


def met(**changes: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "latitude": 48.866, "longitude": 2.35, "persons": 2, "given": ["food"], **changes}


def needed(**changes: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "latitude": 48.866, "longitude": 2.35, "kinds": ["food"], **changes}


def send(client: Client, address: str, body: Any, **more: Any) -> Any:
    return client.post(address, body, content_type="application/json", **more)


@pytest.fixture
def bob(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.bob)


def test_new_is_201_again_is_200_and_other_content_is_409(bob: Client) -> None:
    body = met()
    first, again, other = (send(bob, ENCOUNTERS, it) for it in (body, body, {**body, "persons": 7}))
    assert [answer.status_code for answer in (first, again, other)] == [201, 200, 409]
    stored = Encounter.objects.get()
    assert first.json() == again.json() == {
        "id": body["id"], "content_hash": stored.content_hash, "danger": False, "numbers": [],
    }  # fmt: skip
    assert "other content" in other.json()["detail"]
    assert stored.persons == 2


def test_a_given_time_is_part_of_the_content(bob: Client) -> None:
    then = timezone.now() - timedelta(hours=5)
    body = met(at=then.isoformat())
    assert send(bob, ENCOUNTERS, body).status_code == 201
    assert Encounter.objects.get().at == then
    later = {**body, "at": (then + timedelta(minutes=1)).isoformat()}
    assert [send(bob, ENCOUNTERS, it).status_code for it in (body, later)] == [200, 409]


def test_a_report_older_than_sixty_days_comes_with_a_warning(bob: Client) -> None:
    answer = send(bob, ENCOUNTERS, met(at=(timezone.now() - timedelta(days=61)).isoformat()))
    assert answer.status_code == 201
    assert "60 days" in answer.json()["warnings"][0]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"latitude": None, "longitude": None}, "latitude"),
        ({"latitude": None}, "latitude"),
        ({"latitude": 91}, "latitude"),
        ({"persons": -1}, "persons"),
        ({"persons": None}, "persons"),
        ({"contacts": 3}, "contacts"),
        ({"at": "2999-01-01T00:00:00Z"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"asked": ["gold"]}, "asked"),
        ({"id": "7"}, "id"),
        ({"note": "x" * 2001}, "note"),
    ],
)
def test_a_wrong_field_is_named_with_its_cure(bob: Client, wrong: dict[str, Any], field: str) -> None:
    answer = send(bob, ENCOUNTERS, met(**wrong))
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not Encounter.objects.exists()


@pytest.mark.parametrize("body", [[], "x", 7, None, {"latitude": "NaN", "longitude": "Infinity", "persons": 1}])
def test_any_other_json_is_refused(bob: Client, body: Any) -> None:
    assert send(bob, ENCOUNTERS, body if isinstance(body, dict) else __import__("json").dumps(body)).status_code == 400


def test_errors_speak_the_reader_s_language(bob: Client) -> None:
    answer = send(bob, ENCOUNTERS, met(persons=None), headers={"Accept-Language": "fr"})
    assert "nul" in answer.json()["persons"][0]


def test_encounters_are_for_members_and_need_the_csrf_token(client: Client, cast: Cast, signed_in: SignedIn) -> None:
    assert send(client, ENCOUNTERS, met()).status_code == 401
    assert send(signed_in(cast.alice), ENCOUNTERS, met()).status_code == 404
    assert send(signed_in(cast.bob), ENCOUNTERS, met(association="soupe-du-sud")).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.bob)
    assert send(strict, ENCOUNTERS, met()).status_code == 403
    assert not Encounter.objects.exists()


def test_an_encounter_joins_a_tour_of_its_association_only(bob: Client, cast: Cast) -> None:
    own = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now())
    other = filing.start_tour(association=cast.other.pk, author=cast.edith.pk, at=timezone.now())
    assert send(bob, ENCOUNTERS, met(tour=str(own.id))).status_code == 201
    assert send(bob, ENCOUNTERS, met(tour=str(other.id))).status_code == 404
    assert Encounter.objects.get().tour_id == own.id


def test_an_encounter_takes_few_questions_of_the_database(
    bob: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    body = met()
    with django_assert_max_num_queries(7):
        send(bob, ENCOUNTERS, body)


def test_anybody_sends_a_need_and_gets_the_follow_up_link(client: Client, city: City) -> None:
    body = needed()
    first, again = send(client, NEEDS, body), send(client, NEEDS, body)
    assert [first.status_code, again.status_code] == [201, 200]
    assert first.json() == again.json()
    assert not first.json()["held"]
    assert client.get(first.json()["follow"]).status_code == 200
    other = send(client, NEEDS, {**body, "text": "something else"})
    assert other.status_code == 409
    assert "follow" not in other.json()


def test_a_need_sent_again_without_cookies_is_the_same(city: City) -> None:
    body = needed()
    assert [send(Client(), NEEDS, body).status_code for _each in range(3)] == [201, 200, 200]


def test_a_need_without_a_place_is_refused(client: Client, db: None) -> None:
    answer = send(client, NEEDS, needed(latitude=None, longitude=None))
    assert answer.status_code == 400
    assert list(answer.json()) == ["place_text"]
    assert send(client, NEEDS, needed(latitude=None, longitude=None, place_text="by the station")).status_code == 201


def test_the_limits_hold_for_json_too(client: Client, city: City) -> None:
    send(client, NEEDS, needed())
    answers = [send(client, NEEDS, needed()).json()["held"] for _each in range(6)]
    assert answers == [False] * 4 + [True] * 2
    assert Need.objects.filter(state=NeedState.HELD).count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_identical_posts_at_once_are_one_report(cast: Cast, signed_in: SignedIn) -> None:
    body = met()
    clients = [signed_in(cast.bob) for _each in range(8)]

    def post(client: Client) -> int:
        try:
            return int(send(client, ENCOUNTERS, body).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(post, clients))
    assert sorted(codes) == [200] * 7 + [201]
    assert Encounter.objects.count() == 1
