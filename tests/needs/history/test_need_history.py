"""The history of a need: every line names who acted."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from needs import tasks
from needs.base.dispatch_scope import scope, sharing
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import AlarmStep, NeedState, OutcomeReason, ReporterAnswer
from needs.help.commitments import ending, taking
from needs.help.exact_places import help_offers
from needs.help.history import need_history
from needs.help.triage import duplicates, reporter_answers
from needs.models import Commitment, DangerAlarm, Need, NeedStep
from needs.reports.danger import alarms
from tests.needs.triage.triage_cases import page_of, reported
from tests.support import Cast, City, SignedIn
from volunteers.models import Vouch
from volunteers.people.accounts.viewer import Viewer


def told(need: Need, cast: Cast) -> list[tuple[str, str]]:
    """Return (what, who) of each line, as Carol sees them."""
    lines = need_history.lines_of(need, scope.needs_for(Viewer(cast.carol)))
    return [(str(line.what), str(line.who)) for line in lines]


def move(need: Need, state: NeedState, cast: Cast, reason: str = "") -> NeedStep:
    return transitions.move(need.pk, state, Cause(Actor.DISPATCHER, cast.carol.pk, reason))


def test_each_step_of_a_need_names_who_made_it(cast: Cast) -> None:
    need = reported()
    move(need, NeedState.OPEN, cast)
    held = taking.take(need, cast.alice)
    Commitment.objects.filter(pk=held.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    tasks.end_and_remind_commitments()
    second = taking.take(need, cast.bob, association=cast.maraude)
    ending.withdraw(second.pk, cast.bob, OutcomeReason.TOO_FAR)
    reporter_answers.report_still_needed(need.pk)
    reporter_answers.report_solved(need.pk)
    assert told(need, cast) == [
        ("New", "the reporter"),
        ("Open", "Carol"),
        ("Somebody takes care of it", "Alice"),
        ("The time of Alice is over", "automatic"),
        ("Somebody takes care of it", "Bob, Maraude du Nord"),
        ("Given back", "Bob, Maraude du Nord"),
        ("It is still needed", "the reporter"),
        ("Met", "the reporter"),
    ]


@pytest.mark.parametrize(
    ("channel", "who"), [("web", "the reporter"), ("open311", "a program"), ("import", "a program")]
)
def test_the_first_line_names_the_reporter_or_a_program(cast: Cast, channel: str, who: str) -> None:
    need = reported(channel=channel)
    assert told(need, cast) == [("New", who)]
    Need.objects.filter(pk=need.pk).update(author=cast.bob)
    need.refresh_from_db()
    assert told(need, cast) == [("New", "Bob")]


def test_somebody_whose_account_was_deleted_is_not_called_automatic(cast: Cast) -> None:
    need = reported()
    step = move(need, NeedState.OPEN, cast)
    NeedStep.objects.filter(pk=step.pk).update(by=None)
    assert told(need, cast)[-1] == ("Open", "somebody whose account was deleted")


def test_desk_danger_offers_and_merges_are_in_the_history_with_names(cast: Cast, city: City) -> None:
    need, gone = reported(state=NeedState.OPEN), reported(state=NeedState.VERIFIED)
    merged = duplicates.merge(need.pk, gone.pk, cast.carol)
    duplicates.undo_merge(merged.pk, cast.carol)
    shared = sharing.share(need, city.sud, 2, cast.carol)
    sharing.end(shared, cast.carol)
    alarm = DangerAlarm.objects.create(need=need, source="words")
    alarms.answer_of_reporter(alarm.pk, ReporterAnswer.CALLED)
    alarms.acknowledge(alarm.pk, AlarmStep.INFORMED, cast.diane)
    Vouch.objects.all().delete()
    offer = help_offers.make(need, cast.alice)
    help_offers.answer(offer, allowed=False, by=cast.carol)
    assert told(need, cast)[1:] == [
        ("Another report was merged into this one", "Carol"),
        ("The merge was undone", "Carol"),
        ("Shared with Sud", "Carol"),
        ("Sharing with Sud ended", "Carol"),
        ("Danger alarm", "automatic"),
        ("Answer to the danger alarm", "the reporter"),
        ("Emergency services already informed", "Diane"),
        ("Offer of help", "Alice"),
        ("Answer to Alice’s offer", "Carol"),
    ]


def test_the_page_shows_a_name_in_every_line(cast: Cast, signed_in: SignedIn) -> None:
    need = reported()
    move(need, NeedState.REJECTED, cast, OutcomeReason.JUNK)
    page = page_of(signed_in(cast.carol), need)
    assert re.findall(r"<span data-who>([^<]*)</span>", page) == ["the reporter", "Carol"]


def test_the_page_of_a_merged_need_shows_the_words_and_the_place_of_the_others(cast: Cast, signed_in: SignedIn) -> None:
    """This is true in both directions, after several merges, and on the page that compares two needs."""
    kept, middle, first, other = (
        reported(text=f"word{n}", place_text=f"corner {n}", state=NeedState.OPEN) for n in range(4)
    )
    duplicates.merge(middle.pk, first.pk, cast.carol)
    duplicates.merge(kept.pk, middle.pk, cast.carol)
    carol = signed_in(cast.carol)
    for need in (kept, middle, first):
        page = page_of(carol, need)
        for number in range(3):
            assert f"word{number}" in page
            assert f"corner {number}" in page
        assert "corner 3" not in page.split("What next?")[0]
    both = carol.get(f"/triage/{other.pk}/duplicates/{kept.pk}/").content.decode()
    assert all(f"corner {number}" in both for number in range(4))


def test_a_merged_report_that_the_dispatcher_does_not_work_on_stays_hidden(
    cast: Cast, city: City, client: Client, signed_in: SignedIn
) -> None:
    from tests.support import dispatches

    kept, gone = (
        reported(text="north"),
        reported((48.8555, 2.35), text="south", place_text="quay", state=NeedState.OPEN),
    )
    duplicates.merge(kept.pk, gone.pk, cast.carol)
    dispatches(cast.edith, city.nord)
    page = page_of(signed_in(cast.edith), kept)
    assert "north" in page
    assert "quay" not in page
    assert ">south" not in re.sub(r"<button.*?</button>", "", page, flags=re.DOTALL)
