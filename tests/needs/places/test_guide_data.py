"""The guide in the API, in the nightly retention run, and after an account is erased."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from needs.doors.retention import erasure, runner
from needs.guide.places import place_notices
from needs.guide.places.free_beds import reservations
from needs.guide.places.place_kinds import NoticeKind
from needs.models import Place, PlaceCapacity, PlaceEdit, PlaceMistake, PlaceNotice, Reservation, Signposting
from tests.needs.api_cases import V1, TokenClient
from tests.needs.places.place_cases import place_of
from tests.support import Cast


def test_the_api_lists_places_with_their_state_notices_and_what_is_free(cast: Cast) -> None:
    shelter = place_of(cast, hours="24/7")
    place_of(cast, name="Fontaine", kinds=["fountain"])
    beds = PlaceCapacity.objects.create(place=shelter, kind="beds", free=3, reservable=True)
    reservations.reserve(beds.pk, reservations.Holder(cast.edith, cast.other))
    answer = Client().get(f"{V1}places/?kind=shelter").json()
    assert answer["count"] == 1
    found = answer["results"][0]
    assert (found["id"], found["open"], found["latitude"]) == (str(shelter.pk), True, 48.866)
    assert found["checked_by"] == "Maraude du Nord"
    assert found["capacities"][0]["free"] == 2
    place_notices.post(shelter, NoticeKind.CLOSED, "works", timezone.now() + timedelta(hours=2), cast.bob)
    found = Client().get(f"{V1}places/{shelter.pk}/").json()
    assert (found["open"], found["notices"][0]["text"]) == (False, "works")


def test_the_api_names_the_kinds_it_knows_and_refuses_more_beds_than_there_are(cast: Cast) -> None:
    place = place_of(cast)
    PlaceCapacity.objects.create(place=place, kind="beds", free=1, total=4)
    wrong = Client().get(f"{V1}places/?kind=gold")
    assert wrong.status_code == 400
    assert "shelter" in str(wrong.json())
    url = f"{V1}places/{place.pk}/capacities/beds/"
    for body, said in (({"free": 5}, "only 4 in all"), ({"free": -1}, "free"), ({}, "free")):
        answer = TokenClient(cast.bob).post(url, body, content_type="application/json")
        assert answer.status_code == 400
        assert said in str(answer.json())


def test_old_reservations_notices_mistakes_and_signpostings_are_deleted(cast: Cast) -> None:
    place, now = place_of(cast), timezone.now()
    beds = PlaceCapacity.objects.create(place=place, kind="beds", free=3)
    for days in (6, 8):
        at = now - timedelta(days=days)
        Reservation.objects.create(capacity=beds, association=cast.other, made_at=at, until=at + timedelta(hours=1))
    for days in (13, 15):
        end = now - timedelta(days=days)
        PlaceNotice.objects.create(place=place, kind="full", start=end - timedelta(hours=9), end=end)
        PlaceMistake.objects.create(place=place, text="closed", at=end, handled_at=end)
    for days in (27, 29):
        PlaceMistake.objects.create(place=place, text="closed", at=now - timedelta(days=days))
    for days in (59, 61):
        Signposting.objects.create(place=place, kind="shelter", at=now - timedelta(days=days))
    counts = runner.run().counts
    assert (counts["reservations"], counts["guide_texts"], counts["signpostings"]) == (1, 3, 1)
    for model, left in ((Reservation, 1), (PlaceNotice, 1), (PlaceMistake, 2), (Signposting, 1)):
        assert model.objects.count() == left  # type: ignore[attr-defined]


def test_after_an_account_is_erased_its_places_stay_without_the_person(cast: Cast) -> None:
    place = place_of(cast)
    beds = PlaceCapacity.objects.create(place=place, kind="beds", free=3, set_by=cast.bob, reservable=True)
    reservations.reserve(beds.pk, reservations.Holder(cast.bob, cast.maraude))
    erasure.erase_account(cast.bob)
    assert Place.objects.get(pk=place.pk).checked_by is None
    assert PlaceEdit.objects.get().author is None
    assert PlaceCapacity.objects.get().set_by is None
    assert Reservation.objects.get().author is None
