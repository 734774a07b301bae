"""The list of people and their access: the people whom a coordinator sees, and the data about them."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from tests.support import Cast, City, SignedIn, dispatches
from volunteers.enums import Duty
from volunteers.models import Assignment, Membership, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.tokens import tokens
from volunteers.site.people import people_list

pytestmark = pytest.mark.django_db

PEOPLE = "/people/"


def coordinator_of_sud(city: City) -> User:
    ines = User.objects.create_user("ines@example.org", "x", display_name="Ines")
    Assignment.objects.create(user=ines, territory=city.sud, duty=Duty.COORDINATOR, purpose="-")
    return ines


def seen_by(user: User) -> set[str]:
    return {person.display_name for person in people_list.people_visible_to(Viewer(user))}


def names_on(client: Client, **query: str) -> list[str]:
    page = client.get(PEOPLE, query).content.decode()
    return re.findall(r'href="/people/[0-9a-f-]{36}/">([^<]+)</a>', page)


def test_a_coordinator_sees_duties_of_their_territories_and_members_of_associations_that_dispatch_there(
    cast: Cast,
) -> None:
    assert seen_by(cast.diane) == {"Alice", "Bob", "Carol", "Diane"}


def test_an_administrator_sees_everybody(cast: Cast) -> None:
    assert seen_by(cast.farid) == {"Alice", "Bob", "Carol", "Diane", "Edith", "Farid", "Greta"}


def test_nobody_else_sees_anybody(cast: Cast, signed_in: SignedIn) -> None:
    for user in (cast.alice, cast.bob, cast.carol, cast.edith, cast.greta):
        assert seen_by(user) == set()
        assert signed_in(user).get(PEOPLE).status_code == 404


def test_a_coordinator_of_another_territory_cannot_enumerate_people(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    dispatches(cast.carol, city.nord)
    ines = coordinator_of_sud(city)
    assert seen_by(ines) == {"Ines", "Diane"}  # Diane coordinates above
    client = signed_in(ines)
    for person in (cast.alice, cast.bob, cast.carol, cast.edith, cast.greta, cast.farid):
        assert client.get(f"{PEOPLE}{person.key}/").status_code == 404
        assert client.get(f"{PEOPLE}{person.key}/block/").status_code == 404
        assert client.post(f"{PEOPLE}{person.key}/unblock/").status_code == 404
        for said in (person.email, person.display_name):
            found = client.post(PEOPLE, {"said": said}).content.decode()
            assert str(person.key) not in found
    assert client.get(f"{PEOPLE}00000000-0000-4000-8000-000000000000/").status_code == 404


def test_a_duty_of_another_territory_is_not_shown(cast: Cast, city: City, signed_in: SignedIn) -> None:
    dispatches(cast.carol, city.nord)
    Assignment.objects.create(user=cast.alice, territory=city.sud, duty=Duty.VOLUNTEER)
    page = signed_in(coordinator_of_sud(city)).get(f"{PEOPLE}{cast.alice.key}/").content.decode()
    assert "Sud" in page
    assert "Nord" not in page.replace("Maraude du Nord", "")


def test_the_page_of_a_person_says_which_access_they_have_until_when(cast: Cast, signed_in: SignedIn) -> None:
    User.objects.filter(pk=cast.carol.pk).update(last_login=timezone.now().replace(year=2026, month=3, day=4, hour=12))
    tokens.make(cast.carol, "t", writes=True, days=30)
    until = timezone.localtime(timezone.now() + timedelta(days=30))
    Assignment.objects.filter(user=cast.carol).update(until=until + timedelta(days=9))
    page = " ".join(signed_in(cast.diane).get(f"{PEOPLE}{cast.carol.key}/").content.decode().split())
    assert "Dispatcher · Ville" in page
    assert f"until {date_format(until + timedelta(days=9))}" in page
    assert "Maraude du Nord" in page
    assert f"valid until {date_format(until)}" in page
    assert "4 Mar 2026" in page
    assert "missing" in page  # the second factor that a dispatcher needs
    Authenticator.objects.create(user=cast.carol, type="totp", data={"secret": "x"})
    assert "missing" not in signed_in(cast.diane).get(f"{PEOPLE}{cast.carol.key}/").content.decode()


def test_a_vouch_is_shown(cast: Cast, signed_in: SignedIn) -> None:
    assert "vouches for this person" in signed_in(cast.diane).get(f"{PEOPLE}{cast.alice.key}/").content.decode()


@pytest.mark.parametrize(
    ("show", "names"),
    [
        ("coordinators", ["Diane"]),
        ("dispatchers", ["Carol"]),
        ("volunteers", ["Alice"]),
        ("members", ["Bob", "Carol"]),
        ("no_factor", ["Carol", "Diane"]),
        ("blocked", []),
        ("no-such-part", ["Alice", "Bob", "Carol", "Diane"]),
    ],
)
def test_the_list_has_parts(show: str, names: list[str], cast: Cast, signed_in: SignedIn) -> None:
    assert names_on(signed_in(cast.diane), show=show) == names


def test_a_search_is_posted_because_a_name_must_not_be_in_an_address(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    page = client.post(PEOPLE, {"said": "ali"}).content.decode()
    assert str(cast.alice.key) in page
    assert str(cast.bob.key) not in page
    assert names_on(client, said="ali") == ["Alice", "Bob", "Carol", "Diane"]


def test_the_number_of_queries_does_not_grow_with_the_list(
    cast: Cast, city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        user = User.objects.create_user(f"v{number}@example.org", "x")
        Assignment.objects.create(user=user, territory=city.nord, duty=Duty.VOLUNTEER)
        Membership.objects.create(user=user, association=cast.maraude)
    viewer = Viewer(cast.diane)
    people = list(people_list.select(people_list.people_visible_to(viewer), viewer, "all"))
    assert len(people) == 34
    with django_assert_max_num_queries(5):
        rows = people_list.access_of(people, viewer)
    assert [row.person for row in rows] == people
