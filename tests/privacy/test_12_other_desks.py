"""Attack 12: a dispatcher of Sud tries every URL of a need in Nord. Each URL answers as if the need did not exist."""

import io
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from needs.help.commitments import taking
from needs.help.triage import duplicates
from needs.models import Crisis, Merge, Need, NeedPhoto, NeedSharing
from tests.conftest import sign_in
from tests.needs.api_cases import TokenClient
from tests.needs.conversations.message_cases import said
from tests.needs.crises.crisis_cases import opened
from tests.needs.triage.triage_cases import reported
from tests.privacy.addresses import Route, routes
from tests.privacy.answers import bytes_of
from tests.support import Cast, City, dispatches
from volunteers.models import Assignment, AuditEntry
from volunteers.places.territories import duties

pytestmark = pytest.mark.django_db

IN_NORD, IN_SUD = (48.87031, 2.35017), (48.8550, 2.3500)
WORDS = "behind the blue container"
MISSING = "00000000-0000-4000-8000-000000000000"
OF_A_NEED = {"need", "other", "merge", "photo", "message", "sharing"}
NOT_FOR_DISPATCHERS = ("api/v1/open-needs/", "open/", "open311/")
"""URLs of volunteers and reporters; other attacks request them."""


@dataclass
class Nord:
    """A need of Nord with everything that has an id, and the ids of its parts."""

    need: Need
    ids: dict[str, str]
    event: Crisis


@pytest.fixture
def nord(cast: Cast, city: City) -> Nord:
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    event = opened(cast.diane)
    need, other, kept, gone, taken = (
        reported(IN_NORD, state="open", text="cold", place_text=WORDS, contact="06 12 34 56 78") for _each in range(5)
    )
    Need.objects.update(crisis=event)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    photo = NeedPhoto(need=need)
    photo.image.save("photo.jpg", ContentFile(out.getvalue()))
    held = taking.take(taken, cast.bob)
    message = said("volunteer", "soon", commitment=held, by_phone=True)
    merge = duplicates.merge(kept.pk, gone.pk, cast.carol)
    ids = {
        "need": need.pk, "other": other.pk, "merge": merge.pk, "photo": photo.pk, "message": message.pk, "sharing": MISSING,
    }  # fmt: skip
    return Nord(need, {name: str(key) for name, key in ids.items()}, event)


def doors() -> Iterator[Route]:
    """Yield every route with a need, or a part of a need, as argument."""
    for route in routes():
        if OF_A_NEED & set(route.names) and not route.pattern.startswith(NOT_FOR_DISPATCHERS):
            yield route


def told_apart(client: Client, nord: Nord, within: str = "") -> tuple[list[str], int]:
    """Return the requests to which a missing need gives another answer, and the number of all requests."""
    found, tried = [], 0
    for route in [route for route in doors() if route.pattern.startswith(within)]:
        there = {name: nord.ids.get(name, MISSING) for name in route.names}
        nothing = dict.fromkeys(route.names, MISSING)
        for method in ("GET", "POST", "DELETE") if route.pattern.startswith("api/") else ("GET", "POST"):
            cache.clear()  # rate limits are a separate protection
            one = bytes_of(client, method, route.filled(there), list(there.values()))
            two = bytes_of(client, method, route.filled(nothing), list(nothing.values()))
            tried += 1
            if one != two or one[0] not in (404, 405):
                found.append(f"{method} {route.pattern}: {one[0]}, {two[0]}")
    return found, tried


@pytest.mark.parametrize("way", ["page", "token"])
def test_every_door_answers_as_if_the_need_did_not_exist(way: str, cast: Cast, nord: Nord) -> None:
    client = sign_in(Client(), cast.edith) if way == "page" else TokenClient(cast.edith)
    before = Need.objects.values("pk", "state", "contact").order_by("pk")
    stored = list(before)
    found, tried = told_apart(client, nord, "" if way == "page" else "api/")
    assert found == []
    assert tried >= (60 if way == "page" else 30)
    assert list(before.all()) == stored
    assert Merge.objects.get().undone_at is None


def test_the_own_dispatcher_opens_these_doors(cast: Cast, nord: Nord, signed_in: Any) -> None:
    carol = signed_in(cast.carol)
    for address in (f"/triage/{nord.need.pk}/", f"/photos/{nord.ids['photo']}/", f"/triage/{nord.need.pk}/erase/"):
        assert carol.get(address).status_code == 200, address
    assert TokenClient(cast.carol).ask(f"triage/needs/{nord.need.pk}/").json()["place_text"] == WORDS


def test_steps_for_many_find_nothing_in_another_territory(cast: Cast, nord: Nord, signed_in: Any) -> None:
    absent = uuid.UUID(MISSING)
    edith = TokenClient(cast.edith)
    answers = [
        edith.send("triage/bulk/", {"action": action, "needs": [{"id": key, "seen": "open"}], "reason": reason}).json()
        for action, reason in (("expire", ""), ("reject", "mistake"), ("remind", ""))
        for key in (nord.need.pk, absent)
    ]
    assert len({str(each[0]["failure"]) for each in answers}) == 1
    signed_in(cast.edith).post("/triage/bulk/", {"action": "expire", "need": f"{nord.need.pk}:open"})
    nord.need.refresh_from_db()
    assert nord.need.state == "open"


def test_no_list_of_another_desk_contains_the_need(cast: Cast, nord: Nord, signed_in: Any) -> None:
    own = reported(IN_SUD, state="open", place_text="here")
    Need.objects.filter(pk=own.pk).update(crisis=nord.event)
    edith, token = signed_in(cast.edith), TokenClient(cast.edith)
    pages = [
        "/triage/", "/triage/?lane=own", "/triage/?lane=shared", "/triage/?states=open", "/triage/?aged=1",
        "/triage/?only=messages", f"/crises/{nord.event.slug}/", "/triage/ask/",
    ]  # fmt: skip
    for page in pages:
        answer = edith.get(page)
        text = answer.content.decode()
        assert answer.status_code == 200, page
        assert str(nord.need.pk) not in text, page
        assert WORDS not in text, page
    assert str(own.pk) in edith.get("/triage/").content.decode()
    for path in ("triage/needs/", "triage/ageing/", f"crises/{nord.event.slug}/reports/", "triage/batch/"):
        answer = token.ask(path)
        text = answer.content.decode()
        assert answer.status_code == 200, path
        assert str(nord.need.pk) not in text, path
        assert WORDS not in text, path
    assert nord.need.pk.bytes not in edith.get(f"/crises/{nord.event.slug}/reports/").content


def test_lists_carry_no_exact_place_and_no_words_even_at_the_own_desk(cast: Cast, nord: Nord, signed_in: Any) -> None:
    carol, token = signed_in(cast.carol), TokenClient(cast.carol)
    texts = [
        carol.get("/triage/").content.decode(), carol.get(f"/crises/{nord.event.slug}/").content.decode(),
        token.ask("triage/needs/").content.decode(), token.ask(f"crises/{nord.event.slug}/reports/").content.decode(),
        token.ask(f"triage/needs/{nord.need.pk}/duplicates/").content.decode(),
    ]  # fmt: skip
    for text in texts:
        assert str(nord.need.pk) in text or nord.ids["other"] in text
        assert WORDS not in text
        assert "48.8703" not in text
    assert set(json.loads(texts[2])["results"][0]).isdisjoint({"place_text", "point", "text", "title"})


def test_reading_a_list_is_one_entry_with_filter_and_count(cast: Cast, nord: Nord, signed_in: Any) -> None:
    carol, token = signed_in(cast.carol), TokenClient(cast.carol)
    reads: list[Callable[[], Any]] = [
        lambda: carol.get("/triage/?kinds=food&kinds=tent&newer=24&lane=own"),
        lambda: token.ask("triage/needs/", urgency="soon"),
        lambda: carol.get(f"/crises/{nord.event.slug}/reports/"),
        lambda: token.ask(f"crises/{nord.event.slug}/reports/"),
        lambda: carol.get("/triage/?aged=1"),
    ]
    for read in reads:
        before = AuditEntry.objects.count()
        assert read().status_code == 200
        assert AuditEntry.objects.count() == before + 1
    logged = [entry.details for entry in AuditEntry.objects.filter(verb="list_read").order_by("seq")]
    first, second, third, fourth, _last = logged
    assert first == {"list": "queue", "count": 4, "kinds": "food,tent", "newer": 24, "lane": "own"}
    assert second == {"list": "queue", "count": 4, "urgency": "soon"}
    assert (third["list"], third["count"], fourth["count"]) == ("event_map", 5, 5)


def test_a_duty_that_ends_closes_every_door_at_once(cast: Cast, city: City, nord: Nord, signed_in: Any) -> None:
    dispatches(cast.bob, city.nord)  # Nord still has a dispatcher
    carol = signed_in(cast.carol)
    assert carol.get(f"/triage/{nord.need.pk}/").status_code == 200
    duties.end(Assignment.objects.dispatching().get(user=cast.carol), cast.diane)
    assert carol.get(f"/triage/{nord.need.pk}/").status_code == 404
    assert carol.get("/triage/").status_code == 404
    duties.assign(cast.carol, city.sud, "dispatcher", cast.diane)  # type: ignore[arg-type]
    found, _tried = told_apart(carol, nord)
    assert found == []


def test_help_across_a_border_opens_one_need_and_expires(cast: Cast, city: City, nord: Nord, signed_in: Any) -> None:
    carol, edith = signed_in(cast.carol), signed_in(cast.edith)
    page, other = f"/triage/{nord.need.pk}/", f"/triage/{nord.ids['other']}/"
    assert carol.post(f"{page}share/", {"territory": "sud", "hours": 24}).status_code == 302
    assert edith.get(page).status_code == 200
    assert edith.get(other).status_code == 404
    # A shared need cannot be shared further.
    assert edith.post(f"{page}share/", {"territory": "sud", "hours": 24}).status_code == 404
    sharing = NeedSharing.objects.get()
    assert edith.post(f"{page}share/{sharing.pk}/end/").status_code == 404
    assert carol.post(f"{page}share/{sharing.pk}/end/").status_code == 302
    assert edith.get(page).status_code == 404
    verbs = AuditEntry.objects.filter(verb="need_shared").order_by("seq").values_list("scope", "details")
    assert list(verbs) == [("sud", {"hours": 24}), ("sud", {"ended": True})]
