"""The API of lending and giving: the same limits as the pages, and nothing finer."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from needs.models import Item, Offer, OfferRequest, Wish
from needs.neighbours.lending import catalogue
from solidarity.lib import grid
from tests.needs.lending.lending_cases import NORD, base, give, lend
from tests.support import Cast, City, SignedIn

PLACE = {"latitude": NORD[0], "longitude": NORD[1]}


def sent(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def test_things_near_are_listed_in_bands_without_place_or_owner(cast: Cast, city: City, signed_in: SignedIn) -> None:
    item = lend(cast.bob, "warm bag", place=(NORD[0] + 0.012, NORD[1]))
    alice = signed_in(cast.alice)
    assert alice.get("/api/v1/lending/").status_code == 400, "no base and no area"
    base(cast.alice)
    answer = alice.get("/api/v1/lending/?words=WARM")
    [row] = answer.json()["results"]
    assert (row["id"], row["within"], row["association"]) == (str(item.pk), 2000, None)
    text = answer.content.decode()
    assert cast.bob.display_name not in text and grid.to_text(item.cell) not in text and "cell" not in text
    assert alice.get("/api/v1/lending/?area=nowhere").status_code == 400
    assert alice.get(f"/api/v1/lending/?area={city.nord.slug}&within=3").status_code == 400


def test_too_many_starts_a_day_are_refused(cast: Cast, signed_in: SignedIn) -> None:
    alice = signed_in(cast.alice)
    codes = []
    for number in range(catalogue.STARTS_A_DAY + 1):
        base(cast.alice, (NORD[0] + number * 0.05, NORD[1]))
        codes.append(alice.get("/api/v1/lending/").status_code)
    assert codes == [200] * catalogue.STARTS_A_DAY + [409]


def test_a_thing_a_wish_and_an_offer_are_stored_once_with_their_cell(cast: Cast, signed_in: SignedIn) -> None:
    bob, key = signed_in(cast.bob), "6f1c0e7e-6a7b-4a76-9f0a-0d6a6c0a1a11"
    thing = {
        "id": key,
        "category": "tent",
        "name": "tent",
        "place": PLACE,
        "association": cast.maraude.slug,
        "quantity": 3,
    }
    for _twice in (1, 2):
        assert sent(bob, "lending/", thing).status_code == 201
    item = Item.objects.get()
    assert (item.association, item.quantity, grid.resolution_of(item.cell)) == (cast.maraude, 3, 8)
    assert sent(bob, "lending/", {**thing, "association": cast.other.slug}).status_code == 400
    assert sent(bob, "lending/wishes/", {"category": "cot", "place": PLACE}).status_code == 201
    assert Wish.objects.get().owner == cast.bob
    later = (timezone.now() + timedelta(hours=3)).isoformat()
    gift = {"kind": "meal", "category": "food", "title": "soup", "expires_at": later, "place": PLACE}
    assert sent(bob, "giving/", gift).status_code == 201
    late = sent(bob, "giving/", {**gift, "expires_at": (timezone.now() + timedelta(days=30)).isoformat()})
    assert late.status_code == 400 and list(late.json()) == ["expires_at"]
    assert Offer.objects.get().title == "soup"
    warned = sent(bob, "lending/", {"category": "tent", "name": "call 06 12 34 56 78", "place": PLACE}).json()
    assert warned["warnings"]


def test_an_offer_is_asked_for_and_refused_with_a_code(cast: Cast, signed_in: SignedIn) -> None:
    offer, alice = give(cast.edith), signed_in(cast.alice)
    assert sent(alice, f"giving/{offer.pk}/ask/", {"quantity": 9}).json()["code"] == "not_enough"
    assert sent(alice, f"giving/{offer.pk}/ask/", {"quantity": 2}).status_code == 201
    [row] = alice.get("/api/v1/giving/requests/").json()["results"]
    assert (row["state"], row["quantity"]) == ("asked", 2)
    assert signed_in(cast.bob).get("/api/v1/giving/requests/").json()["results"] == []
    assert OfferRequest.objects.count() == 1
