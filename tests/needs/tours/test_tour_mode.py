"""What tour mode sends: taps, undo, and minutes per cell."""

from datetime import timedelta

import pytest
from django.utils import timezone

from needs.models import Encounter, Tour
from needs.reports import filing
from solidarity.lib import grid
from tests.needs.phone_queue.queue_cases import item, one
from tests.support import Cast, SignedIn

pytestmark = pytest.mark.django_db

LAT, LNG = 48.8661, 2.3413


def _tour(cast: Cast) -> Tour:
    began = timezone.now() - timedelta(hours=1)
    return Tour.objects.get(pk=filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began).id)


@pytest.mark.parametrize(
    "cells",
    [["891fb466257ffff:-1"], ["891fb466257ffff:nan"], ["891fb466257ffff:90"], ["881fb46625fffff:5"], ["x:5"], ["891fb466257ffff"],
     [f"{grid.to_text(cell)}:0" for cell in grid.with_neighbours(grid.cell_of(LAT, LNG), 13)]],
)  # fmt: skip
def test_impossible_cells_and_minutes_are_refused(cast: Cast, signed_in: SignedIn, cells: list[str]) -> None:
    tour = _tour(cast)
    result = one(signed_in(cast.bob), cast.bob, item("tour-minutes", {"cells": cells}, parent=str(tour.pk)))
    assert result["status"] == 400
    assert Tour.objects.get(pk=tour.pk).is_open


def test_a_tap_can_only_be_undone_by_its_author(cast: Cast, signed_in: SignedIn) -> None:
    tour = _tour(cast)
    cell = grid.cell_of(LAT, LNG)
    tap = item("tour-tap", {"tour": str(tour.pk), "cell": grid.to_text(cell), "persons": "2"})
    bob = signed_in(cast.bob)
    assert one(bob, cast.bob, tap)["status"] == 201
    filed = Encounter.objects.get()
    assert (filed.cell, filed.persons, filed.association) == (cell, 2, cast.maraude)
    back = item("take-back", {}, parent=tap["id"])
    assert one(signed_in(cast.edith), cast.edith, back)["status"] == 404
    assert [one(bob, cast.bob, back)["status"] for _ in range(2)] == [201, 200]
    assert not Encounter.objects.live().exists()
