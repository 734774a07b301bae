"""Events in the API: public list, reports without an account, and access to the reports."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from needs.enums import Channel
from needs.models import Crisis, Need
from solidarity.lib import grid
from tests.conftest import NORTH_EAST, SOUTH_WEST, square
from tests.needs.api_cases import NORD, V1, TokenClient
from tests.support import Cast

PATH = V1 + "crises/cold/"


@pytest.fixture
def cold(cast: Cast) -> Crisis:
    crisis = Crisis.objects.create(slug="cold", name="Cold snap", area=square(*SOUTH_WEST, *NORTH_EAST))
    crisis.categories.create(names={"en": "Blankets", "fr": "Couvertures"}, kind="blanket")
    crisis.categories.create(names={"en": "Water", "fr": "De l'eau"}, kind="water", order=1)
    return crisis


def report(client: Client, crisis: Crisis, **more: Any) -> Any:
    topic = crisis.categories.order_by("order")[0].pk
    body = {"category": topic, "latitude": NORD[0], "longitude": NORD[1], "text": "a woman with a child", **more}
    return client.post(PATH + "reports/", body, content_type="application/json")


def test_everyone_can_read_events_and_categories(client: Client, cold: Crisis) -> None:
    [listed] = client.get(V1 + "crises/", headers={"Accept-Language": "fr"}).json()["results"]
    assert [topic["name"] for topic in listed["categories"]] == ["Couvertures", "De l'eau"]
    assert client.get(PATH).json()["standing"] == "running"
    Crisis.objects.update(starts_at=timezone.now() + timedelta(days=1))
    assert client.get(PATH).status_code == 404
    assert client.get(V1 + "crises/").json()["count"] == 0


def test_anyone_reports_to_an_event(client: Client, cold: Crisis) -> None:
    filed = report(client, cold)
    assert filed.status_code == 201
    need = Need.objects.get()
    assert (need.crisis, need.kinds, need.channel) == (cold, ["blanket"], Channel.API)
    assert client.get(filed.json()["follow"]).status_code == 200
    assert list(report(client, cold, category=999_999).json()) == ["category"]
    assert list(report(client, cold, latitude=None, longitude=None).json()) == ["place_text"]


def test_a_report_after_the_end_is_stored_as_an_ordinary_need(client: Client, cold: Crisis) -> None:
    Crisis.objects.update(closed_at=timezone.now())
    assert report(client, cold).status_code == 201
    assert Need.objects.get().crisis is None


def test_dispatchers_and_coordinators_get_the_cell_of_a_report_and_no_words(
    client: Client, cold: Crisis, cast: Cast, settings: Settings
) -> None:
    settings.MFA_REQUIRED = False
    report(client, cold)
    assert client.get(PATH + "reports/").status_code == 401
    assert TokenClient(cast.alice).ask("crises/cold/reports/").status_code == 404
    for reader in (cast.carol, cast.diane):
        [row] = TokenClient(reader).ask("crises/cold/reports/").json()["results"]
        latitude, longitude = grid.centre(grid.cell_of(*NORD))
        assert row["place"] == {"latitude": latitude, "longitude": longitude}
        assert row.keys().isdisjoint({"text", "place_text", "exact"})


def test_reports_are_filtered_by_box_and_kind(client: Client, cold: Crisis, cast: Cast) -> None:
    carol = TokenClient(cast.carol)
    report(client, cold)
    assert carol.ask("crises/cold/reports/", bbox="2.34,48.86,2.36,48.87").json()["count"] == 1
    assert carol.ask("crises/cold/reports/", bbox="2.36,48.86,2.37,48.87").json()["count"] == 0
    assert carol.ask("crises/cold/reports/", kinds="water").json()["count"] == 0
