"""The API of matching: proposals, batches, capacities."""

from datetime import time

import pytest

from needs.models import Capacity, Proposal
from tests.needs.api_cases import NORD, TokenClient, file
from tests.support import Cast
from volunteers.people.availability import offers
from volunteers.people.availability.offers import Availability, Weekly

ALWAYS = tuple(Weekly(day, time(0), time(23, 59)) for day in range(7))


@pytest.fixture
def alice(cast: Cast) -> TokenClient:
    return TokenClient(cast.alice)


@pytest.fixture
def bob(cast: Cast) -> TokenClient:
    return TokenClient(cast.bob)


def test_only_its_recipient_answers_a_proposal(alice: TokenClient, bob: TokenClient, cast: Cast) -> None:
    offers.store(cast.alice, Availability(base=NORD, weekly=ALWAYS))
    need = file()
    carol = TokenClient(cast.carol)
    whom = carol.ask(f"triage/needs/{need.pk}/whom/").json()
    # Alice has no name here, because she is in none of Carol's associations.
    assert [person["name"] for person in whom["people"]] == [""]
    asked = carol.send(f"triage/needs/{need.pk}/whom/", {"people": [whom["people"][0]["token"]]})
    assert asked.json() == {"asked": 1}
    [waiting] = alice.ask("proposals/").json()
    assert waiting["reasons"]
    path = f"proposals/{waiting['id']}/answer/"
    assert bob.send(path, {"accept": False}).status_code == 404
    assert list(alice.send(path, {"accept": True}).json()) == ["safe"]
    assert alice.send(path, {"accept": True, "safe": True}).status_code == 201
    assert alice.send(path, {"accept": False}).status_code == 409
    assert Proposal.objects.get().answer == "accepted"


def test_a_batch_is_proposed_as_it_was_shown_by_the_api(cast: Cast) -> None:
    offers.store(cast.alice, Availability(base=NORD, weekly=ALWAYS))
    file()
    carol = TokenClient(cast.carol)
    batch = carol.ask("triage/batch/").json()
    assert batch["met"] == len(batch["pairs"]) == 1
    assert carol.send("triage/batch/", {"seen": "other"}).status_code == 409
    assert carol.send("triage/batch/", {"seen": batch["seen"]}).json() == {"asked": 1}


def test_fitting_needs_are_listed_with_reasons(alice: TokenClient, cast: Cast) -> None:
    offers.store(cast.alice, Availability(base=NORD, weekly=ALWAYS))
    need = file()
    [row] = alice.ask("open-needs/fitting/").json()
    assert (row["need"], bool(row["reasons"])) == (str(need.pk), True)


def test_only_dispatchers_set_capacities(cast: Cast) -> None:
    carol, path = TokenClient(cast.carol), f"capacities/{cast.maraude.slug}/"
    said = carol.send(path, {"per_week": {"food": 12, "tent": 0}, "base": None}, "put")
    assert said.json()["per_week"] == {"food": 12}
    assert Capacity.objects.get().per_week == 12
    assert list(carol.send(path, {"per_week": {"gold": 1}}, "put").json()) == ["per_week"]
    assert carol.ask(f"capacities/{cast.other.slug}/").status_code == 404
    assert TokenClient(cast.bob).ask(path).status_code == 404
