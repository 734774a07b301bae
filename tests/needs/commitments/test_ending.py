"""How a commitment ends: done, given back, expired, or closed with its need."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from needs import tasks
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import CommitmentState, NeedState, OutcomeReason
from needs.help.commitments import ending, exact_place, extending, hand_overs, taking
from needs.help.records.refusals import Refusal
from needs.help.triage import duplicates, reporter_answers
from needs.models import Aid, Commitment, Need
from needs.reports import filing
from tests.needs.commitments.commitment_cases import KINDS, ReportNeed, refused, set_expired, state_of
from tests.support import Cast, dispatches
from volunteers.models import Notification
from volunteers.places.territories import duties

ENDED = dict.fromkeys(("expired", "reminded", "assignments_reminded", "assignments_returned", "assignments_settled"), 0)
"""What the task returns if nothing ends and nobody is reminded."""


def test_an_expired_commitment_reopens_the_need_and_notifies_the_holder(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    held = taking.take(own, cast.alice)
    assert tasks.end_and_remind_commitments() == ENDED | {"expired": 0}
    set_expired(held)
    assert tasks.end_and_remind_commitments() == ENDED | {"expired": 1}
    assert tasks.end_and_remind_commitments() == ENDED | {"expired": 0}
    held.refresh_from_db()
    assert (held.state, state_of(own)) == ("expired", "open")
    assert Notification.objects.get(user=cast.alice).title == "Your commitment is over"
    assert taking.take(own, cast.bob).parts.count() == 3


def test_the_reporter_and_the_dispatchers_are_told_of_a_lapse_once(cast: Cast, report_need: ReportNeed) -> None:
    """Reporters of needs that were merged in several steps are told too. The texts contain no names and no places."""
    own, gone, first = report_need(), report_need("verified"), report_need("verified")
    Need.objects.filter(pk=own.pk).update(author=cast.greta, place_text="under the bridge")
    Need.objects.filter(pk=gone.pk).update(author=cast.bob)
    Need.objects.filter(pk=first.pk).update(author=cast.edith)
    duplicates.merge(gone.pk, first.pk, cast.carol)
    duplicates.merge(own.pk, gone.pk, cast.carol)
    held = taking.take(own, cast.alice)
    set_expired(held)
    for _twice in range(2):
        tasks.end_and_remind_commitments()
    told = (
        Notification.objects.exclude(user=cast.alice)
        .order_by("user__display_name")
        .values_list("user", "title", "path")
    )
    assert list(told) == [
        (cast.bob.pk, "A need that you reported is open again", "/encounters/"),
        (cast.carol.pk, "A commitment ended without an answer", f"/triage/{own.pk}/"),
        (cast.edith.pk, "A need that you reported is open again", "/encounters/"),
        (cast.greta.pk, "A need that you reported is open again", "/encounters/"),
    ]
    words = " ".join(Notification.objects.values_list("body", flat=True))
    assert "Alice" not in words
    assert "bridge" not in words


def test_only_dispatchers_on_duty_are_told_of_a_lapse_if_there_are_any(cast: Cast, report_need: ReportNeed) -> None:
    dispatches(cast.edith)
    duties.go_on_duty(cast.edith)
    set_expired(taking.take(report_need(), cast.alice))
    tasks.end_and_remind_commitments()
    assert list(Notification.objects.filter(topic="triage").values_list("user", flat=True)) == [cast.edith.pk]


def test_a_reporter_without_account_reads_of_a_lapse_on_their_page(
    client: Client, cast: Cast, report_need: ReportNeed
) -> None:
    """This is shown even if the need's state does not change, because another person still takes care of another
    part."""
    own = report_need()
    first = taking.take(own, cast.alice, kinds=["food"])
    taking.take(own, cast.bob, kinds=["blanket"])
    set_expired(first)
    tasks.end_and_remind_commitments()
    assert state_of(own) == "committed"
    page = client.get(reverse("needs:follow", args=[filing.follow_token(own.pk)])).content.decode()
    said = "Somebody wanted to help, but their time ran out. Others can take it now."
    assert page.count(said) == 2  # as the present state, and once in the list of steps


def test_an_expired_commitment_is_over_before_the_task_runs(cast: Cast, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.alice)
    set_expired(held)
    for verb in (
        lambda: extending.extend(held.pk, cast.alice),
        lambda: ending.mark_done(held.pk, cast.alice),
        lambda: ending.withdraw(held.pk, cast.alice, OutcomeReason.TOO_FAR),
        lambda: hand_overs.ask_holder(held.pk, cast.bob),
    ):
        assert refused(verb).refusal is Refusal.OVER
    with pytest.raises(Commitment.DoesNotExist):
        exact_place.reveal_place(held.pk, cast.alice)


def test_giving_back_needs_a_reason_and_reopens_the_need(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    held = taking.take(own, cast.alice)
    assert refused(lambda: ending.withdraw(held.pk, cast.alice, "")).refusal is Refusal.REASON
    ending.withdraw(held.pk, cast.alice, OutcomeReason.NOT_FOUND)
    held.refresh_from_db()
    assert (held.state, held.reason, state_of(own)) == ("withdrawn", "not_found", "open")
    assert own.steps.get(state="open", reason="not_found").by == cast.alice


def test_giving_back_as_unsafe_notifies_the_dispatchers(cast: Cast, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.alice)
    ending.withdraw(held.pk, cast.alice, OutcomeReason.UNSAFE)
    assert list(Notification.objects.values_list("user", "topic")) == [(cast.carol.pk, "triage")]


def test_done_wholly_meets_the_need_and_logs_aid_once(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need(persons=4)
    held = taking.take(own, cast.bob, association=cast.maraude)
    ending.mark_done(held.pk, cast.bob)
    assert state_of(own) == "met"
    aid = Aid.objects.get()
    assert (aid.need, aid.contacts, aid.given, aid.association, aid.author) == (own, 4, KINDS, cast.maraude, cast.bob)
    assert refused(lambda: ending.mark_done(held.pk, cast.bob)).refusal is Refusal.OVER
    assert Aid.objects.count() == 1


def test_done_in_part_leaves_the_need_partly_met_and_the_rest_free(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    held = taking.take(own, cast.alice)
    ending.mark_done(held.pk, cast.alice, kinds=["food"])
    fresh = Need.objects.get()
    assert (fresh.state, fresh.met_kinds, taking.free_kinds(fresh)) == ("partly_met", ["food"], KINDS[1:])
    assert Aid.objects.get().given == ["food"]
    rest = taking.take(own, cast.bob)
    assert state_of(own) == "committed"
    set_expired(rest)
    ending.expire()
    assert state_of(own) == "partly_met"
    ending.mark_done(taking.take(own, cast.bob).pk, cast.bob)
    assert state_of(own) == "met"


def test_aid_after_retention_of_the_point_is_logged_at_the_middle_of_the_cell(
    cast: Cast, report_need: ReportNeed
) -> None:
    own = report_need()
    Need.objects.update(point=None, fine_cell=None)
    ending.mark_done(taking.take(own, cast.alice).pk, cast.alice)
    assert Aid.objects.get().cell == own.cell


def test_a_need_without_a_place_is_met_without_evidence(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need(place=None, place_text="under the bridge")
    ending.mark_done(taking.take(own, cast.bob).pk, cast.bob)
    assert state_of(own) == "met"
    assert not Aid.objects.exists()


def test_done_by_others_closes_the_need_without_evidence(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    held = taking.take(own, cast.alice)
    ending.mark_done_by_others(held.pk, cast.alice)
    held.refresh_from_db()
    assert (held.state, state_of(own), Aid.objects.count()) == ("by_others", "met", 0)


def test_a_need_solved_by_its_reporter_ends_the_commitment_and_notifies_the_holder(
    cast: Cast, report_need: ReportNeed
) -> None:
    own = report_need()
    held = taking.take(own, cast.alice)
    reporter_answers.report_solved(own.pk)
    held.refresh_from_db()
    assert (held.state, held.parts.filter(held=True).count()) == ("by_others", 0)
    assert Notification.objects.get().title == "You do not need to go any more"


def test_a_reopened_need_can_be_taken_again(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    ending.mark_done(taking.take(own, cast.alice).pk, cast.alice)
    assert reporter_answers.report_still_needed(own.pk)
    assert state_of(own) == "reopened"
    assert refused(lambda: taking.take(own, cast.bob)).refusal is Refusal.CLOSED
    transitions.move(own.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, cast.carol.pk))
    assert taking.take(own, cast.bob).parts.count() == 3


def test_undoing_a_merge_does_not_restore_ended_commitments(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    held = taking.take(own, cast.alice)
    transitions.move(own.pk, NeedState.DUPLICATE, Cause(Actor.DISPATCHER, cast.carol.pk, OutcomeReason.SAME_AS))
    held.refresh_from_db()
    assert held.state == CommitmentState.BY_OTHERS
    with transaction.atomic():
        row = Need.objects.select_for_update().get(pk=own.pk)
        transitions.enter(row, NeedState.COMMITTED, Cause(Actor.DISPATCHER, cast.carol.pk))
    assert state_of(own) == "open"
