"""Tours: start, end, summary."""

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from needs.enums import ReportKind
from needs.models import Tour, TourCell
from needs.reports import filing
from needs.templatetags.commitment_tags import time_left
from needs.tours.tour_summary import summary_of
from solidarity.lib import grid
from tests.support import Cast, Seen, SignedIn

LINE = [[2.340, 48.860], [2.350, 48.862], [2.355, 48.866]]


@pytest.fixture
def bob(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.bob)


@pytest.fixture
def tour(cast: Cast) -> Tour:
    """A tour of Bob's that began two hours ago."""
    began = timezone.now() - timedelta(hours=2)
    return Tour.objects.get(pk=filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began).id)


def start(**changes: str) -> dict[str, str]:
    return {"id": str(uuid.uuid4()), "when": "now", "at": "", "mode": "foot", "walkers": "3", **changes}


def test_a_member_starts_a_tour(bob: Client, cast: Cast) -> None:
    form = start()
    assert bob.post("/tours/start/", form)["Location"] == reverse("needs:tour", args=[form["id"]])
    own = Tour.objects.get()
    assert (own.association, own.author, own.walkers, own.mode, own.is_open) == (
        cast.maraude,
        cast.bob,
        3,
        "foot",
        True,
    )
    page = bob.get(reverse("needs:tour", args=[own.pk])).content.decode()
    for words in ("Met someone", "I looked here and met nobody", "End the tour"):
        assert words in page


def test_the_same_start_sent_twice_is_one_tour_and_another_one_is_refused(bob: Client, cast: Cast) -> None:
    form = start()
    assert bob.post("/tours/start/", form)["Location"] == bob.post("/tours/start/", form)["Location"]
    assert Tour.objects.count() == 1
    response = bob.post("/tours/start/", {**form, "walkers": "9"})
    assert response.status_code == 409
    assert Tour.objects.get().walkers == 3


def test_a_second_tour_is_started_only_on_purpose(bob: Client, tour: Tour, cast: Cast, signed_in: SignedIn) -> None:
    page = bob.get("/tours/start/").content.decode()
    assert "A tour is already under way" in page
    assert f"/tours/tour-mode/#{tour.pk}/end" in page
    asked = bob.post("/tours/start/", start())
    assert "Start another tour" in asked.content.decode()
    assert Tour.objects.count() == 1
    form = start(another="1")
    assert bob.post("/tours/start/", form)["Location"] == reverse("needs:tour", args=[form["id"]])
    assert Tour.objects.count() == 2
    carols = signed_in(cast.carol).get("/tours/start/").content.decode()
    assert "Join instead: Tour of" in carols  # somebody else's tour does not stop hers
    assert signed_in(cast.carol).post("/tours/start/", start()).status_code == 302
    assert str(tour.pk) not in signed_in(cast.edith).get("/tours/start/").content.decode()


def test_a_tour_that_nobody_ended_does_not_ask_for_ever(bob: Client, cast: Cast) -> None:
    began = timezone.now() - timedelta(hours=19)
    filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began)
    assert bob.post("/tours/start/", start()).status_code == 302


def test_the_list_of_a_tour_shows_what_was_asked_and_given(bob: Client, tour: Tour, seen: Seen) -> None:
    seen(persons=2, asked=["tent"], given=["water"], tour=tour.pk)
    page = bob.get(reverse("needs:tour", args=[tour.pk])).content.decode()
    asked, given = page.index("Asked for"), page.index("Given")
    assert asked < page.index('<span class="said">tent</span>') < given < page.index('<span class="said">water</span>')


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"walkers": "0"}, "greater than or equal to 1"),
        ({"mode": "boat"}, "not one of the available choices"),
        ({"when": "earlier", "at": "2999-01-01T00:00"}, "in the future"),
    ],
)
def test_an_invalid_start_gets_a_helpful_message(bob: Client, wrong: dict[str, str], cure: str) -> None:
    response = bob.post("/tours/start/", start(**wrong))
    assert response.status_code == 400
    assert cure in response.content.decode()
    assert not Tour.objects.exists()


def test_tours_are_for_members_of_their_association(
    tour: Tour, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    own = [reverse(f"needs:{name}", args=[tour.pk]) for name in ("tour", "stop_tour")]
    posted = [reverse(f"needs:{name}", args=[tour.pk]) for name in ("stop_tour", "tour_cells", "tour_line")]
    for stranger in (cast.edith, cast.alice, cast.diane):
        browser = signed_in(stranger)
        assert [browser.get(page).status_code for page in own] == [404, 404]
        assert [browser.post(page).status_code for page in posted] == [404, 404, 404]
    assert signed_in(cast.alice).get("/tours/").status_code == 404
    assert client.get("/tours/").status_code == 302
    assert [signed_in(cast.carol).get(page).status_code for page in own] == [200, 200]
    assert str(tour.pk) not in signed_in(cast.edith).get("/tours/").content.decode()


def test_open_tours_come_first(bob: Client, tour: Tour, cast: Cast) -> None:
    later = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now() - timedelta(hours=1))
    filing.close_tour(Tour.objects.get(pk=later.id), ended_at=timezone.now(), cells=[grid.cell_of(48.866, 2.35)])
    page = bob.get("/tours/").content.decode()
    assert page.index(str(tour.pk)) < page.index(str(later.id))


def test_the_list_needs_the_same_number_of_queries_for_few_and_many_tours(
    bob: Client, cast: Cast, seen: Seen, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(12):
        own = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now())
        seen(tour=own.id)
    with django_assert_max_num_queries(8):
        bob.get("/tours/")


def test_cells_along_a_drawn_line_share_the_time(bob: Client, tour: Tour) -> None:
    response = bob.post(reverse("needs:stop_tour", args=[tour.pk]), {"when": "now", "line": json.dumps(LINE)})
    assert response.status_code == 302
    tour.refresh_from_db()
    assert not tour.is_open
    assert sum(cell.minutes or 0 for cell in tour.cells.all()) == pytest.approx(120, abs=1)
    assert set(tour.cells.values_list("cell", flat=True)) == set(grid.cells_along([(x, y) for x, y in LINE]))


def test_ticked_cells_share_the_time_evenly(bob: Client, tour: Tour) -> None:
    cells = [grid.cell_of(48.866, 2.35), grid.cell_of(48.856, 2.34)]
    form = {"when": "now", "cells": ",".join(grid.to_text(cell) for cell in cells)}
    bob.post(reverse("needs:stop_tour", args=[tour.pk]), form)
    assert list(tour.cells.values_list("minutes", flat=True)) == [pytest.approx(60, abs=1)] * 2


def test_a_line_and_ticked_cells_both_count(bob: Client, tour: Tour) -> None:
    far = grid.cell_of(48.874, 2.369)
    bob.post(
        reverse("needs:stop_tour", args=[tour.pk]),
        {"when": "now", "line": json.dumps(LINE), "cells": grid.to_text(far)},
    )
    assert set(tour.cells.values_list("cell", flat=True)) == {far, *grid.cells_along([(x, y) for x, y in LINE])}


def test_a_tour_without_line_or_cells_counts_without_its_time(bob: Client, tour: Tour, seen: Seen) -> None:
    seen(tour=tour.pk)
    bob.post(reverse("needs:stop_tour", args=[tour.pk]), {"when": "now"})
    tour.refresh_from_db()
    assert not tour.is_open
    assert list(TourCell.objects.values_list("minutes", flat=True)) == [None]
    assert "(2 h 00 min)" in bob.get(reverse("needs:tour", args=[tour.pk])).content.decode()


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"line": "[[2.3"}, "draw it again"),
        ({"line": "[[2.3, 148.8], [2.3, 48.8]]"}, "draw the line again"),
        ({"line": "[[NaN, 48.8], [2.3, 48.8]]"}, "draw the line again"),
        ({"line": "[1, 2]"}, "draw it again"),
        ({"line": '{"a": 1}'}, "draw it again"),
        ({"cells": "ffff"}, "tick them again"),
        ({"cells": "8a1fb46622dffff"}, "tick them again"),
        ({"when": "earlier"}, "Say on which day"),
        ({"when": "earlier", "at": "2001-01-01T00:00"}, "Choose a later moment"),
    ],
)
def test_an_invalid_end_gets_a_helpful_message_and_the_tour_stays_open(
    bob: Client, tour: Tour, wrong: dict[str, str], cure: str
) -> None:
    response = bob.post(reverse("needs:stop_tour", args=[tour.pk]), {"when": "now", "line": json.dumps(LINE), **wrong})
    assert response.status_code == 400
    assert cure in response.content.decode()
    tour.refresh_from_db()
    assert tour.is_open


def test_a_tour_open_for_too_long_asks_when_it_ended(bob: Client, cast: Cast) -> None:
    began = timezone.now() - timedelta(days=3)
    old = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began)
    address = reverse("needs:stop_tour", args=[old.id])
    response = bob.post(address, {"when": "now", "line": json.dumps(LINE)})
    assert response.status_code == 400
    assert "more than 18 hours before" in response.content.decode()
    ended = timezone.localtime(began + timedelta(hours=3))
    form = {"when": "earlier", "at": f"{ended:%Y-%m-%dT%H:%M}", "line": json.dumps(LINE)}
    assert bob.post(address, form).status_code == 302


def test_ending_twice_changes_nothing(bob: Client, tour: Tour) -> None:
    address = reverse("needs:stop_tour", args=[tour.pk])
    bob.post(address, {"when": "now", "line": json.dumps(LINE)})
    before = list(tour.cells.values_list("cell", "minutes"))
    assert bob.post(address, {"when": "now"})["Location"] == reverse("needs:tour", args=[tour.pk])
    assert list(tour.cells.values_list("cell", "minutes")) == before


def test_the_summary_counts_and_names_no_place(bob: Client, tour: Tour, seen: Seen) -> None:
    seen(tour=tour.pk, persons=3, asked=["food"], given=["food", "company"], place_text="under the bridge")
    seen(tour=tour.pk, persons=2, asked=["food", "tent"])
    taken_back = seen(tour=tour.pk, persons=50)
    filing.retract(ReportKind.ENCOUNTER, taken_back.id, author=None)
    bob.post(reverse("needs:stop_tour", args=[tour.pk]), {"when": "now", "line": json.dumps(LINE)})
    response = bob.get(reverse("needs:tour", args=[tour.pk]))
    summary = response.context["summary"]
    assert (summary.encounters, summary.persons, summary.contacts) == (2, 5, 3)
    assert [(kind.value, n) for kind, n in summary.asked] == [("food", 2), ("tent", 1)]
    assert [(kind.value, n) for kind, n in summary.given] == [("company", 3), ("food", 3)]
    assert summary.minutes == 120
    assert "2 h 00 min" in summary.text
    for place in ("bridge", "48.8", "2.35"):
        assert place not in summary.text


def test_the_time_of_a_short_tour_reads_well(tour: Tour) -> None:
    tour.ended_at = tour.at + timedelta(seconds=20)
    with translation.override("fr"):
        assert re.fullmatch(r"de \d\d:\d\d à \d\d:\d\d \(moins d’une minute\)", summary_of(tour).duration)
        assert time_left(timezone.now() - timedelta(seconds=1)) == "écoulé"
        assert time_left(timezone.now() + timedelta(seconds=30)) == "moins d’une minute"


def test_the_cells_of_a_map_section_come_by_post_up_to_a_limit(bob: Client, tour: Tour) -> None:
    address = reverse("needs:tour_cells", args=[tour.pk])
    assert bob.get(address).status_code == 405
    box = {"south": "48.86", "west": "2.34", "north": "48.87", "east": "2.36"}
    answer = bob.post(address, box).json()
    inside = [feature["properties"]["cell"] for feature in answer["features"]]
    assert grid.to_text(grid.cell_of(48.865, 2.35)) in inside
    assert 5 < len(inside) < 80
    wide = bob.post(address, {**box, "south": "40"}).json()
    assert wide["too_many"]
    assert wide["features"] == []
    assert bob.post(address, {**box, "south": "x"}).status_code == 400


def test_the_cells_of_a_line_come_from_the_server(bob: Client, tour: Tour) -> None:
    address = reverse("needs:tour_line", args=[tour.pk])
    answer = bob.post(address, {"line": json.dumps(LINE)}).json()
    crossed = {grid.evidence_cell(feature["properties"]["cell"]) for feature in answer["features"]}
    assert crossed == set(grid.cells_along([(x, y) for x, y in LINE]))
    assert bob.post(address, {"line": "x"}).status_code == 400
