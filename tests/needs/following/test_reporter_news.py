"""News for reporters: each step and each message is told once, by the media that they chose, in plain words."""

import json
import logging
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.enums import NeedState, News
from needs.help.commitments import ending, taking
from needs.help.following import reporter_addresses, reporter_news
from needs.help.following.follow_link import link_of, path_of
from needs.help.following.reporter_news import lapse_of, tell_reporter
from needs.help.reporter_messages.reporter_subjects import AboutCommitment
from needs.help.triage import duplicates, reporter_answers
from needs.models import Commitment, Need, ReporterAddress, ReporterNews
from needs.tasks import send_reporter_news
from tests.conftest import until
from tests.forked_workers import Worker
from tests.needs.danger.danger_cases import ENGLISH, by_form
from tests.needs.following.conftest import send_all
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City
from tests.volunteers.conftest import NewBrowser
from tests.volunteers.services import Post, Web
from volunteers.enums import Medium
from volunteers.people.notifications.delivery import ATTEMPTS

NUMBER = "+33612345678"
BY_DISPATCHER = Cause(Actor.DISPATCHER)


@pytest.fixture
def told(need: Need, provider: Web) -> Need:
    """A need whose reporter wants text messages, in English."""
    reporter_addresses.keep(need.pk, Medium.SMS, NUMBER, "en")
    return need


def texts(provider: Web) -> list[str]:
    """Send the waiting news, and return the texts that the provider has received."""
    send_all()
    return [asked.json["text"] for asked in provider.asked]


def test_each_step_is_told_once_in_plain_words(told: Need, provider: Web, cast: Cast) -> None:
    transitions.move(told.pk, NeedState.VERIFIED, BY_DISPATCHER)
    transitions.move(told.pk, NeedState.OPEN, BY_DISPATCHER)
    own = taking.take(told, cast.alice)
    ending.mark_done(own.pk, cast.alice)
    said = texts(provider)
    link = link_of(told.pk)
    assert said == [
        f"News about your report. {words} {link}"
        for words in (
            "A dispatcher checked it.",
            "It is open: volunteers and associations can see it and help.",
            "Somebody is taking care of it.",
            "It is done.",
        )
    ]
    assert texts(provider) == said, "nothing is told twice"
    assert not any(word in text for text in said for word in ("Dunkerque", "church", "Alice", "48.8", "612345678"))


def test_a_message_is_announced_without_its_words(told: Need, provider: Web, cast: Cast) -> None:
    transitions.move(told.pk, NeedState.OPEN, BY_DISPATCHER)
    own = taking.take(told, cast.alice)
    writing.write(AboutCommitment(own), Speaker.REPORTER, None, "When do you come?")  # sent at noon, not at night
    writing.write(AboutCommitment(own), Speaker.VOLUNTEER, cast.alice, "I come at eight")
    said = texts(provider)
    assert len(said) == 3, "their own message is not told to them"
    assert said[-1].startswith("News about your report. Somebody wrote to you.")
    assert "eight" not in said[-1]


def test_the_lapse_of_a_commitment_is_told_once(told: Need, provider: Web, cast: Cast) -> None:
    transitions.move(told.pk, NeedState.OPEN, BY_DISPATCHER)
    own = taking.take(told, cast.alice)
    Commitment.objects.filter(pk=own.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert ending.expire() == 1
    assert tell_reporter(told.pk, lapse_of(own.pk)) == 0, "announcing it again changes nothing"
    said = texts(provider)
    assert len(said) == 3
    assert "could not do it in time" in said[-1]


def test_what_reporters_do_themselves_is_not_told_to_them(told: Need, provider: Web) -> None:
    reporter_answers.report_solved(told.pk)
    reporter_answers.report_still_needed(told.pk)
    assert texts(provider) == []


def test_the_reporter_of_a_merged_need_hears_of_the_other_one(told: Need, provider: Web, cast: Cast) -> None:
    kept = reported()
    duplicates.merge(kept.pk, told.pk, cast.carol)
    transitions.move(kept.pk, NeedState.OPEN, BY_DISPATCHER)
    said = texts(provider)
    assert ["We treat both as one" in said[0], "It is open" in said[1]] == [True, True]
    assert all(text.endswith(link_of(told.pk)) for text in said), "with their own link"


def test_an_event_is_stored_once_per_address_by_a_constraint(told: Need) -> None:
    event = reporter_news.ReporterEvent(News.MESSAGE, "7")
    assert [tell_reporter(told.pk, event) for _each in range(3)] == [1, 0, 0]
    row = ReporterNews.objects.get()
    again = ReporterNews(address=row.address, news=row.news, of=row.of)
    assert ReporterNews.objects.bulk_create([again], ignore_conflicts=True)
    assert ReporterNews.objects.count() == 1


def test_a_step_that_is_rolled_back_is_not_told(told: Need, provider: Web) -> None:
    from django.db import transaction

    with pytest.raises(RuntimeError), transaction.atomic():
        transitions.move(told.pk, NeedState.VERIFIED, BY_DISPATCHER)
        raise RuntimeError
    assert texts(provider) == []


def test_sending_is_queued_after_the_commit(
    told: Need, provider: Web, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as queued:
        transitions.move(told.pk, NeedState.VERIFIED, BY_DISPATCHER)
    assert reporter_news._after_pause.soon in queued
    assert provider.asked == [], "nothing is sent in the request"
    assert send_reporter_news() == 0, "the step can still be undone"
    ReporterNews.objects.update(not_before=timezone.now())
    assert send_reporter_news() == 1


def test_a_step_taken_back_at_once_is_not_told(told: Need, provider: Web, cast: Cast) -> None:
    transitions.move(told.pk, NeedState.UNMET, Cause(Actor.DISPATCHER, cast.carol.pk, "nobody_free"))
    told.refresh_from_db()
    transitions.enter(told, NeedState.NEW, Cause(Actor.DISPATCHER, cast.carol.pk, "mistake"))
    assert texts(provider) == []
    transitions.move(told.pk, NeedState.VERIFIED, Cause(Actor.DISPATCHER, cast.carol.pk))
    assert len(texts(provider)) == 1


def test_a_step_taken_back_after_it_was_told_is_told_again(told: Need, provider: Web, cast: Cast) -> None:
    transitions.move(told.pk, NeedState.VERIFIED, Cause(Actor.DISPATCHER, cast.carol.pk))
    assert len(texts(provider)) == 1
    told.refresh_from_db()
    transitions.enter(told, NeedState.NEW, Cause(Actor.DISPATCHER, cast.carol.pk, "mistake"))
    assert len(texts(provider)) == 2


# --- every medium, in the reporter's language ------------------------------------------------------------------------


def test_e_mail_says_how_to_stop_it(need: Need, post_office: Post) -> None:
    reporter_addresses.keep(need.pk, Medium.EMAIL, "ana@example.org", "fr")
    transitions.move(need.pk, NeedState.MET, Cause(Actor.DISPATCHER, reason="helped"))
    assert send_all() == 1
    [mail] = post_office.mails
    assert "C’est fait." in mail.get_content()
    assert f"https://solidarity.example{path_of(need.pk)}" in mail.get_content()


def test_a_browser_without_account_is_told_and_bound_to_the_need(
    client: Client, need: Need, push_service: Web, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    assert client.post(f"{path_of(need.pk)}push/", browser.fields).json() == {"on": True}
    transitions.move(need.pk, NeedState.VERIFIED, BY_DISPATCHER)
    assert send_all() == 1
    message = json.loads(browser.read(push_service.asked[0].body))
    assert message == {
        "title": "News about your report",
        "body": "A dispatcher checked it.",
        "path": path_of(need.pk),
    }
    assert client.post(f"{path_of(need.pk)}stop/", {"endpoint": browser.endpoint}).json() == {"on": False}
    assert not ReporterAddress.objects.exists()


def test_a_browser_that_is_gone_is_deleted(need: Need, push_service: Web, new_browser: NewBrowser) -> None:
    reporter_addresses.keep_browser(need.pk, "en", **new_browser("/gone").fields)
    push_service.answers["/gone"] = 410
    transitions.move(need.pk, NeedState.VERIFIED, BY_DISPATCHER)
    assert send_all() == 0
    assert not ReporterAddress.objects.exists()


def test_where_violence_is_possible_news_reveal_nothing(client: Client, provider: Web, city: City) -> None:
    from solidarity.lib.danger_words.flags import DangerFlag

    need = by_form(client, ENGLISH[DangerFlag.VIOLENCE])
    reporter_addresses.keep(need, Medium.SMS, NUMBER, "en")
    transitions.move(need, NeedState.VERIFIED, BY_DISPATCHER)
    assert texts(provider) == [f"Information. There is something new. {link_of(need)}"]


# --- failures --------------------------------------------------------------------------------------------------------


def test_a_failing_gateway_is_tried_again_and_given_up_quietly(
    told: Need, provider: Web, caplog: pytest.LogCaptureFixture
) -> None:
    provider.status = 503
    transitions.move(told.pk, NeedState.VERIFIED, BY_DISPATCHER)
    with caplog.at_level(logging.DEBUG):
        for _attempt in range(ATTEMPTS + 1):
            assert send_all() == 0
            ReporterNews.objects.update(not_before=timezone.now())
    row = ReporterNews.objects.get()
    assert (row.attempts, row.failure, row.failed_at is None) == (ATTEMPTS, "HTTP 503", False)
    assert len(provider.asked) == ATTEMPTS
    assert "612345678" not in caplog.text


def test_a_refused_number_is_not_tried_again(told: Need, provider: Web) -> None:
    provider.status = 400
    transitions.move(told.pk, NeedState.VERIFIED, BY_DISPATCHER)
    send_all()
    assert ReporterNews.objects.get().failed_at is not None


def test_a_retry_does_not_tell_an_older_step_after_a_newer_one(told: Need, provider: Web) -> None:
    provider.status = 503
    transitions.move(told.pk, NeedState.VERIFIED, BY_DISPATCHER)
    send_all()
    provider.status = 201
    transitions.move(told.pk, NeedState.OPEN, BY_DISPATCHER)
    send_all()
    ReporterNews.objects.filter(sent_at=None).update(not_before=timezone.now())
    send_all()
    assert [("It is open" in asked.json["text"]) for asked in provider.asked] == [False, True]


def test_a_step_that_is_gone_is_not_told(told: Need, provider: Web) -> None:
    step = transitions.move(told.pk, NeedState.VERIFIED, BY_DISPATCHER)
    step.delete()
    assert texts(provider) == []


# --- real workers ----------------------------------------------------------------------------------------------------


def test_two_workers_at_once_tell_each_event_once(transactional_db: None, told: Need, provider: Web) -> None:
    for number in range(20):
        tell_reporter(told.pk, reporter_news.ReporterEvent(News.MESSAGE, str(number)))
    ReporterNews.objects.update(attempts=1)  # retries, which do not use up the limit per address
    sent: list[int] = []

    def work() -> None:
        try:
            sent.append(send_all())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert sum(sent) == len(provider.asked) == 20


@pytest.fixture
def gateway(provider: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    """A provider that the real worker uses, too."""
    monkeypatch.setenv("SOLIDARITY_SMS_URL", f"{provider.origin}/send")
    monkeypatch.setenv("SOLIDARITY_OUTGOING_PRIVATE", provider.origin)
    return provider


def test_a_real_worker_tells_the_reporter(
    gateway: Web, worker: Worker, cast: Cast, need: Need, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a pause of one second; the others test its length."""
    monkeypatch.setattr(reporter_news, "PAUSE", timedelta(seconds=1))
    monkeypatch.setattr(reporter_news, "_after_pause", reporter_news._queued(3))
    reporter_addresses.keep(need.pk, Medium.SMS, NUMBER, "fr")
    transitions.move(need.pk, NeedState.OPEN, BY_DISPATCHER)
    own = taking.take(need, cast.alice)
    writing.write(AboutCommitment(own), Speaker.REPORTER, None, "When do you come?")  # sent at noon, not at night
    writing.write(AboutCommitment(own), Speaker.VOLUNTEER, cast.alice, "I come at eight")
    until(lambda: len(gateway.asked) == 3, 90, "the worker did not tell the reporter")
    until(lambda: not ReporterNews.objects.filter(sent_at=None).exists(), 30)
    assert {asked.json["to"] for asked in gateway.asked} == {NUMBER}
