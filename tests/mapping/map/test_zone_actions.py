"""Actions of a zone's panel: each opens the thing itself at the zone, and is offered only to those who may do it."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import fold
from mapping.models import Release, Zone
from mapping.plans.tour_plans import zone_actions
from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.models import Need, PlannedTour, SavedSearch
from solidarity.lib import grid
from tests import filing_verbs
from tests.privacy.answers import bytes_of
from tests.released_north import publish_north
from tests.support import Cast, City, Seen, SignedIn
from volunteers.enums import Audience
from volunteers.models import Cell
from volunteers.people.accounts.viewer import Viewer

INSIDE, OUTSIDE = (48.8660, 2.3500), (48.8560, 2.3500)  # in the north, in the south


def report(spot: tuple[float, float]) -> None:
    draft = NeedDraft(at=timezone.now(), place=DraftPlace(*spot), kinds=["food"], urgency="now", persons=1)
    filing_verbs.report_need(draft, state="open")


@pytest.fixture
def city_with_needs(cast: Cast, city: City, seen: Seen) -> City:
    """Releases of the north, one open need in the north and one in the south."""
    publish_north(seen)
    for spot in (INSIDE, OUTSIDE):
        report(spot)
    fold.fold_outbox()
    return city


def zone_at(spot: tuple[float, float], audience: Audience | None) -> Zone:
    release = Release.objects.filter(audience=audience).first() if audience else None
    cell = grid.cell_of(*spot)
    found = [zone for zone in Zone.objects.of_release(release) if cell in zone_actions.cells_of(zone)]
    assert len(found) == 1
    return found[0]


def panel(client: Client, zone: Zone, slug: str = "nord") -> str:
    return client.get(reverse("mapping:zone", args=[slug, zone.key]), headers={"HX-Request": "true"}).content.decode()


def plan(cast: Cast, spot: tuple[float, float], **more: Any) -> PlannedTour:
    values = {"association": cast.maraude, "author": cast.bob, "cells": [grid.cell_of(*spot)], "seats": 2, **more}
    return PlannedTour.objects.create(start=timezone.now() + timedelta(hours=3), **values)


@pytest.mark.parametrize(("who", "audience"), [("alice", Audience.VOLUNTEER), ("bob", Audience.ASSOCIATION)])
def test_needs_here_are_the_open_needs_of_the_zone(
    who: str, audience: Audience, city_with_needs: City, cast: Cast, signed_in: SignedIn
) -> None:
    client, zone = signed_in(getattr(cast, who)), zone_at(INSIDE, audience)
    address = reverse("mapping:zone_needs", args=["nord", zone.key])
    assert f'href="{address}"' in panel(client, zone)
    text = client.get(address).content.decode()
    inside = Need.objects.get(cell=grid.cell_of(*INSIDE))
    outside = Need.objects.get(cell=grid.cell_of(*OUTSIDE))
    assert str(inside.pk) in text
    assert str(outside.pk) not in text
    assert 'data-near-hits="1"' in text


def test_needs_of_a_zone_out_of_reach_answer_like_a_zone_that_does_not_exist(
    city_with_needs: City, cast: Cast, signed_in: SignedIn
) -> None:
    alice, south = signed_in(cast.alice), zone_at(OUTSIDE, None)
    for slug in ("sud", "nord", "nowhere"):
        assert alice.get(reverse("mapping:zone_needs", args=[slug, south.key])).status_code == 404
    assert Client().get(reverse("mapping:zone_needs", args=["nord", south.key])).status_code == 302


def test_a_volunteer_is_led_to_tours_of_the_district_and_learns_no_cell_of_them(
    city_with_needs: City, cast: Cast, signed_in: SignedIn
) -> None:
    alice, zone = signed_in(cast.alice), zone_at(INSIDE, Audience.VOLUNTEER)
    assert "/map/seats/" not in panel(alice, zone)
    here = plan(cast, INSIDE)
    shown = panel(alice, zone)
    assert 'href="/map/seats/?in=nord"' in shown
    listed = alice.get("/map/seats/?in=nord").content.decode()
    assert str(here.pk) in listed
    # The panel of every zone of the district says the same, wherever in the district the tour goes.
    lines = {
        each.key: re.search(r"Join[^<]*", panel(alice, each)) is not None
        for each in Zone.objects.of_release(zone.release).filter(territory=zone.territory)
    }
    assert set(lines.values()) == {True}
    elsewhere = (
        Cell.objects.filter(territory=city_with_needs.nord).exclude(cell__in=here.cells).order_by("-cell")[0].cell
    )
    PlannedTour.objects.update(cells=[elsewhere])
    assert without_token(panel(alice, zone)) == without_token(shown)


def without_token(text: str) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "", text)


def test_a_full_tour_and_ones_own_are_not_offered(city_with_needs: City, cast: Cast, signed_in: SignedIn) -> None:
    tour, zone = plan(cast, INSIDE, seats=1), zone_at(INSIDE, Audience.VOLUNTEER)
    assert zone_actions.of_reader(Viewer(cast.alice), zone).tours == 1
    tour.taken.create(volunteer=cast.greta)
    assert zone_actions.of_reader(Viewer(cast.alice), zone).tours == 0
    tour.taken.all().delete()
    tour.taken.create(volunteer=cast.alice)
    assert zone_actions.of_reader(Viewer(cast.alice), zone).tours == 0


def test_the_alert_form_opens_with_an_area_around_the_zone_and_can_be_saved(
    city_with_needs: City, cast: Cast, signed_in: SignedIn
) -> None:
    alice, zone = signed_in(cast.alice), zone_at(INSIDE, Audience.VOLUNTEER)
    shown = panel(alice, zone)
    corners = re.search(r'name="corners" value="([^"]*)"', shown)
    assert corners
    sent = {"prefill": "1", "where": "drawn", "corners": html.unescape(corners[1]), "name": "Nord"}
    page = alice.post(reverse("needs:new_alert"), sent)
    assert page.status_code == 200
    assert not SavedSearch.objects.exists()
    form = page.context["form"]
    assert (form["where"].value(), form["corners"].value()) == ("drawn", sent["corners"])
    assert not form.is_bound
    saved = alice.post(reverse("needs:new_alert"), {name: value for name, value in sent.items() if name != "prefill"})
    assert saved.status_code == 302, saved.content.decode()
    area = SavedSearch.objects.get(user=cast.alice).area
    assert area is not None
    # The corners are rounded to six decimals, about ten centimetres.
    assert area.buffer(0.000_01).contains(zone.shape)


def test_a_member_plans_a_tour_in_the_cells_of_the_zone(city_with_needs: City, cast: Cast, signed_in: SignedIn) -> None:
    bob, zone = signed_in(cast.bob), zone_at(INSIDE, Audience.ASSOCIATION)
    shown = panel(bob, zone)
    assert "Plan a tour here" in shown
    cells = zone_actions.cells_of(zone)
    field = re.search(r'name="cells" value="([^"]*)"', shown)
    assert (field is not None) == (len(cells) <= zone_actions.MOST_PLANNED)
    if field:
        page = bob.post(reverse("needs:new_plan"), {"prefill": "1", "cells": field[1]})
        assert len(page.context["held"]["features"]) == len(cells)
    assert "Plan a tour here" not in panel(signed_in(cast.alice), zone_at(INSIDE, Audience.VOLUNTEER))


def test_in_view_as_mode_the_panel_offers_what_a_volunteer_gets(
    city_with_needs: City, cast: Cast, signed_in: SignedIn
) -> None:
    diane, zone = signed_in(cast.diane), zone_at(INSIDE, Audience.VOLUNTEER)
    diane.post(reverse("mapping:view_as"), {"as": "volunteer"})
    shown = panel(diane, zone)
    assert without_token(shown) == without_token(panel(signed_in(cast.alice), zone))
    assert "Plan a tour here" not in shown and "Make a zone report" not in shown


def test_no_address_of_the_panel_holds_a_place(city_with_needs: City, cast: Cast, signed_in: SignedIn) -> None:
    plan(cast, INSIDE)
    for who, audience in (("alice", Audience.VOLUNTEER), ("bob", Audience.ASSOCIATION), ("diane", None)):
        shown = panel(signed_in(getattr(cast, who)), zone_at(INSIDE, audience))
        for address in re.findall(r'(?:href|action)="([^"]*)"', shown):
            assert not re.search(r"\d+\.\d|89[0-9a-f]{9}ffff", address), address


def test_the_panel_does_not_move_with_a_report(city_with_needs: City, cast: Cast, signed_in: SignedIn) -> None:
    alice, zone = signed_in(cast.alice), zone_at(INSIDE, Audience.VOLUNTEER)
    address = reverse("mapping:zone", args=["nord", zone.key])
    before = bytes_of(alice, "GET", address)
    report(INSIDE)
    assert bytes_of(alice, "GET", address) == before
