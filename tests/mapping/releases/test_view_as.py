"""View as: the release filter gives a coordinator the same data as a volunteer or the public."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter
from mapping.map.releases.public import publishing
from mapping.models import Zone
from tests.support import Cast, City, Seen, SignedIn
from volunteers.people.accounts.viewer import Viewer


@pytest.fixture
def published(cast: Cast, city: City, seen: Seen) -> City:
    for step in range(6):
        seen(lat=48.8655 + step * 0.0012, lng=2.335 + step * 0.005, persons=step * 3, minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    for step in range(8):
        seen(lat=48.8655 + step * 0.0008, lng=2.337 + step * 0.002, persons=20, minutes=60, hours_ago=1)
    fold.fold_outbox()
    publishing.publish_due()
    return city


TILE = (12, 2074, 1409)


def look(client: Client, audience: str) -> Any:
    return client.post(reverse("mapping:view_as"), {"as": audience})


def facts(client: Client, address: str) -> str:
    """Return a page's own content, without navigation, banner and tokens."""
    text = client.get(address).content.decode()
    main = text[text.index("<main") : text.index("</main>")]
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"[^"]*"', r"\1", main)


@pytest.mark.parametrize("who", ["diane", "farid"])
def test_a_coordinator_sees_what_a_volunteer_sees(who: str, published: City, cast: Cast, signed_in: SignedIn) -> None:
    volunteer, client = signed_in(cast.alice), signed_in(getattr(cast, who))
    look(client, "volunteer")
    zone = release_filter.zones_for(Viewer(cast.alice), published.nord).first()
    assert zone is not None
    addresses = [
        reverse("mapping:map", args=["nord"]),
        reverse("mapping:zone", args=["nord", zone.key]),
        reverse("mapping:why", args=["nord", zone.key]),
        reverse("mapping:boundaries", args=["nord"]),
    ]
    for address in addresses[:3]:
        assert facts(client, address) == facts(volunteer, address)
    tile = reverse("mapping:tile", args=["nord", *TILE])
    assert client.get(tile).content == volunteer.get(tile).content
    assert 'data-view-as="volunteer"' in client.get(addresses[0]).content.decode()
    for closed in (
        reverse("mapping:dashboard", args=["nord"]),
        reverse("mapping:reports"),
        reverse("mapping:tonight", args=["nord"]),
    ):
        assert client.get(closed).status_code == volunteer.get(closed).status_code == 404


def test_a_coordinator_who_is_a_member_too_looks_as_a_mere_volunteer(
    published: City, cast: Cast, signed_in: SignedIn
) -> None:
    from volunteers.models import Membership

    Membership.objects.create(user=cast.diane, association=cast.maraude)
    client = signed_in(cast.diane)
    look(client, "volunteer")
    address = reverse("mapping:map", args=["nord"])
    assert facts(client, address) == facts(signed_in(cast.alice), address)
    assert client.get(reverse("mapping:recurring", args=["nord"])).status_code == 404


def test_a_coordinator_sees_what_the_public_sees(
    published: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    coordinator = signed_in(cast.diane)
    zone = Zone.objects.live().first()
    assert zone is not None
    assert look(coordinator, "public")["Location"] == reverse("mapping:public")
    assert facts(coordinator, reverse("mapping:public")) == facts(client, reverse("mapping:public"))
    assert coordinator.get(reverse("mapping:map"))["Location"] == reverse("mapping:public")
    for address in (
        reverse("mapping:map", args=["nord"]),
        reverse("mapping:zones", args=["nord"]),
        reverse("mapping:zone", args=["nord", zone.key]),
        reverse("mapping:why", args=["nord", zone.key]),
        reverse("mapping:tile", args=["nord", *TILE]),
        reverse("mapping:dashboard", args=["nord"]),
        reverse("mapping:reports"),
    ):
        assert coordinator.get(address).status_code == 404
    assert 'data-view-as="public"' in coordinator.get(reverse("mapping:public")).content.decode()


def test_there_is_a_way_back_from_every_page(published: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    live = facts(client, reverse("mapping:map", args=["nord"]))
    look(client, "public")
    missing = client.get(reverse("mapping:dashboard", args=["nord"]))
    assert reverse("mapping:view_as") in missing.content.decode()
    look(client, "")
    assert "data-view-as" not in client.get(reverse("mapping:map", args=["nord"])).content.decode()
    import re

    without = [
        re.sub(r"[A-Za-z0-9]{64}", "", text) for text in (live, facts(client, reverse("mapping:map", args=["nord"])))
    ]
    assert without[0] == without[1]


@pytest.mark.parametrize("who", ["alice", "bob", "greta"])
def test_nobody_else_may_look_as_somebody(who: str, published: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(getattr(cast, who))
    assert look(client, "volunteer").status_code == 404
    session = client.session
    session["view_as"] = "volunteer"
    session.save()
    assert "data-view-as" not in client.get("/").content.decode()


def test_looking_as_a_volunteer_does_not_relax_the_second_factor(
    published: City, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.MFA_REQUIRED = True
    client = signed_in(cast.diane)
    session = client.session
    session["view_as"] = "volunteer"
    session.save()
    assert client.get(reverse("mapping:map", args=["nord"])).status_code == 302
