"""Attacks: find the secret address of a refuge through every page and file, flood the guide with reported mistakes."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.doors.retention import own_data
from needs.guide.places import place_entries, place_mistakes
from needs.guide.places.place_entries import By
from needs.models import Place, PlaceMistake
from solidarity.lib import grid
from tests.needs.api_cases import V1, TokenClient
from tests.needs.places.place_cases import NORD, place_of, sent, values
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.models import Membership, User

STREET = "3 impasse du Refuge"


@pytest.fixture
def refuge(cast: Cast) -> Place:
    return place_of(cast, name="Refuge", address=STREET, address_hidden=True)


def secrets() -> list[str]:
    """Everything that would reveal where the refuge is."""
    return [STREET, "48.866", "2.35000", grid.to_text(grid.cell_of(*NORD))]


def doors(place: Place) -> Iterator[str]:
    for name in ("place", "place_edit", "place_mistake", "place_beds"):
        yield reverse(f"needs:{name}", args=[place.pk])
    yield reverse("needs:places_mine")
    yield f"{V1}places/"
    yield f"{V1}places/{place.pk}/"
    yield f"{V1}places/?kind=shelter"


def test_nobody_but_members_and_administrators_reads_a_secret_address(
    refuge: Place, cast: Cast, city: City, signed_in: SignedIn
) -> None:
    dispatches(cast.edith, city.root, association=cast.other)
    others = {cast.alice, cast.edith, cast.diane, cast.greta}
    for client in (Client(), *map(signed_in, others), *map(TokenClient, others)):
        for door in doors(refuge):
            text = client.get(door).content.decode()
            assert [secret for secret in secrets() if secret in text] == [], door
    assert "01 23 45 67 89" in Client().get(reverse("needs:place", args=[refuge.pk])).content.decode()
    for user in (cast.bob, cast.farid):
        assert STREET in signed_in(user).get(reverse("needs:place", args=[refuge.pk])).content.decode()


def test_a_member_who_left_reads_the_address_neither_on_the_page_nor_in_their_own_data(
    refuge: Place, cast: Cast, signed_in: SignedIn
) -> None:
    Membership.objects.filter(user=cast.bob).update(left_at=timezone.now())
    assert STREET not in signed_in(cast.bob).get(reverse("needs:place", args=[refuge.pk])).content.decode()
    copy = json.dumps(own_data.of_account(cast.bob), default=str)
    assert "Refuge" in copy
    assert [secret for secret in (*secrets(), str(refuge.cell)) if secret in copy] == []


def test_an_address_that_becomes_secret_leaves_the_history(cast: Cast) -> None:
    place, by = place_of(cast, address="1 rue A"), By(cast.bob, cast.maraude)
    open_values = values(association=cast.maraude.pk, address=STREET)
    place_entries.change(place.pk, open_values, by)
    assert any(STREET in json.dumps(edit.after) for edit in place.edits.all())
    place_entries.change(place.pk, open_values | {"address_hidden": True}, by)
    assert not any(STREET in json.dumps([edit.before, edit.after]) for edit in place.edits.all())


def test_a_coordinator_who_forges_the_form_does_not_get_the_address(
    refuge: Place, cast: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(cast.diane)
    forged = sent(association=cast.maraude.pk, seen=json.dumps({"name": "Refuge"}))
    answer = client.post(reverse("needs:place_edit", args=[refuge.pk]), forged)
    assert answer.status_code == 404
    refuge.refresh_from_db()
    assert refuge.address == STREET


def test_a_secret_address_needs_an_association_and_a_number_to_call(cast: Cast, signed_in: SignedIn) -> None:
    answer = signed_in(cast.carol).post(reverse("needs:place_new"), sent(address_hidden="on", phone=""))
    text = answer.content.decode()
    assert "Choose the association whose members may see the secret address." in text
    assert "needs a telephone number that people can call" in text


# --- mistakes ------------------------------------------------------------------------------------------------------


def test_a_flood_of_mistakes_from_one_network_stops_after_five(cast: Cast) -> None:
    places = [place_of(cast, name=f"Place {number}") for number in range(7)]
    codes = [
        Client(REMOTE_ADDR="192.0.2.7").post(reverse("needs:place_mistake", args=[place.pk]), {"text": "closed"}).status_code
        for place in places
    ]  # fmt: skip
    assert codes == [302] * 5 + [429] * 2
    assert PlaceMistake.objects.count() == 5


def test_a_flood_on_one_place_from_many_networks_stops_after_ten(cast: Cast) -> None:
    place = place_of(cast)
    refused = 0
    for number in range(14):
        try:
            place_mistakes.report(place, "closed", f"10.0.{number}.0/24")
        except place_mistakes.TooMany:
            refused += 1
    assert refused == 4
    assert User.objects.get(pk=cast.carol.pk).notifications.count() == 1  # type: ignore[attr-defined]


def test_a_program_that_fills_every_field_stores_nothing_and_does_not_notice(cast: Cast) -> None:
    place = place_of(cast)
    url = reverse("needs:place_mistake", args=[place.pk])
    answer = Client().post(url, {"text": "buy pills", "website": "https://pills.example"})
    assert answer.status_code == 302
    assert not PlaceMistake.objects.exists()
