"""The pages of the guide that everybody reads, in every public language."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from needs.guide.places import place_mistakes
from needs.guide.places.free_beds import free_beds_wording
from needs.guide.places.place_kinds import CapacityKind, NoticeKind, PlaceAudience, PlaceKind
from needs.models import Place, PlaceCapacity, PlaceNotice
from tests.needs.language_reviews.test_public_languages import ONE_LANGUAGE, browser_in, complete
from tests.needs.places.place_cases import place_of
from tests.support import Cast
from volunteers.enums import Language

EVERYTHING = "Nov 01-Mar 31 Mo-Fr 09:00-12:00; PH off; 2099 Dec 24 10:00-14:00; 2099 Dec 30-2100 Jan 2 off"
HOURS = ("", "24/7", "Mo-Su 00:00-00:01", EVERYTHING, 'Mo-Fr 09:00-17:00 "by appointment"')


@pytest.mark.parametrize("code", ONE_LANGUAGE)
def test_every_page_of_the_guide_is_translated(
    code: str, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.COUNTRY = "FR"
    full = {"kinds": PlaceKind.values, "audience": PlaceAudience.values, "languages": Language.values}
    places = [
        place_of(cast, name="12", hours=hours, **full, step_free=number % 2 == 0) for number, hours in enumerate(HOURS)
    ]
    places.append(place_of(cast, name="12", address_hidden=True))
    Place.objects.filter(pk=places[0].pk).update(checked_at=None, address="")
    Place.objects.filter(pk=places[1].pk).update(checked_as=None)
    for kind in CapacityKind.values:
        said = timezone.now() - timedelta(hours=5)
        PlaceCapacity.objects.create(place=places[2], kind=kind, free=2, set_at=said)
    for number, kind in enumerate(NoticeKind.values):
        PlaceNotice.objects.create(place=places[number], kind=kind, text="-", end=timezone.now() + timedelta(hours=3))
    client = browser_in(code)
    with complete(code):
        pages = [client.get(reverse("needs:place", args=[place.pk])) for place in places]
        form = reverse("needs:place_mistake", args=[places[0].pk])
        pages += [client.get(form), client.post(form, {"text": ""}), client.post(form, {"text": "closed"}, follow=True)]
        monkeypatch.setattr(place_mistakes, "PER_DAY", 1)
        pages.append(client.post(form, {"text": "closed"}))
        assert [page.status_code for page in pages[-4:]] == [200, 400, 200, 429]
        assert all(free_beds_wording.free_words(CapacityKind(kind), 0) for kind in CapacityKind.values)
    for page in pages:
        assert f'<html lang="{code}"' in page.content.decode()
