"""The dispatchers' API."""

import json
import logging
from datetime import timedelta
from typing import cast as cast_to

import pytest
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from needs.enums import NeedState
from needs.models import CallAttempt, Merge, NeedLock, NotDuplicate, SavedSearch
from tests.needs.api_cases import NORD, SUD, TokenClient, file
from tests.support import Cast, dispatches
from volunteers.models import AuditEntry
from volunteers.people.audit.recording import digest_of
from volunteers.people.audit.verbs import Verb


@pytest.fixture
def carol(cast: Cast) -> TokenClient:
    return TokenClient(cast.carol)


def ids(answer: HttpResponse) -> list[str]:
    return [row["id"] for row in json.loads(answer.content)["results"]]


def test_the_queue_is_for_dispatchers_only(cast: Cast, carol: TokenClient) -> None:
    need = file(state=NeedState.NEW)
    for user in (cast.alice, cast.bob, cast.diane):
        for path in ("triage/needs/", f"triage/needs/{need.pk}/", "triage/ageing/", "triage/batch/"):
            assert TokenClient(user).ask(path).status_code == 404
    assert TokenClient(cast.alice).send(f"triage/needs/{need.pk}/contact/").status_code == 404
    assert ids(carol.ask("triage/needs/")) == [str(need.pk)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"food", "tent"}),
        ({"kinds": "tent"}, {"tent"}),
        ({"urgency": "now"}, {"tent"}),
        ({"states": "met"}, {"water"}),
        ({"area": "nord"}, {"food"}),
        ({"bbox": "2.33,48.85,2.37,48.862"}, {"tent"}),
        ({"bbox": "-180,-90,180,90"}, {"food", "tent"}),
        ({"newer": 5}, {"food"}),
        ({"older": 5}, {"tent"}),
        ({"channel": "web"}, {"food", "tent"}),
        ({"channel": "open311"}, set()),
        ({"to_call": "true"}, set()),
    ],
)
def test_the_queue_is_filtered_by_place_time_and_kind(
    carol: TokenClient, query: dict[str, str | int], found: set[str]
) -> None:
    file(NORD, state=NeedState.NEW)
    file(SUD, state=NeedState.VERIFIED, kinds=["tent"], urgency="now", hours_ago=9)
    file(NORD, state=NeedState.MET, kinds=["water"])
    rows = carol.ask("triage/needs/", **query).json()["results"]
    assert {row["kinds"][0] for row in rows} == found


def test_the_queue_is_filtered_by_time(carol: TokenClient) -> None:
    old, new = file(hours_ago=30), file(hours_ago=2)
    since = (timezone.now() - timedelta(hours=10)).isoformat()
    assert ids(carol.ask("triage/needs/", since=since)) == [str(new.pk)]
    assert ids(carol.ask("triage/needs/", until=since)) == [str(old.pk)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kinds": "gold"}, "kinds"),
        ({"bbox": "2,48"}, "bbox"),
        ({"bbox": "3,48,2,49"}, "bbox"),
        ({"bbox": "nan,nan,nan,nan"}, "bbox"),
        ({"since": "yesterday"}, "since"),
        ({"newer": "x"}, "newer"),
        ({"area": "atlantis"}, "area"),
        ({"topics": "9" * 40}, "topics"),
    ],
)
def test_an_invalid_parameter_is_named_in_the_readers_language(
    carol: TokenClient, query: dict[str, str], field: str
) -> None:
    answer = carol.get("/api/v1/triage/needs/", query, headers={"Accept-Language": "fr", **_auth(carol)})
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def _auth(client: TokenClient) -> dict[str, str]:
    return {"Authorization": client.defaults["HTTP_AUTHORIZATION"]}


def test_pages_are_contiguous(carol: TokenClient) -> None:
    every = {str(file(hours_ago=n + 1).pk) for n in range(5)}
    first = carol.ask("triage/needs/", limit=3)
    second = cast_to(HttpResponse, carol.get(first.json()["next"]))
    assert first.json()["count"] == 5
    assert set(ids(first)) | set(ids(second)) == every


def test_the_queue_needs_as_many_queries_for_many_needs_as_for_few(
    carol: TokenClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(30):
        file()
    with django_assert_max_num_queries(17):
        assert len(ids(carol.ask("triage/needs/"))) == 30


def test_access_to_an_exact_place_is_logged_without_the_place(
    carol: TokenClient, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    need = file(place_text="behind the bakery", contact="06 12 34 56 78")
    with caplog.at_level(logging.INFO):
        seen = carol.ask(f"triage/needs/{need.pk}/").json()
    assert seen["point"] == {"latitude": NORD[0], "longitude": NORD[1]}
    assert seen["has_contact"]
    assert "contact" not in seen
    entry = AuditEntry.objects.get(verb=Verb.PLACE_SHOWN)
    assert (entry.actor, entry.object, entry.details) == (cast.carol.key, digest_of("need", need.pk), {})
    assert str(NORD[0]) not in caplog.text


def test_access_to_the_contact_is_logged(carol: TokenClient, cast: Cast) -> None:
    need = file(contact="06 12 34 56 78")
    assert carol.send(f"triage/needs/{need.pk}/contact/").json() == {"contact": "06 12 34 56 78"}
    entry = AuditEntry.objects.get(verb=Verb.CONTACT_SHOWN)
    assert (entry.actor, entry.object, entry.details) == (cast.carol.key, digest_of("need", need.pk), {})
    assert carol.send(f"triage/needs/{file().pk}/contact/").status_code == 404


def test_a_need_moves_only_as_the_table_allows(carol: TokenClient) -> None:
    need = file(state=NeedState.NEW)
    path = f"triage/needs/{need.pk}/moves/"
    opened = carol.send(path, {"state": "open", "seen": "new"})
    assert opened.status_code == 200
    assert opened.json()["state"] == "open"
    assert [step["state"] for step in opened.json()["steps"]] == ["new", "open"]
    late = carol.send(path, {"state": "verified", "seen": "new"})
    assert late.status_code == 409
    assert late.json()["code"] == "gone"
    assert carol.send(path, {"state": "verified", "seen": "open"}).json()["code"] == "illegal"
    reasonless = carol.send(path, {"state": "unmet", "seen": "open"})
    assert list(reasonless.json()) == ["reason"]
    closed = carol.send(path, {"state": "unmet", "seen": "open", "reason": "nobody_free"})
    assert closed.json()["state"] == "unmet"
    assert list(carol.send(path, {"state": "duplicate", "seen": "unmet"}).json()) == ["state"]


def test_next_states_are_listed_with_their_reasons(carol: TokenClient) -> None:
    ways = {way["state"]: way["reasons"] for way in carol.ask(f"triage/needs/{file().pk}/").json()["next_states"]}
    assert ways["expired"] == ["too_old"]
    assert "duplicate" not in ways


def test_a_call_is_logged_and_listed_when_due(carol: TokenClient) -> None:
    need = file(contact="06 12 34 56 78")
    said = carol.send(f"triage/needs/{need.pk}/calls/", {"result": "no_answer", "again_in": 3, "note": "busy"})
    assert said.status_code == 201
    assert said.json()["next_at"]
    assert [call["note"] for call in carol.ask(f"triage/needs/{need.pk}/calls/").json()] == ["busy"]
    CallAttempt.objects.update(next_at=timezone.now())
    assert ids(carol.ask("triage/needs/", to_call="true")) == [str(need.pk)]


def test_duplicates_are_merged_and_the_merge_undone(carol: TokenClient) -> None:
    one, two = (
        file(text="two people under the bridge"),
        file(kinds=["food", "tent"], text="two people under the bridge"),
    )
    [candidate] = carol.ask(f"triage/needs/{one.pk}/duplicates/").json()
    assert candidate["need"]["id"] == str(two.pk)
    merged = carol.send(f"triage/needs/{one.pk}/duplicates/{two.pk}/merge/")
    assert merged.status_code == 201
    one.refresh_from_db()
    assert one.kinds == ["food", "tent"]
    again = carol.send(f"triage/needs/{one.pk}/duplicates/{two.pk}/merge/")
    assert again.status_code == 409
    undone = carol.send(f"triage/merges/{merged.json()['id']}/undo/")
    assert undone.json()["undone_at"]
    one.refresh_from_db()
    assert one.kinds == ["food"]
    assert carol.send(f"triage/merges/{merged.json()['id']}/undo/").json()["code"] == "undone"
    assert Merge.objects.count() == 1
    assert carol.send(f"triage/needs/{one.pk}/duplicates/{two.pk}/apart/").status_code == 204
    assert NotDuplicate.objects.count() == 1
    assert carol.send(f"triage/needs/{one.pk}/duplicates/{one.pk}/apart/").status_code == 400


def test_a_lock_shows_its_holder_and_can_be_taken_over(carol: TokenClient, cast: Cast) -> None:
    dispatches(cast.edith)
    need, edith = file(), TokenClient(cast.edith)
    path = f"triage/needs/{need.pk}/lock/"
    assert carol.send(path, {}).json()["mine"]
    held = edith.send(path, {}).json()
    assert (held["mine"], held["name"]) == (False, "Carol")
    assert edith.send(path, {"over": True}).json()["mine"]
    assert carol.ask("triage/needs/").json()["results"][0]["locked_by"] == "Edith"
    assert edith.send(path, method="delete").status_code == 204
    assert not NeedLock.objects.exists()


def test_a_bulk_step_returns_every_result(carol: TokenClient) -> None:
    one, two = file(state=NeedState.NEW), file(state=NeedState.MET)
    body = {"action": "open", "needs": [{"id": n.pk, "seen": "new"} for n in (one, two)]}
    results = carol.send("triage/bulk/", body).json()
    assert [bool(each["failure"]) for each in results] == [False, True]
    assert list(carol.send("triage/bulk/", {**body, "action": "reject"}).json()) == ["reason"]


def test_waiting_needs_are_listed_by_age_with_what_they_lack(carol: TokenClient) -> None:
    need = file(state=NeedState.NEW)
    type(need).objects.update(filed_at=timezone.now() - timedelta(days=8))
    band = next(band for band in carol.ask("triage/ageing/").json() if band["count"])
    assert band["days"] == 7
    assert band["needs"][0]["missing"] == ["a check"]


def test_searches_are_saved_shared_and_deleted(carol: TokenClient, cast: Cast) -> None:
    body = {"name": "tents", "query": {"kinds": ["tent"], "to_call": True}, "association": cast.maraude.slug}
    made = carol.send("triage/searches/", body)
    assert made.status_code == 201
    assert made.json()["query"] == {"kinds": ["tent"], "to_call": True}
    assert carol.ask("triage/searches/").json()[0]["association"] == cast.maraude.slug
    assert list(carol.send("triage/searches/", {**body, "association": cast.other.slug}).json()) == ["association"]
    assert carol.send(f"triage/searches/{made.json()['id']}/", method="delete").status_code == 204
    assert not SavedSearch.objects.exists()
