"""What tour mode sends: taps, undo, and minutes per cell."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from needs.enums import Category
from needs.models import Encounter, Tour
from needs.reports import filing
from solidarity.lib import grid
from tests.needs.phone_queue.queue_cases import MET, item, one
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


def test_an_unsent_tap_can_be_sent_again_but_not_changed_under_its_id(cast: Cast, signed_in: SignedIn) -> None:
    """The phone changes a tap only before the tap is sent. The server keeps what it has acknowledged."""
    tour = _tour(cast)
    cell = grid.to_text(grid.cell_of(LAT, LNG))
    tap = item("tour-tap", {"tour": str(tour.pk), "cell": cell, "persons": "1"})
    bob = signed_in(cast.bob)
    assert [one(bob, cast.bob, tap)["status"] for _ in range(2)] == [201, 200]
    more = item("tour-tap", {"tour": str(tour.pk), "cell": cell, "persons": "2"}, id=tap["id"])
    assert one(bob, cast.bob, more)["status"] == 409
    assert Encounter.objects.get().persons == 1


def test_the_counts_of_a_tour_are_those_of_all_phones_and_forms_and_name_no_place(
    cast: Cast, signed_in: SignedIn
) -> None:
    tour = _tour(cast)
    cell = grid.to_text(grid.cell_of(LAT, LNG))
    tap = item("tour-tap", {"tour": str(tour.pk), "cell": cell, "persons": "2", "given": ["food"]})
    nobody = item("tour-tap", {"tour": str(tour.pk), "cell": cell, "persons": "0"})
    bob = signed_in(cast.bob)
    for each in (tap, nobody):
        assert one(bob, cast.bob, each)["status"] == 201
    form = item("encounter", {**MET, "tour": str(tour.pk)})
    assert one(signed_in(cast.carol), cast.carol, form)["status"] == 201
    address = reverse("needs:tour_counts", args=[tour.pk])
    answer = bob.get(address)
    said = answer.json()
    assert sorted((persons, given) for _id, persons, given in said["rows"]) == [(0, 0), (2, 1), (3, 1)]
    assert [tap["id"].replace("-", "")[:12], 2, 1] in said["rows"]
    assert (said["ended"], said["summary"]) == (None, "")
    assert "no-store" in answer["Cache-Control"]
    assert grid.to_text(grid.cell_of(LAT, LNG)) not in answer.content.decode()

    back = item("take-back", {}, parent=nobody["id"])
    assert one(bob, cast.bob, back)["status"] == 201
    assert one(bob, cast.bob, item("tour-minutes", {"cells": []}, parent=str(tour.pk), ago=600))["status"] == 201
    said = bob.get(address).json()
    assert len(said["rows"]) == 2
    assert "People met: 5" in said["summary"] and "Times you saw nobody: 0" in said["summary"]
    assert "(50 min)" in said["summary"]  # from its start an hour ago to its end ten minutes ago
    assert said["ended"] - said["began"] == pytest.approx(50 * 60_000, abs=10_000)
    assert not tour.cells.exclude(minutes=None).exists()  # no time was measured in any cell, so none is stored


def test_others_learn_nothing_of_a_tour(cast: Cast, signed_in: SignedIn) -> None:
    address = reverse("needs:tour_counts", args=[_tour(cast).pk])
    assert signed_in(cast.edith).get(address).status_code == 404
    assert signed_in(cast.alice).get(address).status_code == 404
    assert signed_in(cast.bob).post(address).status_code == 405


def test_all_kinds_of_help_are_in_tour_mode(cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.bob).get("/tours/tour-mode/").content.decode()
    assert {kind for kind in Category if f'data-tour-kind="{kind}"' in page} == set(Category)
