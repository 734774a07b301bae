"""Notifications: media, time, language and retries. Their content is never more exact than the reader's role allows."""

import ast
import base64
import json
import os
import re
import signal
import subprocess
import sys
import uuid
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings as project
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from solidarity.lib.field_encryption import decrypt, encrypt
from tests.conftest import environment, until
from tests.forked_workers import Worker
from tests.support import Cast, SignedIn
from tests.volunteers.conftest import NewBrowser
from tests.volunteers.services import Post, Web
from volunteers.enums import Medium, Topic
from volunteers.models import Notification, NotificationSettings, PushSubscription, User
from volunteers.people.notifications import delivery, phone_numbers, push, sending, unsubscribing
from volunteers.people.notifications.content_policy import ForbiddenContent
from volunteers.people.notifications.notifying import Message, after_quiet, notify

WORDS = Message("A need is proposed to you", "Look at it within two days.", "/help/proposals/")
FRENCH_WORDS = "Se connecter"


def body_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def set_up(user: User, *pairs: str, **fields: time | str | bytes | None) -> NotificationSettings:
    own, _made = NotificationSettings.objects.update_or_create(user=user, defaults={"wanted": list(pairs), **fields})
    return own


def told(user: User, topic: Topic = Topic.PROPOSAL, message: Message = WORDS, key: str = "") -> int:
    return notify([user], topic, key or uuid.uuid4().hex, lambda: message)


def only() -> Notification:
    return Notification.objects.get()


def due_again() -> None:
    Notification.objects.update(not_before=timezone.now())


# --- e-mail ----------------------------------------------------------------------------------------------------------


def test_by_default_notifications_come_by_email_in_text_and_html(cast: Cast, post_office: Post) -> None:
    assert told(cast.alice) == 1
    assert sending.send_waiting() == 1
    [mail] = post_office.mails
    assert mail["To"] == "alice@example.org"
    assert mail["Subject"] == WORDS.title
    text, html = body_of(mail, "plain"), body_of(mail, "html")
    for content in (text, html):
        assert WORDS.body in content
        assert "https://solidarity.example/help/proposals/" in content
        assert "https://solidarity.example/me/notifications/" in content
    assert only().sent_at is not None


def test_the_email_is_in_the_readers_language(cast: Cast, post_office: Post) -> None:
    set_up(cast.alice, "proposal:email", language="fr")
    notify([cast.alice], Topic.PROPOSAL, "k", lambda: Message(gettext("Sign in"), "", "/"))
    sending.send_waiting()
    [mail] = post_office.mails
    assert mail["Subject"] == FRENCH_WORDS
    assert '<html lang="fr">' in body_of(mail, "html")


def test_mail_programs_can_unsubscribe_with_one_post(cast: Cast, post_office: Post) -> None:
    told(cast.alice)
    sending.send_waiting()
    [mail] = post_office.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert b"\nList-Unsubscribe: <https://solidarity.example/me/notifications/stop/" in post_office.raw[0]
    address = mail["List-Unsubscribe"].replace("\n", "").strip("<> ")
    assert address.startswith("https://solidarity.example/me/notifications/stop/")
    assert "alice" not in address
    path = unquote(address.removeprefix("https://solidarity.example"))
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.get(path).status_code == 200
    assert told(cast.alice) == 1, "looking at the link stops nothing"
    answer = stranger.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert told(cast.alice) == 0
    assert told(cast.alice, Topic.COMMITMENT) == 1, "the other topics stay"
    stranger.post(path, {"again": "1"})
    assert told(cast.alice) == 1


def test_an_unsubscribe_link_with_a_wrong_signature_does_nothing(cast: Cast) -> None:
    token = unsubscribing.stop_token(cast.alice, Topic.PROPOSAL, Medium.EMAIL)
    for wrong in (token[:-2] + "xx", "nothing", token.replace(":", "!", 1)):
        assert Client().post(f"/me/notifications/stop/{wrong}/").status_code == 404
    assert told(cast.alice) == 1


def test_a_notification_switched_off_after_writing_is_not_sent(cast: Cast, post_office: Post) -> None:
    told(cast.alice)
    unsubscribing.switch(cast.alice, Topic.PROPOSAL, Medium.EMAIL, on=False)
    assert sending.send_waiting() == 0
    assert post_office.mails == []
    assert only().failure == "switched off meanwhile"


def test_a_refused_email_address_is_not_retried(cast: Cast, post_office: Post) -> None:
    post_office.recipient_answer = "550 no such person alice@example.org"
    told(cast.alice)
    sending.send_waiting()
    assert only().failed_at is not None
    assert "alice" not in only().failure


def test_an_unreachable_mail_server_is_retried_with_growing_delays_and_then_given_up(
    cast: Cast, settings: Settings
) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 2},
        }
    }
    told(cast.alice)
    waits = []
    for _attempt in range(delivery.ATTEMPTS):
        before = timezone.now()
        assert sending.send_waiting() == 0
        assert sending.send_waiting() == 0, "it waits"
        waits.append(only().not_before - before)
        due_again()
    row = only()
    assert row.attempts == delivery.ATTEMPTS
    assert row.failed_at is not None
    assert row.failure == "ConnectionRefusedError"
    assert waits[: len(delivery.BACK_OFF)] == sorted(waits[: len(delivery.BACK_OFF)])
    assert all(wait >= planned for wait, planned in zip(waits, delivery.BACK_OFF, strict=False))


# --- idempotence -----------------------------------------------------------------------------------------------------


def test_the_same_event_is_notified_once(cast: Cast, post_office: Post) -> None:
    assert told(cast.alice, key="expires:1") == 1
    assert told(cast.alice, key="expires:1") == 0
    assert told(cast.alice, key="expires:2") == 1
    sending.send_waiting()
    sending.send_waiting()
    assert len(post_office.mails) == 2


def test_two_workers_at_once_send_each_message_once(transactional_db: None, cast: Cast, post_office: Post) -> None:
    import threading

    for _number in range(30):
        told(cast.alice)
    sent: list[int] = []

    def work() -> None:
        try:
            sent.append(sending.send_waiting())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == len(post_office.mails) == 30


def test_a_worker_killed_between_sending_and_marking_causes_one_duplicate(
    transactional_db: None, cast: Cast, provider: Web, own_broker: str, own_media: Path
) -> None:
    set_up(cast.alice, "proposal:sms", phone=encrypt("+33612345678"))
    told(cast.alice)
    script = (
        "import django; django.setup(); from volunteers.people.notifications import sending; sending.send_waiting()"
    )
    variables = environment(own_broker, own_media) | {
        "DJANGO_SETTINGS_MODULE": "solidarity.settings",
        "SOLIDARITY_SMS_URL": project.SMS_URL,
        "SOLIDARITY_SMS_KEY": project.SMS_KEY,
        "SOLIDARITY_OUTGOING_PRIVATE": provider.origin,
    }
    started: list[subprocess.Popen[bytes]] = []
    # The provider receives the message, but the sender is killed before it gets the answer.
    provider.on_request = lambda: os.kill(started[0].pid, signal.SIGKILL)
    started.append(subprocess.Popen([sys.executable, "-c", script], cwd=project.ROOT, env=variables))
    assert started[0].wait(timeout=60) == -signal.SIGKILL
    provider.on_request = None
    row = only()
    assert (row.sent_at, row.attempts) == (None, 1)
    assert sending.send_waiting() == 0, "it is set aside while its worker might live"
    due_again()
    assert sending.send_waiting() == 1
    due_again()
    assert sending.send_waiting() == 0
    assert len(provider.asked) == 2


def test_a_message_whose_workers_all_die_fails(cast: Cast, post_office: Post) -> None:
    told(cast.alice)
    Notification.objects.update(attempts=delivery.ATTEMPTS)
    assert sending.send_waiting() == 0
    assert only().failure == "the worker was lost"


@pytest.mark.worker
def test_a_message_is_sent_seconds_after_the_commit(worker: Worker, cast: Cast) -> None:
    """The commit wakes a real worker with the console mail backend; beat alone would take a minute."""
    told(cast.alice)
    until(lambda: Notification.objects.exclude(sent_at=None).exists(), 20, "it was not sent")


# --- Web Push --------------------------------------------------------------------------------------------------------


def test_a_browser_can_read_what_was_pushed_and_nobody_else(
    cast: Cast, push_service: Web, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    push.subscribe(cast.alice, **browser.fields)
    told(cast.alice)
    Notification.objects.filter(medium=Medium.EMAIL).delete()
    assert sending.send_waiting() == 1
    [asked] = push_service.asked
    assert WORDS.title.encode() not in asked.body
    assert json.loads(browser.read(asked.body)) == {"title": WORDS.title, "body": WORDS.body, "path": WORDS.path}
    assert asked.headers["content-encoding"] == "aes128gcm"
    assert int(asked.headers["ttl"]) > 0
    assert PushSubscription.objects.get().last_used_at is not None


def test_the_push_is_signed_with_the_key_that_browsers_subscribe_with(
    cast: Cast, push_service: Web, new_browser: NewBrowser
) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    def unpacked(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    push.subscribe(cast.alice, **new_browser().fields)
    told(cast.alice)
    sending.send_waiting()
    found = re.fullmatch(r"vapid t=([^,]+),\s*k=(.+)", push_service.asked[0].headers["authorization"])
    assert found is not None
    token, key = found.groups()
    assert key == push.public_key()
    head, claims, signature = token.split(".")
    raw = unpacked(signature)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpacked(key))
    halves = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    point.verify(encode_dss_signature(*halves), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    said = json.loads(unpacked(claims))
    assert said["aud"] == push_service.origin
    assert said["sub"] == "mailto:somebody@example.org"
    assert said["exp"] <= timezone.now().timestamp() + 24 * 3600


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_deleted(cast: Cast, push_service: Web, new_browser: NewBrowser, status: int) -> None:
    push.subscribe(cast.alice, **new_browser("/gone").fields)
    push.subscribe(cast.alice, **new_browser("/there").fields)
    push_service.answers["/gone"] = status
    set_up(cast.alice, "proposal:push")
    told(cast.alice)
    assert sending.send_waiting() == 1
    assert [row.endpoint[-6:] for row in PushSubscription.objects.all()] == ["/there"]


def test_without_a_browser_left_it_fails_for_good(cast: Cast, push_service: Web, new_browser: NewBrowser) -> None:
    push.subscribe(cast.alice, **new_browser().fields)
    push_service.status = 410
    set_up(cast.alice, "proposal:push")
    told(cast.alice)
    assert sending.send_waiting() == 0
    assert only().failure == "the browser is gone"
    assert only().failed_at is not None


def test_a_busy_push_service_is_retried(cast: Cast, push_service: Web, new_browser: NewBrowser) -> None:
    push.subscribe(cast.alice, **new_browser().fields)
    push_service.status = 503
    set_up(cast.alice, "proposal:push")
    told(cast.alice)
    assert sending.send_waiting() == 0
    assert (only().failure, only().failed_at) == ("HTTP 503", None)
    push_service.status = 201
    due_again()
    assert sending.send_waiting() == 1
    assert only().failure == ""


def test_a_redirect_of_a_push_service_is_not_followed(
    cast: Cast, push_service: Web, provider: Web, new_browser: NewBrowser
) -> None:
    push.subscribe(cast.alice, **new_browser().fields)
    push_service.status, push_service.more_headers = 307, {"Location": provider.origin + "/inside"}
    set_up(cast.alice, "proposal:push")
    told(cast.alice)
    sending.send_waiting()
    assert provider.asked == []


@pytest.mark.parametrize(
    ("endpoint", "known"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/x", True),
        ("http://fcm.googleapis.com/fcm/send/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com.evil.example/x", False),
        ("https://evilpush.services.mozilla.com.example/x", False),
        ("https://user@fcm.googleapis.com/x", False),
        ("http://127.0.0.1:6379/", False),
        ("https://169.254.169.254/latest", False),
        ("https://[", False),
        ("https://x:99999", False),
        ("https://fcm.googleapis.com:port/x", False),
    ],
)
def test_only_known_push_services_are_called(endpoint: str, known: bool) -> None:
    assert push.is_known_service(endpoint) is known


def test_a_subscription_at_an_unknown_service_is_refused(
    cast: Cast, signed_in: SignedIn, new_browser: NewBrowser
) -> None:
    client, fields = signed_in(cast.alice), new_browser().fields
    assert client.post("/me/notifications/push/", fields | {"endpoint": "http://127.0.0.1:1/x"}).status_code == 400
    assert client.post("/me/notifications/push/", fields | {"p256dh": "AAAA"}).status_code == 400
    assert client.post("/me/notifications/push/", fields | {"auth": "AAAA"}).status_code == 400
    assert PushSubscription.objects.count() == 0
    assert client.post("/me/notifications/push/", fields).json() == {"on": True}
    own = NotificationSettings.objects.get(user=cast.alice)
    assert {f"{topic}:push" for topic in Topic} <= set(own.wanted)
    assert "proposal:email" in own.wanted, "what was on by default stays on"


def test_a_browser_belongs_to_its_last_user(cast: Cast, new_browser: NewBrowser) -> None:
    fields = new_browser().fields
    push.subscribe(cast.alice, **fields)
    push.subscribe(cast.bob, **fields)
    assert PushSubscription.objects.get().user == cast.bob
    assert push.unsubscribe(cast.alice, fields["endpoint"]) is False
    assert push.unsubscribe(cast.bob, fields["endpoint"]) is True


def test_a_person_keeps_the_latest_browsers(cast: Cast, new_browser: NewBrowser) -> None:
    for number in range(push.MOST_BROWSERS + 2):
        push.subscribe(cast.alice, **new_browser(f"/{number}").fields)
    kept = set(PushSubscription.objects.values_list("endpoint", flat=True))
    assert len(kept) == push.MOST_BROWSERS
    assert not any(endpoint.endswith(("/0", "/1")) for endpoint in kept if endpoint[-2] == "/")


def test_the_worker_is_served_for_the_whole_site() -> None:
    answer = Client().get("/worker.js")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Content-Type"].startswith("text/javascript")
    assert b"showNotification" in answer.content
    assert Client().get("/push-worker.js").content == answer.content  # earlier subscribers look for updates at this URL


# --- text messages ---------------------------------------------------------------------------------------------------


def test_a_text_message_goes_to_the_confirmed_number_by_the_providers_webhook(cast: Cast, provider: Web) -> None:
    set_up(cast.alice, "proposal:sms", phone=encrypt("+33612345678"))
    told(cast.alice)
    assert sending.send_waiting() == 1
    [asked] = provider.asked
    assert asked.path == "/send"
    assert asked.headers["authorization"] == "Bearer the provider's key"
    assert asked.json["to"] == "+33612345678"
    assert asked.json["text"].startswith("A need is proposed to you. Look at it")
    assert asked.json["text"].endswith("/help/proposals/")


def test_a_number_is_used_after_its_code_is_entered(
    cast: Cast, provider: Web, signed_in: SignedIn, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in(cast.alice)
    client.post("/me/notifications/phone/", {"phone": "06 12 34 56 78"})
    [asked] = provider.asked
    assert asked.json["to"] == "+33612345678"
    code = re.findall(r"\d{6}", asked.json["text"])[0]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    client.post("/me/notifications/phone/confirm/", {"code": wrong})
    assert not NotificationSettings.objects.exclude(phone=None).exists()
    client.post("/me/notifications/phone/confirm/", {"code": f"{code[:3]} {code[3:]}"})
    own = NotificationSettings.objects.get(user=cast.alice)
    assert own.phone is not None
    assert decrypt(own.phone) == "+33612345678"
    assert b"612345678" not in bytes(own.phone)
    page = client.get("/me/notifications/").content.decode()
    assert "•• 78" in page and "612345678" not in page
    assert "612345678" not in caplog.text and code not in caplog.text
    client.post("/me/notifications/phone/forget/")
    assert NotificationSettings.objects.get(user=cast.alice).phone is None


def test_a_code_cannot_be_guessed(cast: Cast, provider: Web) -> None:
    phone_numbers.ask(cast.alice, "+33612345678")
    code = re.findall(r"\d{6}", provider.asked[0].json["text"])[0]
    for number in range(phone_numbers.MOST_TRIES):
        assert phone_numbers.confirm(cast.alice, f"{(int(code) + 1 + number) % 1_000_000:06d}") is False
    assert phone_numbers.confirm(cast.alice, code) is False


def test_the_number_of_codes_is_limited(cast: Cast, provider: Web) -> None:
    asked = [phone_numbers.ask(cast.alice, "+33612345678") for _time in range(phone_numbers.MOST_CODES + 1)]
    assert asked == [phone_numbers.Asked.SENT] * phone_numbers.MOST_CODES + [phone_numbers.Asked.TOO_OFTEN]
    assert phone_numbers.ask(cast.bob, "+33612345678") is phone_numbers.Asked.TOO_OFTEN, "the number is spared as well"
    assert len(provider.asked) == phone_numbers.MOST_CODES


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("06 12 34 56 78", "+33612345678"), ("+33 (6) 12-34-56-78", "+33612345678"), ("0033612345678", "+33612345678"),
        ("+32 470 12 34 56", "+32470123456"), ("12", None), ("alice", None), ("+0612345678", None), ("15", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, number: str | None) -> None:
    assert phone_numbers.international(text) == number


@pytest.mark.parametrize("number", ["+33899123456", "+33820123456", "+33145678901", "+2348031234567"])
def test_an_account_cannot_have_codes_sent_to_expensive_numbers(cast: Cast, provider: Web, number: str) -> None:
    assert phone_numbers.ask(cast.alice, number) is phone_numbers.Asked.NO_NUMBER
    assert provider.asked == []


@pytest.mark.parametrize(("status", "final"), [(400, True), (401, False), (429, False), (500, False), (302, False)])
def test_the_status_of_the_provider_decides_about_a_retry_and_its_text_is_not_stored(
    cast: Cast, provider: Web, status: int, final: bool, caplog: pytest.LogCaptureFixture
) -> None:
    provider.status = status
    set_up(cast.alice, "proposal:sms", phone=encrypt("+33612345678"))
    told(cast.alice)
    assert sending.send_waiting() == 0
    assert (only().failed_at is not None) is final
    assert only().failure == f"HTTP {status}"
    assert "612345678" not in caplog.text


# --- timing ----------------------------------------------------------------------------------------------------------


def paris(day: int, hour: int, minute: int = 0) -> datetime:
    from zoneinfo import ZoneInfo

    return datetime(2026, 1, day, hour, minute, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("start", "end", "now", "then"),
    [
        (time(22), time(7), paris(10, 23), paris(11, 7)),
        (time(22), time(7), paris(11, 2), paris(11, 7)),
        (time(22), time(7), paris(11, 7), paris(11, 7)),
        (time(22), time(7), paris(11, 12), paris(11, 12)),
        (time(12), time(14), paris(11, 12), paris(11, 14)),
        (time(22), time(0), paris(31, 23), datetime(2026, 1, 31, 23, tzinfo=UTC)),
    ],
)
def test_quiet_hours_may_go_past_midnight(start: time, end: time, now: datetime, then: datetime) -> None:
    assert after_quiet(NotificationSettings(quiet_from=start, quiet_until=end), now) == then


def test_nothing_is_sent_in_quiet_hours_even_when_they_were_chosen_after_it_was_written(
    cast: Cast, post_office: Post
) -> None:
    told(cast.alice)
    now = timezone.localtime()
    quiet = {"quiet_from": (now - timedelta(hours=1)).time(), "quiet_until": (now + timedelta(hours=1)).time()}
    set_up(cast.alice, "proposal:email", **quiet)
    assert sending.send_waiting() == 0
    row = only()
    assert row.attempts == 0
    assert timedelta(minutes=58) < row.not_before - timezone.now() <= timedelta(hours=1)
    told(cast.alice, key="second")
    assert Notification.objects.get(key="second").not_before == row.not_before


# --- never finer than the reader's role -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "at 48.86612, 2.35012", "48,8661", "48.86 2.35", "48° 51' N", "cell 891fb466257ffff", "08928308280fffff",
        "617700169958293503", "call 06 12 34 56 78", "call +33 6 12 34 56 78", "0612345678", "0033612345678",
        "write to bob@example.org", "8FW4V75V+8Q",
    ],
)  # fmt: skip
@pytest.mark.parametrize("part", ["title", "body", "path"])
def test_a_message_with_a_place_or_a_contact_is_refused(cast: Cast, text: str, part: str) -> None:
    message = Message(**{"title": "News", "body": "", "path": "/", part: text})
    with pytest.raises(ForbiddenContent) as refused:
        told(cast.alice, message=message)
    assert text not in str(refused.value)
    assert Notification.objects.count() == 0


@pytest.mark.parametrize(
    "text",
    [
        "12 new reports since 2026-11-25 02:30", "le 05/11/2026 à 12:30", "on 05-11-2026 12:30 until 14:30",
        "It is yours until 18:00. 1,234 people, 3.5 km away, 10 000 more.", "2 of 3 places", "in 48 h", "48.9 %",
    ],
)  # fmt: skip
def test_dates_times_and_numbers_are_allowed(cast: Cast, text: str) -> None:
    assert told(cast.alice, message=Message("News", text, "/")) == 1


@given(st.uuids())
def test_the_id_of_a_row_is_allowed(row: uuid.UUID) -> None:
    from volunteers.people.notifications.content_policy import check_content

    check_content(f"/commitments/{row}/")


def test_all_notifications_are_written_by_notify_which_checks_their_text() -> None:
    """Every notification passes the content policy, because nothing else writes notifications."""
    makers = []
    for app in ("volunteers", "needs", "mapping", "solidarity"):
        for path in (project.ROOT / app).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if "migrations" in path.parts or "Notification" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                if not isinstance(node, ast.Call):
                    continue
                called = ast.unparse(node.func)
                if called.split(".")[-1] == "Notification" or re.search(r"\bNotification\.objects\..*create", called):
                    makers.append(str(path.relative_to(project.ROOT)))
    assert set(makers) == {"volunteers/people/notifications/notifying.py"}


# --- the page ---------------------------------------------------------------------------------------------------------


def test_a_test_message_goes_by_every_medium_and_the_page_shows_the_results(
    cast: Cast, post_office: Post, provider: Web, new_browser: NewBrowser, signed_in: SignedIn
) -> None:
    browser = new_browser()
    push.subscribe(cast.alice, **browser.fields)
    set_up(cast.alice, phone=encrypt("+33612345678"))
    provider.status = 500
    client = signed_in(cast.alice)
    page = client.post("/me/notifications/test/", follow=True).content.decode()
    assert "E-mail: the test message is on its way" in page
    assert "This browser: the test message is on its way" in page
    assert "Text message: not delivered" in page
    [mail] = post_office.mails
    assert mail["List-Unsubscribe"] is None, "a test belongs to no topic"
    assert len(provider.asked) == 1
    client.post("/me/notifications/test/")
    assert len(post_office.mails) == 1, "not twice within seconds"


def test_choices_that_the_page_does_not_show_stay_unchanged(cast: Cast, signed_in: SignedIn) -> None:
    set_up(cast.alice, "triage:email", "alert:sms", "tour:email")
    client = signed_in(cast.alice)
    client.post("/me/notifications/", {"alert:email": "on", "language": "fr", "quiet_from": "", "quiet_until": ""})
    own = NotificationSettings.objects.get(user=cast.alice)
    assert set(own.wanted) == {"triage:email", "alert:sms", "alert:email"}


@pytest.mark.parametrize(("start", "end"), [("22:00", ""), ("", "07:00"), ("08:00", "08:00"), ("late", "07:00")])
def test_quiet_hours_need_a_start_and_an_end(cast: Cast, signed_in: SignedIn, start: str, end: str) -> None:
    answer = signed_in(cast.alice).post(
        "/me/notifications/", {"language": "en", "quiet_from": start, "quiet_until": end}
    )
    assert answer.status_code == 200
    assert not NotificationSettings.objects.exists()


def test_the_page_requires_sign_in_and_shows_only_own_notifications(cast: Cast, signed_in: SignedIn) -> None:
    told(cast.bob, message=Message("For Bob", "", "/"))
    assert Client().get("/me/notifications/").status_code == 302
    assert "For Bob" in signed_in(cast.bob).get("/me/notifications/").content.decode()
    assert "For Bob" not in signed_in(cast.alice).get("/me/notifications/").content.decode()


def test_the_page_takes_the_same_queries_for_many_messages(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/me/notifications/")
        return len(captured)

    told(cast.alice)
    one = queries()
    for _number in range(10):
        told(cast.alice)
    assert queries() == one <= 16


# --- costs -----------------------------------------------------------------------------------------------------------


def test_notifying_many_people_takes_as_many_queries_as_one(cast: Cast) -> None:
    def queries(people: list[User]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            notify(people, Topic.ALERT, uuid.uuid4().hex, lambda: WORDS)
        return len(captured)

    everyone = [cast.alice, cast.bob, cast.carol, cast.diane, cast.edith, cast.farid]
    assert queries(everyone) == queries([cast.alice]) <= 5


def test_old_notifications_are_deleted(cast: Cast) -> None:
    told(cast.alice)
    assert sending.drop_old() == 0
    Notification.objects.update(made_at=timezone.now() - sending.KEPT - timedelta(hours=1))
    assert sending.drop_old() == 1
