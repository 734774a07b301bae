"""Opening, changing, closing and reopening events."""

from typing import Any

import pytest
from django.test import Client

from needs.models import Crisis
from tests.needs.crises.crisis_cases import report
from tests.support import Cast, SignedIn


def event_form(**changes: Any) -> dict[str, Any]:
    """Return the data of the coordinators' form."""
    rows = [("Blankets", "Couvertures", "blanket"), ("Water", "De l’eau", "water"), ("", "", "other")]
    values = {
        "name": "Crue", "message": "Montez à l’étage.", "language": "fr", "starts_at": "2026-01-01T08:00", "ends_at": "",
        "where": "territory", "territory": "nord", "radius": "5000", "corners": "[]", "latitude": "", "longitude": "",
        "category-TOTAL_FORMS": len(rows), "category-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, (english, french, kind) in enumerate(rows):
        values |= {
            f"category-{number}-name_en": english, f"category-{number}-name_fr": french,
            f"category-{number}-kind": kind, f"category-{number}-key": "",
        }  # fmt: skip
    return {**values, **changes}


def test_a_coordinator_opens_changes_closes_and_reopens_an_event(cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    fresh = diane.get("/map/crises/new/").content.decode()
    assert "Couvertures, vêtements chauds" in fresh  # the form has some categories at first
    assert diane.post("/map/crises/new/", event_form()).status_code == 302
    crisis = Crisis.objects.get()
    assert (crisis.slug, crisis.author) == ("crue", cast.diane)
    assert [category.names["fr"] for category in crisis.categories.all()] == ["Couvertures", "De l’eau"]
    assert "/crisis/crue/" in diane.get("/map/crises/").content.decode()
    keys = [category.pk for category in crisis.categories.all()]
    swapped = {
        "category-0-key": keys[0], "category-0-name_en": "Water", "category-0-name_fr": "Eau",
        "category-1-key": keys[1], "category-1-name_en": "Blankets", "category-1-name_fr": "Couvertures",
        "name": "Crue de la Seine", "where": "keep",
    }  # fmt: skip
    assert diane.post("/map/crises/crue/change/", event_form(**swapped)).status_code == 302
    crisis.refresh_from_db()
    assert (crisis.slug, crisis.name) == ("crue", "Crue de la Seine")
    assert [category.pk for category in crisis.categories.all()] == keys
    assert [category.names["en"] for category in crisis.categories.all()] == ["Water", "Blankets"]
    diane.post("/map/crises/crue/close/")
    assert "This event is over" in Client().get("/crisis/crue/").content.decode()
    diane.post("/map/crises/crue/reopen/")
    assert "This event is over" not in Client().get("/crisis/crue/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"name": ""}, "This field is required"),
        ({"ends_at": "2025-12-31T08:00"}, "The end is before the start"),
        ({"where": "circle", "latitude": "43.3", "longitude": "5.4"}, "You do not coordinate any territory there"),
        ({"where": "drawn", "corners": "[[2.3,48.8],[2.4,48.9]]"}, "at least three corners"),
        ({"category-0-name_fr": ""}, "Enter the name in both languages"),
        ({"category-1-name_en": "Blankets"}, "the same name in English"),
        (
            {"category-0-name_en": "", "category-0-name_fr": "", "category-1-name_en": "", "category-1-name_fr": ""},
            "Enter at least one category",
        ),
    ],
)
def test_an_invalid_event_gets_an_error_message(
    cast: Cast, signed_in: SignedIn, wrong: dict[str, Any], remedy: str
) -> None:
    answer = signed_in(cast.diane).post("/map/crises/new/", event_form(**wrong))
    assert answer.status_code == 400
    assert remedy in answer.content.decode()
    assert not Crisis.objects.exists()


def test_an_area_can_be_drawn(cast: Cast, signed_in: SignedIn) -> None:
    drawn = event_form(where="drawn", corners="[[2.34,48.86],[2.36,48.86],[2.35,48.87]]")
    assert signed_in(cast.diane).post("/map/crises/new/", drawn).status_code == 302
    assert Crisis.objects.get().area.num_points == 4


def test_a_category_with_reports_cannot_be_removed(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    report(crisis)
    answer = signed_in(cast.diane).post(f"/map/crises/{crisis.slug}/change/", event_form(where="keep"))
    assert answer.status_code == 400
    assert "Blankets, warm clothes" in answer.content.decode()
    assert crisis.categories.count() == 5


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "edith", "greta"])
def test_others_cannot_open_or_close_events(crisis: Crisis, cast: Cast, signed_in: SignedIn, who: str) -> None:
    client = signed_in(getattr(cast, who))
    for address in ("", "new/", f"{crisis.slug}/change/"):
        assert client.get(f"/map/crises/{address}").status_code == 404
    for verb in ("close", "reopen"):
        assert client.post(f"/map/crises/{crisis.slug}/{verb}/").status_code == 404
    crisis.refresh_from_db()
    assert crisis.closed_at is None
