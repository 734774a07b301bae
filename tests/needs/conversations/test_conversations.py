"""Conversations of every subject: who reads and writes, what others learn, and what attackers try."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from needs.conversations import subjects, threads, writing
from needs.conversations.models import Speaker
from needs.conversations.writing import WritingRefusal, WritingRefused
from needs.help.reporter_messages import reporter_writing
from needs.help.reporter_messages.reporter_subjects import AboutCommitment, AboutNeed
from needs.messages.channels import inbox, reporter_announcements
from needs.models import (
    DangerAlarm,
    Dialogue,
    EventSeat,
    Group,
    GroupMember,
    LocalEvent,
    Message,
    MessageRead,
    Need,
    OutboundMessage,
)
from needs.neighbours.groups.group_subject import AboutGroup
from needs.neighbours.local_events.event_subject import AboutEvent
from needs.reports import filing
from tests.needs.commitments.commitment_cases import ReportNeed
from tests.needs.commitments.commitment_pages import page_text, take_on_page
from tests.needs.conversations.message_cases import said
from tests.needs.phone_queue.queue_cases import item, one
from tests.support import Cast, City, SignedIn
from volunteers.enums import Medium
from volunteers.models import Notification, User
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db
NUMBER = "+33612345678"


@pytest.fixture
def group(city: City, cast: Cast) -> Group:
    """A group of Alice, Bob and Greta, whose host is Bob."""
    made = Group.objects.create(name="Quartier Nord", territory=city.nord)
    for user, role in ((cast.alice, "member"), (cast.bob, "host"), (cast.greta, "member")):
        GroupMember.objects.create(group=made, user=user, role=role)
    return made


def meal(cast: Cast, **columns: object) -> LocalEvent:
    """A meal of Bob's, tomorrow, once or repeated."""
    start = timezone.now().replace(microsecond=0) + timedelta(days=1)
    return LocalEvent.objects.create(
        kind="meal", title="Soup", author=cast.bob, starts_at=start, ends_at=start + timedelta(hours=2), **columns
    )


def dialogue_about(need: Need) -> Dialogue:
    to = inbox.correspondent_of(Medium.SMS, NUMBER)
    return Dialogue.objects.create(correspondent=to, need=need)


# --- the reporter and dispatch ------------------------------------------------------------------------------------------


def test_reporter_and_dispatch_write_to_each_other_and_the_reporter_learns_no_name(
    client: Client, cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    own = secret_need()
    token = filing.follow_token(own.pk)
    client.post(f"/follow/{token}/message/", {"text": "We moved to the bridge", "id": (id := str(uuid.uuid4()))})
    client.post(f"/follow/{token}/message/", {"text": "We moved to the bridge", "id": id})  # a second tap
    assert Message.objects.get().speaker == "reporter"
    told = Notification.objects.get(user=cast.carol, title="The reporter of a need wrote to you")
    assert "bridge" not in told.body and told.path == f"/conversations/need/{own.pk}/"
    carol = signed_in(cast.carol)
    assert "We moved to the bridge" in page_text(carol, "/triage/?only=messages")
    assert "We moved to the bridge" in page_text(carol, told.path)
    carol.post(told.path, {"text": "Somebody comes tonight"})
    page = page_text(client, f"/follow/{token}/")
    assert "Somebody comes tonight" in page and "Carol" not in page
    assert "The dispatch team" in page
    assert "We moved to the bridge" not in page_text(carol, "/triage/?only=messages")
    other = secret_need()
    assert "Somebody comes" not in page_text(client, f"/follow/{filing.follow_token(other.pk)}/")
    assert signed_in(cast.alice).get(told.path).status_code == 404
    assert signed_in(cast.edith).post(told.path, {"text": "I am dispatch"}).status_code == 404
    assert Message.objects.count() == 2


def test_nobody_writes_about_a_closed_need_and_floods_of_a_reporter_end(
    client: Client, cast: Cast, secret_need: ReportNeed
) -> None:
    own = secret_need()
    for number in range(AboutNeed.most):
        said("reporter", str(number), need=own)
    path = f"/follow/{filing.follow_token(own.pk)}/message/"
    answer = client.post(path, {"text": "one more"})
    assert answer.status_code == 409 and "one more" in answer.content.decode()
    Message.objects.all().delete()
    for _each in range(3):
        client.post(path, {"text": "hello?"})
    assert Notification.objects.filter(user=cast.carol, topic="triage").count() == 1  # once, until she reads it
    Need.objects.filter(pk=own.pk).update(state="met")
    assert client.post(path, {"text": "too late"}).status_code == 409
    assert Message.objects.count() == 3


def test_danger_words_in_a_message_raise_the_alarm_and_those_of_dispatch_do_not(
    client: Client, cast: Cast, secret_need: ReportNeed
) -> None:
    own = secret_need()
    writing.write(AboutNeed(own), Speaker.DESK, cast.carol, "Is he not breathing?")
    assert not DangerAlarm.objects.exists()
    client.post(f"/follow/{filing.follow_token(own.pk)}/message/", {"text": "he is not breathing"})
    assert DangerAlarm.objects.get().need == own


def test_a_reporter_by_text_message_gets_the_answer_there_but_not_at_night_and_never_a_name(
    cast: Cast, secret_need: ReportNeed
) -> None:
    own = secret_need()
    dialogue = dialogue_about(own)
    about = AboutNeed(own)
    writing.write(about, Speaker.DESK, cast.carol, "The day centre opens at nine.")
    first = OutboundMessage.objects.get()
    assert (first.text, first.dialogue) == ("The day centre opens at nine.", dialogue)
    night = datetime(2026, 1, 5, 2, tzinfo=UTC)
    assert reporter_announcements.after_night(night) == datetime(2026, 1, 5, 6, tzinfo=UTC)  # seven in Paris
    assert first.not_before >= reporter_announcements.after_night(first.written_at) - timedelta(minutes=1)
    for text in ("Call 06 98 76 54 32", "Ask for Jean-Pierre Martin", "48.85661, 2.35222"):
        sent = reporter_announcements.text_for_channel(own, Message(text=text))
        assert text not in sent and filing.follow_token(own.pk) in sent
    reporter_writing.write_from_reporter(own, "ok " * 300, timezone.now(), id=uuid.uuid4())
    assert [each.speaker for each in Message.objects.all()] == ["desk", "reporter", "reporter"]
    writing.write(about, Speaker.DESK, cast.carol, "Good.")
    assert OutboundMessage.objects.get(text="Good.").not_before <= timezone.now()  # the reporter is awake
    dialogue.closed_at = timezone.now()
    dialogue.save()
    writing.write(about, Speaker.DESK, cast.carol, "Are you there?")
    assert OutboundMessage.objects.count() == 2


def test_a_text_message_goes_to_the_holder_who_wrote_last_and_once(
    cast: Cast, secret_need: ReportNeed, signed_in: SignedIn
) -> None:
    own = secret_need()
    held = take_on_page(signed_in(cast.alice), own)
    id, now = uuid.uuid4(), timezone.now()
    reporter_writing.write_from_reporter(own, "first", now, id=id)
    reporter_writing.write_from_reporter(own, "first", now, id=id)
    assert Message.objects.get().conversation.need == own
    writing.write(AboutCommitment(held), Speaker.VOLUNTEER, cast.alice, "I come")
    reporter_writing.write_from_reporter(own, "thanks", now)
    assert Message.objects.get(text="thanks").conversation.commitment == held


# --- groups and events --------------------------------------------------------------------------------------------------


def test_members_of_a_group_write_with_first_names_and_others_find_nothing(
    group: Group, cast: Cast, signed_in: SignedIn
) -> None:
    User.objects.filter(pk=cast.alice.pk).update(display_name="Alice Martin")
    path = f"/conversations/group/{group.pk}/"
    signed_in(cast.alice).post(path, {"text": "Who has a van?"})
    assert Notification.objects.filter(path=path).count() == 2  # Bob and Greta
    text = page_text(signed_in(cast.bob), path)
    assert "Who has a van?" in text and "Alice" in text and "Martin" not in text
    listed = page_text(signed_in(cast.greta), "/conversations/")
    assert "Quartier Nord" in listed and "Who has a van?" in listed
    for stranger in (cast.carol, cast.edith, cast.farid):
        client = signed_in(stranger)
        assert client.get(path).status_code == client.post(path, {"text": "hello"}).status_code == 404
        assert client.get(f"/api/v1{path}messages/").status_code == 404
        assert "van" not in page_text(client, "/conversations/")
    assert signed_in(cast.bob).post(path, {"text": "06 12 34 56 78", "text_as_it_is": "1"}).status_code == 400
    GroupMember.objects.filter(user=cast.alice).delete()
    assert signed_in(cast.alice).get(path).status_code == 404  # including her own messages
    Group.objects.update(closed_at=timezone.now())
    assert signed_in(cast.bob).post(path, {"text": "too late"}).status_code == 409
    assert Message.objects.count() == 1


def test_nobody_learns_from_read_receipts_who_looked_or_when(group: Group, cast: Cast, signed_in: SignedIn) -> None:
    path = f"/conversations/group/{group.pk}/"
    alice = signed_in(cast.alice)
    alice.post(path, {"text": "Soup?"})
    signed_in(cast.bob).get(path), signed_in(cast.bob).get(path)
    assert MessageRead.objects.count() == 1
    text = page_text(alice, path)
    assert "read by 1 person" in text and "Bob" not in text
    [shown] = alice.get(f"/api/v1{path}messages/").json()
    assert set(shown) == {"id", "speaker", "who", "own", "text", "by_phone", "at"}


def test_between_two_sides_there_is_no_read_receipt_at_all(
    cast: Cast, secret_need: ReportNeed, signed_in: SignedIn, client: Client
) -> None:
    own = secret_need()
    alice = signed_in(cast.alice)
    held = take_on_page(alice, own)
    path = f"/conversations/commitment/{held.pk}/"
    alice.post(path, {"text": "I come at eight"})
    client.get(f"/follow/{filing.follow_token(own.pk)}/")
    page = page_text(alice, path)
    assert "I come at eight" in page and "read by" not in page and "not read yet" not in page


def test_those_who_joined_an_occurrence_read_its_thread_and_nobody_makes_others(
    cast: Cast, signed_in: SignedIn
) -> None:
    event = meal(cast, repeats="FREQ=WEEKLY")
    later = event.starts_at + timedelta(weeks=1)
    EventSeat.objects.create(event=event, occurrence=event.starts_at, user=cast.alice)
    EventSeat.objects.create(event=event, occurrence=later, user=cast.greta)
    EventSeat.objects.create(event=event, occurrence=event.starts_at, user=cast.edith, waiting=True)
    path, on = f"/conversations/event/{event.pk}/", f"{event.starts_at:%Y-%m-%dT%H:%M:%SZ}"
    alice = signed_in(cast.alice)
    alice.post(f"{path}?on={on}", {"text": "I bring bread"})
    assert Notification.objects.get(path__startswith=path).user == cast.bob
    assert "I bring bread" in page_text(signed_in(cast.bob), f"{path}?on={on}")
    for person, when in ((cast.greta, on), (cast.edith, on), (cast.alice, f"{later:%Y%m%dT%H%MZ}")):
        assert signed_in(person).get(f"{path}?on={when}").status_code == 404
    for when in ("", "soon", "2026-02-30T10:00", "2030-01-01T00:00:00Z"):
        assert signed_in(cast.bob).post(f"{path}?on={when}", {"text": "?"}).status_code == 404
    EventSeat.objects.filter(user=cast.alice).delete()
    assert alice.get(f"{path}?on={on}").status_code == 404


def test_an_event_without_repetition_has_one_thread_until_two_days_after_its_end(cast: Cast) -> None:
    event = meal(cast)
    EventSeat.objects.create(event=event, occurrence=event.starts_at, user=cast.alice)
    about = subjects.find("event", event.pk)
    assert isinstance(about, AboutEvent) and about.speaker_of(Viewer(cast.alice)) is Speaker.MEMBER
    assert not about.is_over(event.ends_at + timedelta(days=1))
    assert about.is_over(event.ends_at + timedelta(days=3))


# --- forging, guessing, floods -------------------------------------------------------------------------------------------


def test_nobody_chooses_as_whom_they_speak_or_writes_over_another_message(
    group: Group, cast: Cast, signed_in: SignedIn
) -> None:
    path, alice = f"/conversations/group/{group.pk}/", signed_in(cast.alice)
    forged = {"text": "Come to me", "speaker": "organiser", "author": str(cast.bob.pk), "held_at": "2020-01-01"}
    sent = alice.post(f"/api/v1{path}messages/", forged, content_type="application/json")
    assert sent.status_code == 201 and sent.json()["speaker"] == "member" and sent.json()["own"] is True
    id = sent.json()["id"]
    again = signed_in(cast.greta).post(path, {"text": "Come to us", "id": id})
    assert again.status_code == 409
    assert Message.objects.get().text == "Come to me" and Message.objects.get().author == cast.alice


def test_unknown_subjects_ids_and_anonymous_readers_find_nothing(group: Group, cast: Cast, signed_in: SignedIn) -> None:
    alice = signed_in(cast.alice)
    for kind in ("group", "plan", "tour", "loan", "event", "need", "commitment", "user", "message"):
        assert alice.get(f"/conversations/{kind}/{uuid.uuid4()}/").status_code == 404
    assert alice.get(f"/conversations/need/{group.pk}/").status_code == 404
    assert Client().get(f"/conversations/group/{group.pk}/").status_code == 302


def test_a_flood_in_a_group_is_stopped_and_does_not_ring_every_phone(group: Group, cast: Cast) -> None:
    about = AboutGroup(group)
    for number in range(writing.MOST_AT_ONCE):
        writing.write(about, Speaker.MEMBER, cast.alice, str(number))
    with pytest.raises(WritingRefused) as refused:
        writing.write(about, Speaker.MEMBER, cast.alice, "again")
    assert refused.value.refusal is WritingRefusal.TOO_FAST
    assert Notification.objects.filter(user=cast.bob).count() == 1
    writing.mark_read(about, cast.bob)
    writing.write(about, Speaker.MEMBER, cast.greta, "I read it")
    assert Notification.objects.filter(user=cast.bob).count() == 2


def test_held_and_hidden_messages_reach_nobody_until_a_moderator_lets_them_pass(
    group: Group, cast: Cast, signed_in: SignedIn
) -> None:
    path = f"/conversations/group/{group.pk}/"
    held = said("member", "held words", group=group, author=cast.alice, held_at=timezone.now())
    said("member", "hidden words", group=group, author=cast.alice, hidden_at=timezone.now())
    own, others = page_text(signed_in(cast.alice), path), page_text(signed_in(cast.bob), path)
    assert "held words" in own and "A moderator reads it first" in own and "hidden words" not in own
    assert "held words" not in others and "hidden words" not in others
    assert threads.mine(Viewer(cast.bob)) == [] and not Notification.objects.exists()
    writing.let_pass(held)
    assert "held words" in page_text(signed_in(cast.bob), path)
    assert Notification.objects.filter(user=cast.bob).count() == 1


def test_a_message_that_waited_on_a_phone_arrives_once_and_with_the_rights_of_now(
    group: Group, cast: Cast, signed_in: SignedIn
) -> None:
    alice = signed_in(cast.alice)
    waited = item("message", {"kind": "group", "about": str(group.pk), "on": "", "text": "from the cellar"}, ago=600)
    assert [one(alice, cast.alice, waited)["status"] for _twice in range(2)] == [201, 200]
    message = Message.objects.get()
    assert str(message.pk) == waited["id"] and timezone.now() - message.at > timedelta(minutes=9)
    changed = {**waited, "body": waited["body"].replace("cellar", "roof")}
    assert one(alice, cast.alice, changed)["status"] == 409
    GroupMember.objects.filter(user=cast.alice).delete()
    assert one(alice, cast.alice, {**waited, "id": str(uuid.uuid4())})["status"] == 404
    assert Message.objects.count() == 1
