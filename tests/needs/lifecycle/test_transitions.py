"""The lifecycle of a need: allowed and refused transitions. docs/lifecycle.md must agree with the code."""

import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from needs.base.lifecycle import transitions
from needs.base.lifecycle.diagram import lifecycle_page
from needs.base.lifecycle.transitions import REASONS, TRANSITIONS, Actor, Cause, NotPossible, TransitionRefusal
from needs.enums import NeedState, OutcomeReason
from needs.models import Need

PAIRS = [(before, after) for before in NeedState for after in NeedState]


def need(state: str) -> Need:
    return Need.objects.create(id=uuid.uuid4(), content_hash="x", at=timezone.now(), kinds=["food"], state=state)


def test_the_lifecycle_page_is_up_to_date() -> None:
    call_command("draw_lifecycle", "--check")


def test_an_outdated_lifecycle_page_fails_the_check(settings: Settings, tmp_path: Path) -> None:
    settings.ROOT = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError):
        call_command("draw_lifecycle", "--check")
    call_command("draw_lifecycle", verbosity=0)
    call_command("draw_lifecycle", "--check")
    page = tmp_path / "docs" / "lifecycle.md"
    page.write_text(page.read_text().replace("new --> verified", "new --> met"))
    with pytest.raises(CommandError):
        call_command("draw_lifecycle", "--check")


def test_the_page_lists_every_transition_with_actors_and_reasons() -> None:
    page = lifecycle_page()
    for (before, after), actors in TRANSITIONS.items():
        who = ", ".join(actor.value for actor in Actor if actor in actors)
        assert f"    {before.value} --> {after.value} : {who}\n" in page
    assert all(str(reason.label) in page for reasons in REASONS.values() for reason in reasons)


@pytest.mark.django_db
@pytest.mark.parametrize("actor", list(Actor))
def test_transitions_outside_the_table_are_refused(actor: Actor) -> None:
    rows = {state: need(state) for state in NeedState}
    for before, after in PAIRS:
        if actor in TRANSITIONS.get((before, after), frozenset()):
            continue
        reason = REASONS.get(after, (OutcomeReason.OTHER,))[0]
        with pytest.raises(NotPossible) as refused:
            transitions.move(rows[before].pk, after, Cause(actor, reason=reason))
        assert refused.value.refusal is TransitionRefusal.ILLEGAL, (before, after)
    for state, row in rows.items():
        row.refresh_from_db()
        assert row.state == state
        assert not row.steps.exists()


@pytest.mark.django_db
def test_a_dispatcher_must_give_a_reason_if_the_state_has_any() -> None:
    row = need(NeedState.NEW)
    for reason in ("", OutcomeReason.HELPED):
        with pytest.raises(NotPossible) as refused:
            transitions.move(row.pk, NeedState.REJECTED, Cause(Actor.DISPATCHER, reason=reason))
        assert refused.value.refusal is TransitionRefusal.REASON
    step = transitions.move(
        row.pk, NeedState.REJECTED, Cause(Actor.DISPATCHER, reason=OutcomeReason.JUNK, text="an advert")
    )
    assert (step.before, step.state, step.reason, step.text) == ("new", "rejected", "junk", "an advert")


@pytest.mark.django_db
def test_a_move_from_an_outdated_state_is_refused() -> None:
    row = need(NeedState.NEW)
    transitions.move(row.pk, NeedState.VERIFIED, Cause(Actor.DISPATCHER))
    with pytest.raises(NotPossible) as refused:
        transitions.move(row.pk, NeedState.OPEN, Cause(Actor.DISPATCHER), expected=NeedState.NEW)
    assert refused.value.refusal is TransitionRefusal.GONE


def test_every_unfinished_state_leads_to_a_finished_one() -> None:
    ends = {NeedState.MET, NeedState.UNMET, NeedState.REJECTED, NeedState.EXPIRED}
    for state in (NeedState.HELD, *(before for before, _after in TRANSITIONS)):
        if state not in ends:
            assert ends & set(transitions.possible_states(state, Actor.DISPATCHER)), state
