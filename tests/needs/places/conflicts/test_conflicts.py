"""Conflicts between sources and entries: who sees them, keep or take, undo; nothing is overwritten silently."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from needs.guide.places import place_entries
from needs.guide.places.place_entries import By
from needs.models import Place, PlaceConflict
from solidarity.lib.http import undo_offers
from tests.needs.places.imports.guide_cases import bring, hsds
from tests.needs.places.place_cases import place_of, values
from tests.support import Cast, SignedIn

pytestmark = pytest.mark.django_db


def disputed(cast: Cast) -> PlaceConflict:
    """An entry whose telephone number a source contradicts: Bob of Maraude du Nord corrected it, and the source changed
    it too."""
    bring(hsds(), cast.maraude)
    place = Place.objects.get()
    changed = {"phone": "+33199005555", "association": cast.maraude.pk}
    place_entries.change(place.pk, changed, By(cast.bob, cast.maraude))
    bring(hsds(phones=[{"number": "01 99 00 77 77"}]), cast.maraude)
    return PlaceConflict.objects.get(field="phone")


def page_of(client: Client) -> str:
    return re.sub(r"\s+", " ", client.get(reverse("needs:place_conflicts")).content.decode())


def decide(client: Client, row: PlaceConflict, then: str) -> int:
    return client.post(reverse("needs:place_conflict_decide", args=[row.pk]), {"then": then}).status_code


def undo(client: Client) -> None:
    token = re.search(
        rf'name="{undo_offers.FIELD}" value="([^"]+)"', client.get(reverse("needs:place_conflicts")).content.decode()
    )
    assert token is not None
    client.post(reverse("needs:undo"), {undo_offers.FIELD: token[1]})


def test_both_values_are_shown_with_who_said_them_and_one_tap_takes_the_sources(
    cast: Cast, signed_in: SignedIn
) -> None:
    row, client = disputed(cast), signed_in(cast.bob)
    text = page_of(client)
    assert "+33199005555" in text and "+33199007777" in text
    assert "In the guide: Maraude du Nord," in text and "The source: HSDS 3" in text
    assert "1 value disputed by a source" in re.sub(
        r"\s+", " ", client.get(reverse("needs:places_mine")).content.decode()
    )
    checked = Place.objects.get().checked_at
    assert decide(client, row, "take") == 302
    place = Place.objects.get()
    assert (place.phone, place.checked_at) == ("+33199007777", checked)  # only one value was checked
    assert place.edits.first().after == {"phone": "+33199007777"}  # type: ignore[union-attr]
    assert "Nothing to decide" in page_of(client)


def test_a_decision_is_undone_and_keeping_changes_nothing(cast: Cast, signed_in: SignedIn) -> None:
    row, client = disputed(cast), signed_in(cast.bob)
    decide(client, row, "take")
    undo(client)
    assert Place.objects.get().phone == "+33199005555" and PlaceConflict.objects.get().decided_at is None
    decide(client, row, "keep")
    assert Place.objects.get().phone == "+33199005555" and PlaceConflict.objects.get().taken is False
    bring(hsds(phones=[{"number": "01 99 00 77 77"}]), cast.maraude)
    assert PlaceConflict.objects.filter(decided_at=None).count() == 0  # nobody is asked again about the same value


def test_an_entry_that_changed_in_the_meantime_is_not_overwritten(cast: Cast, signed_in: SignedIn) -> None:
    row, client = disputed(cast), signed_in(cast.bob)
    Place.objects.update(phone="+33199006666")
    decide(client, row, "take")
    assert Place.objects.get().phone == "+33199006666" and PlaceConflict.objects.get().decided_at is None


def test_others_neither_see_nor_decide_conflicts_and_secret_addresses_appear_in_none(
    cast: Cast, signed_in: SignedIn
) -> None:
    row = disputed(cast)
    for client in (signed_in(cast.alice), signed_in(cast.edith), signed_in(cast.greta)):
        assert decide(client, row, "take") == 404
    assert decide(Client(), row, "take") == 302 and Place.objects.get().phone == "+33199005555"  # sent to sign in
    PlaceConflict.objects.create(place=row.place, source="osm", field="address", ours="a", theirs="9 rue Secrète")
    place_entries.change(row.place_id, {"address_hidden": True}, By(cast.bob, cast.maraude))
    assert "Secrète" not in page_of(signed_in(cast.bob)) and not PlaceConflict.objects.filter(field="address").exists()


def test_two_people_decide_one_conflict_once(cast: Cast, signed_in: SignedIn) -> None:
    place = place_of(cast)
    row = PlaceConflict.objects.create(
        place=place, source="osm", field="name", ours="Halte du Nord", theirs="Autre nom"
    )
    decide(signed_in(cast.bob), row, "keep")
    assert decide(signed_in(cast.bob), row, "take") == 404
    assert Place.objects.get().name == "Halte du Nord" == values()["name"]
