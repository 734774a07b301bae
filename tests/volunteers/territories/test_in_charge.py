"""The person in charge of a territory: shown only if they chose it, with the contact that they wrote."""

from collections.abc import Callable

import pytest
from django.test import Client

from mapping.map.releases.public import publishing
from tests.support import Cast, City, SignedIn
from volunteers.enums import Duty
from volunteers.models import Assignment
from volunteers.places.territories import duties
from volunteers.places.territories.in_charge import in_charge_of

PAGE = "/me/in-charge/ville/"
CONTACT = "nord@maraude.example, 01 99 00 12 34"


def choose(client: Client, shown: bool, contact: str = CONTACT) -> int:
    return client.post(PAGE, {"contact": contact, **({"shown": "on"} if shown else {})}).status_code


def test_a_coordinator_who_chooses_it_is_shown_to_members_volunteers_and_on_the_public_map(
    cast: Cast, signed_in: SignedIn, told: Callable[..., None]
) -> None:
    told(22)
    publishing.publish_due()
    readers = [(signed_in(cast.bob), "/map/t/nord/"), (signed_in(cast.alice), "/map/t/nord/zones/"),
               (Client(), "/map/public/")]  # fmt: skip
    for client, address in readers:
        assert "data-in-charge" not in client.get(address).content.decode()
    diane = signed_in(cast.diane)
    assert PAGE in diane.get("/me/").content.decode()
    assert choose(diane, True) == 302
    for client, address in readers:
        page = client.get(address).content.decode()
        assert CONTACT in page and "Diane" in page, address
        assert cast.diane.email not in page
    assert choose(diane, False) == 302
    for client, address in readers:
        assert CONTACT not in client.get(address).content.decode()
    assert Assignment.objects.get(user=cast.diane).contact == "", "a contact that is not shown is not stored"


def test_only_the_coordinator_of_the_territory_itself_decides(cast: Cast, signed_in: SignedIn) -> None:
    for person in (cast.alice, cast.bob, cast.carol, cast.farid):
        assert signed_in(person).get(PAGE).status_code == 404
        assert choose(signed_in(person), True) == 404
    assert signed_in(cast.diane).get("/me/in-charge/nord/").status_code == 404
    assert not Assignment.objects.filter(shown=True).exists()


@pytest.mark.parametrize("contact", ["", "a\nb", "x" * 201])
def test_a_contact_is_one_short_line(contact: str, cast: Cast, signed_in: SignedIn) -> None:
    assert choose(signed_in(cast.diane), True, contact) == 200
    assert not Assignment.objects.filter(shown=True).exists()


def test_the_nearest_person_in_charge_is_shown_until_their_duty_ends(cast: Cast, city: City) -> None:
    Assignment.objects.filter(user=cast.diane).update(shown=True, contact="whole city")
    near = duties.assign(cast.greta, city.nord, Duty.COORDINATOR, cast.farid)
    Assignment.objects.filter(pk=near.pk).update(shown=True, contact="the north")

    def contacts() -> dict[str, list[str]]:
        found = in_charge_of([city.root, city.nord, city.sud])
        return {each.slug: [person.contact for person in found[each.pk]] for each in (city.root, city.nord, city.sud)}

    assert contacts() == {"ville": ["whole city"], "nord": ["the north"], "sud": ["whole city"]}
    duties.end(near, cast.farid)
    assert contacts()["nord"] == ["whole city"]
    near.refresh_from_db()
    assert (near.shown, near.contact) == (False, "")
    cast.diane.is_active = False
    cast.diane.save()
    assert contacts() == {"ville": [], "nord": [], "sud": []}
