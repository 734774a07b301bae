"""Unclear messages: who sees them, what a dispatcher can do, and what must never leak."""

import logging
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from needs.enums import Channel, NeedState
from needs.help.triage.working_list import desk_lines
from needs.models import Correspondent, DangerAlarm, Dialogue, Need, OutboundMessage
from solidarity.lib.field_encryption import decrypt
from tests.needs.message_desk.message_cases import NUMBER, waiting, wrote
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.models import AuditEntry, Notification, User
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db

QUEUE = "/triage/?only=messages"
PAGE = "/desk/messages/"


@pytest.fixture
def carol(cast: Cast, city: City, signed_in: SignedIn) -> Client:
    dispatches(cast.carol, city.nord)
    return signed_in(cast.carol)


@pytest.fixture
def hugo(cast: Cast, city: City) -> User:
    """A second dispatcher of Nord, in another association."""
    user = User.objects.create_user("hugo@example.org", display_name="Hugo Martin")
    dispatches(user, city.nord, association=cast.other)
    return user


def path(dialogue: Dialogue, step: str = "") -> str:
    return f"{PAGE}{dialogue.pk}/" + (f"{step}/" if step else "")


def filled_in(**changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()), "seen": "1", "gate": "none", "kinds": ["blanket"], "urgency": "soon", "persons": "2",
        "origin": "self", "text": "two people, cold", "latitude": "48.866", "longitude": "2.35", "place_text": "bridge",
        "ending": "verified", **changes,
    }  # fmt: skip


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def waiting_for(user: User) -> int:
    """Return the number of messages that the desk's tab shows."""
    return sum(bool(line.harm) for line in desk_lines.lines_for(Viewer(user), timezone.now()))


def outcome(dialogue: Dialogue) -> list[dict[str, Any]]:
    entries = AuditEntry.objects.filter(verb="messages_sorted").order_by("seq")
    return [entry.details for entry in entries]


def test_danger_is_on_top_then_the_oldest_and_the_tab_counts_them(cast: Cast, city: City, carol: Client) -> None:
    new = waiting(city.nord, "help 1", number="+33600000001", minutes_ago=1)
    old = waiting(city.nord, "help 2", number="+33600000002", minutes_ago=90)
    danger = waiting(city.nord, "help 3", number="+33600000003", minutes_ago=5, danger=("bleeding",))
    asked = waiting(city.nord, "help 4", number="+33600000004", minutes_ago=200)
    OutboundMessage.objects.create(correspondent=asked.correspondent, dialogue=asked, text="where?", by=cast.carol)
    text = text_of(carol, QUEUE)
    places = [text.index(str(each.pk)) for each in (danger, old, new)]
    assert places == sorted(places) and text.index(str(asked.pk)) > places[-1]
    assert "You asked, and the answer has not come yet." in text
    assert str(asked.pk) not in text_of(carol, "/triage/"), "nothing to do"
    assert waiting_for(cast.carol) == 3
    wrote(asked, "at the station")
    assert waiting_for(cast.carol) == 4
    assert AuditEntry.objects.filter(verb="list_read", details__list="messages").exists()


def test_a_queue_of_many_messages_takes_few_queries(
    cast: Cast, city: City, carol: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        waiting(city.nord, "a", "b", number=f"+336000000{number:02}")
    with django_assert_max_num_queries(40):
        carol.get(QUEUE)


def test_only_dispatchers_of_the_territory_see_its_messages_and_top_dispatchers_those_without_one(
    cast: Cast, city: City, carol: Client, signed_in: SignedIn
) -> None:
    hugo = User.objects.create_user("sud@example.org")
    dispatches(hugo, city.sud, association=cast.other)
    here, nowhere = waiting(city.nord), waiting(None, number="+33600000009")
    steps = ("file", "attach", "answer", "put-aside", "hand-over", "contact", "hold", "take-over", "leave")
    for user in (hugo, cast.bob, cast.diane, cast.farid):
        client = signed_in(user)
        assert client.get(path(here)).status_code == 404
        for step in steps:
            assert client.post(path(here, step), {"seen": "1"}).status_code == 404, step
    assert carol.get(path(here)).status_code == 200
    # Nobody dispatches for a top territory: the rest goes to everybody, so that nothing is lost.
    assert carol.get(path(nowhere)).status_code == 200
    dispatches(hugo, city.root, association=cast.other)
    assert carol.get(path(nowhere)).status_code == 404
    assert signed_in(hugo).get(path(nowhere)).status_code == 200
    assert signed_in(hugo).get(path(here)).status_code == 200
    assert not Dialogue.objects.exclude(closed_at=None).exists() and not Need.objects.exists()


def test_the_fields_are_filled_with_the_guess_and_each_has_its_reason(city: City, carol: Client) -> None:
    text = text_of(carol, path(waiting(city.nord, danger=("hypothermia",))))
    assert "two people under the old bridge, cold, blanket pls" in text
    assert "because the message says “cold”, “blanket”" in text
    assert "because of danger words" in text and "because the message names a known place" in text
    assert 'value="blanket"' in text and 'value="48.866000"' in text and 'value="under the old bridge"' in text
    assert "signs of hypothermia" in text and 'lang="fr"' in text and 'dir="auto"' in text
    assert NUMBER not in text and "12345678" not in text


@pytest.mark.parametrize(
    "guess",
    [
        {},
        {"kinds": ["x"], "urgency": "x", "persons": "many", "place": {"lat": 95, "lng": "x"}, "reasons": {"kinds": []}},
    ],
)
def test_a_guess_that_no_form_would_accept_is_left_out(city: City, carol: Client, guess: dict[str, Any]) -> None:
    assert "Our guess," not in text_of(carol, path(waiting(city.nord, guess=guess)))


def test_filing_keeps_channel_contact_and_words_and_thanks_the_person(cast: Cast, city: City, carol: Client) -> None:
    dialogue = waiting(city.nord)
    said = filled_in(text="two people, not breathing")
    answer = carol.post(path(dialogue, "file"), said)
    need = Need.objects.get()
    assert answer.headers["Location"] == f"/triage/{need.pk}/"
    assert (need.channel, need.state, need.kinds, need.persons) == (Channel.SMS, NeedState.VERIFIED, ["blanket"], 2)
    assert need.contact is not None and decrypt(need.contact) == NUMBER and NUMBER.encode() not in bytes(need.contact)
    assert need.author is None and DangerAlarm.objects.filter(need=need).exists()
    dialogue.refresh_from_db()
    assert (dialogue.need, dialogue.step, dialogue.closed_at, dialogue.taken_by) == (need, "done", None, None)
    thanks = OutboundMessage.objects.get()
    assert thanks.by == cast.carol and thanks.dialogue == dialogue and "ÉTAT" in thanks.text
    assert outcome(dialogue) == [{"outcome": "filed"}]
    assert path(dialogue) in text_of(carol, f"/triage/{need.pk}/")
    assert carol.post(path(dialogue, "file"), said).status_code == 409  # a second click files nothing twice
    assert Need.objects.count() == 1


def test_a_wrong_field_is_named_and_nothing_typed_is_lost(city: City, carol: Client) -> None:
    dialogue = waiting(city.nord)
    answer = carol.post(path(dialogue, "file"), filled_in(kinds=[], text="my words", place_text="my place"))
    page = answer.content.decode()
    assert answer.status_code == 400 and "Choose at least one." in page
    assert "my words" in page and "my place" in page and not Need.objects.exists()


def test_messages_of_a_person_with_an_open_need_can_belong_to_it(cast: Cast, city: City, carol: Client) -> None:
    first = waiting(city.nord)
    carol.post(path(first, "file"), filled_in())
    need = Need.objects.get()
    Dialogue.objects.filter(pk=first.pk).update(closed_at=timezone.now())
    again, stranger = waiting(city.nord, "still cold"), reported()
    assert "The same person has an open need" in text_of(carol, path(again))
    assert carol.post(path(again, "attach"), {"seen": "1", "need": str(stranger.pk)}).status_code == 400
    assert carol.post(path(again, "attach"), {"seen": "1", "need": str(need.pk)}).status_code == 302
    again.refresh_from_db()
    assert again.need == need and outcome(again)[-1] == {"outcome": "attached"}


def test_a_ready_question_goes_out_in_the_language_of_the_person(cast: Cast, city: City, carol: Client) -> None:
    dialogue = waiting(city.nord, language="en")
    answer = carol.post(path(dialogue, "answer"), {"seen": "1", "ready": "place"})
    assert answer.status_code == 302
    sent = OutboundMessage.objects.get()
    assert sent.text.startswith("Where is help needed?") and sent.by == cast.carol
    assert sent.answers == dialogue.received.get()
    assert "waiting to be sent" in text_of(carol, path(dialogue))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Are you still under the old bridge?", "This names a place."),
        ("Go to 12 rue de la Gare", "This names a place."),
        ("You are at 48.86612, 2.35012", "This names a place."),
        ("Ask Mme Durand for the key", "We do not send names or numbers."),
        ("Call 06 12 34 56 78", "We do not send names or numbers."),
        ("", "Write what you want to send"),
        ("x" * 481, "480"),
    ],
)
def test_what_we_send_never_names_a_place_a_person_or_a_number(city: City, carol: Client, text: str, said: str) -> None:
    dialogue = waiting(city.nord)
    answer = carol.post(path(dialogue, "answer"), {"seen": "1", "text": text})
    page = answer.content.decode()
    assert answer.status_code == 400 and said in page and text in page
    assert not OutboundMessage.objects.exists()


def test_nothing_is_sent_to_somebody_who_wrote_stop(city: City, carol: Client) -> None:
    dialogue = waiting(city.nord)
    Correspondent.objects.update(stopped_at=timezone.now())
    assert "This person wrote STOP" in text_of(carol, path(dialogue))
    answer = carol.post(path(dialogue, "answer"), {"seen": "1", "text": "how many are you?"})
    assert answer.status_code == 409 and not OutboundMessage.objects.exists()
    assert carol.post(path(dialogue, "file"), filled_in()).status_code == 302  # filing still works
    assert not OutboundMessage.objects.exists()


def test_the_delivery_of_each_answer_is_shown_with_a_cure(cast: Cast, city: City, carol: Client) -> None:
    dialogue, now = waiting(city.nord), timezone.now()
    for state in ({"sent_at": now}, {"delivered_at": now}, {"failed_at": now}, {"undelivered": True, "sent_at": now}):
        OutboundMessage.objects.create(correspondent=dialogue.correspondent, dialogue=dialogue, text="hello", **state)
    text = text_of(carol, path(dialogue))
    for words in ("sent</strong>", ">delivered", ">not sent", ">not delivered", "the phone may be off", "automatic"):
        assert words in text


def test_putting_aside_needs_a_reason_and_is_audited(city: City, carol: Client) -> None:
    dialogue = waiting(city.nord)
    assert carol.post(path(dialogue, "put-aside"), {"seen": "1", "reason": ""}).status_code == 400
    assert carol.post(path(dialogue, "put-aside"), {"seen": "1", "reason": "junk"}).status_code == 302
    dialogue.refresh_from_db()
    assert dialogue.closed_at is not None and outcome(dialogue) == [{"outcome": "put_aside", "reason": "junk"}]
    assert not OutboundMessage.objects.exists()
    assert "These messages are sorted" in text_of(carol, path(dialogue))
    Dialogue.objects.update(closed_at=timezone.now() - timedelta(days=2))
    assert carol.get(path(dialogue)).status_code == 404


def test_messages_handed_over_reach_the_dispatchers_there_alone(
    cast: Cast, city: City, carol: Client, signed_in: SignedIn
) -> None:
    hugo = User.objects.create_user("sud@example.org")
    dispatches(hugo, city.sud, association=cast.other)
    dialogue = waiting(city.nord)
    carol.get(path(dialogue))
    assert carol.post(path(dialogue, "hand-over"), {"seen": "1", "territory": "sud"}).status_code == 302
    assert carol.get(path(dialogue)).status_code == 404
    assert signed_in(hugo).get(path(dialogue)).status_code == 200
    told = Notification.objects.get(user=hugo)
    assert told.title == "Messages for your territory" and "bridge" not in told.body
    assert not Notification.objects.filter(user=cast.carol).exists()


def test_two_dispatchers_never_work_on_the_same_messages_unknowingly(
    cast: Cast, city: City, carol: Client, hugo: User, signed_in: SignedIn
) -> None:
    dialogue, other = waiting(city.nord), signed_in(hugo)
    carol.get(path(dialogue))
    assert "Carol" in text_of(other, path(dialogue)) and "Carol" in text_of(other, QUEUE)
    answer = other.post(path(dialogue, "file"), filled_in(text="typed by Hugo"))
    page = answer.content.decode()
    assert answer.status_code == 409 and "Take them over first" in page and "typed by Hugo" in page
    assert not Need.objects.exists()
    other.post(path(dialogue, "take-over"))
    assert "Hugo Martin" in text_of(carol, path(dialogue))
    assert other.post(path(dialogue, "file"), filled_in()).status_code == 302
    assert Need.objects.count() == 1


def test_a_hold_expires_and_can_be_let_go(
    cast: Cast, city: City, carol: Client, hugo: User, signed_in: SignedIn
) -> None:
    dialogue, other = waiting(city.nord), signed_in(hugo)
    carol.get(path(dialogue))
    carol.post(path(dialogue, "leave"), {"visit": "1"})
    assert Dialogue.objects.get().taken_by is None
    assert carol.post(path(dialogue, "hold"), {"visit": "1"}).status_code == 204  # a late request of the page
    assert carol.post(path(dialogue, "hold"), {"visit": "2"}).status_code == 200
    Dialogue.objects.update(taken_at=timezone.now() - timedelta(minutes=11))
    other.get(path(dialogue))
    assert Dialogue.objects.get().taken_by == hugo


def test_a_message_that_comes_in_meanwhile_is_read_first(city: City, carol: Client) -> None:
    dialogue = waiting(city.nord)
    wrote(dialogue, "no, we are three")
    answer = carol.post(path(dialogue, "file"), filled_in(text="my words"))
    page = answer.content.decode()
    assert answer.status_code == 409 and "Another message has come in" in page
    assert "no, we are three" in page and "my words" in page and not Need.objects.exists()
    assert 'name="seen" value="2"' in page


def test_the_number_is_shown_only_on_demand_logged_and_never_in_an_address_or_a_log(
    cast: Cast, city: City, carol: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    dialogue = waiting(city.nord)
    assert carol.get(path(dialogue, "contact")).status_code == 405
    answer = carol.post(path(dialogue, "contact"))
    assert NUMBER in answer.content.decode()
    assert AuditEntry.objects.filter(verb="contact_shown", kind="dialogue", scope="nord").count() == 1
    carol.post(path(dialogue, "answer"), {"seen": "1", "ready": "kind"})
    filed = carol.post(path(dialogue, "file"), filled_in())
    everything = [
        *caplog.messages,
        filed.headers["Location"],
        *(str(each.details) for each in AuditEntry.objects.all()),
    ]
    everything += [f"{each.title}{each.body}{each.path}" for each in Notification.objects.all()]
    assert not any("12345678" in line for line in everything)
