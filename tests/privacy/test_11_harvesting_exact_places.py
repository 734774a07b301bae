"""Attack 11: a new account sets a base anywhere, takes needs, opens their places and gives them back, in a loop."""

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.gis.geos import Point
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from needs.models import Commitment, HelpOffer, Need, PlaceView, Tour
from solidarity.lib import grid
from tests.conftest import PASSWORD
from tests.needs.exact_places.place_cases import opened_earlier
from tests.repetitions import TEST_ALL
from tests.support import Cast, SignedIn
from volunteers.models import AuditEntry, Membership, Notification, User
from volunteers.people.audit.verbs import Verb

NEEDS = 105  # more than a page of the API's list


@pytest.fixture
def places(cast: Cast) -> list[tuple[float, float]]:
    """The exact points of open needs all over Ville."""
    points = [(48.8515 + number * 0.000217, 2.3313 + (number * 37 % NEEDS) * 0.00036) for number in range(NEEDS)]
    Need.objects.bulk_create(
        Need(
            kinds=["food"], urgency="soon", state="open", at=timezone.now(), content_hash=uuid.uuid4().hex,
            point=Point(lng, lat, srid=4326), cell=grid.cell_of(lat, lng), place_text=f"door {number}",
        )
        for number, (lat, lng) in enumerate(points)
    )  # fmt: skip
    return points


class Attacker:
    """An account that keeps everything it receives."""

    def __init__(self, user: User, client: Client) -> None:
        self.user, self.client, self.text = user, client, ""

    def send(self, method: str, path: str, data: Any = None) -> Any:
        cache.clear()  # the attack has to fail even without rate limits
        if path.startswith("/api/"):
            answer: Any = self.client.generic(method, path, json.dumps(data or {}), content_type="application/json")
        else:
            answer = self.client.generic(method, path, _form(data), content_type="application/x-www-form-urlencoded")
        self.text += answer.content.decode()
        return answer

    def exact(self, places: list[tuple[float, float]]) -> int:
        """Return how many exact places the account received, as points (to a metre) or in words."""
        words = {int(number) for number in re.findall(r'door (\d+)[<"]', self.text)}
        numbers = [round(float(each), 5) for each in re.findall(r"-?\d{1,3}\.\d{4,}", self.text)]
        pairs = {*zip(numbers, numbers[1:], strict=False), *zip(numbers[1:], numbers, strict=False)}
        points = {number for number, (lat, lng) in enumerate(places) if (round(lat, 5), round(lng, 5)) in pairs}
        return len(words | points)


def _form(data: Any) -> str:
    from urllib.parse import urlencode

    return urlencode(data or {}, doseq=True)


def keys(attacker: Attacker) -> Iterator[uuid.UUID]:
    """The needs in the attacker's list."""
    for offset in range(0, NEEDS, 100):
        for row in attacker.send("GET", f"/api/v1/open-needs/?limit=100&offset={offset}").json()["results"]:
            yield uuid.UUID(row["id"])


def harvest(attacker: Attacker, reason: str, *, waits: bool = False) -> None:
    """Take, look and give back, through the pages and the API in turn, for far more needs than any budget allows. waits:
    whether the attacker waits two minutes before each give-back."""
    for number, need in enumerate(list(keys(attacker))[:: 1 if TEST_ALL else 5]):
        page = number % 2 == 0
        if page:
            attacker.send("POST", f"/open/{need}/", {"kinds": ["food"], "safe": "on"})
        else:
            attacker.send("POST", f"/api/v1/open-needs/{need}/take/", {"safe": True})
        held = Commitment.objects.active().filter(need=need, volunteer=attacker.user).first()
        key = held.pk if held else uuid.uuid4()
        attacker.send("GET", f"/commitments/{key}/place/")
        attacker.send("GET", f"/api/v1/commitments/{key}/place/")
        attacker.send("GET", f"/commitments/{key}/")
        if waits:
            opened_earlier()
        if page:
            attacker.send("POST", f"/commitments/{key}/give-back/", {"reason": reason})
        else:
            attacker.send("POST", f"/api/v1/commitments/{key}/withdraw/", {"reason": reason})


def test_a_new_account_gets_no_exact_place(cast: Cast, places: list[tuple[float, float]]) -> None:
    user = User.objects.create_user("new@attack.example", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client = Client()
    client.force_login(user)
    attacker = Attacker(user, client)
    base = {"latitude": "48.8625", "longitude": "2.35", "radius": "20000", "most": "3", "times-TOTAL_FORMS": "0",
            "times-INITIAL_FORMS": "0"}  # fmt: skip
    assert attacker.send("POST", "/me/offer/", base).status_code == 302
    assert len(list(keys(attacker))) == NEEDS
    harvest(attacker, "too_far")
    assert (attacker.exact(places), Commitment.objects.count(), PlaceView.objects.count()) == (0, 0, 0)


def test_offers_of_help_give_no_exact_place(cast: Cast, places: list[tuple[float, float]], signed_in: SignedIn) -> None:
    from volunteers.people.availability import offers

    offers.store(cast.greta, offers.Availability(base=(48.8625, 2.35)))
    attacker = Attacker(cast.greta, signed_in(cast.greta))
    for need in list(keys(attacker))[:20]:
        attacker.send("POST", f"/api/v1/open-needs/{need}/offer/", {"safe": True})
        attacker.send("GET", f"/open/{need}/")
        attacker.send("GET", f"/api/v1/open-needs/{need}/")
    attacker.send("GET", "/api/v1/offers/")
    assert attacker.exact(places) == 0
    assert HelpOffer.objects.count() == 5  # the maximum number of waiting offers


def test_a_vouched_person_who_gives_back_gets_two_places_a_day(
    cast: Cast, places: list[tuple[float, float]], signed_in: SignedIn
) -> None:
    attacker = Attacker(cast.alice, signed_in(cast.alice))
    harvest(attacker, "too_far")
    assert attacker.exact(places) == 2 == PlaceView.objects.count()
    assert AuditEntry.objects.filter(verb=Verb.TAKING_PAUSED).count() == 1
    assert Notification.objects.filter(user=cast.carol, topic="desk").count() == 1


def test_a_vouched_person_who_claims_visits_within_seconds_gets_two_places_a_day(
    cast: Cast, places: list[tuple[float, float]], signed_in: SignedIn
) -> None:
    attacker = Attacker(cast.alice, signed_in(cast.alice))
    harvest(attacker, "not_found")
    assert attacker.exact(places) == 2 == PlaceView.objects.count()


def test_a_vouched_person_who_claims_visits_slowly_gets_the_budget(
    cast: Cast, places: list[tuple[float, float]], signed_in: SignedIn, settings: Settings
) -> None:
    attacker = Attacker(cast.alice, signed_in(cast.alice))
    harvest(attacker, "not_found", waits=True)
    assert attacker.exact(places) == settings.PLACES_PER_DAY
    assert AuditEntry.objects.filter(verb=Verb.MANY_PLACES).count() == 1
    assert AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN).count() >= settings.PLACES_PER_DAY
    assert Notification.objects.filter(user=cast.carol, topic="desk").count() == 1


def test_a_member_who_starts_tours_gets_the_budget_of_one_tour_more(
    cast: Cast, places: list[tuple[float, float]], signed_in: SignedIn, settings: Settings
) -> None:
    settings.PLACES_PER_TOUR = 8
    attacker = Attacker(cast.bob, signed_in(cast.bob))
    for need in list(keys(attacker))[: 40 if TEST_ALL else 20]:
        Tour.objects.filter(ended_at=None).update(ended_at=timezone.now())
        attacker.send("POST", "/tours/start/", {"association": cast.maraude.pk, "mode": "foot", "walkers": "2"})
        attacker.send("POST", f"/api/v1/open-needs/{need}/take/", {"safe": True})
        held = Commitment.objects.active().filter(need=need, volunteer=cast.bob).first()
        if held:
            attacker.send("GET", f"/api/v1/commitments/{held.pk}/place/")
            opened_earlier()
            attacker.send("POST", f"/api/v1/commitments/{held.pk}/withdraw/", {"reason": "not_found"})
    assert settings.PLACES_PER_DAY <= attacker.exact(places) <= settings.PLACES_PER_DAY + settings.PLACES_PER_TOUR


@pytest.mark.parametrize("end", ["give back", "vouch", "membership", "retract"])
def test_what_was_open_closes_at_once_in_pages_api_and_caches(
    cast: Cast, places: list[tuple[float, float]], signed_in: SignedIn, end: str
) -> None:
    user = cast.bob if end == "membership" else cast.alice
    attacker = Attacker(user, signed_in(user))
    need = next(keys(attacker))
    made = attacker.send("POST", f"/api/v1/open-needs/{need}/take/", {"safe": True}).json()["id"]
    doors = (f"/commitments/{made}/place/", f"/api/v1/commitments/{made}/place/")
    for door in doors:
        answer = attacker.send("GET", door)
        assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert attacker.exact(places) == 1
    if end == "give back":
        attacker.send("POST", f"/commitments/{made}/give-back/", {"reason": "not_found"})
    elif end == "vouch":
        from volunteers.models import Vouch
        from volunteers.people.vouching import vouching

        vouching.end(Vouch.objects.get(user=user), cast.carol)
    elif end == "membership":
        from volunteers.people.associations import membership

        membership.remove(Membership.objects.get(user=user), cast.carol)
        attacker.client.force_login(user)
    else:
        Need.objects.filter(pk=need).update(retracted_at=timezone.now())
    attacker.text = ""
    for door in (*doors, f"/commitments/{made}/", f"/api/v1/commitments/{made}/", "/commitments/", f"/open/{need}/"):
        attacker.send("GET", door)
    assert attacker.exact(places) == 0
    assert [attacker.send("GET", door).status_code for door in doors] == [404, 404]


def test_a_phone_is_never_told_to_store_a_page_with_a_place(cast: Cast, signed_in: SignedIn) -> None:
    for who in (cast.alice, cast.bob):
        client = signed_in(who)
        stored = [*client.get("/queue/hello/").json()["pages"], *client.get("/map/kept.json").json()["pages"]]
        assert stored
        assert [path for path in stored if path.startswith(("/commitments", "/open", "/triage"))] == []


def test_pages_that_show_places_are_throttled_with_the_api(cast: Cast, signed_in: SignedIn, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "account": "5/min"}
    client = signed_in(cast.alice)
    paths = ["/open/", "/api/v1/open-needs/"] * 2 + ["/open/"] * 2 + ["/api/v1/open-needs/"]
    answers = [client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert int(answers[5]["Retry-After"]) > 0
