"""The volunteers' API: open needs, proposals, commitments, offers, alerts."""

import pytest
from pytest_django import DjangoAssertNumQueries

from needs.help.commitments.taking import take
from needs.models import Commitment, Feedback, HandOver
from tests.needs.api_cases import NORD, SUD, TokenClient, file
from tests.support import Cast
from volunteers.models import NotificationSettings, Profile
from volunteers.people.availability import offers
from volunteers.people.availability.offers import Availability


@pytest.fixture
def alice(cast: Cast) -> TokenClient:
    return TokenClient(cast.alice)


@pytest.fixture
def bob(cast: Cast) -> TokenClient:
    return TokenClient(cast.bob)


def test_before_taking_the_api_shows_no_point_text_or_contact(alice: TokenClient) -> None:
    need = file(text="a man with a dog", place_text="behind the bakery", contact="06 12 34 56 78", persons=7)
    listed, one = alice.ask("open-needs/"), alice.ask(f"open-needs/{need.pk}/")
    assert listed.json()["results"] == [one.json()]
    assert set(one.json()) == {"id", "kinds", "urgency", "persons", "cell", "distance", "at", "district"}
    assert one.json()["district"] == ""  # empty, because the cell is more exact
    assert one.json()["persons"] == "several"
    for answer in (listed, one):
        text = answer.content.decode()
        for secret in (str(NORD[0]), str(NORD[1]), "bakery", "dog", "06 12"):
            assert secret not in text


def test_volunteers_get_their_territory_and_members_everything(
    alice: TokenClient, bob: TokenClient, cast: Cast
) -> None:
    here, there = file(NORD), file(SUD)
    assert [row["id"] for row in alice.ask("open-needs/").json()["results"]] == [str(here.pk)]
    assert alice.ask(f"open-needs/{there.pk}/").status_code == 404
    assert alice.send(f"open-needs/{there.pk}/take/", {"safe": True}).status_code == 404
    assert bob.ask("open-needs/").json()["count"] == 2
    assert TokenClient(cast.greta).ask("open-needs/").json()["count"] == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kinds": ["tent", "water"]}, {"tent"}),
        ({"urgency": "now"}, {"tent"}),
        ({"area": "sud"}, {"tent"}),
        ({"bbox": "2.33,48.8625,2.37,48.875"}, {"food"}),
        ({"older": 6}, {"tent"}),
        ({"newer": 6}, {"food"}),
        ({"within": 500}, {"food"}),
    ],
)
def test_open_needs_are_filtered(bob: TokenClient, cast: Cast, query: dict[str, str], found: set[str]) -> None:
    offers.store(cast.bob, Availability(base=NORD))
    file(NORD)
    file(SUD, kinds=["tent"], urgency="now", hours_ago=9)
    assert {row["kinds"][0] for row in bob.ask("open-needs/", **query).json()["results"]} == found


def test_open_needs_need_as_many_queries_for_many_as_for_few(
    bob: TokenClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(30):
        file()
    with django_assert_max_num_queries(10):
        assert len(bob.ask("open-needs/").json()["results"]) == 30


def test_the_holder_gets_the_place_while_they_hold_it(alice: TokenClient, bob: TokenClient) -> None:
    need = file(text="a man with a dog", place_text="behind the bakery", contact="06 12 34 56 78")
    taken = alice.send(f"open-needs/{need.pk}/take/", {"safe": True})
    assert taken.status_code == 201
    own = f"commitments/{taken.json()['id']}/"
    seen = alice.ask(own + "place/").json()
    assert seen["place"] == {"latitude": NORD[0], "longitude": NORD[1]}
    assert seen["place_text"] == "behind the bakery"
    assert "contact" not in seen
    assert bob.ask(own + "place/").status_code == 404
    assert bob.ask(own).status_code == 404
    assert alice.send(own + "withdraw/", {"reason": "too_far"}).json()["state"] == "withdrawn"
    assert alice.ask(own + "place/").status_code == 404


def test_taking_requires_the_rules_of_safety(alice: TokenClient) -> None:
    need = file()
    for body in ({"safe": False}, {}):
        refused = alice.send(f"open-needs/{need.pk}/take/", body)
        assert refused.status_code == 400
        assert list(refused.json()) == ["safe"]
    assert not Commitment.objects.exists()


def test_the_second_taker_gets_what_is_left(alice: TokenClient, bob: TokenClient, cast: Cast) -> None:
    need = file(kinds=["food", "tent"])
    take(need, cast.bob, kinds=["food"])
    refused = alice.send(f"open-needs/{need.pk}/take/", {"safe": True, "kinds": ["food"]})
    assert refused.status_code == 409
    assert refused.json()["code"] == "taken"
    assert refused.json()["left"] == ["tent"]
    part = alice.send(f"open-needs/{need.pk}/take/", {"safe": True, "kinds": ["tent"]})
    assert [each["kind"] for each in part.json()["parts"]] == ["tent"]
    other = alice.send(f"open-needs/{file().pk}/take/", {"safe": True, "association": cast.maraude.slug})
    assert list(other.json()) == ["association"]


def test_a_commitment_is_extended_done_and_gets_feedback(alice: TokenClient) -> None:
    own = f"commitments/{alice.send(f'open-needs/{file().pk}/take/', {'safe': True}).json()['id']}/"
    before = alice.ask(own).json()
    after = alice.send(own + "extend/").json()
    assert after["expires_at"] > before["expires_at"]
    assert after["extensions_left"] == before["extensions_left"] - 1
    assert alice.send(own + "feedback/", {"went": "well"}).json()["code"] == "too_early"
    thread = f"conversations/commitment/{before['id']}/messages/"
    assert alice.send(thread, {"text": "I come at eight."}).status_code == 201
    assert [each["text"] for each in alice.ask(thread).json()] == ["I come at eight."]
    assert alice.send(own + "done/", {}).json()["state"] == "done"
    assert alice.send(own + "done/", {}).status_code == 409
    assert alice.send(own + "feedback/", {"went": "well"}).status_code == 204
    assert alice.send(own + "feedback/", {"went": "badly"}).status_code == 409
    assert Feedback.objects.get().went == "well"
    assert alice.ask("commitments/", state="done").json()["count"] == 1
    assert list(alice.ask("commitments/", state="gone").json()) == ["state"]


def test_a_need_is_handed_over_when_its_holder_accepts(alice: TokenClient, bob: TokenClient, cast: Cast) -> None:
    need = file()
    own = take(need, cast.bob)
    assert alice.ask(f"open-needs/{need.pk}/commitments/").json()[0]["id"] == str(own.pk)
    asked = alice.send(f"commitments/{own.pk}/ask/", {"safe": True, "message": "I am next door"})
    assert asked.status_code == 201
    assert not asked.json()["mine_to_decide"]
    [waiting] = bob.ask("hand-overs/").json()
    assert waiting["mine_to_decide"]
    assert alice.send(f"hand-overs/{waiting['id']}/answer/", {"accept": True, "safe": True}).status_code == 404
    assert bob.send(f"hand-overs/{waiting['id']}/answer/", {"accept": True}).json()["answer"] == "accepted"
    assert Commitment.objects.active().get().volunteer == cast.alice


def test_a_holder_offers_a_need_to_a_fellow_member(bob: TokenClient, cast: Cast) -> None:
    own = take(file(), cast.bob)
    [mate] = bob.ask("mates/").json()
    assert mate == {"key": str(cast.carol.key), "name": "Carol"}
    assert list(bob.send(f"commitments/{own.pk}/offer/", {"to": cast.edith.key}).json()) == ["to"]
    assert bob.send(f"commitments/{own.pk}/offer/", {"to": mate["key"]}).status_code == 201
    assert HandOver.objects.get().to == cast.carol


def test_an_association_gets_commitments_of_its_members_without_places(cast: Cast) -> None:
    take(file(), cast.bob, association=cast.maraude)
    [row] = TokenClient(cast.carol).ask("commitments/association/").json()["results"]
    assert row["name"] == "Bob"
    assert not {"cell", "place", "point"} & set(row)
    assert TokenClient(cast.alice).ask("commitments/association/").status_code == 404


def test_an_offer_is_stored_with_the_middle_of_its_cell(alice: TokenClient, cast: Cast) -> None:
    assert alice.ask("profile/").json()["base"] is None
    windows = [{"weekday": 4, "start": "22:00", "end": "02:00"}]
    body = {
        "base": {"latitude": 48.86612345, "longitude": 2.35012345}, "radius": 2000, "skills": ["driving"],
        "languages": ["fr"], "windows": windows,
    }  # fmt: skip
    kept = alice.send("profile/", body, "put").json()
    assert kept["base"] != body["base"]
    assert abs(kept["base"]["latitude"] - 48.866) < 0.005
    assert kept["windows"] == windows
    assert Profile.objects.get(user=cast.alice).radius == 2000
    overlap = {**body, "windows": [*windows, {"weekday": 5, "start": "01:00", "end": "03:00"}]}
    assert list(alice.send("profile/", overlap, "put").json()) == ["windows"]
    assert list(alice.send("profile/", {**body, "radius": 7}, "put").json()) == ["radius"]


def test_notification_channels_are_chosen(alice: TokenClient, cast: Cast) -> None:
    now = alice.ask("notifications/settings/").json()
    assert "triage" not in now["topics"]
    body = {
        "wanted": {"proposal": [], "alert": ["email"]},
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "language": "fr",
    }
    kept = alice.send("notifications/settings/", body, "put").json()
    assert kept["wanted"]["alert"] == ["email"]
    assert kept["wanted"]["proposal"] == []
    assert NotificationSettings.objects.get(user=cast.alice).language == "fr"
    assert list(alice.send("notifications/settings/", {**body, "quiet_until": None}, "put").json()) == ["quiet_until"]
    assert list(alice.send("notifications/settings/", {**body, "wanted": {"triage": []}}, "put").json()) == ["wanted"]
    assert alice.ask("notifications/").json() == []


def test_areas_are_those_that_the_reader_may_see(alice: TokenClient, bob: TokenClient) -> None:
    assert [area["slug"] for area in alice.ask("areas/").json()] == ["nord"]
    assert {area["slug"] for area in bob.ask("areas/").json()} == {"nord", "sud", "ville"}


def test_people_get_their_own_roles(bob: TokenClient, cast: Cast) -> None:
    said = bob.ask("me/").json()
    assert said["memberships"] == [{"association": cast.maraude.slug, "name": cast.maraude.name, "role": "member"}]
