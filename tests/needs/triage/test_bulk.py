"""One step taken for many needs at once."""

import re
from html import unescape

import pytest
from django.core import signing
from django.test import Client

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState, OutcomeReason
from needs.help.commitments import taking
from needs.help.triage import reporter_answers, triage_queue
from needs.models import Need
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, SignedIn, dispatches
from volunteers.models import Notification


def token_in(page: str) -> str:
    """Return the token of the only undo offer on a page."""
    [token] = re.findall(r'name="undo"\s+value="([^"]+)"', unescape(page))
    return str(token)


def many(client: Client, action: str, needs: list[Need], **more: str) -> str:
    chosen = [f"{need.pk}:{need.state}" for need in needs]
    answer = client.post("/triage/bulk/?urgency=soon", {"action": action, "need": chosen, **more}, follow=True)
    assert answer.redirect_chain[-1][0] == "/triage/?urgency=soon"
    return str(answer.content.decode())


def test_many_are_verified_and_opened_at_once(cast: Cast, carol: Client) -> None:
    needs = [reported() for _each in range(3)]
    page = many(carol, "verify", needs)
    assert "Done for 3 needs." in page
    assert set(Need.objects.values_list("state", flat=True)) == {"verified"}
    many(carol, "open", list(Need.objects.all()))
    assert set(Need.objects.values_list("state", flat=True)) == {"open"}
    step = needs[0].steps.last()
    assert step is not None and step.by == cast.carol


def test_failures_stay_selected_and_do_not_affect_the_others(carol: Client) -> None:
    good, moved, held = reported(), reported(), reported(state=NeedState.HELD)
    transitions.move(moved.pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    page = many(carol, "verify", [good, moved, held])
    assert "Done for 1 need." in page
    assert "2 needs were not changed" in page
    assert page.count("triage-row__why") == 2
    assert "Somebody else changed this need in the meantime" in page
    assert "This step is not possible in the need’s current state" in page
    checked = re.findall(r'value="([0-9a-f-]{36}):\w+" checked', page)
    assert set(checked) == {str(moved.pk), str(held.pk)}
    states = dict(Need.objects.values_list("pk", "state"))
    assert states == {good.pk: "verified", moved.pk: "open", held.pk: "held"}


def test_many_are_rejected_only_with_a_reason(carol: Client) -> None:
    needs = [reported(), reported()]
    page = many(carol, "reject", needs)
    assert "Choose a reason" in page
    assert page.count(" checked") >= 2
    assert set(Need.objects.values_list("state", flat=True)) == {"new"}
    many(carol, "reject", needs, reason=OutcomeReason.JUNK, text="the same advert")
    assert set(Need.objects.values_list("state", flat=True)) == {"rejected"}
    assert {(step.reason, step.text) for need in needs for step in need.steps.all()[1:]} == {
        ("junk", "the same advert")
    }


def test_many_are_closed_as_too_old(carol: Client) -> None:
    needs = [reported(hours_ago=900), reported(hours_ago=900, state=NeedState.OPEN)]
    many(carol, "expire", needs)
    assert set(Need.objects.values_list("state", flat=True)) == {"expired"}
    assert {need.steps.last().reason for need in needs} == {"too_old"}  # type: ignore[union-attr]


def undo(client: Client, token: str) -> str:
    answer = client.post("/undo/", {"undo": token, "next": "/triage/?urgency=soon"}, follow=True)
    return str(answer.content.decode())


def test_one_tap_undoes_a_rejection_of_many_and_shows_the_same_list_again(cast: Cast, carol: Client) -> None:
    new, verified, held = reported(), reported(state=NeedState.VERIFIED), reported(state=NeedState.HELD)
    gone = reported(state=NeedState.EXPIRED)  # this need was not rejected, so undo does not change it
    page = many(carol, "reject", [new, verified, held, gone], reason=OutcomeReason.JUNK)
    assert "Done for 3 needs." in page and "1 need was not changed" in page
    answer = carol.post("/undo/", {"undo": token_in(page), "next": "/triage/?urgency=soon"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/triage/?urgency=soon"
    assert "Undone for 3 needs." in answer.content.decode()
    states = dict(Need.objects.values_list("pk", "state"))
    assert states == {new.pk: "new", verified.pk: "verified", held.pk: "held", gone.pk: "expired"}
    step = held.steps.last()
    assert step and (step.before, step.state, step.reason, step.by) == ("rejected", "held", "mistake", cast.carol)
    assert "cannot be undone" in undo(carol, token_in(page))  # a second tap
    assert dict(Need.objects.values_list("pk", "state")) == states


def test_undo_leaves_a_need_that_somebody_moved_on_meanwhile(carol: Client) -> None:
    needs = [reported(hours_ago=900) for _each in range(3)]
    token = token_in(many(carol, "expire", needs))
    reporter_answers.report_still_needed(needs[0].pk)
    page = undo(carol, token)
    assert "Undone for 2 needs. 1 need has been changed in the meantime and stays as it is." in page
    assert dict(Need.objects.values_list("pk", "state")) == {
        needs[0].pk: "reopened", needs[1].pk: "new", needs[2].pk: "new",
    }  # fmt: skip


def test_another_dispatcher_cannot_use_or_make_the_token(cast: Cast, carol: Client, signed_in: SignedIn) -> None:
    dispatches(cast.edith)
    needs = [reported(), reported()]
    token = token_in(many(carol, "reject", needs, reason=OutcomeReason.JUNK))
    steps = "|".join(str(step.pk) for need in needs for step in need.steps.filter(state="rejected"))
    own_words = signing.dumps([cast.edith.pk, "steps", steps], salt="solidarity.undo")
    forged = signing.dumps([cast.edith.pk, "steps", steps], salt="solidarity.undo", key="guess")
    edith = signed_in(cast.edith)
    assert "too late" in undo(edith, token)
    assert "too late" in undo(edith, forged)
    assert "cannot be undone" in undo(edith, own_words)  # even if the server signed it, only Carol can undo it
    assert set(Need.objects.values_list("state", flat=True)) == {"rejected"}


def test_who_lost_the_duty_undoes_nothing(cast: Cast, carol: Client) -> None:
    dispatches(cast.edith)  # if Carol were the only dispatcher, anybody could open the need once she has left
    token = token_in(many(carol, "reject", [reported()], reason=OutcomeReason.JUNK))
    cast.carol.assignments.all().delete()
    undo(carol, token)
    assert Need.objects.get().state == NeedState.REJECTED


def test_only_closing_at_most_a_page_of_needs_offers_undo(carol: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    needs = [reported(), reported()]
    assert 'name="undo"' not in many(carol, "verify", needs)
    monkeypatch.setattr(triage_queue, "PAGE_SIZE", 1)
    page = many(carol, "expire", list(Need.objects.all()))
    assert "Done for 2 needs." in page and 'name="undo"' not in page


def test_holders_are_reminded_once_a_day(cast: Cast, carol: Client) -> None:
    taken, free = reported(state=NeedState.OPEN, place_text="12 rue Secrète"), reported(state=NeedState.OPEN)
    taking.take(taken.pk, cast.alice)
    Notification.objects.all().delete()
    taken.refresh_from_db()
    page = many(carol, "remind", [taken, free])
    assert "Done for 1 need." in page and "Nobody takes care of it" in page
    notice = Notification.objects.get()
    assert notice.user == cast.alice
    assert "Secr" not in notice.title + notice.body + notice.path
    assert "was already reminded today" in many(carol, "remind", [taken])
    assert Notification.objects.count() == 1


def test_an_empty_or_invalid_selection_shows_an_error(carol: Client) -> None:
    assert "Select at least one need." in many(carol, "verify", [])
    answer = carol.post("/triage/bulk/", {"action": "verify", "need": ["nonsense", "x:new"]}, follow=True)
    assert answer.status_code == 200
    assert "Select needs from the list." in answer.content.decode()
