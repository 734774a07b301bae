"""The API of alerts."""

import pytest

from needs.models import SavedSearch
from tests.needs.api_cases import TokenClient
from tests.support import Cast


@pytest.fixture
def alice(cast: Cast) -> TokenClient:
    return TokenClient(cast.alice)


@pytest.fixture
def bob(cast: Cast) -> TokenClient:
    return TokenClient(cast.bob)


def test_an_alert_is_made_switched_and_deleted(alice: TokenClient, bob: TokenClient) -> None:
    body = {
        "name": "near me",
        "where": "circle",
        "latitude": 48.866,
        "longitude": 2.35,
        "radius": 2000,
        "kinds": ["food"],
    }
    made = alice.send("alerts/", body)
    assert made.status_code == 201
    path = f"alerts/{made.json()['id']}/"
    assert made.json()["on"]
    assert len(made.json()["corners"]) > 10
    assert bob.ask(path).status_code == 404
    assert not alice.send(path, {"on": False}, "patch").json()["on"]
    assert alice.ask(path + "found/").status_code == 404
    small = {"name": "a door", "where": "drawn", "corners": [[2.35, 48.866], [2.3501, 48.866], [2.35, 48.8661]]}
    assert alice.send("alerts/", small).status_code == 400
    assert list(alice.send("alerts/", {"name": "x", "where": "territory"}).json()) == ["territory"]
    assert alice.send(path, method="delete").status_code == 204
    assert not SavedSearch.objects.exists()
