"""One need as dispatchers see it: its buttons, its history, calls, and who is at work on it."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from needs.enums import NeedState
from needs.lifecycle import transitions
from needs.lifecycle.transitions import Actor, Cause
from needs.models import CallAttempt, Need, NeedLock
from needs.reports import filing
from needs.reports.need_wording import plain_steps
from needs.triage import duplicates, need_locks
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, SignedIn
from volunteers.enums import Role
from volunteers.models import Membership


@pytest.fixture
def carol(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.carol)


@pytest.fixture
def edith(cast: Cast, signed_in: SignedIn) -> Client:
    """A second dispatcher."""
    Membership.objects.filter(user=cast.edith).update(role=Role.DISPATCHER)
    return signed_in(cast.edith)


def page_of(client: Client, need: Need) -> str:
    answer = client.get(f"/triage/{need.pk}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def buttons(page: str) -> set[str]:
    return set(re.findall(r'name="state" value="(\w+)"', page))


@pytest.mark.parametrize("state", [state for state in NeedState if state != NeedState.DUPLICATE])
def test_the_page_offers_the_steps_of_the_table_and_no_others(carol: Client, state: NeedState) -> None:
    need = reported(state=state)
    ways = {way.value for way in transitions.possible_states(state, Actor.DISPATCHER)} - {"duplicate"}
    assert buttons(page_of(carol, need)) - {"duplicate"} == ways


def test_a_step_is_kept_with_its_reason_its_words_and_who_made_it(cast: Cast, carol: Client) -> None:
    need = reported()
    answer = carol.post(
        f"/triage/{need.pk}/step/",
        {"seen": "new", "state": "unmet", "reason": "unreachable", "text": "three calls, no answer"}, follow=True,
    )  # fmt: skip
    need.refresh_from_db()
    assert need.state == "unmet"
    page = answer.content.decode()
    assert "three calls, no answer" in page and "Carol" in page and "The reporter could not be reached" in page


def test_a_step_without_its_reason_comes_back_open_with_the_words_kept(carol: Client) -> None:
    need = reported()
    answer = carol.post(f"/triage/{need.pk}/step/", {"seen": "new", "state": "rejected", "text": "looks odd"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "looks odd" in page and "errorlist" in page
    need.refresh_from_db()
    assert need.state == "new"


@pytest.mark.parametrize("state", ["committed", "duplicate", "nonsense", ""])
def test_a_step_that_no_button_offers_is_refused(carol: Client, state: str) -> None:
    need = reported(state=NeedState.OPEN)
    answer = carol.post(f"/triage/{need.pk}/step/", {"seen": "open", "state": state}, follow=True)
    assert answer.status_code in (200, 400)
    need.refresh_from_db()
    assert need.state == "open"


def test_the_words_of_a_dispatcher_never_reach_the_reporter(carol: Client, client: Client) -> None:
    need = reported()
    carol.post(f"/triage/{need.pk}/step/", {"seen": "new", "state": "verified", "text": "sounded drunk"})
    page = client.get(f"/follow/{filing.follow_token(need.pk)}/").content.decode()
    assert "A dispatcher checked it." in page
    assert "drunk" not in page and "Carol" not in page


# --- calling back -------------------------------------------------------------------------------------------------


def test_calls_are_written_down_with_when_to_try_again(cast: Cast, carol: Client) -> None:
    need = reported(contact="06 12 34 56 78")
    carol.post(f"/triage/{need.pk}/call/", {"result": "no_answer", "again_in": "3", "note": "rang ten times"})
    first = CallAttempt.objects.get()
    assert first.by == cast.carol
    assert first.next_at is not None
    assert first.next_at - first.at == timedelta(hours=3)
    carol.post(f"/triage/{need.pk}/call/", {"result": "reached", "again_in": "3"})
    latest = CallAttempt.objects.first()
    assert latest is not None and latest.next_at is None
    page = page_of(carol, need)
    assert "rang ten times" in page and "No answer" in page and "Reached" in page
    assert "06 12" not in page


def test_a_call_without_a_result_comes_back_with_its_note(carol: Client) -> None:
    need = reported()
    answer = carol.post(f"/triage/{need.pk}/call/", {"note": "busy line"})
    assert answer.status_code == 400
    assert "busy line" in answer.content.decode()
    assert not CallAttempt.objects.exists()


# --- who is at work on it -----------------------------------------------------------------------------------------


def test_the_second_dispatcher_sees_who_is_on_it_and_until_when(cast: Cast, carol: Client, edith: Client) -> None:
    need = reported()
    assert 'data-lock="mine"' in page_of(carol, need)
    page = page_of(edith, need)
    assert 'data-lock="other"' in page and "Carol is on it." in page and "Take it over from Carol" in page
    assert "Carol is on it" in edith.get("/triage/").content.decode()
    assert NeedLock.objects.get().holder == cast.carol


def test_a_lock_warns_and_does_not_forbid(carol: Client, edith: Client) -> None:
    need = reported()
    page_of(carol, need)
    edith.post(f"/triage/{need.pk}/step/", {"seen": "new", "state": "verified"})
    need.refresh_from_db()
    assert need.state == "verified"


def test_taking_over_is_a_click_and_the_first_page_hears_of_it(carol: Client, edith: Client) -> None:
    need = reported()
    page_of(carol, need)
    edith.post(f"/triage/{need.pk}/lock/take-over/")
    beat = carol.post(f"/triage/{need.pk}/lock/", headers={"HX-Request": "true"}).content.decode()
    assert 'data-lock="other"' in beat and "Edith is on it." in beat


def test_a_lock_is_renewed_while_the_page_is_open_and_ends_ten_minutes_after(cast: Cast) -> None:
    Membership.objects.filter(user=cast.edith).update(role=Role.DISPATCHER)
    need, now = reported(), timezone.now()
    minute = timedelta(minutes=1)
    need_locks.acquire(need.pk, cast.carol, now)
    assert need_locks.acquire(need.pk, cast.carol, now + 8 * minute).until == now + 18 * minute
    assert not need_locks.acquire(need.pk, cast.edith, now + 17 * minute).mine
    assert need_locks.acquire(need.pk, cast.edith, now + 18 * minute).mine
    assert not need_locks.acquire(need.pk, cast.carol, now + 19 * minute).mine


def test_leaving_gives_ones_own_lock_back_and_nobody_elses(carol: Client, edith: Client) -> None:
    need = reported()
    page_of(carol, need)
    assert edith.post(f"/triage/{need.pk}/lock/leave/").status_code == 204
    assert NeedLock.objects.exists()
    carol.post(f"/triage/{need.pk}/lock/leave/")
    assert not NeedLock.objects.exists()
    assert 'data-lock="mine"' in page_of(edith, need)


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_given_back_while_another_takes_it_breaks_nothing(cast: Cast) -> None:
    need, now = reported(), timezone.now()

    def come_and_go() -> None:
        with closing(connection):
            for _round in range(150):
                need_locks.acquire(need.pk, cast.carol, now)
                need_locks.release(need.pk, cast.carol)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(come_and_go)
        while not other.done():
            assert need_locks.acquire(need.pk, cast.edith, now).holder in {cast.carol, cast.edith}
            need_locks.release(need.pk, cast.edith)
        other.result()


# --- what the reporter reads --------------------------------------------------------------------------------------


def test_every_state_has_a_plain_sentence_and_the_buttons_that_do_something(client: Client, city: City) -> None:
    for state in NeedState:
        need = reported(state=state)
        page = client.get(f"/follow/{filing.follow_token(need.pk)}/").content.decode()
        assert str(plain_steps(need.steps.all())[0].words) in page.replace("&#x27;", "'"), state
        assert ('value="still_needed"' in page) == (state != NeedState.REJECTED), state
        assert ('value="solved"' in page) == (not need.is_finished), state


def test_still_needed_opens_a_closed_need_again_and_the_page_says_so(client: Client, city: City) -> None:
    need = reported(state=NeedState.EXPIRED)
    page = client.post(f"/follow/{filing.follow_token(need.pk)}/", {"say": "still_needed"}, follow=True)
    need.refresh_from_db()
    assert need.state == NeedState.REOPENED
    assert "You told us that it is still needed." in page.content.decode()


def test_the_reporter_of_a_merged_need_reads_that_both_go_on_as_one_and_is_heard(cast: Cast, client: Client) -> None:
    kept, gone = reported(), reported()
    merge = duplicates.merge(kept.pk, gone.pk, cast.carol)
    transitions.move(kept.pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    address = f"/follow/{filing.follow_token(gone.pk)}/"
    page = client.get(address).content.decode()
    assert "we go on with both as one" in page
    assert "It is open: volunteers and associations can see it and help." in page
    client.post(address, {"say": "still_needed"})
    assert kept.steps.filter(by_reporter=True).exists()
    transitions.move(kept.pk, NeedState.UNMET, Cause(Actor.DISPATCHER, reason="nobody_free"))
    client.post(address, {"say": "still_needed"})
    kept.refresh_from_db()
    assert kept.state == NeedState.REOPENED
    duplicates.undo_merge(merge.pk, cast.carol)
    assert "we go on with yours on its own" in client.get(address).content.decode()
