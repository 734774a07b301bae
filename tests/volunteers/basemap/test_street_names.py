"""Names of streets, read from the installed street map."""

from pathlib import Path

import pytest

from solidarity.lib import grid
from tests.street_maps import street, street_map
from tests.volunteers.basemap.conftest import EXTRACT
from tests.volunteers.basemap.test_installation import programs
from volunteers.places.basemap import installed
from volunteers.places.place_names import cell_names
from volunteers.places.territories import streets


def test_the_streets_of_a_cell_are_named_the_longest_first_and_rails_are_none(root: Path, db: None) -> None:
    cell, elsewhere = grid.cell_of(48.8740, 2.3800), grid.cell_of(48.80, 2.30)
    assert streets.names_of([cell]) == {}
    root.mkdir()
    installed.path().write_bytes(street_map([
        street("Rue Courte", (48.8740, 2.3800), (48.8742, 2.3802)),
        street("Rue Longue", (48.8735, 2.3795), (48.8745, 2.3805)),
        street("Ligne 11", (48.87, 2.37), (48.88, 2.39), kind="rail", kind_detail="subway"),
        street("Allée", (48.8741, 2.3801), (48.8741, 2.38011), kind="path", kind_detail="footway"),
    ]))  # fmt: skip
    assert streets.names_of([cell, elsewhere]) == {cell: ["Rue Longue", "Rue Courte"], elsewhere: []}
    installed.path().write_bytes(b"not a map")
    assert streets.names_of([cell]) == {}


@pytest.mark.data
@programs
@pytest.mark.skipif(not EXTRACT.is_file(), reason="the extract is missing")
@pytest.mark.xdist_group("real city")
def test_streets_of_a_real_city_are_named(real_city: Path) -> None:
    cell, elsewhere = grid.cell_of(45.52, -122.67), grid.cell_of(48.86, 2.35)
    longest = ["Southwest Naito Parkway", "Willamette Greenway Trail"]
    assert streets.names_of([cell, elsewhere]) == {cell: longest, elsewhere: []}
    named = cell_names.named([cell, elsewhere], stops=True)
    assert named[0].name == "1. Southwest Naito Parkway, Willamette Greenway Trail"
    assert named[0].more == ""  # this cell is in none of the areas
    assert named[1].name.startswith("2. Outside, ")
