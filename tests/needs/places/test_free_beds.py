"""Free beds: who says the number, and reserving one for an hour. Of two people who want the last bed, one gets it."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.guide.places.free_beds import free_numbers, reservations
from needs.guide.places.free_beds.reservations import Holder, ReservationRefusal, ReservationRefused
from needs.guide.places.place_kinds import CapacityKind, ReservationEnd
from needs.models import Place, PlaceCapacity, PlaceNotice, Reservation, Tour
from tests.needs.api_cases import V1, TokenClient
from tests.needs.places.place_cases import place_of, sent
from tests.needs.places.test_place_pages import text_of, undo
from tests.support import Cast, City, SignedIn, dispatches
from tests.together import together
from volunteers.models import Association, Membership, User
from volunteers.people.accounts.viewer import Viewer


def beds_of(place: Place, free: int = 1, **more: Any) -> PlaceCapacity:
    return PlaceCapacity.objects.create(place=place, kind="beds", free=free, **{"reservable": True, **more})


def tour_of(association: Association, author: User) -> Tour:
    return Tour.objects.create(association=association, author=author, at=timezone.now(), content_hash="-")


def refusal(capacity: PlaceCapacity, holder: Holder) -> ReservationRefusal | None:
    try:
        reservations.reserve(capacity.pk, holder)
    except ReservationRefused as refused:
        return refused.why
    return None


# --- the number ----------------------------------------------------------------------------------------------------


def test_a_member_sets_the_number_with_one_tap_and_its_age_is_shown(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.bob)
    beds = beds_of(place, free=2, total=3, set_at=timezone.now() - timedelta(minutes=20))
    assert "Beds free: 2" in text_of(Client(), place)
    assert "20 minutes ago" in text_of(Client(), place)
    for _tap in range(3):
        client.post(reverse("needs:place_beds_set", args=[place.pk, "beds"]), {"more": "1"})
    beds.refresh_from_db()
    assert (beds.free, beds.set_by) == (3, cast.bob)
    answer = client.post(reverse("needs:place_beds_set", args=[place.pk, "beds"]), {"free": "9"})
    assert "There are only 3 in all." in answer.content.decode()


def test_a_number_older_than_three_hours_is_shown_as_old(cast: Cast) -> None:
    place = place_of(cast)
    beds_of(place, set_at=timezone.now() - timedelta(hours=3, minutes=1))
    assert "This number is old." in text_of(Client(), place)


def test_full_by_mistake_can_be_undone_until_somebody_says_another_number(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.bob)
    before = timezone.now() - timedelta(hours=1)
    beds = beds_of(place, free=4, set_at=before)
    url = reverse("needs:place_beds_set", args=[place.pk, "beds"])
    undo(client, client.post(url, {"free": "0"}))
    beds.refresh_from_db()
    assert (beds.free, beds.set_at) == (4, before)
    answer = client.post(url, {"free": "0"})
    free_numbers.set_free(beds.pk, 2, cast.carol)
    undo(client, answer)
    beds.refresh_from_db()
    assert beds.free == 2


def test_free_beds_are_shown_with_the_number_that_assigns_them(cast: Cast) -> None:
    place = place_of(cast)
    beds_of(place, free=3, reservable=False)
    text = text_of(Client(), place)
    assert "Beds free: 3" in text
    assert 'href="tel:115"' in text


def test_only_members_of_the_place_say_what_is_free(cast: Cast, city: City, signed_in: SignedIn) -> None:
    place = place_of(cast)
    beds = beds_of(place, free=1)
    dispatches(cast.edith, city.root, association=cast.other)
    url = reverse("needs:place_beds_set", args=[place.pk, "beds"])
    api = f"{V1}places/{place.pk}/capacities/beds/"
    for user in (cast.edith, cast.alice, cast.diane, cast.greta):  # another association, its desk, a coordinator …
        assert signed_in(user).post(url, {"free": "50"}).status_code == 404
        answer = TokenClient(user).post(api, {"free": 50}, content_type="application/json")
        assert answer.status_code == 404
    Membership.objects.filter(user=cast.bob).update(left_at=timezone.now())
    assert signed_in(cast.bob).post(url, {"free": "50"}).status_code == 404
    answer = TokenClient(cast.carol).post(api, {"free": 7}, content_type="application/json")
    assert answer.json()["capacities"][0]["free"] == 7
    beds.refresh_from_db()
    assert (beds.free, beds.set_by) == (7, cast.carol)


# --- reserving -----------------------------------------------------------------------------------------------------


def test_a_team_on_tour_reserves_a_bed_for_an_hour_and_it_lapses_by_itself(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.edith)
    beds = beds_of(place, free=1)
    url = reverse("needs:place_reserve", args=[place.pk, "beds"])
    assert client.post(url).status_code == 404  # on no tour
    tour_of(cast.other, cast.edith)
    assert "Reserve one for an hour" in text_of(client, place)
    client.post(url)
    made = Reservation.objects.get()
    assert (made.association, made.author) == (cast.other, cast.edith)
    assert made.until - made.made_at == timedelta(hours=1)
    assert "Beds free: 0" in text_of(Client(), place)
    Reservation.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert "Beds free: 1" in text_of(Client(), place)
    beds.refresh_from_db()
    assert beds.free == 1


def test_the_desk_of_the_territory_reserves_too_and_other_desks_do_not(cast: Cast, city: City) -> None:
    place = place_of(cast)
    dispatches(cast.edith, city.sud, association=cast.other)
    assert reservations.holder_for(Viewer(cast.edith), place) is None
    assert reservations.holder_for(Viewer(cast.greta), place) is None
    holder = reservations.holder_for(Viewer(cast.carol), place)
    assert holder is not None
    assert (holder.association, holder.tour) == (cast.maraude, None)


def test_nothing_is_reserved_where_the_place_did_not_agree_or_is_full(cast: Cast) -> None:
    place, holder = place_of(cast), Holder(cast.bob, cast.maraude)
    beds = beds_of(place, free=5, reservable=False)
    assert refusal(beds, holder) is ReservationRefusal.NOT_RESERVABLE
    PlaceCapacity.objects.update(reservable=True)
    notice = PlaceNotice.objects.create(place=place, kind="full", end=timezone.now() + timedelta(hours=2))
    assert refusal(beds, holder) is ReservationRefusal.CLOSED
    notice.delete()
    Place.objects.update(closed_at=timezone.now())
    assert refusal(beds, holder) is ReservationRefusal.NOT_RESERVABLE


def test_whoever_arrives_takes_the_bed_and_it_can_be_undone(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.carol)
    beds = beds_of(place, free=3)
    made = reservations.reserve(beds.pk, Holder(cast.edith, cast.other))
    answer = client.post(reverse("needs:reservation_end", args=[made.pk]), {"end": "arrived"})
    beds.refresh_from_db()
    assert beds.free == 2
    undo(client, answer)
    beds.refresh_from_db()
    made.refresh_from_db()
    assert (beds.free, made.ended_at, made.end) == (3, None, "")


def test_a_bed_given_back_goes_to_somebody_else_and_then_the_undo_fails(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.edith)
    beds = beds_of(place, free=1)
    made = reservations.reserve(beds.pk, Holder(cast.edith, cast.other))
    answer = client.post(reverse("needs:reservation_end", args=[made.pk]), {"end": "given_back"})
    reservations.reserve(beds.pk, Holder(cast.carol, cast.maraude))
    assert "cannot be undone" in undo(client, answer).content.decode()
    made.refresh_from_db()
    assert made.end == ReservationEnd.GIVEN_BACK


def test_a_place_stops_saying_a_number_only_when_nothing_is_reserved(cast: Cast, signed_in: SignedIn) -> None:
    place, client = place_of(cast), signed_in(cast.bob)
    made = reservations.reserve(beds_of(place, free=2).pk, Holder(cast.edith, cast.other))
    url = reverse("needs:place_beds_remove", args=[place.pk, "beds"])
    assert "Somebody has reserved one." in client.post(url).content.decode()
    reservations.end(made.pk, ReservationEnd.REFUSED)
    client.post(url)
    assert not PlaceCapacity.objects.exists()


# --- races ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_eight_people_who_want_the_last_bed_at_once_exactly_one_gets_it(cast: Cast) -> None:
    beds = beds_of(place_of(cast), free=1)
    holders = []
    for number in range(8):
        association = Association.objects.create(slug=f"a{number}", name=f"A{number}")
        holders.append(Holder(User.objects.create_user(f"p{number}@example.org", None), association))
    found = together([partial(refusal, beds, holder) for holder in holders])
    assert Counter(found) == {None: 1, ReservationRefusal.NONE_FREE: 7}
    assert Reservation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_person_with_many_phones_holds_two_beds_at_most(cast: Cast) -> None:
    place = place_of(cast)
    kinds = [PlaceCapacity.objects.create(place=place, kind=kind, free=9, reservable=True) for kind in CapacityKind]
    holder = Holder(cast.edith, cast.other)
    found = together([partial(refusal, row, holder) for row in kinds])
    assert Counter(found) == {None: 2, ReservationRefusal.PERSON_LIMIT: 3}


@pytest.mark.django_db(transaction=True)
def test_two_people_who_tap_plus_at_once_both_count(cast: Cast) -> None:
    beds = beds_of(place_of(cast), free=0)
    together([lambda: free_numbers.add_free(beds.pk, 1, cast.bob)] * 4)
    beds.refresh_from_db()
    assert beds.free == 4


# --- attacks -------------------------------------------------------------------------------------------------------


def test_an_association_cannot_hold_all_beds_of_a_city(cast: Cast) -> None:
    beds = beds_of(place_of(cast), free=50)
    people = [User.objects.create_user(f"p{number}@example.org", None) for number in range(4)]
    found = [refusal(beds, Holder(person, cast.other)) for person in people for _each in range(2)]
    assert found == [None] * 5 + [ReservationRefusal.ASSOCIATION_LIMIT] * 3


def test_a_script_that_reserves_and_gives_back_all_day_is_stopped(cast: Cast) -> None:
    beds, holder = beds_of(place_of(cast), free=50), Holder(cast.edith, cast.other)
    found: list[ReservationRefusal | None] = []
    for _each in range(10):
        found.append(refusal(beds, holder))
        for row in Reservation.objects.holding(timezone.now()):
            reservations.end(row.pk, ReservationEnd.GIVEN_BACK)
    assert found == [None] * 8 + [ReservationRefusal.DAY_LIMIT] * 2


def test_a_holder_cannot_empty_a_shelter_by_saying_that_people_arrived(cast: Cast, signed_in: SignedIn) -> None:
    beds = beds_of(place_of(cast), free=2)
    made = reservations.reserve(beds.pk, Holder(cast.edith, cast.other))
    for end in ("arrived", "refused", "nonsense"):
        answer = signed_in(cast.edith).post(reverse("needs:reservation_end", args=[made.pk]), {"end": end})
        assert answer.status_code == 404
    beds.refresh_from_db()
    assert beds.free == 2


def test_a_third_bed_cannot_be_held_by_undoing_a_return(cast: Cast, signed_in: SignedIn) -> None:
    beds, holder, client = beds_of(place_of(cast), free=9), Holder(cast.edith, cast.other), signed_in(cast.edith)
    first = reservations.reserve(beds.pk, holder)
    reservations.reserve(beds.pk, holder)
    answer = client.post(reverse("needs:reservation_end", args=[first.pk]), {"end": "given_back"})
    reservations.reserve(beds.pk, holder)
    undo(client, answer)
    assert reservations.held_by(Viewer(cast.edith), timezone.now()).count() == 2


def test_a_desk_cannot_take_a_shelter_from_its_association_to_say_what_is_free(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    place = place_of(cast)
    dispatches(cast.edith, city.root, association=cast.other)
    url = reverse("needs:place_edit", args=[place.pk])
    for association in (cast.other.pk, ""):
        assert signed_in(cast.edith).post(url, sent(association=association)).status_code == 400
    assert signed_in(cast.edith).post(url, sent(association=cast.maraude.pk, about="x")).status_code == 302
    place.refresh_from_db()
    assert (place.association, place.checked_as, place.about) == (cast.maraude, None, "x")


def test_other_associations_cannot_end_a_reservation(cast: Cast, signed_in: SignedIn) -> None:
    beds = beds_of(place_of(cast, association=None), free=2)
    made = reservations.reserve(beds.pk, Holder(cast.bob, cast.maraude))
    for end in ("given_back", "arrived", "refused"):
        answer = signed_in(cast.edith).post(reverse("needs:reservation_end", args=[made.pk]), {"end": end})
        assert answer.status_code == 404
