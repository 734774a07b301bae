"""The endpoints of the phone queue store each item once and under its own account. A bad item stops no other."""

import hashlib
import io
import json
import posixpath
import re
import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.base.retention_rules.registry import rules
from needs.crises.crisis_events import close
from needs.doors.phone_queue import offline_pages
from needs.models import Encounter, Need, NeedPhoto, Receipt, Tour, TourCell
from needs.reports import filing
from tests import filing_verbs
from tests.needs.crises.crisis_cases import opened
from tests.needs.phone_queue.queue_cases import MET, SPOT, item, one, send
from tests.support import Cast, City, SignedIn
from volunteers.models import User
from volunteers.site.web_app import app_shell

pytestmark = pytest.mark.django_db


def test_a_result_has_the_digest_of_the_item_and_the_hash_of_the_stored_report(cast: Cast, signed_in: SignedIn) -> None:
    bob, thing = signed_in(cast.bob), item("encounter", MET)
    first = one(bob, cast.bob, thing)
    assert first["status"] == 201
    assert first["received"] == hashlib.sha256(thing["body"].encode()).hexdigest()
    assert first["content_hash"] == Encounter.objects.get().content_hash
    assert first["next"] == f"/encounters/{thing['id']}/"
    again = one(bob, cast.bob, thing | {"ago": 90})
    assert (again["status"], again["content_hash"]) == (200, first["content_hash"])
    other = one(bob, cast.bob, thing | {"body": json.dumps({"fields": MET | {"persons": "4"}})})
    assert (other["status"], other["code"]) == (409, "conflict")
    assert "content_hash" not in other
    assert Encounter.objects.get().persons == 3


def test_now_means_the_time_when_the_item_was_queued(cast: Cast, signed_in: SignedIn) -> None:
    result = one(signed_in(cast.bob), cast.bob, item("encounter", MET, ago=5 * 3600))
    assert result["status"] == 201
    assert abs(timezone.now() - Encounter.objects.get().at - timedelta(hours=5)) < timedelta(minutes=1)


@pytest.mark.parametrize("ago", [-500, "soon", None, 1e300, float("inf"), {}])
def test_an_absurd_age_is_limited(cast: Cast, signed_in: SignedIn, ago: object) -> None:
    assert one(signed_in(cast.bob), cast.bob, item("encounter", MET, ago=ago))["status"] == 201
    assert timezone.now() - timedelta(days=61) < Encounter.objects.get().at <= timezone.now()


def test_an_item_written_before_an_upgrade_is_validated_by_the_current_form(cast: Cast, signed_in: SignedIn) -> None:
    yesterday = MET | {
        "colour_of_the_van": "red",
        "asked": "food",
    }  # a question that has been removed since, and a text in a field that is now a list
    result = one(signed_in(cast.bob), cast.bob, item("encounter", yesterday, ago=86_400))
    assert result["status"] == 201
    assert Encounter.objects.get().asked == ["food"]


def test_identifying_text_needs_a_confirmation(cast: Cast, signed_in: SignedIn) -> None:
    bob, words = signed_in(cast.bob), MET | {"note": "call 06 12 34 56 78"}
    thing = item("encounter", words)
    asked = one(bob, cast.bob, thing)
    assert (asked["status"], asked["code"], asked["ticks"]) == (400, "pii", ["note_as_it_is"])
    assert not Encounter.objects.exists()
    ticked = json.dumps({"v": 1, "fields": words | dict.fromkeys(asked["ticks"], "on")})
    assert one(bob, cast.bob, thing | {"body": ticked})["status"] == 201


@pytest.mark.parametrize(("gate", "status"), [("cold", 201), ("none", 400)])
def test_in_an_emergency_the_pii_check_does_not_refuse_a_need(gate: str, status: int, city: City) -> None:
    fields = {"kinds": ["food"], "urgency": "soon", "persons": "1", "origin": "self", "place_text": "by the gate"}
    result = one(Client(), None, item("need", fields | {"text": "call 06 12 34 56 78", "gate": gate}))
    assert result["status"] == status


def test_a_bad_item_does_not_stop_the_others(cast: Cast, signed_in: SignedIn) -> None:
    bad = [
        item("encounter", MET | {"persons": "9000"}),
        item("levitation", MET),
        item("encounter", MET) | {"body": "{"},
        item("encounter", MET) | {"body": json.dumps({"fields": {"persons": 3}})},
        item("encounter", MET | {"association": "soupe-du-sud"}),
        item("tour-stop", {"when": "now"}, parent=str(uuid.uuid4())),
    ]
    good = item("nobody", SPOT)
    answer = send(signed_in(cast.bob), cast.bob, *bad, good)
    statuses = [result["status"] for result in answer.json()["results"]]
    assert statuses == [400, 400, 400, 400, 400, 404, 201]
    first = answer.json()["results"][0]
    assert "500" in first["errors"]["How many people did you meet?"][0]
    assert [str(pk) for pk in Encounter.objects.values_list("pk", flat=True)] == [good["id"]]


def test_a_queue_is_only_accepted_for_its_own_account(cast: Cast, signed_in: SignedIn) -> None:
    thing = item("encounter", MET)
    theirs = send(signed_in(cast.edith), cast.bob, thing)
    assert (theirs.status_code, theirs.json()) == (403, {"code": "other_account"})
    nobodys = send(Client(), cast.bob, thing)
    assert (nobodys.status_code, nobodys.json()) == (401, {"code": "sign_in"})
    assert not Encounter.objects.exists()
    assert one(signed_in(cast.bob), cast.bob, thing)["status"] == 201


def test_a_need_queued_without_account_stays_anonymous_when_somebody_is_signed_in(
    cast: Cast, signed_in: SignedIn
) -> None:
    fields = {"kinds": ["food"], "urgency": "soon", "persons": "1", "origin": "citizen", "place_text": "by the gate"}
    result = one(signed_in(cast.bob), None, item("need", fields))
    assert result["status"] == 201
    need = Need.objects.get()
    assert (need.author, need.with_account) == (None, False)
    assert Client().get(result["next"]).status_code == 200


def test_needs_in_one_batch_without_cookie_have_one_device_and_its_limit(city: City, settings: Settings) -> None:
    settings.ANONYMOUS_PER_HOUR = 2
    fields = {"kinds": ["food"], "urgency": "soon", "persons": "1", "origin": "citizen", "place_text": "by the gate"}
    client = Client()
    batch = send(client, None, *[item("need", fields) for _each in range(4)])
    assert [result["status"] for result in batch.json()["results"]] == [201] * 4
    assert one(client, None, item("need", fields))["status"] == 201  # sent later, with the cookie of the batch
    assert len(set(Need.objects.values_list("source", flat=True))) == 1
    states = list(Need.objects.order_by("filed_at").values_list("state", flat=True))
    assert states == ["new", "new", "held", "held", "held"]


def test_reports_to_an_event_in_one_batch_without_cookie_have_one_device(cast: Cast) -> None:
    crisis = opened(cast.diane)
    fields = {
        "crisis": crisis.slug,
        "category": str(crisis.categories.all()[1].pk),
        "urgency": "now",
        "persons": "2",
        "place_text": "bridge",
    }
    send(Client(), None, item("crisis", fields), item("crisis", fields))
    assert Need.objects.count() == 2
    assert len(set(Need.objects.values_list("source", flat=True))) == 1


@pytest.mark.parametrize("kind", ["encounter", "nobody"])
def test_a_result_has_the_warnings_of_filing(cast: Cast, signed_in: SignedIn, kind: str) -> None:
    fields = MET if kind == "encounter" else SPOT
    result = one(signed_in(cast.bob), cast.bob, item(kind, fields, ago=61 * 86_400))
    assert result["status"] == 201
    assert "no longer changes the map" in result["warnings"][0]


def test_a_report_of_a_former_member_is_refused(cast: Cast, signed_in: SignedIn) -> None:
    cast.bob.memberships.all().delete()
    result = one(signed_in(cast.bob), cast.bob, item("encounter", MET))
    assert (result["status"], result["code"]) == (404, "not_yours")
    assert not Encounter.objects.exists()


def test_a_forged_request_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.bob)
    assert send(client, cast.bob, item("encounter", MET)).status_code == 403
    token = client.get("/queue/hello/").json()["csrf"]
    body = {"account": app_shell.account_of(cast.bob), "items": [item("encounter", MET)]}
    answer = client.post("/queue/send/", body, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 200


def test_a_whole_tour_can_be_queued_offline(cast: Cast, signed_in: SignedIn) -> None:
    bob = signed_in(cast.bob)
    start = item("tour-start", {"mode": "foot", "walkers": "2", "when": "now"}, ago=7200)
    met = item("encounter", MET | {"tour": start["id"]}, ago=5400)
    line = json.dumps([[2.350, 48.866], [2.354, 48.868]])
    stop = item("tour-stop", {"when": "now", "line": line}, ago=3600, parent=start["id"])
    for _lost_answer in range(2):
        results = send(bob, cast.bob, start, met, stop).json()["results"]
        assert [result["status"] for result in results] in ([201] * 3, [200] * 3)
    tour = Tour.objects.get()
    assert tour.ended_at is not None
    assert abs(tour.ended_at - tour.at - timedelta(hours=1)) < timedelta(seconds=5)
    assert tour.encounters.count() == 1
    assert sum(minutes or 0 for minutes in TourCell.objects.values_list("minutes", flat=True)) == pytest.approx(
        60, abs=0.1
    )
    other = one(bob, cast.bob, item("tour-stop", {"when": "now", "line": line}, parent=start["id"]))
    assert (other["status"], other["code"]) == (409, "closed")
    late = one(bob, cast.bob, item("encounter", MET | {"tour": start["id"]}, ago=5000))
    assert late["status"] == 201
    assert tour.encounters.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_tour_closed_by_many_requests_at_once_is_closed_once(cast: Cast, signed_in: SignedIn) -> None:
    started = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now() - timedelta(hours=1))
    stop = item("tour-stop", {"when": "now"}, parent=str(started.id))
    statuses: list[int] = []

    def close() -> None:
        try:
            statuses.append(one(signed_in(cast.bob), cast.bob, stop)["status"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=close) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(201) == 1
    assert set(statuses) == {200, 201}
    assert Receipt.objects.count() == 1


# --- files -----------------------------------------------------------------------------------------------------------


def attach(client: Client, user: User | None, need: uuid.UUID, data: bytes, **headers: str) -> Any:
    own = {
        "X-Queue-Account": app_shell.account_of(user) if user else "",
        "X-Queue-Id": str(uuid.uuid4()),
        "X-Queue-Parent": str(need),
        "X-Queue-Grant": f"/follow/{filing.follow_token(need)}/",
    }
    return client.post("/queue/attach/photo/", data, content_type="image/jpeg", headers=own | headers)


@pytest.fixture
def need(cast: Cast) -> uuid.UUID:
    draft = NeedDraft(at=timezone.now(), place=DraftPlace(48.866, 2.35), kinds=["food"])
    return filing_verbs.report_need(draft).id


def picture(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "JPEG")
    return file.getvalue()


def test_a_photo_is_stored_once_and_a_need_has_three_at_most(need: uuid.UUID) -> None:
    key = str(uuid.uuid4())
    first = attach(Client(), None, need, picture(), **{"X-Queue-Id": key})
    assert first.status_code == 201
    assert first.json()["received"] == first.json()["content_hash"] == hashlib.sha256(picture()).hexdigest()
    assert attach(Client(), None, need, picture(), **{"X-Queue-Id": key}).status_code == 200
    assert attach(Client(), None, need, picture("blue"), **{"X-Queue-Id": key}).status_code == 409
    assert [attach(Client(), None, need, picture()).status_code for _each in range(3)] == [201, 201, 400]
    assert NeedPhoto.objects.count() == 3
    assert Receipt.objects.count() == 3


def test_only_the_reporter_of_a_need_can_add_a_photo(need: uuid.UUID) -> None:
    for grant in ("", "/follow/x/", f"/follow/{filing.follow_token(uuid.uuid4())}/"):
        assert attach(Client(), None, need, picture(), **{"X-Queue-Grant": grant}).status_code == 404
    assert not NeedPhoto.objects.exists()


def test_a_file_that_is_not_a_photo_is_refused_with_a_reason(need: uuid.UUID) -> None:
    answer = attach(Client(), None, need, b"GIF89a")
    assert (answer.status_code, answer.json()["code"]) == (400, "photo")
    assert answer.json()["detail"]
    assert attach(Client(), None, need, picture(), **{"X-Queue-Id": "x"}).status_code == 400
    big = Client().post("/queue/attach/photo/", b"x" * (5 * 1024 * 1024 + 1), content_type="image/jpeg")
    assert big.status_code in (400, 413)


def test_receipts_are_deleted_after_90_days(need: uuid.UUID) -> None:
    attach(Client(), None, need, picture())
    [rule] = [rule for rule in rules() if rule.name == "receipts"]
    assert rule.count(timezone.now() + timedelta(days=89)) == 0
    assert rule.carry_out(timezone.now() + timedelta(days=91)) == 1
    assert not Receipt.objects.exists()


# --- the app shell ---------------------------------------------------------------------------------------------------


def test_every_file_of_the_app_shell_exists(client: Client) -> None:
    missing = [
        name
        for name in (*app_shell.FILES, *app_shell.LATER_FILES, *app_shell.MAP_FILES, *app_shell.WORKER_PARTS)
        if app_shell.path_of(name) is None
    ]
    assert missing == []


def test_the_app_shell_contains_all_files_that_its_pages_load(cast: Cast, signed_in: SignedIn) -> None:
    bob = signed_in(cast.bob)
    named: set[str] = set()
    for path in [*bob.get("/queue/hello/").json()["pages"], *bob.get("/map/kept.json").json()["pages"]]:
        named |= set(re.findall(r'(?:href|src)="/static/([^"#?]+)"', bob.get(path).content.decode()))
    shell = {*app_shell.FILES, *app_shell.LATER_FILES, *app_shell.MAP_FILES, "solidarity/icon-192.png"}
    for name in sorted(shell):
        path = app_shell.path_of(name)
        if name.endswith(".js") and "vendor" not in name and path is not None:
            for near in re.findall(r'(?:from|import|new URL)\s*\(?"(\.[^"]+)"', path.read_text()):
                named.add(posixpath.normpath(posixpath.join(posixpath.dirname(name), near)))
    # The first draws the street map, whose tiles need the network; the second asks the server for changes.
    with_the_network = {"vendor/protomaps/index.js", "solidarity/map/live-tiles.js"}
    assert named - shell - with_the_network == set()


def test_the_cached_pages_are_those_of_the_reader(cast: Cast, signed_in: SignedIn) -> None:
    started = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now())
    mine = signed_in(cast.bob).get("/queue/hello/").json()
    assert {"/encounters/new/", f"/tours/{started.id}/", f"/tours/{started.id}/stop/", "/help/cold/"} <= set(
        mine["pages"]
    )
    nobodys = Client().get("/queue/hello/").json()
    assert nobodys["account"] == ""
    assert not [path for path in nobodys["pages"] if path.startswith(("/encounters", "/tours"))]
    assert mine["account"] != signed_in(cast.edith).get("/queue/hello/").json()["account"]
    assert str(cast.bob.key) not in json.dumps(mine)


# --- reports to events -----------------------------------------------------------------------------------------------


def test_a_report_belongs_to_an_event_that_was_running_when_it_was_written(cast: Cast, client: Client) -> None:
    crisis = opened(cast.diane)
    topic = crisis.categories.all()[1]
    fields = {
        "crisis": crisis.slug,
        "category": str(topic.pk),
        "urgency": "now",
        "persons": "2",
        "place_text": "bridge",
    }
    first = item("crisis", fields)
    assert one(client, None, first)["status"] == 201
    assert one(client, None, first)["status"] == 200
    need = Need.objects.get()
    assert (need.crisis, need.crisis_category, need.author) == (crisis, topic, None)
    close(crisis, now=timezone.now())
    late, early = item("crisis", fields), item("crisis", fields, ago=600)
    assert [one(client, None, each)["status"] for each in (late, early)] == [201, 201]
    assert Need.objects.get(pk=late["id"]).crisis is None
    assert Need.objects.get(pk=early["id"]).crisis == crisis
    refused = one(client, None, item("crisis", {"crisis": crisis.slug}))
    assert (refused["status"], len(refused["errors"])) == (400, 4)
    assert one(client, None, item("crisis", fields | {"crisis": "nothing"}))["status"] == 404


def test_a_refusal_is_in_the_language_of_the_public_pages(client: Client, city: City) -> None:
    client.cookies["django_language"] = "ar"
    assert "هناك شيء ناقص أو خاطئ." in one(client, None, item("need", {}))["detail"]
    hello = client.get("/queue/hello/").json()
    assert any("arabic" in path and path.endswith(".woff2") for path in hello["fonts"])
    assert any("rtl/bootstrap-reboot" in path for path in hello["fonts"])


@pytest.mark.parametrize("code", ["fr", "ar", "ti"])
def test_each_kept_public_page_is_kept_with_its_styles(code: str, client: Client, city: City) -> None:
    client.cookies["django_language"] = code
    files = app_shell.urls_of((*app_shell.FILES, *app_shell.MAP_FILES))
    kept = {*client.get("/queue/hello/").json()["fonts"], *files}
    lacking = {}
    for path in offline_pages.pages_for(AnonymousUser()):
        page = client.get(path).content.decode()
        styles = set(re.findall(r'<link rel="stylesheet"\s+href="([^"]+)"', page))
        assert styles, path
        if styles - kept:
            lacking[path] = styles - kept
    assert lacking == {}
