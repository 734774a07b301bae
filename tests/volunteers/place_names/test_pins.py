"""The street under a pin: an endpoint that reads only names of places, limited, and without a trace in logs."""

import logging

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from needs.models import Need
from tests.needs.triage.triage_cases import reported
from tests.support import Cast
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.places.place_names import name_storing

pytestmark = pytest.mark.django_db
ADDRESS = "/places/near/"
HERE = {"latitude": "48.86412", "longitude": "2.35150"}


@pytest.fixture(autouse=True)
def names() -> None:
    cache.clear()
    name_storing.replace("test", rows())


def near(client: Client, **point: str) -> str:
    answer = client.post(ADDRESS, {**HERE, **point})
    assert answer.status_code == 200
    return str(answer.json()["near"])


def test_a_pin_is_told_its_street_or_that_it_is_unknown(client: Client) -> None:
    assert near(client) == "near 12 rue de Crimée"
    assert near(client, latitude="48.8715", longitude="2.3455") == "near Gare du Nord"
    assert near(client, latitude="48.8600", longitude="2.3690") == ""


def test_the_street_is_said_in_the_language_of_the_form(client: Client) -> None:
    answer = client.post(ADDRESS, HERE, headers={"accept-language": "ar"})
    # The address is isolated: otherwise the number after an Arabic word would be shown behind the street.
    assert answer.json() == {"near": "قرب \u206812 rue de Crimée\u2069"}


def test_bad_points_are_named_and_addresses_hold_no_place(client: Client) -> None:
    answer = client.post(ADDRESS, {"latitude": "91", "longitude": "north"})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"latitude", "longitude"}
    assert client.get(ADDRESS, HERE).status_code == 405


def test_the_endpoint_reads_no_report_and_answers_the_same_with_and_without_needs(client: Client, cast: Cast) -> None:
    before = near(client)
    reported((48.86412, 2.3515))
    with CaptureQueriesContext(connection) as queries:
        assert near(client) == before
    assert Need.objects.exists()
    assert not [query for query in queries if "needs_" in query["sql"] or "mapping_" in query["sql"]]


def test_nobody_maps_a_city_through_it(client: Client) -> None:
    answers = [client.post(ADDRESS, {**HERE, "longitude": f"2.{35000 + step}"}).status_code for step in range(61)]
    assert answers == [200] * 60 + [429]


def test_no_log_holds_the_place(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        near(client)
        client.post(ADDRESS, {"latitude": "48.86412", "longitude": "north"})
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert not [line for line in logged if "48.86" in line or "2.351" in line]
