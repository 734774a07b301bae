"""Names of zones: a zone has the same name in every list; the name differs from all others and stays while the zone
grows."""

from itertools import pairwise
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from mapping.coverage.cells.zone_changes import name_cell_of
from mapping.coverage.folding import fold, rebuild
from mapping.enums import Status
from mapping.map.pages import zone_list, zone_pages
from mapping.map.releases import reading, release_filter
from mapping.map.wording import zone_names
from mapping.models import CellState, Zone
from solidarity.lib import cell_geometry, grid
from tests.street_maps import street, street_map
from tests.support import Cast, City, Seen, SignedIn
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.basemap import installed
from volunteers.places.place_names import cell_names, name_storing
from volunteers.places.territories import streets


@pytest.fixture
def looked_at(cast: Cast, city: City, seen: Seen) -> City:
    name_storing.replace("test", rows())
    for step in range(9):
        seen(lat=48.853 + step * 0.0024, lng=2.334 + step * 0.004, persons=step % 3 * 5, minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    return city


@pytest.fixture
def diane(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.diane)


def test_a_zone_keeps_the_cell_that_names_it_as_long_as_the_cell_belongs_to_it() -> None:
    cells = grid.with_neighbours(grid.cell_of(48.86, 2.35), 2)
    middle = cell_geometry.middle_of(cells)
    assert middle == grid.cell_of(48.86, 2.35)
    assert name_cell_of(cells, None) == middle
    assert name_cell_of(cells, cells[-1]) == cells[-1]  # the zone got this name before it grew
    assert name_cell_of(cells[:3], grid.cell_of(48.80, 2.35)) in cells[:3]


def test_every_stored_zone_is_named_by_one_of_its_cells_after_folds_rebuilds_and_releases(
    looked_at: City, seen: Seen
) -> None:
    def named() -> dict[str, int | None]:
        members: dict[str, set[int]] = {}
        for cell, key in CellState.objects.exclude(zone=None).values_list("cell", "zone"):
            members.setdefault(str(key), set()).add(cell)
        found = {str(key): cell for key, cell in Zone.objects.live().values_list("key", "name_cell")}
        assert all(cell in members[key] for key, cell in found.items())
        return found

    before = named()
    rebuild.recompute_all()
    assert named() == before
    seen(lat=48.8725, lng=2.342, persons=4, minutes=30, hours_ago=1)
    fold.fold_outbox()
    after = named()
    kept = before.keys() & after.keys()
    assert kept and sum(before[key] == after[key] for key in kept) >= len(kept) - 1
    assert not Zone.objects.filter(name_cell=None).exists()


def test_no_two_zones_of_a_list_have_the_same_name_and_filters_change_no_name(looked_at: City, cast: Cast) -> None:
    found = reading.read(Viewer(cast.diane), looked_at.root)
    whole = {row.key: row.name for row in zone_list.rows(found, [], "status")}
    assert len(set(whole.values())) == len(whole) == found.zones.count()
    for sort in ("place", "-people", "-chance", "unhelped"):
        assert {row.key: row.name for row in zone_list.rows(found, [], sort)} == whole
    some = {row.key: row.name for row in zone_list.rows(found, ["uncovered", "to_verify"], "place")}
    assert some.items() < whole.items()
    assert zone_names.names_of(found.zones) == whole
    assert any("Gare du Nord" in name for name in whole.values())


def test_a_list_is_sorted_by_people_or_risk_and_numbered_in_that_order(looked_at: City, diane: Client) -> None:
    for sort, rank in (("-people", "people"), ("-chance", "chance")):
        answer = diane.get(reverse("mapping:dashboard", args=["ville"]) + f"?sort={sort}&status=to_verify")
        numbered = answer.context["rows"]
        assert [number for number, _row in numbered] == list(range(1, len(numbered) + 1))
        ranks = [row.words.ranks[rank] for _number, row in numbered]
        assert len(ranks) > 1 and ranks == sorted(ranks, reverse=True)
        assert f'<option value="{sort}" selected>' in answer.content.decode()
        assert f"sort={sort}" in answer.context["query"]


@pytest.mark.parametrize("who", ["diane", "bob", "alice"])
def test_the_list_begins_with_the_most_people_without_help_and_tells_no_more_than_its_words(
    who: str, looked_at: City, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    territory = looked_at.nord if who == "alice" else looked_at.root
    found = reading.read(Viewer(getattr(cast, who)), territory)
    rows = zone_list.rows(found, [], zone_list.MOST_UNHELPED)
    assert len(rows) == found.zones.count() > 3
    shown = [(row.status == "covered", -row.words.ranks["people"]) for row in rows]
    assert shown == sorted(shown)
    for first, second in pairwise(rows):
        alike = (first.status == "covered", first.words.people) == (second.status == "covered", second.words.people)
        if alike and second.words.search == "never":
            assert first.words.search == "never"
    pages = zone_pages.listed(found, [], zone_list.MOST_UNHELPED, {})
    assert [pages[at : at + 2] for at in range(0, len(pages), 2)] == [
        rows[at : at + 2] for at in range(0, len(rows), 2)
    ]
    only = zone_pages.listed(found, ["to_verify"], zone_list.MOST_UNHELPED, {})
    assert only[0 : len(only)] == [row for row in rows if row.status == "to_verify"]


def test_without_a_choice_zones_and_gaps_are_sorted_by_people_without_help(looked_at: City, diane: Client) -> None:
    for name in ("dashboard", "tonight"):
        answer = diane.get(reverse(f"mapping:{name}", args=["ville"]))
        assert '<option value="unhelped" selected>' in answer.content.decode()


def test_the_second_page_goes_on_counting(looked_at: City, diane: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mapping.map.pages.views.PAGE", 3)
    second = diane.get(reverse("mapping:dashboard", args=["ville"]) + "?page=2")
    assert [number for number, _row in second.context["rows"]] == [4, 5, 6]


def test_the_zone_s_own_pages_and_the_report_use_the_same_name(looked_at: City, diane: Client, cast: Cast) -> None:
    found = reading.read(Viewer(cast.diane), looked_at.root)
    key, name = next((key, name) for key, name in zone_names.names_of(found.zones).items() if "Gare" in name)
    for route in ("zone", "why", "override_history"):
        assert name in diane.get(reverse(f"mapping:{route}", args=["ville", key])).content.decode(), route


def test_volunteers_read_names_of_their_release_only(looked_at: City, cast: Cast, seen: Seen) -> None:
    viewer = Viewer(cast.alice)
    before = zone_names.names_of(reading.read(viewer, looked_at.nord).zones)
    seen(lat=48.8725, lng=2.342, persons=9, minutes=5, hours_ago=1)
    fold.fold_outbox()
    assert zone_names.names_of(reading.read(viewer, looked_at.nord).zones) == before
    assert Zone.objects.live().filter(status=Status.TO_VERIFY).exists()


def test_the_worker_reads_the_streets_of_all_zones_however_many_there_are(
    looked_at: City, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BASEMAP_ROOT = tmp_path
    cell = Zone.objects.live().first().name_cell  # type: ignore[union-attr]
    lat, lng = grid.centre(cell or 0)
    street_file = street_map([street("Rue Haute", (lat - 0.0005, lng), (lat + 0.0005, lng))])
    assert zone_names.read_streets() == 0
    installed.path().write_bytes(street_file)
    monkeypatch.setattr(cell_names, "READ_AT_ONCE", 1)
    assert zone_names.read_streets() == 1
    assert streets.names_of([cell or 0]) == {cell: ["Rue Haute"]}
