"""The catalogue: what is found, in which order, and what it never gives away about owners."""

import random
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from needs.models import Item
from needs.neighbours.lending import catalogue, distance_bands, item_changes
from needs.neighbours.lending.catalogue import TooManyStarts, Wanted, search_words
from solidarity.lib import grid
from tests.needs.lending.lending_cases import NORD, base, lend
from tests.support import Cast, City, SignedIn
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

HERE = distance_bands.coarse(grid.cell_of(*NORD))


def names(user: User, **wanted: Any) -> list[str]:
    return [row.item.name for row in catalogue.search(user, HERE, Wanted(**wanted)).rows]


def test_things_are_found_by_category_and_by_words_without_accents_in_both_languages(cast: Cast) -> None:
    lend(cast.bob, "Béquilles réglables", category="crutches")
    lend(cast.bob, "light and warm", category="sleeping_bag")
    assert names(cast.alice, category="crutches") == ["Béquilles réglables"]
    assert names(cast.alice, words="bequilles REGLABLES") == ["Béquilles réglables"]
    with translation.override("fr"):
        french = search_words("sleeping_bag", "x")
    assert "sleeping bag" in french, "the words do not depend on who saved the item"
    assert names(cast.alice, words="sleeping warm") == ["light and warm"]
    assert names(cast.alice, words="stroller") == []


def test_the_nearest_band_comes_first_and_what_is_too_far_not_at_all(cast: Cast) -> None:
    for metres, name in [(30_000, "out"), (7000, "far"), (1500, "near"), (0, "here")]:
        lend(cast.bob, name, place=(NORD[0] + metres / 111_195, NORD[1]))
    rows = catalogue.search(cast.alice, HERE, Wanted()).rows
    assert [(row.item.name, row.far) for row in rows] == [
        ("here", "under 1 km"), ("near", "1–2 km"), ("far", "5–10 km"),
    ]  # fmt: skip
    assert names(cast.alice, within=2000) == ["here", "near"]


def test_paused_removed_and_blocked_people_s_things_are_not_listed_nor_open_to_others(
    cast: Cast, signed_in: SignedIn
) -> None:
    paused, removed, blocked, own = (lend(owner) for owner in (cast.bob, cast.bob, cast.edith, cast.alice))
    item_changes.list_item(paused, listed=False)
    item_changes.remove(removed)
    User.objects.filter(pk=cast.edith.pk).update(is_active=False)
    assert names(cast.alice) == [], "her own things are on her own page"
    alice, bob = signed_in(cast.alice), signed_in(cast.bob)
    assert [alice.get(f"/lending/items/{each.pk}/").status_code for each in (paused, removed, blocked, own)] == [
        404, 404, 404, 200,
    ]  # fmt: skip
    assert bob.get(f"/lending/items/{paused.pk}/").status_code == 200


def test_no_number_of_starts_tells_two_homes_in_one_cell_apart(cast: Cast, signed_in: SignedIn) -> None:
    """Attack: move the start about and compare bands and order. Everything a reader gets depends on the cell alone."""
    cell = HERE
    homes = [grid.centre(child) for child in grid.children(cell, 10)]
    chance = random.Random(7)
    first, second = chance.sample(homes, 2)
    one, other = lend(cast.bob, "one", place=first), lend(cast.edith, "other", place=second)
    assert one.cell == other.cell == cell
    Item.objects.update(made_at=timezone.now())
    for _each in range(40):
        start = grid.cell_of(NORD[0] + chance.uniform(-0.15, 0.15), NORD[1] + chance.uniform(-0.2, 0.2))
        rows = catalogue.search(cast.alice, distance_bands.coarse(start), Wanted()).rows
        assert len({row.band for row in rows}) <= 1
        assert [row.item.pk for row in rows] == sorted(row.item.pk for row in rows), "the order is not by distance"
    base(cast.alice)
    alice = signed_in(cast.alice)
    pages = [alice.get(path).content.decode() for path in ("/lending/", f"/lending/items/{one.pk}/")]
    for page in pages:
        assert cast.bob.display_name not in page
        assert not any(f"{place[0]:.3f}" in page or f"{place[1]:.3f}" in page for place in (first, second))


def test_a_person_can_search_from_a_few_places_a_day_only(cast: Cast, signed_in: SignedIn) -> None:
    lend(cast.bob)
    alice = signed_in(cast.alice)
    for number in range(catalogue.STARTS_A_DAY):
        base(cast.alice, (NORD[0] + number * 0.05, NORD[1]))
        assert alice.get("/lending/").status_code == 200
    base(cast.alice, (NORD[0] - 0.05, NORD[1]))
    refused = alice.get("/lending/")
    assert refused.status_code == 429
    assert "You searched from many places today" in refused.content.decode()
    with pytest.raises(TooManyStarts):
        catalogue.start_of(Viewer(cast.alice))
    base(cast.alice, NORD)
    assert alice.get("/lending/").status_code == 200, "the places of today stay usable"


def test_an_area_can_be_the_start_but_only_one_that_the_reader_may_see(cast: Cast, city: City) -> None:
    viewer = Viewer(cast.alice)
    assert catalogue.start_of(viewer) is None
    start = catalogue.start_of(viewer, city.nord.slug)
    assert start is not None and grid.resolution_of(start.cell) == 8
    assert catalogue.start_of(viewer, "nowhere") is None


def test_the_catalogue_page_needs_few_queries(cast: Cast, signed_in: SignedIn) -> None:
    base(cast.alice)
    alice = signed_in(cast.alice)
    counts = []
    for number in (1, 12):
        for each in range(number):
            lend(cast.bob, f"bag {number} {each}")
        alice.get("/lending/")
        with CaptureQueriesContext(connection) as queries:
            assert alice.get("/lending/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nothing_shows_how_often_somebody_lent(cast: Cast) -> None:
    fields = {field.name for field in Item._meta.get_fields()}
    assert not {
        name for name in fields if any(word in name for word in ("score", "credit", "rating", "count", "price"))
    }


def test_without_an_account_nobody_sees_things(client: Client, cast: Cast) -> None:
    item = lend(cast.bob)
    for path in ("/lending/", f"/lending/items/{item.pk}/", "/lending/wishes/", "/giving/"):
        assert client.get(path).status_code == 302


def test_a_search_among_3000_things_takes_few_milliseconds(cast: Cast) -> None:
    """The small form of the benchmark (docs/benchmarks.md); the limit leaves room for a busy machine."""
    chance = random.Random(3)
    cells = distance_bands.cells_within(HERE, 10_000)
    Item.objects.bulk_create(
        Item(
            owner=cast.bob, category=chance.choice(("tent", "stove", "bicycle")), name=f"thing {number}",
            words=f"thing {number}", cell=chance.choice(cells), listed_at=timezone.now(),
        )
        for number in range(3000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE needs_item")
    times = []
    for number in range(9):
        begin = time.perf_counter()
        page = catalogue.search(cast.alice, HERE, Wanted(words=str(number)) if number % 2 else Wanted("tent"))
        times.append(time.perf_counter() - begin)
        assert page.rows
    assert sorted(times)[4] < 0.1
