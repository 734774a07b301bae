"""Messages out: attempts, caps against spoofed senders, STOP, and what may never be sent."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from needs.messages.channels import outbound_sending, outgoing_messages
from needs.messages.channels.inbox import correspondent_of
from needs.messages.channels.models import Correspondent, OutboundMessage
from needs.tasks import send_messages
from tests.needs.channels.conftest import KINDS, NewGateway
from tests.needs.channels.local_gateway import ACCOUNT, BROADCASTS, PERSON
from tests.support import Cast
from tests.together import together
from volunteers.enums import Medium
from volunteers.people.notifications import sms
from volunteers.people.notifications.content_policy import ForbiddenContent
from volunteers.people.notifications.delivery import ATTEMPTS, NotDelivered, Undeliverable


@pytest.fixture
def person(db: None) -> Correspondent:
    return correspondent_of(Medium.SMS, PERSON)


def written(person: Correspondent, text: str = "Where are you?", **more: object) -> OutboundMessage:
    made = outgoing_messages.write(person, text, **more)  # type: ignore[arg-type]
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("status", "reason"),
    [(500, "HTTP 500"), (401, "HTTP 401"), (429, "HTTP 429"), (404, "HTTP 404"), (400, "HTTP 400")],
)
@pytest.mark.parametrize("kind", ["generic", "twilio"])
def test_a_failure_is_tried_again_and_a_refusal_is_final(
    kind: str, status: int, reason: str, person: Correspondent, new_gateway: NewGateway
) -> None:
    gateway = new_gateway(kind)
    gateway.status = status
    row = written(person)
    assert send_messages() == 0
    row.refresh_from_db()
    final = status in (400, 404)
    assert (row.failure, row.failed_at is not None, row.sent_at) == (reason, final, None)
    gateway.status = 201
    OutboundMessage.objects.update(not_before=timezone.now())
    assert send_messages() == (0 if final else 1)
    assert len(gateway.taken) == (0 if final else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_is_sent_again_has_the_same_id_where_the_provider_takes_one(
    kind: str, person: Correspondent, new_gateway: NewGateway
) -> None:
    """A worker that is killed after sending leaves the message claimed: it is sent once more after the lease."""
    gateway = new_gateway(kind)
    row = written(person)
    for _time in range(2):
        OutboundMessage.objects.update(sent_at=None, not_before=timezone.now())
        assert send_messages() == 1
    row.refresh_from_db()
    known = [each.known for each in gateway.taken]
    assert row.provider_id == known[-1]
    assert len(set(known)) == (2 if kind == "twilio" else 1)


def test_a_workspace_of_rapidpro_sends_by_its_interface(
    person: Correspondent, new_gateway: NewGateway, settings: Settings
) -> None:
    gateway = new_gateway("rapidpro")
    settings.SMS_URL = gateway.origin + BROADCASTS
    row = written(person)
    assert send_messages() == 1
    assert [(each.number, each.text) for each in gateway.taken] == [(PERSON, "Where are you?")]
    row.refresh_from_db()
    assert row.provider_id == "1234"


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_send_each_message_once(new_gateway: NewGateway) -> None:
    gateway = new_gateway("android")
    person = correspondent_of(Medium.SMS, PERSON)
    texts = [f"Answer {word}" for word in "abcdefghijklmno"]
    for text in texts:
        written(person, text)
    assert sum(together([lambda: outbound_sending.send_waiting(5)] * 3)) == len(texts)
    assert sorted(each.text for each in gateway.taken) == texts


def test_spoofed_senders_cannot_spend_the_credit_of_the_association(
    person: Correspondent, new_gateway: NewGateway, settings: Settings, cast: Cast
) -> None:
    settings.SMS_ANSWERS_PER_DAY, settings.SMS_ANSWERS_PER_HOUR = 2, 5
    gateway = new_gateway()
    people = [person, *(correspondent_of(Medium.SMS, f"+3361111111{number}") for number in range(4))]
    for each in people:
        for _time in range(3):
            written(each)
    send_messages()
    assert len(gateway.taken) == 5
    assert [each.number for each in gateway.taken].count(PERSON) == 2
    assert set(OutboundMessage.objects.filter(sent_at=None).values_list("failure", flat=True)) == {"too many answers"}
    written(person, "A team is coming.", by=cast.carol)
    assert send_messages() == 1, "a dispatcher always answers"
    OutboundMessage.objects.update(sent_at=timezone.now() - timedelta(days=2))
    written(person)
    assert send_messages() == 1


def test_few_answers_go_to_numbers_where_a_message_is_dear(
    new_gateway: NewGateway, settings: Settings, db: None
) -> None:
    settings.SMS_ANSWERS_PER_HOUR = 20
    gateway = new_gateway()
    for number in range(4):
        written(correspondent_of(Medium.SMS, f"+881621000{number:03d}"))
        written(correspondent_of(Medium.SMS, f"+3361111111{number}"))
    send_messages()
    assert sum(each.number.startswith("+33") for each in gateway.taken) == 4
    assert sum(each.number.startswith("+881") for each in gateway.taken) == 2


def test_who_writes_stop_gets_only_the_confirmation(person: Correspondent, new_gateway: NewGateway) -> None:
    gateway = new_gateway()
    waiting = written(person)
    person.stopped_at = timezone.now()
    person.save()
    assert outgoing_messages.write(person, "More questions") is None
    written(person, "You will hear nothing more.", even_if_stopped=True)
    assert send_messages() == 1
    assert [each.text for each in gateway.taken] == ["You will hear nothing more."]
    waiting.refresh_from_db()
    assert waiting.failure == "stopped meanwhile"


@pytest.mark.parametrize(
    "text", ["Go to 48.8661, 2.3502", "Call 06 12 34 56 78", "Write to team@example.org", "At 8FW4V9FC+6X"]
)
def test_a_place_or_a_number_is_never_sent(text: str, person: Correspondent) -> None:
    with pytest.raises(ForbiddenContent):
        outgoing_messages.write(person, text)
    assert not OutboundMessage.objects.exists()


def test_an_answer_by_another_medium_waits_for_its_sender(db: None, new_gateway: NewGateway) -> None:
    gateway = new_gateway()
    row = written(correspondent_of(Medium.EMAIL, "somebody@example.org"))
    sends_mail = Medium.EMAIL in outbound_sending.SENDERS
    send_messages()
    row.refresh_from_db()
    assert gateway.taken == []
    assert (row.sent_at is not None) is sends_mail


@pytest.mark.parametrize("kind", KINDS)
def test_codes_and_news_go_out_by_the_chosen_gateway(kind: str, new_gateway: NewGateway, settings: Settings) -> None:
    gateway = new_gateway(kind)
    sms.post(PERSON, "Your code is 1234")
    assert [(each.number, each.text) for each in gateway.taken] == [(PERSON, "Your code is 1234")]
    gateway.status = 400
    with pytest.raises(Undeliverable, match="^HTTP 400$"):
        sms.post(PERSON, "Your code is 1234")
    settings.SMS_KEY = settings.SMS_ACCOUNT = ACCOUNT + "x"
    with pytest.raises(NotDelivered, match="^HTTP 401$"):
        sms.post(PERSON, "Your code is 1234")


def test_a_lost_worker_s_last_attempt_is_marked(person: Correspondent, new_gateway: NewGateway) -> None:
    new_gateway()
    row = written(person)
    OutboundMessage.objects.update(attempts=ATTEMPTS)
    assert send_messages() == 0
    row.refresh_from_db()
    assert row.failure == "the worker was lost"
