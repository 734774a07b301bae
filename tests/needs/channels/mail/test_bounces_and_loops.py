"""Machines that write to us: bounces, automatic answers, lists, floods. None of them gets an answer."""

import uuid
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from needs.messages.channels.inbox import correspondent_of
from needs.messages.channels.mail import fetching
from needs.messages.channels.mail.automatic_mail import Treatment, treatment_of
from needs.messages.channels.mail.mail_reading import parsed
from needs.messages.channels.models import DialogueStep
from needs.models import Dialogue, InboundMessage, OutboundMessage, ReporterAddress
from solidarity.lib import bounced_mail
from tests.needs.channels.mail.bounce_cases import BOUNCES, DELAYED
from tests.needs.channels.mail.conftest import HELP, Folder, mail
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City
from volunteers.enums import Medium
from volunteers.models import NotificationSettings

pytestmark = pytest.mark.django_db


def sent() -> tuple[OutboundMessage, str]:
    """Return an answer that was sent to Ana, and its Message-ID."""
    to = correspondent_of(Medium.EMAIL, "ana@example.org")
    row = OutboundMessage.objects.create(correspondent=to, text="Thank you.", sent_at=timezone.now())
    return row, bounced_mail.message_id(bounced_mail.ANSWER, row.pk, number=0)


@pytest.mark.parametrize("server", BOUNCES)
def test_a_bounce_marks_the_answer_as_undelivered_and_is_not_stored(maildir: Folder, server: str) -> None:
    row, number = sent()
    maildir.deliver(BOUNCES[server].format(number=number).encode())
    assert fetching.fetch() == 1
    row.refresh_from_db()
    assert row.undelivered
    assert not InboundMessage.objects.exists()


def test_a_delay_is_no_bounce(maildir: Folder) -> None:
    row, number = sent()
    fetching.take(DELAYED.format(number=number).encode())
    row.refresh_from_db()
    assert not row.undelivered and not InboundMessage.objects.exists()


def test_a_bounce_counts_only_with_the_secret_number_of_our_mail(maildir: Folder) -> None:
    row, number = sent()
    content, _separator, host = number.partition("@")
    for forged in (content[:-1] + ("0" if content[-1] != "0" else "1"), f"<m.{row.pk.hex}.00000000", "<m.1.2.3"):
        fetching.take(BOUNCES["postfix"].format(number=f"{forged}@{host}").encode())
    row.refresh_from_db()
    assert not row.undelivered


def test_a_person_who_quotes_our_mail_is_no_bounce(maildir: Folder) -> None:
    row, number = sent()
    quoted = BOUNCES["qmail"].format(number=number)
    assert fetching.take(mail(f"What is this?\n\n{quoted}", In_Reply_To=number, References=number)) is not None
    row.refresh_from_db()
    assert not row.undelivered


def test_an_account_whose_address_refuses_mail_is_noted(cast: Cast, maildir: Folder) -> None:
    number = bounced_mail.message_id(bounced_mail.ACCOUNT, cast.alice.key)
    fetching.take(BOUNCES["exchange"].format(number=number).encode())
    assert NotificationSettings.objects.get(user=cast.alice).mail_refused_at is not None


def test_an_address_for_news_that_refuses_mail_is_deleted(maildir: Folder, city: City) -> None:
    address = ReporterAddress.objects.create(
        need=reported(), medium=Medium.EMAIL, address=b"x", digest="x", language="fr"
    )
    fetching.take(BOUNCES["gmail"].format(number=bounced_mail.message_id(bounced_mail.REPORTER, address.pk)).encode())
    assert not ReporterAddress.objects.exists()


TREATMENTS: list[tuple[dict[str, Any], Treatment]] = [
    ({}, Treatment.ANSWER),
    ({"Auto_Submitted": "no"}, Treatment.ANSWER),
    ({"Auto_Submitted": "auto-replied (vacation)"}, Treatment.DROP),
    ({"Auto_Submitted": "auto-generated"}, Treatment.DESK),
    ({"X_Autoreply": "yes"}, Treatment.DROP),
    ({"X_Auto_Response_Suppress": "All"}, Treatment.DESK),
    ({"Precedence": "auto_reply"}, Treatment.DROP),
    ({"Precedence": "bulk"}, Treatment.DROP),
    ({"Precedence": "list", "List_Id": "<friends.example.org>"}, Treatment.DESK),
    ({"List_Id": "<friends.example.org>", "List_Unsubscribe": "<mailto:x@example.org>"}, Treatment.DROP),
    ({"X_Spam_Flag": "YES"}, Treatment.DESK),
    ({"From": "no-reply@example.org"}, Treatment.DESK),
    ({"From": "mailer-daemon@example.org"}, Treatment.BOUNCE),
    ({"From": HELP}, Treatment.DROP),
    ({"From": f"Ana <{HELP.upper()}>"}, Treatment.DROP),
    ({"From": None}, Treatment.DROP),
    ({"Return_Path": "<>"}, Treatment.BOUNCE),
]


@pytest.mark.parametrize(("headers", "treatment"), TREATMENTS)
def test_what_a_machine_wrote_is_told_from_what_a_person_wrote(
    maildir: Folder, headers: dict[str, Any], treatment: Treatment
) -> None:
    assert treatment_of(parsed(mail(**headers))) is treatment


def test_our_own_mail_that_comes_back_under_another_name_is_dropped(maildir: Folder) -> None:
    number = bounced_mail.message_id(bounced_mail.ANSWER, uuid.uuid4(), number=0)
    assert fetching.take(mail(Message_ID=number, From="forwarder@example.org")) is None
    assert not InboundMessage.objects.exists()


def test_a_mail_from_a_list_waits_for_a_dispatcher_and_no_dialogue_reads_it(maildir: Folder) -> None:
    row = fetching.take(mail("He is cold.", List_Id="<friends.example.org>"))
    assert row is not None and row.dialogue is not None
    assert row.dialogue.step == DialogueStep.DESK and row.dialogue.to_desk_at is not None
    assert not InboundMessage.objects.waiting().exists()


def test_a_mail_from_a_list_reopens_the_desks_work_on_the_same_dialogue(maildir: Folder) -> None:
    first = fetching.take(mail("He is cold.", List_Id="<friends.example.org>"))
    Dialogue.objects.update(step=DialogueStep.DONE)
    second = fetching.take(mail("And his dog.", number="two", List_Id="<friends.example.org>"))
    assert first is not None and second is not None and first.dialogue_id == second.dialogue_id
    assert Dialogue.objects.get().step == DialogueStep.DESK


def test_too_many_mails_of_a_sender_wait_for_a_dispatcher_and_then_are_dropped(
    maildir: Folder, settings: Settings
) -> None:
    settings.MAIL_IN_PER_HOUR = 2
    for number in range(23):
        maildir.deliver(mail(f"Mail {number}", number=str(number)))
    maildir.deliver(mail("Another person", number="x", From="zoe@example.org"))
    assert fetching.fetch() == 24
    assert InboundMessage.objects.count() == 2 * fetching.FLOOD + 1
    assert InboundMessage.objects.waiting().count() == 3
    assert Dialogue.objects.get().step == DialogueStep.DESK
