"""The person in charge of an event, and handing the event over."""

from functools import partial

import pytest
from django.test import Client

from needs.base.event_rights import person_in_charge
from needs.models import Crisis
from tests.support import Cast, City, SignedIn
from tests.together import together
from volunteers.enums import Duty
from volunteers.models import Assignment, AuditEntry, Notification, Territory, User

pytestmark = pytest.mark.django_db


def coordinator(name: str, territory: Territory) -> User:
    made = User.objects.create_user(f"{name}@example.org", "-", display_name=name.title())
    Assignment.objects.create(user=made, territory=territory, duty=Duty.COORDINATOR, purpose="-")
    return made


@pytest.fixture
def ines(city: City) -> User:
    """Ines coordinates Nord, where the event is."""
    return coordinator("ines", city.nord)


@pytest.fixture
def diane(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.diane)


def now_in_charge(crisis: Crisis) -> User | None:
    crisis.refresh_from_db()
    return person_in_charge.person_in_charge(crisis)


def test_an_event_is_handed_over_once_the_other_coordinator_accepts(
    crisis: Crisis, cast: Cast, ines: User, diane: Client, signed_in: SignedIn
) -> None:
    address = f"/map/crises/{crisis.slug}/hand-over/"
    hers = signed_in(ines)
    assert now_in_charge(crisis) == cast.diane
    diane.post(address, {"to": str(ines.key)})
    assert now_in_charge(crisis) == cast.diane
    assert Notification.objects.get(key__startswith="crisis-hand-over:").user == ines
    assert crisis.name in hers.get("/").content.decode()
    hers.post(f"{address}answer/", {"answer": "decline"})
    assert now_in_charge(crisis) == cast.diane
    hers.post(f"{address}answer/", {"answer": "accept"})  # the request is over
    assert now_in_charge(crisis) == cast.diane
    diane.post(address, {"to": str(ines.key)})
    hers.post(f"{address}answer/", {"answer": "accept"})
    assert now_in_charge(crisis) == ines
    assert AuditEntry.objects.filter(verb="crisis_handed").count() == 1
    diane.post(address, {"to": str(cast.diane.key)})  # she can no longer hand it over
    diane.post(f"/map/crises/{crisis.slug}/take-charge/")
    assert now_in_charge(crisis) == ines


def test_only_coordinators_of_the_event_can_be_asked_and_only_the_person_asked_answers(
    crisis: Crisis, city: City, cast: Cast, ines: User, diane: Client, signed_in: SignedIn
) -> None:
    elsewhere, address = coordinator("paul", city.sud), f"/map/crises/{crisis.slug}/hand-over/"
    for other in (elsewhere, cast.carol):
        diane.post(address, {"to": str(other.key)})
    assert not crisis.hand_overs.exists()
    signed_in(ines).post(address, {"to": str(ines.key)})
    assert not crisis.hand_overs.exists()
    diane.post(address, {"to": str(ines.key)})
    diane.post(f"{address}answer/", {"answer": "accept"})
    assert signed_in(elsewhere).post(f"{address}answer/", {"answer": "accept"}).status_code == 404
    assert now_in_charge(crisis) == cast.diane


def test_when_the_person_in_charge_has_left_another_coordinator_takes_charge_and_only_one_does(
    crisis: Crisis, cast: Cast, ines: User, signed_in: SignedIn
) -> None:
    Assignment.objects.filter(user=cast.diane).delete()
    assert now_in_charge(crisis) is None
    hers = signed_in(ines)
    assert "An event needs somebody in charge" in hers.get("/", headers={"accept-language": "en"}).content.decode()
    hers.post(f"/map/crises/{crisis.slug}/take-charge/")
    assert now_in_charge(crisis) == ines


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_take_charge_at_once_one_is_in_charge(crisis: Crisis, city: City, cast: Cast) -> None:
    Crisis.objects.filter(pk=crisis.pk).update(in_charge=None)
    people = [coordinator(name, city.nord) for name in ("ines", "jean", "kim")]

    def take(person: User) -> bool:
        try:
            person_in_charge.take(crisis, person)
        except person_in_charge.NotInCharge:
            return False
        return True

    assert sorted(together([partial(take, person) for person in people])) == [False, False, True]
    assert AuditEntry.objects.filter(verb="crisis_handed").count() == 1
