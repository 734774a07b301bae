"""Pages of open needs: the list, the page of one need, taking a need. They never show exact places, texts or
contacts."""

import re

import pytest
from django.contrib.gis.geos import Point
from django.test import Client

from needs.base.records.declarations import DraftPlace
from needs.help.commitments import taking
from needs.help.nearby import nearby
from needs.models import Commitment
from solidarity.lib import cell_geometry, grid
from tests.needs.commitments.commitment_pages import SAFE, SECRETS, ReportNeed, page_text, take_on_page
from tests.support import Cast, SignedIn
from volunteers.models import Profile
from volunteers.people.accounts.viewer import Viewer


def test_no_page_of_volunteers_and_no_api_shows_a_contact(alice: Client, secret_need: ReportNeed) -> None:
    own = secret_need()
    held = take_on_page(alice, own)
    paths = [
        "/open/",
        f"/open/{own.pk}/",
        "/commitments/",
        f"/commitments/{held.pk}/",
        f"/commitments/{held.pk}/place/",
    ]
    for path in paths:
        for headers in ({}, {"accept": "application/json"}):
            assert SECRETS[4] not in alice.get(path, headers=headers).content.decode(), path


def test_before_taking_a_volunteer_sees_kind_urgency_area_and_rough_number(
    alice: Client, secret_need: ReportNeed
) -> None:
    own = secret_need()
    text = page_text(alice, f"/open/{own.pk}/")
    for words in ("some people", "today", "food", "blanket", "in this area of about 0.1 km²"):
        assert words in text
    assert own.cell is not None
    ring = cell_geometry.outline(own.cell)
    assert f"{ring[0][0]}" in text  # the page shows the outline of the need's cell (resolution 9) and nothing finer
    numbers = {float(found) for found in re.findall(r"\b48\.\d{3,}", text)}
    assert numbers <= {lat for _lng, lat in ring}


def test_taking_requires_accepting_the_rules_of_safety(alice: Client, secret_need: ReportNeed) -> None:
    own = secret_need()
    answer = alice.post(f"/open/{own.pk}/", {"kinds": ["food"]})
    assert answer.status_code == 400
    assert "Please read the rules above" in answer.content.decode()
    assert not Commitment.objects.exists()


def test_the_second_taker_sees_what_is_left(
    alice: Client, cast: Cast, secret_need: ReportNeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = secret_need()
    form_of = {"kinds": ["food", "blanket"], **SAFE}
    free_before = taking.free_kinds(own)
    taking.take(own, cast.bob, kinds=["food"])
    answer = alice.post(f"/open/{own.pk}/", form_of)  # from a page that was opened earlier
    assert answer.status_code == 400
    assert free_before == ["food", "blanket"]
    text = answer.content.decode()
    assert "Somebody took a part of it in the meantime" in text
    assert 'value="blanket"' in text
    assert 'name="kinds" value="food"' not in text


def test_the_list_shows_the_nearest_first_with_rounded_distances(
    alice: Client, cast: Cast, secret_need: ReportNeed
) -> None:
    near, far = secret_need(place=DraftPlace(48.8700, 2.3500)), secret_need(place=DraftPlace(48.8640, 2.3350))
    base = grid.centre(grid.cell_of(48.8700, 2.3510))
    Profile.objects.create(user=cast.alice, base=Point(base[1], base[0], srid=4326))
    text = page_text(alice, "/open/")
    assert text.index(str(near.pk)) < text.index(str(far.pk))
    moved = secret_need(place=DraftPlace(48.8640, 2.33502))  # in the same cell as the far need
    rows = {row.id: row.distance for row in nearby.open_needs(Viewer(cast.alice), nearby.Wanted())}
    assert rows[moved.pk] == rows[far.pk]
    assert str(far.pk) not in page_text(alice, "/open/?within=1000")
    assert str(near.pk) in page_text(alice, "/open/?within=1000")


def test_the_list_is_filtered_by_the_address(alice: Client, secret_need: ReportNeed) -> None:
    food, pet = secret_need(kinds=["food"], urgency="now"), secret_need(kinds=["pet", "food"], urgency="later")
    assert str(food.pk) not in page_text(alice, "/open/?kind=pet")
    assert str(pet.pk) in page_text(alice, "/open/?kind=pet")
    assert str(pet.pk) not in page_text(alice, "/open/?urgency=now")
    assert str(pet.pk) in page_text(alice, "/open/?urgency=nonsense&within=x&area=nowhere")


def test_an_open_need_is_open_now_and_not_a_day_later(alice: Client, secret_need: ReportNeed) -> None:
    assert str(secret_need().pk) in page_text(alice, "/open/")


def test_volunteers_see_their_territories_and_members_see_all(
    alice: Client, cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    south = secret_need(place=DraftPlace(48.855, 2.35))
    words = secret_need(place=None)
    assert str(south.pk) not in page_text(alice, "/open/")
    assert alice.get(f"/open/{south.pk}/").status_code == 404
    assert alice.get(f"/open/{words.pk}/").status_code == 404
    text = page_text(signed_in(cast.bob), "/open/")
    assert str(south.pk) in text
    assert str(words.pk) in text
    assert signed_in(cast.greta).get(f"/open/{south.pk}/").status_code == 404
    assert south.cell is not None
    lat, lng = grid.centre(south.cell)
    Profile.objects.create(user=cast.greta, base=Point(lng, lat, srid=4326))
    assert str(south.pk) in page_text(signed_in(cast.greta), "/open/")


def test_a_wholly_taken_need_leaves_the_list(alice: Client, cast: Cast, secret_need: ReportNeed) -> None:
    own = secret_need()
    taking.take(own, cast.bob)
    assert str(own.pk) not in page_text(alice, "/open/")
    assert "Other people take care of all of it" in page_text(alice, f"/open/{own.pk}/")
