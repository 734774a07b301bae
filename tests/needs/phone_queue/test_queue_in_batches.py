"""The phone queue files neighbouring reports together, with the result of filing them one by one."""

import gzip
import json
import tracemalloc
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mapping.models import CellTouch
from needs.models import DangerAlarm, Encounter, Need
from needs.reports import filing
from tests.needs.phone_queue.queue_cases import MET, SPOT, item, one, send
from tests.support import Cast, City, SignedIn
from volunteers.site.web_app import app_shell

pytestmark = pytest.mark.django_db
NEED = {"kinds": ["food"], "urgency": "soon", "persons": "1", "origin": "citizen", "place_text": "by the gate"}


def statuses(answer: Any) -> list[int]:
    return [each["status"] for each in answer.json()["results"]]


def test_fifty_reports_take_hardly_more_queries_than_five(cast: Cast, signed_in: SignedIn) -> None:
    bob, counts = signed_in(cast.bob), []
    for number in (5, 50):
        with CaptureQueriesContext(connection) as asked:
            answer = send(bob, cast.bob, *[item("encounter", MET) for _each in range(number)])
        assert statuses(answer) == [201] * number
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_an_item_sees_the_reports_before_it_and_a_report_sees_the_tour_before_it(
    cast: Cast, signed_in: SignedIn
) -> None:
    tour = item("tour-start", {"when": "now", "mode": "foot", "walkers": "2"})
    on_tour = item("encounter", MET | {"tour": tour["id"]})
    wrong = item("encounter", MET)
    back = item("take-back", {}, parent=wrong["id"])
    answer = send(signed_in(cast.bob), cast.bob, item("encounter", MET), tour, on_tour, wrong, back)
    assert statuses(answer) == [201] * 5
    assert str(Encounter.objects.get(pk=on_tour["id"]).tour_id) == tour["id"]
    assert Encounter.objects.get(pk=wrong["id"]).retracted_at is not None


def test_personal_data_and_danger_are_checked_in_each_report_of_a_batch(cast: Cast, signed_in: SignedIn) -> None:
    items = [
        item("encounter", MET | {"note": "call 06 12 34 56 78"}),
        item("encounter", MET | {"note": "he does not breathe any more"}),
        item("need", NEED | {"text": "she cannot breathe"}),
        item("nobody", SPOT),
    ]
    answer = send(signed_in(cast.bob), cast.bob, *items)
    assert statuses(answer) == [400, 201, 201, 201]
    assert answer.json()["results"][0]["code"] == "pii"
    alarms = {row.encounter_id or row.need_id for row in DangerAlarm.objects.all()}
    assert {str(key) for key in alarms} == {items[1]["id"], items[2]["id"]}
    assert statuses(send(Client(), None, items[1], items[3])) == [404, 404]


def test_one_report_that_the_database_refuses_does_not_stop_the_others(
    cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [item("encounter", MET) for _each in range(20)]
    bob, poisoned, real = signed_in(cast.bob), uuid.UUID(items[7]["id"]), filing.encounter_row

    def row(draft: Any, **more: Any) -> dict[str, Any]:
        made = real(draft, **more)
        return made | {"persons": 10**9} if draft.id == poisoned else made  # more than the column can hold

    with monkeypatch.context() as patched:
        patched.setattr(filing, "encounter_row", row)
        found = statuses(send(bob, cast.bob, *items))
    assert found == [201] * 7 + [500] + [201] * 12
    assert one(bob, cast.bob, items[7])["status"] == 201
    assert Encounter.objects.count() == CellTouch.objects.count() == 20


def test_an_id_twice_in_one_queue_is_stored_once(cast: Cast, signed_in: SignedIn, city: City) -> None:
    first = item("encounter", MET)
    other = first | {"body": json.dumps({"v": 1, "fields": MET | {"persons": "4"}})}
    answer = send(signed_in(cast.bob), cast.bob, first, other, first, item("need", NEED))
    assert statuses(answer) == [201, 409, 200, 201]
    results = answer.json()["results"]
    assert results[0]["content_hash"] == results[2]["content_hash"] == Encounter.objects.get().content_hash
    assert "content_hash" not in results[1]
    assert Need.objects.count() == 1


# --- compressed ----------------------------------------------------------------------------------------------------


def post(client: Client, data: bytes, **headers: str) -> Any:
    return client.post("/queue/send/", data, content_type="application/json", headers=headers)


def written(cast: Cast, number: int) -> bytes:
    items = [item("encounter", MET) for _each in range(number)]
    return json.dumps({"account": app_shell.account_of(cast.bob), "items": items}).encode()


def test_a_compressed_body_is_filed_like_a_plain_one_in_a_third_of_the_bytes(cast: Cast, signed_in: SignedIn) -> None:
    bob, plain = signed_in(cast.bob), written(cast, 25)
    packed = gzip.compress(plain)
    answer = post(bob, packed, **{"Content-Encoding": "gzip", "Accept-Encoding": "gzip"})
    assert (answer.status_code, answer["Content-Encoding"]) == (200, "gzip")
    assert len(packed) < len(plain) / 3
    results = json.loads(gzip.decompress(answer.content))["results"]
    assert len(answer.content) < 25 * 150
    assert [each["status"] for each in results] == [201] * 25
    again = post(bob, plain).json()["results"]
    assert again == [each | {"status": 200} for each in results]


@pytest.mark.parametrize("cut", [slice(0, 0), slice(0, 40), slice(4, None)])
def test_a_body_that_is_no_whole_gzip_is_refused(cut: slice, cast: Cast, signed_in: SignedIn) -> None:
    answer = post(signed_in(cast.bob), gzip.compress(written(cast, 1))[cut], **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()) == (400, {"code": "unreadable"})
    assert post(signed_in(cast.bob), written(cast, 1), **{"Content-Encoding": "br"}).status_code == 400
    assert not Encounter.objects.exists()


def test_a_bomb_is_decompressed_up_to_the_limit_only(cast: Cast, signed_in: SignedIn) -> None:
    bomb = gzip.compress(b" " * (64 * 1024 * 1024), 1)
    bob = signed_in(cast.bob)
    tracemalloc.start()
    try:
        answer = post(bob, bomb, **{"Content-Encoding": "gzip"})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (answer.status_code, answer.json()) == (413, {"code": "too_large"})
    assert peak < len(bomb) + 16 * 1024 * 1024
    assert post(bob, b" " * (2 * 1024 * 1024 + 1)).status_code == 413
