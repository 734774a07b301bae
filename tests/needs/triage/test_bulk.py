"""The same step for many needs."""

import re

from django.test import Client

from needs.commitments import taking
from needs.enums import NeedState, OutcomeReason
from needs.lifecycle import transitions
from needs.lifecycle.transitions import Actor, Cause
from needs.models import Need
from tests.needs.triage.triage_cases import reported
from tests.support import Cast
from volunteers.models import Notification


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
