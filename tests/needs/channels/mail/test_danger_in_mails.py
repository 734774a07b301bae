"""Mails that no dialogue answers: words of danger raise the alarm all the same, and a voice message is not overlooked."""

from typing import Any

import pytest
from pytest_django import Settings

from needs.messages.channels.mail import fetching, mail_answers
from needs.messages.channels.models import DialogueStep
from needs.messages.dialogue import automatic_answers, message_reading
from needs.models import DangerAlarm, Dialogue, InboundMessage, Need, OutboundMessage, ReporterAddress
from needs.reports.danger import announcing
from solidarity.lib.danger_words.flags import DangerFlag
from tests.needs.channels.mail.conftest import Folder, mail, voice_mail
from tests.needs.danger.danger_cases import ENGLISH, numbers_in
from tests.needs.message_desk.message_cases import waiting
from tests.support import Cast, City, SignedIn
from volunteers.models import Notification
from volunteers.places.territories import duties

pytestmark = pytest.mark.django_db

DANGER = f"Under the bridge: {ENGLISH[DangerFlag.NOT_BREATHING]}."


MACHINES: list[dict[str, Any]] = [
    {"List_Id": "<friends.example.org>"}, {"Auto_Submitted": "auto-generated"}, {"X_Spam_Flag": "YES"},
    {"From": "no-reply@example.org"}, {"X_Auto_Response_Suppress": "All"},
]  # fmt: skip


@pytest.mark.parametrize("headers", MACHINES, ids=lambda headers: next(iter(headers)))
def test_danger_in_a_mail_that_a_machine_may_have_written_raises_the_alarm_and_is_never_answered(
    headers: dict[str, Any], city: City, cast: Cast, maildir: Folder
) -> None:
    duties.go_on_duty(cast.carol)
    maildir.deliver(mail(DANGER, **headers))
    assert fetching.fetch() == 1
    message_reading.read_waiting()
    alarm = DangerAlarm.objects.get()
    assert alarm.need is not None and DANGER in alarm.need.text and alarm.need.channel == "email"
    assert announcing.escalate() == 1
    assert Notification.objects.filter(user=cast.carol, topic="danger").exists()
    assert not OutboundMessage.objects.exists() and not ReporterAddress.objects.exists()
    assert not InboundMessage.objects.waiting().exists()


def test_a_machine_that_writes_of_danger_again_and_again_makes_one_need_and_no_mail(
    city: City, cast: Cast, maildir: Folder
) -> None:
    for number in range(5):
        fetching.take(mail(DANGER, number=str(number), List_Id="<friends.example.org>"))
        message_reading.read_waiting()
    assert Need.objects.count() == DangerAlarm.objects.count() == 1
    assert not OutboundMessage.objects.exists()


def test_danger_beyond_the_hourly_number_of_mails_raises_the_alarm_and_answers_stay_limited(
    city: City, cast: Cast, maildir: Folder, settings: Settings
) -> None:
    settings.MAIL_IN_PER_HOUR = 2
    for number in range(4):
        fetching.take(mail("Two people need blankets.", number=str(number)))
    assert InboundMessage.objects.filter(read_at=None).count() == 2
    for number in range(automatic_answers.MOST_DANGER_IN_AN_HOUR + 3):
        fetching.take(mail(f"{DANGER} {number}", number=f"d{number}"))
        message_reading.read_waiting()
    assert DangerAlarm.objects.get().need is not None
    sent = OutboundMessage.objects.filter(by=None)
    assert any(numbers_in(each.text) for each in sent)
    assert sent.count() <= automatic_answers.MOST_DANGER_IN_AN_HOUR < mail_answers.MOST_TO_ONE


def test_a_person_whose_list_mail_told_of_danger_gets_answers_to_their_own_mail(
    city: City, cast: Cast, maildir: Folder
) -> None:
    fetching.take(mail(DANGER, List_Id="<friends.example.org>"))
    message_reading.read_waiting()
    fetching.take(mail(ENGLISH[DangerFlag.FIRE], number="two"))
    message_reading.read_waiting()
    assert numbers_in(OutboundMessage.objects.get().text)
    assert DangerAlarm.objects.get().flags == ["fire", "not_breathing"]


# --- voice messages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [voice_mail(), voice_mail("note.opus", "application", "octet-stream"), voice_mail("a.amr", text="please")]
)
def test_a_voice_message_waits_on_top_of_the_desks_messages_and_says_that_nobody_has_heard_it(
    data: bytes, city: City, cast: Cast, maildir: Folder, signed_in: SignedIn
) -> None:
    old = waiting(city.nord, "help 1", number="+33600000001", minutes_ago=90)
    danger = waiting(city.nord, "help 2", number="+33600000002", minutes_ago=5, danger=("bleeding",))
    fetching.take(data)
    message_reading.read_waiting()
    voice = Dialogue.objects.get(received__gateway="mail")
    assert voice.step == DialogueStep.DESK
    carol = signed_in(cast.carol)
    queue = carol.get("/triage/?only=messages").content.decode()
    places = [queue.index(str(each.pk)) for each in (danger, voice, old)]
    assert places == sorted(places)
    assert queue.count("voice message: nobody has listened to it") == 1
    assert "Nobody has listened to it yet." in carol.get(f"/desk/messages/{voice.pk}/").content.decode()
    made = mail_answers.compose(OutboundMessage.objects.get(), "ana@example.org", "<x@example.org>")
    assert "We cannot open files." in str(made.body)


def test_a_voice_message_about_an_open_need_waits_at_the_desk_too(
    city: City, cast: Cast, maildir: Folder, signed_in: SignedIn
) -> None:
    fetching.take(mail(f"Under the bridge: {ENGLISH[DangerFlag.FIRE]}."))
    message_reading.read_waiting()
    need = Need.objects.get()
    fetching.take(voice_mail())
    message_reading.read_waiting()
    dialogue = Dialogue.objects.get()
    assert (dialogue.need, dialogue.step) == (need, DialogueStep.DESK)
    assert (
        "voice message: nobody has listened to it"
        in signed_in(cast.carol).get("/triage/?only=messages").content.decode()
    )


@pytest.mark.parametrize("name", ["idna''a..b.mp3", "undefined''a.mp3", "utf\0-8''a.mp3"])
def test_attack_a_file_with_an_impossible_name_does_not_stop_its_mail(
    name: str, city: City, cast: Cast, maildir: Folder
) -> None:
    data = voice_mail(text=DANGER).replace(b'filename="voice.m4a"', f"filename*={name}".encode())
    assert name.encode() in data
    maildir.deliver(data.replace(b"audio/mp4", b"application/octet-stream"))
    assert fetching.fetch() == 1
    message_reading.read_waiting()
    assert DangerAlarm.objects.exists()


def test_a_photo_is_no_voice_message(city: City, cast: Cast, maildir: Folder, signed_in: SignedIn) -> None:
    fetching.take(voice_mail("photo.jpg", "image", "jpeg"))
    message_reading.read_waiting()
    assert Dialogue.objects.get().step != DialogueStep.DESK
