"""Calls of the gateways: each message is stored once, and what is forged, late or broken is not stored."""

import json
import logging
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from needs.base.retention_rules import registry
from needs.messages.channels import gateway_calls, outbound_sending, outgoing_messages, views
from needs.messages.channels.inbox import correspondent_of
from needs.messages.channels.models import Correspondent, InboundMessage, OutboundMessage, ReceivedId
from solidarity.lib.http.logged_paths import RoutesForPaths
from solidarity.lib.sms_gateways import chosen_gateway
from tests.needs.channels.conftest import KINDS, NewGateway
from tests.needs.channels.local_gateway import KEY, OURS, PERSON, SECRETS, GatewayCall
from tests.support import Cast, SignedIn
from tests.together import together
from volunteers.enums import Medium
from volunteers.models import SiteDetails

EMOJI = (
    "Froid \N{SNOWFLAKE}\N{VARIATION SELECTOR-16} \N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-6} чай ሻይ چای"
)


def post(call: GatewayCall) -> int:
    """Make a call by the test client and return the status; an answer never has more than a short text."""
    kind = call.headers["Content-Type"]
    headers = {name: value for name, value in call.headers.items() if name != "Content-Type"}
    answer = Client(enforce_csrf_checks=True).generic("POST", call.path, call.body, kind, headers=headers)
    assert len(answer.content) < 200 or answer.status_code == 404
    return answer.status_code


def texts() -> list[str]:
    return list(InboundMessage.objects.order_by("received_at", "part").values_list("text", flat=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_comes_in_and_its_answer_goes_back_and_is_delivered(
    kind: str, new_gateway: NewGateway, live_server: LiveServer
) -> None:
    gateway = new_gateway(kind, live_server.url)
    call = gateway.incoming(EMOJI)
    assert [call.post_to(live_server.url).status_code for _time in range(2)] == [200, 200]
    stored = InboundMessage.objects.get()
    assert (stored.gateway, stored.text) == (kind, EMOJI)
    assert timezone.now() - stored.received_at < timedelta(minutes=1)
    made = outgoing_messages.write(stored.correspondent, "Where are you? \N{ROUND PUSHPIN}")
    assert made is not None
    assert outbound_sending.send_waiting() == 1
    [taken] = gateway.taken
    assert (taken.number, taken.text) == (PERSON, "Where are you? \N{ROUND PUSHPIN}")
    for delivered in (False, True, False):
        assert gateway.note(taken.known, delivered=delivered).post_to(live_server.url).status_code == 200
    made.refresh_from_db()
    assert made.sent_at and made.delivered_at and not made.undelivered


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_is_not_signed_by_the_gateway_stores_nothing(
    kind: str, db: None, new_gateway: NewGateway, settings: Settings
) -> None:
    gateway = new_gateway(kind)
    call = gateway.incoming("help")
    unsigned = GatewayCall(call.path, call.body, {"Content-Type": call.headers["Content-Type"]})
    gateway.secret = SECRETS[kind][:-8] + "AAAAAAAA"
    forged = [unsigned, gateway.incoming("help")]
    if kind != "rapidpro":  # the other gateways sign the content too
        forged += [call.with_body(call.body.replace(b"help", b"hell")), call.with_body(call.body + b" ")]
    broken = dict(call.headers) | {name: "\xff,!\x7f" for name in call.headers if "ignature" in name or "uth" in name}
    forged.append(GatewayCall(call.path, call.body, broken))
    assert [post(each) for each in forged] == [403] * len(forged)
    assert not Correspondent.objects.exists()
    assert post(call) == 200


@pytest.mark.parametrize("kind", ["generic", "android"])
def test_a_call_signed_more_than_five_minutes_ago_is_refused(kind: str, db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway(kind)
    call = gateway.incoming("help")
    content = json.loads(call.body)
    for late in (301, -302):
        assert post(gateway.signed(content, late=late)) == 403
    assert texts() == []
    assert post(gateway.signed(content, late=290)) == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_recorded_call_is_known_after_its_message_is_gone(kind: str, db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway(kind)
    calls = [gateway.incoming(text) for text in ("deleted by its period", "erased by its sender")]
    assert [post(call) for call in calls] == [200, 200]
    InboundMessage.objects.filter(text=texts()[0]).update(stored_at=timezone.now() - timedelta(days=15))
    [messages] = [rule for rule in registry.rules() if rule.name == "channel_messages"]
    assert messages.carry_out(timezone.now()) == 1
    InboundMessage.objects.all().delete()
    Correspondent.objects.all().delete()
    assert [post(call) for call in calls] == [200, 200], "the gateway is not asked to send it again"
    assert texts() == [] and not Correspondent.objects.exists()
    assert post(gateway.incoming("deleted by its period")) == 200
    assert texts() == ["deleted by its period"], "the same words in a new message are a new message"


def test_ids_of_messages_hold_nothing_to_read_and_go_after_two_years(db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway("twilio")
    assert post(gateway.incoming("help")) == 200
    kept = ReceivedId.objects.get()
    assert InboundMessage.objects.get().provider_id not in kept.digest and len(kept.digest) == 64
    [rule] = [each for each in registry.rules() if each.name == "message_ids"]
    assert [rule.carry_out(timezone.now() + timedelta(days=days)) for days in (729, 731)] == [0, 1]


def test_the_upgrade_knows_the_messages_that_are_here(db: None, new_gateway: NewGateway) -> None:
    call = new_gateway("twilio").incoming("help")
    assert post(call) == 200
    ReceivedId.objects.all().delete()
    import_module("needs.migrations.0010_received_ids").keep_ids(apps, None)
    InboundMessage.objects.all().delete()
    assert post(call) == 200
    assert texts() == []


def test_a_call_for_another_account_or_another_gateway_is_refused(db: None, new_gateway: NewGateway) -> None:
    twilio = new_gateway("twilio")
    assert post(twilio.incoming("help", AccountSid="AC" + "f" * 32)) == 403
    android = new_gateway("android")
    assert [post(android.incoming("help")), post(twilio.incoming("help"))] == [200, 404]
    assert texts() == ["help"]


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_secret_no_message_comes_in(kind: str, db: None, new_gateway: NewGateway, settings: Settings) -> None:
    gateway = new_gateway(kind)
    call = gateway.incoming("help")
    settings.SMS_SECRET = settings.SMS_KEY = ""
    assert post(call) == 404
    if kind == "rapidpro":  # nothing else protects this address
        settings.SMS_SECRET = gateway.secret = "short"
        assert post(gateway.incoming("help")) == 404


def test_the_secret_of_rapidpro_can_be_in_the_path_and_is_not_logged(
    db: None, new_gateway: NewGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = new_gateway("rapidpro")
    caplog.set_level(logging.DEBUG)
    call = gateway.incoming("help")
    for secret, status in ((gateway.secret, 200), ("another word", 403)):
        path = reverse("needs:sms_webhook_secret", args=["rapidpro", "receive", secret])
        assert post(GatewayCall(path, call.body, {"Content-Type": call.headers["Content-Type"]})) == status
    [warning] = [record for record in caplog.records if record.name == "django.request"]
    assert RoutesForPaths().filter(warning)
    assert warning.getMessage() == "Forbidden: /channels/sms/<slug:gateway>/<slug:event>/<str:secret>/"


DEFECTS = {
    "generic": [b"", b"{", b"[]", b'"x"', b'{"type": "message.received"}', b'{"data": {}}',
                b'{"type": "message.received", "data": {"id": "1", "text": "no sender"}}',
                b'{"type": "message.received", "data": {"id": "1", "from": ["+33612345678"]}}',
                b'{"type": "message.received", "data": {"id": "1", "from": "+33612345678", "received_at": "soon"}}',
                b'{"type": "message.received", "data": {"id": "1", "from": "+33612345678", "part": {"reference": "a"}}}',
                b"[" * 5000, b'{"type": "message.delivered", "data": {"id": "' + b"9" * 201 + b'"}}'],
    "android": [b"", b"{", b"\xff\xfe", b'{"event": "sms:received", "id": "1"}',
                b'{"event": "sms:received", "payload": {"sender": "+33612345678", "message": "no id"}}'],
}  # fmt: skip


@pytest.mark.parametrize("kind", DEFECTS)
def test_a_signed_call_that_cannot_be_read_says_why(kind: str, db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway(kind)
    for body in DEFECTS[kind]:
        assert post(gateway.signed_bytes(body)) == 400, body[:80]
    assert texts() == []


def test_rapidpro_needs_a_date_or_an_id_to_recognise_a_repeat(db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway("rapidpro")
    whole = {"from": PERSON, "text": "help", "date": "2026-11-27T18:00:00.000Z"}
    assert post(gateway.signed({"from": PERSON, "text": "help"}, event="receive/")) == 400
    assert [post(gateway.signed(whole, event=event)) for event in ("receive/", "receive/", "elsewhere/", "")] == [
        200, 200, 400, 400,
    ]  # fmt: skip
    assert post(gateway.signed(whole | {"date": "2026-11-27T18:00:09.000Z"}, event="receive/")) == 200
    assert texts() == ["help", "help"]


def test_a_huge_call_is_not_read(db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway()
    assert post(gateway.incoming("x" * (views.LARGEST - 1000))) == 200
    assert post(gateway.incoming("x" * views.LARGEST)) == 413
    assert len(texts()) == 1


def test_bytes_that_are_no_text_do_not_lose_a_message(db: None, new_gateway: NewGateway) -> None:
    rapidpro = new_gateway("rapidpro")
    body = b"from=%2B33612345678&id=1&text=caf%E9+%00+froid"
    assert post(rapidpro.incoming("x").with_body(body)) == 200
    android = new_gateway("android")
    payload = b'{"event": "sms:received", "id": "2", "payload": {"sender": "+33612345678", "message": "%s"}}'
    for message in (b"caf\xe9 froid", rb"half \ud83d an emoji \u0000", rb"\ud83d\ude00"):
        body = (payload % message).replace(b'"2"', b'"%d"' % hash(message))
        assert post(android.signed_bytes(body)) == 200
    expected = ["caf\N{REPLACEMENT CHARACTER} froid", "half \N{REPLACEMENT CHARACTER} an emoji ", "\N{GRINNING FACE}"]
    assert sorted(texts()) == sorted(["caf\N{REPLACEMENT CHARACTER}  froid", *expected])


@pytest.mark.parametrize(
    "sender", ["Orange", "36105", "1-800-FLOWERS", OURS, "0899 70 00 00", "+", "", "' OR 1=1", "+33 6 12", "٠٦١٢٣٤٥٦٧٨"]
)
def test_senders_that_no_answer_can_reach_are_ignored(sender: str, db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway("twilio")
    assert post(gateway.incoming("Your code is 1234", sender)) in (200, 400)
    assert not Correspondent.objects.exists()


def test_each_spelling_of_a_number_is_one_correspondent(db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway()
    for number in (PERSON, "06 12 34 56 78", "0033612345678", "33612345678", "(0)6.12.34.56.78".replace("(0)", "0")):
        assert post(gateway.incoming("here", number)) == 200
    assert post(gateway.incoming("тут", "+380671234567")) == 200
    assert Correspondent.objects.count() == 2
    first = Correspondent.objects.get(pk=correspondent_of(Medium.SMS, PERSON).pk)
    assert first.received.count() == 5
    assert b"612345678" not in bytes(first.address)


def test_the_parts_of_a_long_message_keep_their_numbers(db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway()
    at = (timezone.now() - timedelta(seconds=20)).isoformat()
    for number in (2, 1, 3):
        part = {"reference": "r1", "number": number, "of": 3}
        assert post(gateway.incoming(f"part {number}", part=part, received_at=at)) == 200
    stored = InboundMessage.objects.waiting()
    assert [(row.reference, row.part, row.parts, row.text) for row in stored] == [
        ("r1", 1, 3, "part 1"), ("r1", 2, 3, "part 2"), ("r1", 3, 3, "part 3"),
    ]  # fmt: skip
    wrong = [{"reference": "r1", "number": n, "of": of} for n, of in ((0, 3), (4, 3), (True, 3), ("1", 3), (1, 99))]
    assert [post(gateway.incoming("x", part=part)) for part in wrong] == [400] * 5


def test_calls_at_the_same_time_store_a_message_once(new_gateway: NewGateway, live_server: LiveServer) -> None:
    gateway = new_gateway("android", live_server.url)
    call = gateway.incoming("help")
    statuses = together([lambda: call.post_to(live_server.url).status_code] * 6)
    assert statuses == [200] * 6
    assert texts() == ["help"]


def test_one_sender_cannot_flood_and_wrong_signatures_are_limited(
    db: None, new_gateway: NewGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = new_gateway()
    monkeypatch.setattr(gateway_calls, "MOST_PER_HOUR", 3)
    assert [post(gateway.incoming("again")) for _ in range(5)] == [200, 200, 200, 429, 429]
    assert post(gateway.incoming("help", "+33611111111")) == 200
    monkeypatch.setattr(views, "FORGED_PER_HOUR", 2)
    gateway.secret = SECRETS["generic"][:-8] + "AAAAAAAA"
    assert [post(gateway.incoming("guess", "+33622222222")) for _ in range(4)] == [403, 403, 429, 429]
    gateway.secret = SECRETS["generic"]
    assert post(gateway.incoming("help", "+33622222222")) == 200, "the gateway is not shut out by a neighbour"


def test_only_posts_are_answered_and_the_address_is_the_one_shown(db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway()
    assert Client().get(gateway.incoming("x").path).status_code == 405
    for kind in KINDS:
        new_gateway(kind)
        base = reverse("needs:sms_webhook", args=[kind])
        shown = chosen_gateway.of_site().webhooks()
        assert all(each.startswith(f"https://solidarity.example{base}") for each in shown)


def test_neither_the_number_nor_the_text_is_logged(
    db: None, new_gateway: NewGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = new_gateway()
    caplog.set_level(logging.DEBUG)
    assert post(gateway.incoming("a tent by the church")) == 200
    assert post(gateway.incoming("a tent by the church", received_at="by the church")) == 400
    gateway.status = 500
    assert outgoing_messages.write(Correspondent.objects.get(), "How many of you?")
    assert outbound_sending.send_waiting() == 0
    assert OutboundMessage.objects.get().failure == "HTTP 500"
    said = caplog.text.replace("INSERT", "")
    lines = [line for line in said.splitlines() if "django.db.backends" not in line]
    assert not any(each in line for line in lines for each in ("612345678", "church", "How many", KEY))


def test_the_page_for_test_messages_shows_the_address_and_whether_a_message_came_in(
    cast: Cast, signed_in: SignedIn, new_gateway: NewGateway
) -> None:
    gateway = new_gateway()
    assert not SiteDetails.objects.exclude(text_received_at=None).exists()
    assert post(gateway.incoming("help")) == 200
    first = SiteDetails.objects.get().text_received_at
    assert post(gateway.incoming("help again")) == 200
    assert SiteDetails.objects.get().text_received_at == first
    page = signed_in(cast.farid).get("/set-up/messages/").content.decode()
    assert "https://solidarity.example/channels/sms/generic/" in page
    assert "No message has come in" not in page
    new_gateway("rapidpro")
    SiteDetails.objects.update(text_received_at=None)
    page = signed_in(cast.farid).get("/set-up/messages/").content.decode()
    assert "/channels/sms/rapidpro/receive/" in page
    assert "No message has come in" in page
    assert SECRETS["rapidpro"] not in page
    assert "Use https" not in page
    new_gateway("twilio", "http://10.0.0.5:8000")
    assert "Use https" in signed_in(cast.farid).get("/set-up/messages/").content.decode()
