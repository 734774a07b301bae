"""The words that raised an alarm after its report: who reads them beside the alarm, for how long, and what attackers
try."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.conversations.moderation import held_words
from needs.doors.retention import own_data, runner
from needs.enums import AlarmStep, WordsWay
from needs.help.assignments import answering
from needs.help.commitments import ending, hand_overs, taking
from needs.help.exact_places import help_offers
from needs.help.reporter_messages.reporter_subjects import AboutCommitment, AboutNeed
from needs.messages.channels import inbox
from needs.messages.dialogue import message_reading
from needs.models import (
    AlarmWords,
    Commitment,
    DangerAlarm,
    InboundMessage,
    Message,
    Need,
    NeedAssignment,
    RefusedMessage,
)
from needs.reports.danger import alarm_quotes, alarms, lane
from needs.reports.filing import follow_token
from solidarity.lib.danger_words.flags import DangerFlag
from tests.conftest import sign_in
from tests.needs.danger.danger_cases import ENGLISH, by_message
from tests.needs.phone_queue.queue_cases import item, one
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.enums import Medium
from volunteers.models import AuditEntry, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.availability import offers

pytestmark = pytest.mark.django_db

DANGER = f"third floor, code 4711, {ENGLISH[DangerFlag.NOT_BREATHING]}, 06 12 34 56 78"


@pytest.fixture
def need(city: City, cast: Cast) -> Need:
    return reported(state="open", text="two blankets")


@pytest.fixture
def held(need: Need, cast: Cast) -> Commitment:
    """Bob takes care of the need."""
    return taking.take(need.pk, cast.bob)


def alarm_of(need: Need) -> DangerAlarm:
    return DangerAlarm.objects.get(need=need)


def pages(need: Need) -> tuple[str, ...]:
    return ("/desk/alarms/", f"/desk/alarms/{alarm_of(need).pk}/", f"/triage/{need.pk}/")


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    return str(answer.content.decode()) if answer.status_code == 200 else ""


def by_reporter(need: Need, text: str = DANGER, to: str = "desk", **more: str) -> int:
    return Client().post(f"/follow/{follow_token(need.pk)}/message/", {"text": text, "to": to, **more}).status_code


# --- every way in -----------------------------------------------------------------------------------------------------


def _to_holder(need: Need, cast: Cast) -> None:
    taking.take(need.pk, cast.bob)
    assert by_reporter(need, to="holders") == 302


def _by_holder(need: Need, cast: Cast) -> None:
    own = taking.take(need.pk, cast.bob)
    writing.write(AboutCommitment(own), Speaker.VOLUNTEER, cast.bob, DANGER)


def _feedback(need: Need, cast: Cast) -> None:
    own = taking.take(need.pk, cast.bob)
    ending.mark_done(own.pk, cast.bob)
    Client().post(f"/follow/{follow_token(need.pk)}/feedback/{own.pk}/", {"went": "badly", "text": DANGER})


def _hand_over(need: Need, cast: Cast) -> None:
    hand_overs.offer(taking.take(need.pk, cast.bob).pk, cast.bob, cast.carol, DANGER)


def _offer(need: Need, cast: Cast) -> None:
    offers.store(cast.greta, offers.Availability(base=(48.866, 2.35)))
    help_offers.make(need, cast.greta, DANGER)


def _group(need: Need, cast: Cast) -> None:
    own = taking.take(need.pk, cast.bob, association=cast.maraude)
    row = NeedAssignment.objects.create(need=need, association=cast.maraude, state="accepted", commitment=own)
    answering.report_back(row.pk, cast.bob, answering.MET, word=DANGER)


def _refused(need: Need, cast: Cast) -> None:
    Need.objects.filter(pk=need.pk).update(state="met")
    assert by_reporter(need) == 302


WAYS: dict[str, tuple[Callable[[Need, Cast], object], tuple[str, str]]] = {
    "to the desk": (lambda need, _cast: by_reporter(need), ("a message on this site", "the reporter")),
    "to the holder": (_to_holder, ("a message on this site", "the reporter")),
    "by the holder": (_by_holder, ("a message on this site", "a volunteer")),
    "feedback": (_feedback, ("feedback", "the reporter")),
    "hand-over": (_hand_over, ("a hand-over", "")),
    "offer": (_offer, ("an offer of help", "")),
    "group": (_group, ("the answer of a group", "")),
    "refused": (_refused, ("a message that was refused", "the reporter")),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_desk_gets_the_exact_words_that_raised_the_alarm_and_the_way_they_came(
    way: str, need: Need, cast: Cast
) -> None:
    file, said = WAYS[way]
    file(need, cast)
    [alarm] = lane.waiting_for(Viewer(cast.carol))
    [quote] = alarm.quotes
    assert (quote.text, quote.labels) == (DANGER, ["someone does not breathe"])
    assert (str(quote.way), str(quote.role)) == said
    assert abs(quote.at - timezone.now()) < timedelta(minutes=5)
    need.refresh_from_db()
    assert need.text == "two blankets"


def test_the_lane_the_alarm_and_the_need_show_the_words(need: Need, cast: Cast, signed_in: SignedIn) -> None:
    by_reporter(need)
    for path in pages(need):
        page = text_of(signed_in(cast.carol), path)
        assert page.count(DANGER) == 1 and "A message on this site</strong> · the reporter" in page, path
        assert "someone does not breathe" in page.partition('class="danger-quote"')[2], path


def test_attack_nobody_but_its_dispatchers_reads_them_beside_the_alarm(
    need: Need, cast: Cast, city: City, signed_in: SignedIn
) -> None:
    by_reporter(need)
    _refused(need, cast)
    elsewhere = User.objects.create_user("sud@example.org")
    dispatches(elsewhere, city.sud, association=cast.other)
    for user in (cast.alice, cast.bob, cast.edith, elsewhere, cast.diane, cast.farid):
        client = signed_in(user)
        for path in pages(need):
            assert "4711" not in text_of(client, path), (user, path)
    # Coordinators and administrators learn that there are such words, and who reads them.
    for user in (cast.diane, cast.farid):
        [alarm] = lane.waiting_for(Viewer(user))
        assert (alarm.quotes, alarm.said) == ([], 2)
    assert "the dispatchers of the territory read them" in text_of(signed_in(cast.diane), "/desk/alarms/")


def test_an_sms_about_a_known_need_is_quoted_once_with_its_way(city: City, cast: Cast, signed_in: SignedIn) -> None:
    key = by_message(Medium.SMS, ENGLISH[DangerFlag.FIRE])
    first = InboundMessage.objects.get()
    inbox.receive(
        Medium.SMS, gateway="test", provider_id="later", sender="+33612300000", text=DANGER, received_at=timezone.now()
    )
    InboundMessage.objects.filter(provider_id="later").update(correspondent=first.correspondent)
    message_reading.read_waiting()
    [quote] = alarm_quotes.quotes_of([DangerAlarm.objects.get(need=key).pk])[DangerAlarm.objects.get(need=key).pk]
    assert (quote.text, str(quote.way), quote.labels) == (DANGER, "a text message", ["someone does not breathe"])
    assert "A text message</strong>" in text_of(signed_in(cast.carol), f"/triage/{key}/")


def test_all_messages_that_are_read_together_are_quoted(city: City, cast: Cast) -> None:
    key = by_message(Medium.SMS, ENGLISH[DangerFlag.FIRE])
    first = InboundMessage.objects.get()
    for number, text in enumerate((DANGER, f"please hurry, {ENGLISH[DangerFlag.NOT_BREATHING]}")):
        inbox.receive(
            Medium.SMS, gateway="test", provider_id=f"later {number}", sender="+33612300000", text=text,
            received_at=timezone.now(),
        )  # fmt: skip
    InboundMessage.objects.exclude(pk=first.pk).update(correspondent=first.correspondent)
    message_reading.read_waiting()
    alarm = DangerAlarm.objects.get(need=key)
    quotes = alarm_quotes.quotes_of([alarm.pk])[alarm.pk]
    assert [quote.text.partition(",")[0] for quote in quotes] == ["please hurry", "third floor"]


def test_the_same_danger_that_comes_while_the_alarm_waits_is_shown_too(
    need: Need, cast: Cast, signed_in: SignedIn
) -> None:
    by_reporter(need)
    by_reporter(need, f"now on the roof, {ENGLISH[DangerFlag.NOT_BREATHING]}")
    page = text_of(signed_in(cast.carol), "/desk/alarms/")
    assert page.index("now on the roof") < page.index("4711")


def test_one_message_to_two_holders_is_quoted_once(need: Need, cast: Cast, signed_in: SignedIn) -> None:
    Need.objects.filter(pk=need.pk).update(kinds=["food", "blanket"])
    taking.take(need.pk, cast.bob, kinds=["food"])
    taking.take(need.pk, cast.carol, kinds=["blanket"])
    assert by_reporter(need, to="holders") == 302
    assert Message.objects.count() == 2
    assert text_of(signed_in(cast.carol), "/desk/alarms/").count("4711") == 1


# --- the rules of messages --------------------------------------------------------------------------------------------


def test_hidden_words_take_no_room_and_are_not_counted(need: Need, cast: Cast, signed_in: SignedIn) -> None:
    for name in ("first", "second", "third", "fourth", "fifth"):
        by_reporter(need, f"{name}: {DANGER}")
    Message.objects.filter(text__regex="^(third|fourth|fifth)").update(hidden_at=timezone.now())
    [alarm] = lane.waiting_for(Viewer(cast.carol))
    assert [quote.text.partition(":")[0] for quote in alarm.quotes] == ["second", "first"]
    assert (alarm.said, alarm.others) == (2, 0)
    Message.objects.update(hidden_at=timezone.now())
    assert "the dispatchers of the territory read them" not in text_of(signed_in(cast.diane), "/desk/alarms/")


def test_one_message_to_three_holders_is_one_text(need: Need, cast: Cast) -> None:
    Need.objects.filter(pk=need.pk).update(kinds=["food", "blanket", "sleeping"])
    for user, kind in ((cast.bob, "food"), (cast.carol, "blanket"), (cast.alice, "sleeping")):
        taking.take(need.pk, user, kinds=[kind])
    assert by_reporter(need, to="holders") == 302 and Message.objects.count() == 3
    [alarm] = lane.waiting_for(Viewer(cast.carol))
    assert (len(alarm.quotes), alarm.said, alarm.others) == (1, 1, 0)


def test_long_words_are_cut_in_the_lane_and_whole_on_the_page_of_the_alarm(
    held: Commitment, cast: Cast, signed_in: SignedIn
) -> None:
    ending.mark_done(held.pk, cast.bob)
    words = f"<b>{DANGER}</b> {'x' * 700} end"
    Client().post(f"/follow/{follow_token(held.need_id)}/feedback/{held.pk}/", {"went": "badly", "text": words})
    list_page, *others = (text_of(signed_in(cast.carol), path) for path in pages(held.need))
    assert "&lt;b&gt;third floor" in list_page and "x…" in list_page and "x end" not in list_page
    assert all("&lt;b&gt;third floor" in page and "x end" in page for page in others)


def test_what_a_moderator_hides_is_not_quoted_and_what_waits_for_one_says_so(
    held: Commitment, cast: Cast, signed_in: SignedIn
) -> None:
    held_words.add("zounds", "", whole=True, by=cast.farid)
    held_words.forget()
    writing.write(AboutCommitment(held), Speaker.VOLUNTEER, cast.bob, f"zounds, {DANGER}")
    carol = signed_in(cast.carol)
    for _number in range(4):
        writing.keep_danger(reported(state="open", text="soup"), Speaker.REPORTER, ENGLISH[DangerFlag.FIRE])
    page = text_of(carol, "/desk/alarms/")
    assert "A moderator reads it first." in page and "4711" not in page
    assert "two blankets" in page.partition("danger-all")[2]  # the list to answer several at once
    Message.objects.update(held_at=None)
    assert DANGER in text_of(carol, "/desk/alarms/")
    Message.objects.update(hidden_at=timezone.now())
    page = text_of(carol, "/desk/alarms/")
    assert "4711" not in page and "A moderator" not in page
    held_words.forget()


def test_no_name_of_a_writer_is_beside_the_words(held: Commitment, cast: Cast, signed_in: SignedIn) -> None:
    writing.write(AboutCommitment(held), Speaker.VOLUNTEER, cast.bob, DANGER)
    page = text_of(signed_in(cast.carol), f"/desk/alarms/{alarm_of(held.need).pk}/")
    assert DANGER in page and "Bob" not in page


def test_both_sides_of_a_commitment_learn_that_dispatch_reads_the_words(
    held: Commitment, cast: Cast, signed_in: SignedIn
) -> None:
    note = "Dispatch reads it, too"
    writing.write(AboutCommitment(held), Speaker.VOLUNTEER, cast.bob, "I am on my way")
    thread, follow = f"/conversations/commitment/{held.pk}/", f"/follow/{follow_token(held.need_id)}/?receipt=1"
    assert note not in text_of(signed_in(cast.bob), thread) + text_of(Client(), follow)
    by_reporter(held.need, to="holders")
    assert text_of(signed_in(cast.bob), thread).count(note) == text_of(Client(), follow).count(note) == 1


def test_reading_the_words_is_logged_without_them(need: Need, cast: Cast, signed_in: SignedIn) -> None:
    by_reporter(need)
    text_of(signed_in(cast.carol), f"/desk/alarms/{alarm_of(need).pk}/")
    entry = AuditEntry.objects.get(verb="messages_read")
    assert entry.details == {} and "4711" not in str(vars(entry))


# --- no second copy ---------------------------------------------------------------------------------------------------


def test_the_alarm_copies_no_words_and_forgets_them_with_their_row(need: Need, cast: Cast) -> None:
    by_reporter(need)
    alarm = alarm_of(need)
    for row in (alarm, AlarmWords.objects.get()):
        assert "4711" not in str(vars(row))
    Message.objects.all().delete()
    assert alarm_quotes.quotes_of([alarm.pk]) == {}


def test_retention_deletes_kept_words_and_the_alarm_quotes_nothing_any_more(
    need: Need, cast: Cast, signed_in: SignedIn
) -> None:
    by_reporter(need)
    _refused(need, cast)
    assert RefusedMessage.objects.count() == 1
    runner.run(timezone.now() + timedelta(days=15))
    assert not RefusedMessage.objects.exists() and not Message.objects.exists()
    alarm = DangerAlarm.objects.filter(need=need).first()
    assert alarm is None or alarm_quotes.quotes_of([alarm.pk]) == {}


def test_deleting_the_need_deletes_all_of_it(need: Need, cast: Cast) -> None:
    _refused(need, cast)
    need.delete()
    assert not RefusedMessage.objects.exists() and not AlarmWords.objects.exists()


# --- refused messages -------------------------------------------------------------------------------------------------


def test_refused_words_are_in_no_thread_and_not_in_the_need(need: Need, cast: Cast, signed_in: SignedIn) -> None:
    own = taking.take(need.pk, cast.bob)
    ending.mark_done(own.pk, cast.bob)
    bob = signed_in(cast.bob)
    answer = bob.post(f"/conversations/commitment/{own.pk}/", {"text": DANGER, "id": str(uuid.uuid4())}, follow=True)
    page = answer.content.decode()
    assert "Only dispatch reads this message" in page and 'href="tel:15"' in page
    assert "4711" not in page
    need.refresh_from_db()
    assert need.text == "two blankets" and not Message.objects.exists()
    for user in (cast.alice, cast.bob):
        for path in (
            f"/commitments/{own.pk}/",
            f"/conversations/commitment/{own.pk}/",
            f"/conversations/need/{need.pk}/",
        ):
            assert "4711" not in text_of(signed_in(user), path), (user, path)
    for receipt in ("", "?receipt=1"):
        assert "4711" not in text_of(Client(), f"/follow/{follow_token(need.pk)}/{receipt}")
    assert DANGER in text_of(signed_in(cast.carol), f"/triage/{need.pk}/")
    api = f"/api/v1/conversations/commitment/{own.pk}/messages/"
    said = bob.post(api, json.dumps({"text": f"{DANGER} again"}), content_type="application/json")
    assert said.status_code == 409 and "Only dispatch reads" in said.content.decode()
    assert RefusedMessage.objects.count() == 2
    assert own_data.of_need(need)["messages_refused"] == []  # they are of the volunteer


def test_a_refused_message_that_the_phone_sends_again_is_kept_once_and_other_words_always(
    need: Need, cast: Cast
) -> None:
    own = taking.take(need.pk, cast.bob)
    ending.mark_done(own.pk, cast.bob)
    bob, key = sign_in(Client(), cast.bob), str(uuid.uuid4())
    for text in (DANGER, DANGER, f"{DANGER} now"):
        sent = {"kind": "commitment", "about": str(own.pk), "on": "", "text": text}
        said = one(bob, cast.bob, item("message", sent, id=key))
        assert said["status"] == 400 and "Only dispatch reads this message" in said["detail"], said
    assert sorted(RefusedMessage.objects.values_list("text", flat=True)) == [DANGER, f"{DANGER} now"]


def test_attack_a_flood_of_messages_keeps_the_latest_and_fills_no_page(
    need: Need, cast: Cast, signed_in: SignedIn
) -> None:
    Need.objects.filter(pk=need.pk).update(state="met")
    for number in range(writing.MOST_KEPT + 5):
        assert writing.keep_danger(need, Speaker.REPORTER, f"nr {number}: {DANGER}")
    assert RefusedMessage.objects.count() == AlarmWords.objects.count() == writing.MOST_KEPT
    assert DangerAlarm.objects.count() == 1
    carol = signed_in(cast.carol)
    lane = text_of(carol, "/desk/alarms/")
    assert lane.count("4711") == 2 and f"nr {writing.MOST_KEPT + 4}:" in lane
    assert text_of(carol, f"/triage/{need.pk}/").count("4711") == alarm_quotes.MOST_SHOWN


def test_many_alarms_with_words_take_as_few_queries_as_two(cast: Cast, city: City, signed_in: SignedIn) -> None:
    carol, numbers = signed_in(cast.carol), []
    for number in range(8):
        need = reported((48.8660, 2.3500 + number / 3000), state="open")
        writing.write(AboutNeed(need), Speaker.REPORTER, None, DANGER)
        writing.keep_danger(need, Speaker.REPORTER, f"{DANGER} again")
        if number in (1, 7):
            text_of(carol, "/desk/alarms/")
            with CaptureQueriesContext(connection) as queries:
                assert text_of(carol, "/desk/alarms/").count("again") >= number
            numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_words_that_reopen_an_alarm_are_quoted_and_those_of_dispatch_are_not(
    need: Need, cast: Cast, signed_in: SignedIn
) -> None:
    by_reporter(need)
    alarms.acknowledge(alarm_of(need).pk, AlarmStep.CALLED, cast.carol)
    writing.write(AboutNeed(need), Speaker.DESK, cast.carol, f"you wrote: {DANGER}")
    assert AlarmWords.objects.count() == 1
    by_reporter(need, f"again: {DANGER}")
    assert alarm_of(need).acknowledged_at is None
    assert "again: " in text_of(signed_in(cast.carol), "/desk/alarms/")
    assert {row.way for row in AlarmWords.objects.all()} == {"message"}


def test_words_of_every_way_whose_row_is_gone_are_left_out(need: Need) -> None:
    alarm = DangerAlarm.objects.create(need=need, flags=["fire"], source="words")
    for way in WordsWay:
        key = 1 if way is WordsWay.FEEDBACK else uuid.uuid4()
        AlarmWords.objects.create(alarm=alarm, way=way, key=str(key), flags=["fire"])
    assert alarm_quotes.quotes_of([alarm.pk]) == {}
