"""Offers of needs near a route and adding them: by cell alone, within limits, by one crew only."""

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from needs.enums import StopKind, StopOutcome
from needs.help.commitments import taking
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, CommitmentPart, Need, Place, PlaceView, PlannedTour, TourStop
from needs.reports import filing
from needs.tours import planning
from needs.tours.tour_stops import stop_accepting, stop_offers
from needs.tours.tour_stops.stop_accepting import MOST_NEEDS, Closed, TooMany
from solidarity.lib import grid
from tests.needs.tour_stops.stop_cases import (
    EAST,
    LAT,
    LNG,
    WORDS,
    a_need,
    a_plan,
    cell_at,
    on_tour,
    record,
    started,
    trip_of,
)
from tests.support import Cast, SignedIn
from tests.together import together
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db


def _offered(user: User, plan: object) -> list[Need]:
    offers = stop_offers.offers_for(Viewer(user), trip_of(user, plan))  # type: ignore[arg-type]
    found = Need.objects.in_bulk([each.need for each in offers])
    return [found[each.need] for each in offers]


def test_needs_are_offered_by_distance_urgency_and_age_and_undone_ones_first(cast: Cast) -> None:
    plan = a_plan(cast, steps=(0, 1))
    far, old, young, now = a_need(4), a_need(0, hours=9), a_need(1, hours=1), a_need(1, urgency="now", hours=0.5)
    a_need(40)
    a_need(0, state="new")
    taking.take(a_need(0), cast.alice)
    assert _offered(cast.bob, plan) == [now, old, young, far]
    tour, [stop] = on_tour(cast, far)
    record(tour, stop, StopOutcome.POSTPONED, cast.bob)
    assert _offered(cast.bob, plan) == [far, now, old, young]


def test_an_offer_depends_on_the_cell_and_on_nothing_finer(cast: Cast, signed_in: SignedIn) -> None:
    """Moving the need within its cell changes neither the order nor a byte of what is shown of it."""
    plan = a_plan(cast, steps=(0,))
    need = a_need(1.02)
    client = signed_in(cast.bob)
    page = reverse("needs:stops", args=[plan.pk])

    def shown() -> tuple[list[stop_offers.StopOffer], str]:
        text = client.get(page).content.decode()
        return stop_offers.offers_for(Viewer(cast.bob), trip_of(cast.bob, plan)), text[text.index("stop-offers") :]

    before, words = shown()
    latitude, longitude = grid.centre(cell_at(1.02))
    Need.objects.filter(pk=need.pk).update(point=f"SRID=4326;POINT({longitude} {latitude})")
    after, same = shown()
    assert before == after
    assert words.split("csrfmiddlewaretoken")[0] == same.split("csrfmiddlewaretoken")[0]
    assert WORDS not in words
    assert not PlaceView.objects.exists()


def test_only_one_of_two_crews_gets_a_need(cast: Cast) -> None:
    need = a_need()
    one, other = a_plan(cast), a_plan(cast, author=cast.carol)
    assert stop_accepting.accept(trip_of(cast.bob, one), [need.pk], cast.bob).added == 1
    late = stop_accepting.accept(trip_of(cast.carol, other), [need.pk], cast.carol)
    assert late.added == 0
    assert isinstance(late.refused, Refused) and late.refused.refusal is Refusal.TAKEN
    assert not TourStop.objects.filter(plan=other).exists()


@pytest.mark.django_db(transaction=True)
def test_of_crews_that_add_a_need_at_once_one_wins(cast: Cast) -> None:
    need, people = a_need(kinds=["food", "blanket"]), [cast.bob, cast.carol] * 2
    plans = [a_plan(cast, author=person) for person in people]
    trips = [trip_of(person, plan) for person, plan in zip(people, plans, strict=True)]
    done = together([
        partial(stop_accepting.accept, trip, [need.pk], person) for trip, person in zip(trips, people, strict=True)
    ])  # fmt: skip
    added = [each.added for each in done]
    assert sorted(added) == [0, 0, 0, 1]
    assert TourStop.objects.count() == 1
    assert Commitment.objects.active().count() == 1
    assert CommitmentPart.objects.filter(held=True).count() == 2


def test_a_flood_is_stopped_by_the_limits_of_a_tour_and_of_the_association(cast: Cast, settings: Settings) -> None:
    needs = [a_need(number % 4) for number in range(MOST_NEEDS + 9)]
    first, second = a_plan(cast), a_plan(cast)
    done = stop_accepting.accept(trip_of(cast.bob, first), [need.pk for need in needs], cast.bob)
    assert done.added == MOST_NEEDS
    assert isinstance(done.refused, TooMany)
    left = [need.pk for need in needs[MOST_NEEDS:]]
    done = stop_accepting.accept(trip_of(cast.bob, second), left, cast.bob)
    assert done.added == settings.COMMITMENTS_PER_ASSOCIATION - MOST_NEEDS
    assert isinstance(done.refused, Refused) and done.refused.refusal is Refusal.ASSOCIATION_FULL


def test_a_tour_far_in_the_future_or_over_holds_no_need(cast: Cast) -> None:
    need = a_need()
    far = a_plan(cast, start=timezone.now() + timedelta(days=3))
    assert _offered(cast.bob, far) == []
    with pytest.raises(Closed):
        stop_accepting.accept(trip_of(cast.bob, far), [need.pk], cast.bob)
    tour = started(cast, a_plan(cast))
    filing.close_tour(tour, ended_at=timezone.now())
    with pytest.raises(Closed):
        stop_accepting.accept(trip_of(cast.bob, tour), [need.pk], cast.bob)


def test_a_fake_tour_round_a_city_opens_no_place_beyond_the_budget(
    cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    """Attack: plan a tour, add all needs and read them; start it and read again; end it without a visit, and repeat
    this."""
    settings.PLACES_PER_TOUR, settings.PLACES_PER_DAY = 3, 1
    needs = [a_need(number % 4) for number in range(6)]
    client = signed_in(cast.bob)
    plan = a_plan(cast)
    assert client.post(reverse("needs:accept_stops", args=[plan.pk]), {"all": "1"}).status_code == 302
    assert TourStop.objects.filter(plan=plan).count() == 6
    phone = reverse("needs:stops_on_phone", args=[plan.pk])
    assert client.post(phone).json()["stops"] == []
    assert WORDS not in client.get(reverse("needs:stops", args=[plan.pk])).content.decode()
    tour = started(cast, plan)
    for _again in range(2):
        rows = client.post(phone).json()["stops"]
        assert sum("point" in row for row in rows) == 4
        assert sum("as many exact places" in row.get("problem", "") for row in rows) == 2
    assert PlaceView.objects.filter(user=cast.bob).count() == 4
    assert _places(signed_in(cast.carol), phone) == 0, "a member who is not on the tour sees no place"
    assert signed_in(cast.edith).post(phone).status_code == 404
    filing.close_tour(tour, ended_at=timezone.now())
    assert client.post(phone).json()["stops"] == []
    assert not Commitment.objects.active().exists()
    again = stop_accepting.accept(trip_of(cast.bob, a_plan(cast)), [needs[0].pk], cast.bob)
    assert isinstance(again.refused, Refused) and again.refused.refusal is Refusal.PAUSED


def _places(client: Client, phone: str) -> int:
    return sum("point" in row for row in client.post(phone).json()["stops"])


def test_the_person_who_starts_the_tour_holds_its_needs(cast: Cast, signed_in: SignedIn) -> None:
    plan = a_plan(cast, author=cast.carol)
    stop_accepting.accept(trip_of(cast.carol, plan), [a_need().pk], cast.carol)
    tour = started(cast, plan, cast.bob)
    assert _places(signed_in(cast.bob), reverse("needs:stops_on_phone", args=[tour.pk])) == 1
    assert Commitment.objects.get().volunteer == cast.bob


def test_a_cancelled_plan_and_a_removed_stop_give_their_needs_back(cast: Cast, signed_in: SignedIn) -> None:
    one, other, plan = a_need(), a_need(1), a_plan(cast)
    stop_accepting.accept(trip_of(cast.bob, plan), [one.pk, other.pk], cast.bob)
    stop = TourStop.objects.get(need=one)
    signed_in(cast.edith).post(reverse("needs:remove_stop", args=[plan.pk]), {"stop": str(stop.pk)})
    assert TourStop.objects.filter(pk=stop.pk).exists()
    signed_in(cast.bob).post(reverse("needs:remove_stop", args=[plan.pk]), {"stop": str(stop.pk)})
    assert Need.objects.get(pk=one.pk).state == "open"
    planning.cancel_plan(plan)
    assert Need.objects.get(pk=other.pk).state == "open"
    plan.refresh_from_db()
    assert plan.cancelled_at is not None
    planning.undo_cancel(plan, plan.cancelled_at)
    assert stop_accepting.accept(trip_of(cast.bob, plan), [other.pk], cast.bob).added == 1


def _kinds(plan: PlannedTour) -> list[str]:
    return list(TourStop.objects.filter(plan=plan).values_list("kind", flat=True))


def test_other_stops_are_added_moved_and_put_in_order(cast: Cast, signed_in: SignedIn) -> None:
    plan, client = a_plan(cast), signed_in(cast.bob)
    hidden = {"kinds": ["shelter"], "cell": cell_at(1), "point": f"SRID=4326;POINT({LNG + EAST} {LAT})"}
    secret = Place.objects.create(name="Refuge", address_hidden=True, **hidden)
    shower = Place.objects.create(name="Baths", **{**hidden, "kinds": ["shower"]})
    add = reverse("needs:add_stop", args=[plan.pk])
    page = client.get(reverse("needs:stops", args=[plan.pk])).content.decode()
    assert "Baths" in page and "Refuge" not in page
    assert client.post(add, {"kind": "place", "place": str(secret.pk)}).status_code == 400
    client.post(add, {"kind": "place", "place": str(shower.pk)})
    client.post(add, {"kind": "cell", "cell": grid.to_text(cell_at(3))})
    client.post(add, {"kind": "note", "text": "Bring blankets"})
    refused = client.post(add, {"kind": "note", "text": "Call Jean Dupont, 06 12 34 56 78"})
    assert refused.status_code == 400
    assert "06 12 34 56 78" in refused.content.decode(), "nothing typed is lost"
    order = reverse("needs:order_stops", args=[plan.pk])
    assert _kinds(plan) == [StopKind.NOTE, StopKind.PLACE, StopKind.CELL]
    last = TourStop.objects.get(plan=plan, kind=StopKind.CELL)
    client.post(order, {"stop": str(last.pk), "steps": "-1"})
    assert _kinds(plan) == [StopKind.NOTE, StopKind.CELL, StopKind.PLACE]
    keys = list(TourStop.objects.filter(plan=plan).values_list("pk", flat=True))
    client.post(order, {"order": [str(key) for key in reversed(keys)]})
    assert _kinds(plan) == [StopKind.PLACE, StopKind.CELL, StopKind.NOTE]
    client.post(order, {"best": "1"})
    assert _kinds(plan) == [StopKind.NOTE, StopKind.PLACE, StopKind.CELL]
