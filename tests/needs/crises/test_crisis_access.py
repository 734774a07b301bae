"""Access to the reports and photos of an event."""

import pytest
from django.test import Client

from needs.crises import report_list
from needs.models import Crisis, Need, NeedPhoto
from tests.needs.attachments.test_photos import picture
from tests.needs.crises.crisis_cases import INSIDE, event, opened, report, upload
from tests.streamed_answers import streamed
from tests.support import Cast, City, SignedIn


@pytest.mark.parametrize(
    ("who", "status"),
    [("alice", 404), ("bob", 404), ("edith", 404), ("greta", 404), ("carol", 200), ("diane", 200), ("farid", 200)],
)
def test_only_dispatchers_and_coordinators_see_reports_and_photos(
    crisis: Crisis, cast: Cast, signed_in: SignedIn, who: str, status: int
) -> None:
    report(crisis, photo=upload(picture()))
    photo = NeedPhoto.objects.get()
    client = signed_in(getattr(cast, who))
    base = f"/crises/{crisis.slug}/"
    for address in ("/crises/", base, f"{base}reports/", f"{base}list/", f"/photos/{photo.pk}/"):
        assert client.get(address).status_code == status, address
        assert Client().get(address).status_code == 302, address


def test_a_photo_is_served_as_an_image_and_never_cached(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    report(crisis, photo=upload(picture()))
    photo = NeedPhoto.objects.get()
    answer = signed_in(cast.carol).get(f"/photos/{photo.pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert streamed(answer)[:2] == b"\xff\xd8"
    for public in (f"/media/{photo.image.name}", f"/static/{photo.image.name}", f"/{photo.image.name}"):
        assert Client().get(public).status_code == 404


def test_a_coordinator_of_another_place_has_no_access(
    crisis: Crisis, cast: Cast, signed_in: SignedIn, city: City
) -> None:
    from volunteers.models import Assignment

    Assignment.objects.filter(user=cast.diane).update(territory=city.sud)
    elsewhere = opened(cast.farid, "Crue", area=event().area)
    Crisis.objects.filter(pk=elsewhere.pk).update(area="SRID=4326;MULTIPOLYGON(((5 43,5.1 43,5.1 43.1,5 43)))")
    client = signed_in(cast.diane)
    assert client.get(f"/crises/{elsewhere.slug}/").status_code == 404
    assert client.get(f"/map/crises/{elsewhere.slug}/change/").status_code == 404
    assert client.get(f"/crises/{crisis.slug}/").status_code == 200  # the event that she opened


def test_the_list_has_cells_and_no_words_about_places_and_coordinators_see_no_words_at_all(
    crisis: Crisis, cast: Cast, signed_in: SignedIn
) -> None:
    report(crisis, latitude=INSIDE[0], longitude=INSIDE[1])
    need = Need.objects.get()
    for who, dispatches in ((cast.carol, True), (cast.diane, False)):
        client = signed_in(who)
        page = client.get(f"/crises/{crisis.slug}/").content.decode()
        assert "under the bridge" not in page
        assert ("two people" in page, f"/triage/{need.pk}/" in page) == (dispatches,) * 2
        row = report_list.ROW.unpack(client.get(f"/crises/{crisis.slug}/reports/").content)
        assert row[1:3] != (2_350_000, 48_866_000)
        assert row[-1] & report_list.AREA_ONLY
