"""Compare each row of “Who sees what” on the About page with the data that requests in the row's role return."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from mapping.coverage.folding import fold
from mapping.map.releases import reading, release_filter
from mapping.map.releases.public import publishing
from mapping.models import Release
from mapping.out.home import who_sees_what
from mapping.out.home.who_sees_what import Exact, Sight, Who
from needs.enums import NeedState
from needs.help.commitments.taking import take
from needs.help.records.refusals import Refused
from needs.models import Encounter, Need
from tests.needs.api_cases import file
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import User, Vouch
from volunteers.people.accounts.viewer import Viewer

EXACT_LAT, EXACT_LNG = 48.86673, 2.35127
CONTACT = "06 39 98 12 34"
PAGES = ("/", "/open/", "/map/t/nord/", "/map/t/nord/zones/", "/map/public/", "/encounters/", "/triage/", "/api/v1/open-needs/",
         "/api/v1/triage/needs/", "/map/t/nord/dashboard/")  # fmt: skip
OF_A_NEED = ("/open/{0}/", "/triage/{0}/", "/api/v1/open-needs/{0}/", "/api/v1/triage/needs/{0}/")


def sight(who: Who) -> Sight:
    return next(each for each in who_sees_what.sights() if each.who is who)


def texts(client: Client, need: Need, *more: str) -> Iterator[str]:
    for address in (*PAGES, *more, *(each.format(need.pk) for each in OF_A_NEED)):
        yield client.get(address).content.decode("utf-8", "replace")


def shows_exactly(text: str) -> bool:
    """Return whether a text contains the exact place, as a page or the API writes it."""
    return any(form in text for form in (str(EXACT_LAT), str(EXACT_LNG), str(EXACT_LAT).replace(".", ",")))


@pytest.fixture
def need(cast: Cast, city: City) -> Need:
    return file((EXACT_LAT, EXACT_LNG), state=NeedState.OPEN, contact=CONTACT, text="two blankets")


@pytest.fixture
def people(cast: Cast) -> dict[Who, User | None]:
    return {
        Who.PUBLIC: None, Who.VOLUNTEER: cast.alice, Who.MEMBER: cast.edith, Who.DISPATCHER: cast.carol,
        Who.COORDINATOR: cast.diane,
    }  # fmt: skip


def test_no_role_but_the_dispatcher_opens_exact_places_and_contacts_of_needs_unasked(
    need: Need, people: dict[Who, User | None], signed_in: SignedIn
) -> None:
    for who, person in people.items():
        client = signed_in(person) if person else Client()
        found = list(texts(client, need))
        allowed = sight(who)
        if allowed.exact is not Exact.TERRITORY:
            assert not any(shows_exactly(each) for each in found), who
        if not allowed.contacts:
            assert not any(CONTACT in each for each in found), who
            assert client.post(f"/triage/{need.pk}/contact/").status_code in (302, 403, 404), who
    dispatcher = people[Who.DISPATCHER]
    assert dispatcher is not None
    carol = signed_in(dispatcher)
    assert sight(Who.DISPATCHER).exact is Exact.TERRITORY and sight(Who.DISPATCHER).contacts
    assert any(shows_exactly(each) for each in texts(carol, need))
    contact = carol.post(f"/api/v1/triage/needs/{need.pk}/contact/", content_type="application/json")
    assert contact.status_code == 200 and CONTACT in contact.content.decode()


def test_a_vouched_volunteer_sees_an_exact_place_while_they_hold_the_need(
    need: Need, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.PLACES_PER_DAY = 2
    assert sight(Who.VOUCHED).exact is Exact.HELD
    bob = signed_in(cast.bob)  # an association invited him
    held = take(need, cast.bob)
    place = f"/api/v1/commitments/{held.pk}/place/"
    shown = bob.get(place).json()["place"]
    assert (shown["latitude"], shown["longitude"]) == pytest.approx((EXACT_LAT, EXACT_LNG), abs=1e-4)
    assert CONTACT not in "".join(texts(bob, need, f"/commitments/{held.pk}/"))
    assert signed_in(cast.alice).get(place).status_code == 404
    Vouch.objects.filter(user=cast.alice).update(ended_at=timezone.now())
    with pytest.raises(Refused):  # nobody vouches for her any more
        take(file((EXACT_LAT, EXACT_LNG), state=NeedState.OPEN), cast.alice)
    assert sight(Who.VOLUNTEER).exact is Exact.NONE
    for number in range(settings.PLACES_PER_DAY):
        more = take(file((EXACT_LAT, EXACT_LNG - number / 100), state=NeedState.OPEN), cast.bob)
        opened = bob.get(f"/api/v1/commitments/{more.pk}/place/").status_code == 200
        assert opened == (number < settings.PLACES_PER_DAY - 1), number


def test_members_see_points_of_their_own_association_and_for_the_hours_of_the_table(
    cast: Cast, seen: Seen, signed_in: SignedIn, settings: Settings
) -> None:
    assert sight(Who.MEMBER).exact is Exact.OWN
    met = seen(EXACT_LAT, EXACT_LNG)
    own, other = signed_in(cast.bob), signed_in(cast.edith)
    assert str(met.id) in own.get("/encounters/").content.decode()
    assert list(Encounter.objects.recent_points(timezone.now()).values_list("pk", flat=True)) == [met.id]
    assert str(met.id) not in other.get("/encounters/").content.decode()
    assert not any(shows_exactly(other.get(each).content.decode()) for each in PAGES)
    Encounter.objects.update(filed_at=timezone.now() - timedelta(hours=settings.EXACT_POINT_HOURS, minutes=1))
    assert not Encounter.objects.recent_points(timezone.now()).exists()


def test_the_map_of_each_role_is_as_old_and_as_fine_as_the_table_says(
    cast: Cast, city: City, told: Callable[..., None], settings: Settings
) -> None:
    told(22)
    fold.fold_outbox()
    publishing.publish_due()
    release_filter.publish_all()
    for who, person in ((Who.VOLUNTEER, cast.alice), (Who.MEMBER, cast.edith), (Who.COORDINATOR, cast.diane)):
        found = reading.read(Viewer(person), city.nord)
        assert (found.detail != "band") is sight(who).numbers, who
        age = timedelta(0)
        if not found.live:
            assert found.release is not None
            age = timezone.now() - found.release.as_of
        delay = sight(who).delay
        assert delay is not None and abs(age - delay) < timedelta(hours=1), who
    release = Release.objects.public().last()
    assert release is not None
    assert sight(Who.PUBLIC).delay == timedelta(days=7) == release.published_at - release.as_of
    levels = set(release.places.values_list("level", flat=True))
    assert levels and max(int(each) for each in levels if each.isdigit()) <= (sight(Who.PUBLIC).cells or 0)
    assert not any(count is not None for count in release.places.values_list("count", flat=True))
    assert not sight(Who.PUBLIC).numbers


@pytest.mark.django_db
def test_the_page_shows_the_table_with_the_numbers_of_the_settings(client: Client, settings: Settings) -> None:
    settings.PLACES_PER_DAY, settings.VOLUNTEER_DELAY_HOURS, settings.EXACT_POINT_HOURS = 7, 31, 53
    page = client.get("/about/").content.decode()
    assert "at most 7 places a day" in page
    assert "31 hours late" in page
    assert "exact places of their own reports for 53 hours" in page
    assert page.count("data-sight=") == len(Who)
    assert "areas of about 0.1 km²" in page and "areas of at least 0.7 km²" in page
    settings.PUBLIC_COUNTS = True
    assert "rounded numbers with noise" in client.get("/about/").content.decode()
