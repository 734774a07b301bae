"""Answers by mail: in the thread, in the person's language, and nothing in them that a stranger may not read."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from django.utils import timezone
from pytest_django import Settings

from needs.messages.channels import outgoing_messages
from needs.messages.channels.mail import fetching, mail_answers
from needs.models import InboundMessage, OutboundMessage
from tests.needs.channels.mail.conftest import HELP, mail
from tests.support import Cast
from tests.volunteers.services import Post, mail_server
from volunteers.people.notifications.delivery import NotDelivered, Undeliverable

pytestmark = pytest.mark.django_db


@pytest.fixture
def post_office(settings: Settings) -> Iterator[Post]:
    with mail_server() as post:
        options = {"host": post.host, "port": post.port, "timeout": 5}
        settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
        settings.MAIL_IN_URL, settings.MAIL_IN_ADDRESS = "maildir:///nowhere", HELP
        settings.DEFAULT_FROM_EMAIL = "Solidarity <site@solidarity.example>"
        yield post


def answered(data: bytes, text: str = "Thank you. How many people?", language: str = "fr") -> OutboundMessage:
    row = fetching.take(data)
    assert isinstance(row, InboundMessage)
    row.correspondent.language = language
    row.correspondent.save()
    made = outgoing_messages.write(row.correspondent, text, answers=row)
    assert made is not None
    return made


def test_an_answer_is_in_the_thread_of_the_mail_and_says_that_a_machine_wrote_it(post_office: Post) -> None:
    row = answered(mail())
    number = mail_answers.post(row)
    [made] = post_office.mails
    assert made["To"] == "ana@example.org" and made["Reply-To"] == HELP
    assert made["From"] == "Solidarity <site@solidarity.example>"
    assert made["Subject"] == "Information"
    assert made["In-Reply-To"] == made["References"] == "<one@example.org>"
    assert made["Auto-Submitted"] == "auto-replied"
    assert made.get_content_type() == "text/plain"
    assert made.get_content().strip() == "Thank you. How many people?"
    row.refresh_from_db()
    assert (row.gateway, row.provider_id) == ("mail", number)
    assert made["Message-ID"].replace("\n", "").strip() == number
    assert post_office.senders == [HELP], "bounces come to the mailbox that is read"


def test_the_same_answer_sent_again_has_the_same_number(post_office: Post) -> None:
    row = answered(mail())
    assert mail_answers.post(row) == mail_answers.post(row)


def test_an_answer_that_comes_back_to_us_is_not_answered(post_office: Post) -> None:
    mail_answers.post(answered(mail()))
    before = InboundMessage.objects.count()
    assert fetching.take(post_office.raw[0]) is None
    assert InboundMessage.objects.count() == before


def test_the_subject_is_in_the_persons_language(post_office: Post) -> None:
    mail_answers.post(answered(mail(), language="uk"))
    assert post_office.mails[0]["Subject"] == "Інформація"


def test_an_answer_to_a_mail_with_files_says_that_we_cannot_open_them(post_office: Post) -> None:
    made = message_from_bytes(mail(), policy=default)
    assert isinstance(made, EmailMessage)
    made.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="a.gif")
    mail_answers.post(answered(made.as_bytes(), language="en"))
    assert (
        post_office.mails[0].get_content().strip().endswith("We cannot open files. Please write what we need to know.")
    )


def test_a_forged_number_adds_no_header_to_an_answer(post_office: Post) -> None:
    data = mail(Message_ID=None).replace(
        b"Subject:", b"Message-ID: =?utf-8?q?<a=0D=0ABcc:_all=40example.net>?=\nSubject:"
    )
    mail_answers.post(answered(data))
    [made] = post_office.mails
    assert made["Bcc"] is None and made["In-Reply-To"] is None
    assert post_office.recipients == ["ana@example.org"]


def test_two_machines_that_write_to_each_other_stop(post_office: Post, settings: Settings) -> None:
    row = answered(mail())
    for _each in range(mail_answers.MOST_TO_ONE):
        OutboundMessage.objects.create(
            correspondent=row.correspondent, text="x", sent_at=timezone.now(), gateway="mail"
        )
    with pytest.raises(Undeliverable):
        mail_answers.post(row)
    assert post_office.mails == []


def test_mails_in_the_name_of_many_people_do_not_make_us_write_to_all_of_them(
    post_office: Post, settings: Settings, cast: Cast
) -> None:
    settings.MAIL_ANSWERS_PER_HOUR = 1
    first, second = answered(mail()), answered(mail(number="two", From="zoe@example.org"))
    mail_answers.post(first)
    OutboundMessage.objects.filter(pk=first.pk).update(sent_at=timezone.now())
    with pytest.raises(NotDelivered) as refusal:
        mail_answers.post(second)
    assert not isinstance(refusal.value, Undeliverable), "it is tried again later"
    second.by = cast.carol
    mail_answers.post(second)
    assert len(post_office.mails) == 2, "what a dispatcher writes is sent"


def test_a_refused_recipient_is_final_and_a_busy_server_is_not(post_office: Post) -> None:
    row = answered(mail())
    post_office.recipient_answer = "550 no such person"
    with pytest.raises(Undeliverable):
        mail_answers.post(row)
    post_office.recipient_answer = "450 later"
    with pytest.raises(NotDelivered) as refusal:
        mail_answers.post(row)
    assert not isinstance(refusal.value, Undeliverable)
