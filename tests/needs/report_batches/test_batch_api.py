"""POST /api/v1/reports/batch/: every report is filed, or refused, for itself, with the rules of single filing."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from rest_framework.exceptions import ValidationError

from mapping.models import CellTouch
from needs import signals
from needs.crises.api import CrisisReportSerializer
from needs.doors.report_batches import batch_api
from needs.models import DangerAlarm, Encounter, Need, NeedStep, TourCell
from needs.reports import filing, intake
from needs.reports.serializers import NeedSerializer
from solidarity.lib import rate_counters
from tests.needs.api_cases import TokenClient
from tests.needs.crises.crisis_cases import opened
from tests.support import Cast, City, SignedIn
from volunteers.people.api.throttling import AccountReports, AnonymousReports

BATCH = "/api/v1/reports/batch/"


def met(**changes: Any) -> dict[str, Any]:
    body = {"kind": "encounter", "id": str(uuid.uuid4()), "latitude": 48.866, "longitude": 2.35, "persons": 2}
    return body | {"given": ["food"]} | changes


def needed(**changes: Any) -> dict[str, Any]:
    body = {"kind": "need", "id": str(uuid.uuid4()), "latitude": 48.866, "longitude": 2.35, "kinds": ["food"]}
    return body | changes


def send(client: Client, *reports: Any) -> Any:
    return client.post(BATCH, json.dumps({"reports": reports}), content_type="application/json")


def statuses(answer: Any) -> list[int]:
    return [each["status"] for each in answer.json()["results"]]


@pytest.fixture
def bob(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.bob)


def test_each_report_is_answered_for_itself(bob: Client, cast: Cast) -> None:
    crisis = opened(cast.diane)
    category = crisis.categories.all()[1].pk
    event: dict[str, Any] = {
        "kind": "crisis",
        "id": str(uuid.uuid4()),
        "crisis": crisis.slug,
        "category": category,
        "place_text": "x",
    }
    known = met()
    assert statuses(send(bob, known)) == [201]
    reports = [
        known, {**known, "persons": 9}, met(), needed(), event, met(persons=-1), {"kind": "levitation"}, 7,
        met(association="soupe-du-sud"), met(tour=str(uuid.uuid4())), event | {"id": str(uuid.uuid4()), "crisis": "no"},
        met(id=None), {**event, "id": str(uuid.uuid4()), "category": 999},
    ]  # fmt: skip
    answer = send(bob, *reports)
    assert statuses(answer) == [200, 409, 201, 201, 201, 422, 422, 422, 404, 404, 404, 422, 422], answer.json()
    results = answer.json()["results"]
    assert list(results[5]["errors"]) == ["persons"]
    assert list(results[6]["errors"]) == ["kind"]
    assert list(results[11]["errors"]) == ["id"]
    assert "content_hash" not in results[1]
    assert [each["id"] for each in results[:6]] == [str(each["id"]) for each in reports[:6]]  # type: ignore[index]
    assert Client().get(results[3]["follow"]).status_code == 200
    assert (Need.objects.get(pk=event["id"]).crisis, Need.objects.get(pk=event["id"]).kinds) == (
        crisis, [crisis.categories.all()[1].kind],
    )  # fmt: skip
    assert set(Encounter.objects.values_list("pk", flat=True)) == {uuid.UUID(known["id"]), uuid.UUID(reports[2]["id"])}  # type: ignore[index]


def test_five_hundred_reports_with_one_poisoned_row_are_stored_without_it(
    bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [met(persons=number % 5) for number in range(500)]
    poisoned, real = uuid.UUID(reports[250]["id"]), filing.encounter_row

    def row(draft: Any, **more: Any) -> dict[str, Any]:
        made = real(draft, **more)
        return made | {"persons": 10**9} if draft.id == poisoned else made  # more than the column can hold

    monkeypatch.setattr(filing, "encounter_row", row)
    answer = send(bob, *reports)
    assert [number for number, status in enumerate(statuses(answer)) if status != 201] == [250]
    assert answer.json()["results"][250]["status"] == 500
    assert Encounter.objects.count() == CellTouch.objects.count() == 499
    monkeypatch.undo()
    assert statuses(send(bob, reports[249], reports[250])) == [200, 201]


def test_a_batch_stores_what_single_filing_stores(bob: Client, cast: Cast) -> None:
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now()).id
    at = (timezone.now() - timedelta(hours=2)).isoformat()
    bodies = [
        met(at=at, note="two by the bridge", asked=["blanket"], minutes=10), met(at=at, tour=str(tour)),
        met(at=at, persons=0, given=[], contacts=0), needed(at=at, text="he cannot breathe", contact="me@x.example"),
    ]  # fmt: skip
    CellTouch.objects.all().delete()
    alone = []
    for body in bodies:
        path = "/api/v1/needs/" if body["kind"] == "need" else "/api/v1/encounters/"
        alone.append(bob.post(path, {**body, "id": str(uuid.uuid4())}, content_type="application/json").json())
    first = {model: _columns(model) for model in (Encounter, Need)}
    touches = sorted(CellTouch.objects.values_list("kind", "old_cell", "new_cell"))
    steps, alarms = NeedStep.objects.count(), DangerAlarm.objects.count()
    for model in (Encounter, Need, CellTouch, TourCell):
        model.objects.all().delete()
    together = send(bob, *bodies).json()["results"]
    assert {model: _columns(model) for model in (Encounter, Need)} == first
    assert sorted(CellTouch.objects.values_list("kind", "old_cell", "new_cell")) == touches
    assert (NeedStep.objects.count(), DangerAlarm.objects.count()) == (steps, alarms) == (1, 1)
    assert TourCell.objects.get().met_only
    own = {"id", "content_hash", "follow", "status"}
    assert [{k: v for k, v in each.items() if k not in own} for each in together] == [
        {k: v for k, v in each.items() if k not in own} for each in alone
    ]
    assert together[3]["danger"]
    assert together[3]["numbers"]


def _columns(model: Any) -> list[dict[str, Any]]:
    left_out = {"id", "content_hash", "filed_at", "state_at", "follow_hash", "contact"}
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in left_out]
    rows = [row | {"point": row["point"] and row["point"].ewkt} for row in model.objects.values(*names)]
    return sorted(rows, key=str)


@pytest.mark.django_db(transaction=True)
def test_a_report_whose_outbox_row_cannot_be_stored_is_not_stored(bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert statuses(send(bob, met())) == [201]
    monkeypatch.setattr(
        signals.outbox, "insert", "INSERT INTO mapping_celltouch (kind, report, old_cell, new_cell, region) "
    )
    for path, body in (("/api/v1/encounters/", met()), ("/api/v1/needs/", needed())):
        with pytest.raises(DatabaseError):
            bob.post(path, body, content_type="application/json")
    assert (Encounter.objects.count(), Need.objects.count(), CellTouch.objects.count()) == (1, 0, 1)


def test_the_same_id_twice_in_a_batch_is_one_report(bob: Client) -> None:
    body = met()
    answer = send(bob, body, {**body, "persons": 4}, body, needed(id=body["id"]))
    assert statuses(answer) == [201, 409, 200, 201]  # needs and encounters have separate ids
    assert Encounter.objects.get().persons == 2
    assert statuses(send(bob, body, body)) == [200, 200]
    assert CellTouch.objects.count() == 2


def test_a_batch_checks_token_personal_data_and_danger_of_every_report(cast: Cast, city: City) -> None:
    reports = [met(note="call Mohamed on 06 12 34 56 78"), met(note="he does not breathe any more"), met()]
    assert statuses(send(Client(), *reports)) == [401] * 3
    assert send(TokenClient(cast.bob, writes=False), *reports).status_code == 403
    assert send(Client(headers={"Authorization": "Bearer sol_wrong"}), *reports).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.bob)
    assert send(strict, *reports).status_code == 403
    assert statuses(send(TokenClient(cast.alice), *reports)) == [404] * 3
    assert not Encounter.objects.exists()
    results = send(TokenClient(cast.bob), *reports).json()["results"]
    assert "06 12 34 56 78" in str(results[0]["warnings"])
    assert [each["danger"] for each in results] == [False, True, False]
    assert [str(row.encounter_id) for row in DangerAlarm.objects.all()] == [reports[1]["id"]]
    again = send(TokenClient(cast.bob), *reports).json()["results"]
    assert [each["danger"] for each in again] == [False, True, False]
    assert DangerAlarm.objects.count() == 1


def test_each_report_of_a_batch_gets_its_own_warnings(cast: Cast, city: City) -> None:
    told = {"name": "Her name is Amina", "phone": "call 06 12 34 56 78", "e-mail": "write to x@y.org", "nothing": "tea"}
    reports = [
        met(note=told["phone"]), met(persons=-1, note=told["name"]), needed(text=told["name"], place_text=told["phone"]),
        met(note=told["nothing"], place_text=told["e-mail"]), 7, met(association="no", note=told["phone"]), met(),
        needed(place_text=told["e-mail"]),
    ]  # fmt: skip
    results = send(TokenClient(cast.bob), *reports).json()["results"]
    assert [each["status"] for each in results] == [201, 422, 201, 201, 422, 404, 201, 201]
    words = ("Amina", "06 12 34 56 78", "x@y.org")
    found = [[word for word in words if word in str(each.get("warnings"))] for each in results]
    assert found == [[words[1]], [], [*words[:2]], [words[2]], [], [], [], [words[2]]]


def test_a_single_report_is_checked_and_stored_in_three_statements(cast: Cast, city: City, settings: Settings) -> None:
    """Token, personal data, danger and limits, as for a batch."""
    path, bob = "/api/v1/encounters/", TokenClient(cast.bob)
    bob.post(path, met(), content_type="application/json")
    with CaptureQueriesContext(connection) as asked:
        plain = bob.post(path, met(note="two by the bridge"), content_type="application/json")
    assert (plain.status_code, plain.json()["danger"], "warnings" in plain.json()) == (201, False, False)
    assert len(asked) == 3  # for the token, for the sender's associations, and one that stores report and outbox row
    named = bob.post(path, met(note="call Mohamed on 06 12 34 56 78"), content_type="application/json")
    assert "06 12 34 56 78" in str(named.json()["warnings"])
    danger = bob.post(path, met(note="he does not breathe any more"), content_type="application/json")
    assert danger.json()["danger"]
    assert DangerAlarm.objects.count() == 1
    assert TokenClient(cast.bob, writes=False).post(path, met(), content_type="application/json").status_code == 403
    wrong = Client(headers={"Authorization": "Bearer sol_wrong"})
    assert wrong.post(path, met(), content_type="application/json").status_code == 401
    assert TokenClient(cast.alice).post(path, met(), content_type="application/json").status_code == 404
    settings.API_RATES = {**settings.API_RATES, "account_writes": "4/min"}
    assert bob.post(path, met(), content_type="application/json").status_code == 429
    assert Encounter.objects.count() == CellTouch.objects.count() == 4


def test_serializers_share_their_fields_and_nothing_else(cast: Cast) -> None:
    crises = [opened(cast.diane, name) for name in ("Flood", "Heat")]
    forms = [CrisisReportSerializer(context={"categories": each.categories.all()}) for each in crises]
    assert forms[0].fields is forms[1].fields
    assert forms[0].fields is not NeedSerializer().fields
    own = [{"place_text": "by the bridge", "category": each.categories.all()[0].pk} for each in crises]
    assert [form.run_validation(body)["category"].crisis for form, body in zip(forms, own, strict=True)] == crises
    with pytest.raises(ValidationError):
        forms[0].run_validation(own[1])
    first, second = NeedSerializer(data={"persons": -1}), NeedSerializer(data={"kinds": ["food"], "place_text": "x"})
    assert (first.is_valid(), second.is_valid(), list(second.errors)) == (False, True, [])
    second.validated_data["kinds"].append("tent")
    third = NeedSerializer(data={"kinds": ["food"], "place_text": "x"})
    assert third.is_valid()
    assert third.validated_data["kinds"] == ["food"]
    with pytest.raises(AssertionError):
        _fields = NeedSerializer(partial=True).fields


def test_a_batch_does_not_get_around_the_quarantine(city: City, cast: Cast) -> None:
    client = Client()
    reports = [needed() for _each in range(8)]
    held = [each["held"] for each in send(client, *reports).json()["results"]]
    assert held == [False] * 5 + [True] * 3
    assert [each["held"] for each in send(client, *reports).json()["results"]] == held  # a repeat is counted only once
    assert [each["held"] for each in send(client, needed()).json()["results"]] == [True]
    assert CellTouch.objects.count() == 5
    assert len(set(Need.objects.values_list("source", flat=True))) == 1
    trusted = send(TokenClient(cast.bob), *[needed() for _each in range(8)])
    assert [each["held"] for each in trusted.json()["results"]] == [False] * 8


def test_a_batch_counts_its_reports_apart_from_requests(cast: Cast, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "account_reports": "10/hour", "account_writes": "3/min"}
    client = TokenClient(cast.bob)
    assert send(client, *[met() for _each in range(8)]).status_code == 200
    refused = send(client, met(), met(), met())
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert send(client, met(), met()).status_code == 200  # the refused reports were not counted
    assert send(client, met()).status_code == 429  # the fourth request of this minute
    assert Encounter.objects.count() == 10


def test_a_limit_that_ends_while_a_batch_is_refused_begins_again_at_0(monkeypatch: pytest.MonkeyPatch) -> None:
    request: Any = RequestFactory().post("/")
    request.user = AnonymousUser()
    limit, count = AnonymousReports(), rate_counters.counts
    limit.num_requests = 10
    key = str(limit.get_cache_key(request, None))
    cache.delete(key)

    def ends_at_once(steps: Any) -> list[int]:
        found = count(steps)
        cache.delete(key)
        return found

    with monkeypatch.context() as ended:
        ended.setattr(rate_counters, "counts", ends_at_once)
        limit.wait_for(11, request)
    assert [limit.wait_for(number, request) for number in (10, 1, 11)] == [None, limit.duration, limit.duration]
    assert cache.get(key) == 10


def test_an_honest_night_of_one_account_is_not_limited(cast: Cast) -> None:
    limit = AccountReports()
    assert limit.num_requests >= 400 * 20  # four hundred volunteers with twenty reports each, sent by one program


@pytest.mark.parametrize("body", [[], {}, {"reports": []}, {"reports": "x"}, {"reports": {}}, {"reports": [{}] * 501}])
def test_a_body_without_1_to_500_reports_is_refused(bob: Client, body: Any) -> None:
    answer = bob.post(BATCH, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert list(answer.json()) in (["reports"], ["non_field_errors"])


def test_a_body_that_is_too_large_is_refused_unread(bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_args: object, **_more: object) -> None:
        raise AssertionError("the body was parsed")

    monkeypatch.setattr(batch_api.ReportBatch.parser_classes[0], "parse", read)
    answer = bob.post(BATCH, " " * (batch_api.MOST_BYTES + 1), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_hundred_reports_take_as_many_queries_as_ten(bob: Client, cast: Cast) -> None:
    counts = []
    for number in (10, 100):
        with CaptureQueriesContext(connection) as asked:
            assert set(statuses(send(bob, *[met() for _each in range(number)]))) == {201}
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_a_long_list_is_filed_in_several_transactions(bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_AT_ONCE", 2)
    body = met()
    assert statuses(send(bob, met(), body, met(), body, {**body, "persons": 3})) == [201, 201, 201, 200, 409]


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_at_once_in_any_order_is_stored_once(cast: Cast, signed_in: SignedIn) -> None:
    reports = [met() for _each in range(30)]
    clients = [signed_in(cast.bob) for _each in range(6)]

    def post(number: int) -> list[int]:
        try:
            turned = reports[number * 5 :] + reports[: number * 5]
            return statuses(send(clients[number], *(reversed(turned) if number % 2 else turned)))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        found = [status for each in pool.map(post, range(6)) for status in each]
    assert sorted(found) == [200] * 150 + [201] * 30
    assert Encounter.objects.count() == CellTouch.objects.count() == 30
