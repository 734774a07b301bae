"""Taking a need, keeping the promise or not: who may, wholly or in part, who is faster, what happens when time is over."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from needs import tasks
from needs.commitments import ending, exact_place, extending, hand_overs, taking
from needs.commitments.refusals import Refusal, Refused
from needs.enums import CommitmentState, NeedState, OutcomeReason
from needs.lifecycle import transitions
from needs.lifecycle.transitions import Actor, Cause
from needs.models import Aid, Commitment, CommitmentPart, HandOver, Need
from needs.reports import filing
from needs.triage import reporter_answers
from tests.support import Cast
from volunteers.models import Notice

KINDS = ["food", "blanket", "hygiene"]


@pytest.fixture
def need(db: None) -> Callable[..., Need]:
    def file(state: str = "open", **more: Any) -> Need:
        draft = filing.NeedDraft(
            **{"at": timezone.now(), "place": filing.Place(48.866, 2.35), "kinds": KINDS, "urgency": "now", **more}
        )
        filing.report_need(draft, state=state)
        return Need.objects.get(pk=draft.id)

    return file


def state_of(need: Need) -> str:
    return Need.objects.get(pk=need.pk).state


def refused(verb: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as caught:
        verb()
    return caught.value


def later(commitment: Commitment, **ago: float) -> None:
    Commitment.objects.filter(pk=commitment.pk).update(expires_at=timezone.now() - timedelta(**(ago or {"minutes": 1})))


def test_a_volunteer_takes_a_part_and_the_rest_stays_free_for_others(cast: Cast, need: Need) -> None:
    own = need()
    first = taking.take(own, cast.alice, kinds=["food"])
    assert state_of(own) == "committed"
    assert taking.free_kinds(Need.objects.get()) == ["blanket", "hygiene"]
    second = taking.take(own.pk, cast.bob)
    assert [part.kind for part in second.parts.order_by("pk")] == ["blanket", "hygiene"]
    assert taking.free_kinds(Need.objects.get()) == []
    assert first.parts.get().kind == "food"


def test_who_comes_second_hears_that_somebody_was_faster_and_what_is_left(cast: Cast, need: Need) -> None:
    own = need()
    taking.take(own, cast.alice, kinds=["food", "blanket"])
    said = refused(lambda: taking.take(own, cast.greta, kinds=["food", "hygiene"]))
    assert (said.refusal, said.left) == (Refusal.TAKEN, ["hygiene"])
    assert said.words == "Somebody else has just taken it. Still free: hygiene."
    taking.take(own, cast.bob)
    said = refused(lambda: taking.take(own, cast.greta))
    assert said.words == "Somebody else has just taken it. Other people take care of all of it."
    assert Commitment.objects.count() == 2


@pytest.mark.parametrize("state", ["new", "verified", "met", "rejected", "expired", "reopened"])
def test_only_an_open_need_can_be_taken(cast: Cast, need: Need, state: str) -> None:
    assert refused(lambda: taking.take(need(state=state), cast.alice)).refusal is Refusal.CLOSED


def test_only_what_is_asked_for_can_be_taken(cast: Cast, need: Need) -> None:
    own = need()
    assert refused(lambda: taking.take(own, cast.alice, kinds=["pet"])).refusal is Refusal.NOT_ASKED
    assert refused(lambda: taking.take(own, cast.alice, kinds=[])).refusal is Refusal.NOT_ASKED


def test_the_time_follows_the_urgency_and_is_seen_before(cast: Cast, need: Need) -> None:
    for urgency, hours in (("now", 4), ("soon", 24), ("later", 72)):
        own = taking.take(need(urgency=urgency), cast.alice)
        assert own.expires_at - own.made_at == timedelta(hours=hours)


def test_only_confirmed_accounts_and_members_take_needs(cast: Cast, need: Need) -> None:
    from allauth.account.models import EmailAddress

    EmailAddress.objects.filter(user__in=[cast.greta, cast.bob]).update(verified=False)
    own = need()
    assert refused(lambda: taking.take(own, cast.greta)).refusal is Refusal.UNVERIFIED
    taking.take(own, cast.bob, kinds=["food"], association=cast.maraude)
    assert refused(lambda: taking.take(own, cast.alice, association=cast.maraude)).refusal is Refusal.NOT_A_MEMBER


def test_nobody_hoards_needs_and_an_association_has_its_own_limit(cast: Cast, need: Need, settings: Settings) -> None:
    held = [taking.take(need(), cast.bob) for _each in range(3)]
    assert refused(lambda: taking.take(need(), cast.bob)).refusal is Refusal.FULL
    settings.COMMITMENTS_PER_ASSOCIATION = 1
    taking.take(need(), cast.bob, association=cast.maraude)
    other = need()
    assert refused(lambda: taking.take(other, cast.carol, association=cast.maraude)).refusal is (
        Refusal.ASSOCIATION_FULL
    )
    ending.withdraw(held[0].pk, cast.bob, OutcomeReason.TOO_FAR)
    taking.take(other, cast.bob)


@pytest.mark.django_db(transaction=True)
def test_of_eight_volunteers_at_the_same_moment_exactly_one_gets_each_kind(cast: Cast, need: Need) -> None:
    from allauth.account.models import EmailAddress

    from volunteers.models import User

    people = [User.objects.create_user(f"v{number}@example.org", None) for number in range(8)]
    for person in people:
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    own, start, outcomes = need(), threading.Barrier(8), []

    def run(number: int) -> None:
        kinds = [["food"], ["blanket"], ["food", "blanket"], None][number % 4]
        start.wait()
        try:
            taken = taking.take(own.pk, people[number], kinds=kinds)
            outcomes.append(("won", sorted(taken.parts.values_list("kind", flat=True))))
        except Refused as caught:
            outcomes.append(("lost", caught.refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    won = [kind for what, kinds in outcomes if what == "won" for kind in kinds]
    assert sorted(won) == sorted(set(won))
    assert {"food", "blanket"} <= set(won)
    assert {why for what, why in outcomes if what == "lost"} <= {Refusal.TAKEN}
    held = list(CommitmentPart.objects.filter(need=own, held=True).values_list("kind", flat=True))
    assert sorted(held) == sorted(won)
    assert state_of(own) == "committed"


@pytest.mark.django_db(transaction=True)
def test_one_volunteer_with_many_windows_cannot_pass_the_limit(cast: Cast, need: Need) -> None:
    needs, start, outcomes = [need() for _each in range(8)], threading.Barrier(8), []

    def run(number: int) -> None:
        start.wait()
        try:
            taking.take(needs[number].pk, cast.alice)
            outcomes.append("won")
        except Refused as caught:
            outcomes.append(caught.refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("won") == settings.COMMITMENTS_PER_VOLUNTEER
    assert outcomes.count(Refusal.FULL) == 8 - settings.COMMITMENTS_PER_VOLUNTEER


def test_the_database_itself_refuses_a_second_holder_of_a_kind(cast: Cast, need: Need) -> None:
    own = need()
    taking.take(own, cast.alice, kinds=["food"])
    second = Commitment.objects.create(need=own, volunteer=cast.bob, expires_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(IntegrityError, match="one_holder_per_kind_of_a_need"), transaction.atomic():
        CommitmentPart.objects.create(commitment=second, need=own, kind="food")


def test_a_promise_whose_time_is_over_opens_the_need_again_and_its_holder_is_told(cast: Cast, need: Need) -> None:
    own = need()
    held = taking.take(own, cast.alice)
    assert tasks.end_and_remind_commitments() == {"expired": 0, "reminded": 0}
    later(held)
    assert tasks.end_and_remind_commitments() == {"expired": 1, "reminded": 0}
    assert tasks.end_and_remind_commitments() == {"expired": 0, "reminded": 0}
    held.refresh_from_db()
    assert (held.state, state_of(own)) == ("expired", "open")
    assert Notice.objects.get().title == "Your commitment is over"
    assert taking.take(own, cast.bob).parts.count() == 3


def test_over_is_over_even_before_the_clock_comes_by(cast: Cast, need: Need) -> None:
    held = taking.take(need(), cast.alice)
    later(held)
    for verb in (
        lambda: extending.extend(held.pk, cast.alice),
        lambda: ending.mark_done(held.pk, cast.alice),
        lambda: ending.withdraw(held.pk, cast.alice, OutcomeReason.TOO_FAR),
        lambda: hand_overs.ask_holder(held.pk, cast.bob),
    ):
        assert refused(verb).refusal is Refusal.OVER
    with pytest.raises(Commitment.DoesNotExist):
        exact_place.reveal_place(held.pk, cast.alice)


def test_a_reminder_comes_once_when_a_quarter_is_left_and_once_more_after_more_time(cast: Cast, need: Need) -> None:
    held = taking.take(need(), cast.alice)
    assert extending.remind(held.made_at + timedelta(hours=2, minutes=59)) == 0
    assert extending.remind(held.made_at + timedelta(hours=3, minutes=1)) == 1
    assert extending.remind(held.made_at + timedelta(hours=3, minutes=2)) == 0
    extending.extend(held.pk, cast.alice)
    assert extending.remind(held.made_at + timedelta(hours=3, minutes=3)) == 0
    assert extending.remind(held.made_at + timedelta(hours=7, minutes=1)) == 1
    texts = [f"{notice.title} {notice.body} {notice.path}" for notice in Notice.objects.all()]
    assert len(texts) == 2
    assert all("48." not in text and "Alice" not in text for text in texts)


def test_more_time_is_given_twice_and_not_more(cast: Cast, need: Need) -> None:
    held = taking.take(need(), cast.alice)
    for times in (1, 2):
        longer = extending.extend(held.pk, cast.alice)
        assert longer.expires_at - held.expires_at == times * timedelta(hours=4)
    assert refused(lambda: extending.extend(held.pk, cast.alice)).refusal is Refusal.NO_MORE_TIME
    assert refused(lambda: extending.extend(held.pk, cast.bob)).refusal is Refusal.OVER


def test_giving_back_needs_a_reason_and_opens_the_need_for_others(cast: Cast, need: Need) -> None:
    own = need()
    held = taking.take(own, cast.alice)
    assert refused(lambda: ending.withdraw(held.pk, cast.alice, "")).refusal is Refusal.REASON
    ending.withdraw(held.pk, cast.alice, OutcomeReason.NOT_FOUND)
    held.refresh_from_db()
    assert (held.state, held.reason, state_of(own)) == ("withdrawn", "not_found", "open")
    assert own.steps.last().reason == "not_found"


def test_who_gives_back_because_it_was_not_safe_alarms_the_dispatchers(cast: Cast, need: Need) -> None:
    held = taking.take(need(), cast.alice)
    ending.withdraw(held.pk, cast.alice, OutcomeReason.UNSAFE)
    assert list(Notice.objects.values_list("user", "topic")) == [(cast.carol.pk, "triage")]


def test_done_wholly_meets_the_need_and_is_evidence_once(cast: Cast, need: Need) -> None:
    own = need(persons=4)
    held = taking.take(own, cast.bob, association=cast.maraude)
    ending.mark_done(held.pk, cast.bob)
    assert state_of(own) == "met"
    aid = Aid.objects.get()
    assert (aid.need, aid.contacts, aid.given, aid.association, aid.author) == (own, 4, KINDS, cast.maraude, cast.bob)
    assert refused(lambda: ending.mark_done(held.pk, cast.bob)).refusal is Refusal.OVER
    assert Aid.objects.count() == 1


def test_done_in_part_leaves_the_need_partly_met_and_the_rest_free(cast: Cast, need: Need) -> None:
    own = need()
    held = taking.take(own, cast.alice)
    ending.mark_done(held.pk, cast.alice, kinds=["food"])
    fresh = Need.objects.get()
    assert (fresh.state, fresh.met_kinds, taking.free_kinds(fresh)) == ("partly_met", ["food"], KINDS[1:])
    assert Aid.objects.get().given == ["food"]
    rest = taking.take(own, cast.bob)
    assert state_of(own) == "committed"
    later(rest)
    ending.expire()
    assert state_of(own) == "partly_met"
    ending.mark_done(taking.take(own, cast.bob).pk, cast.bob)
    assert state_of(own) == "met"


def test_done_after_the_exact_point_was_forgotten_counts_in_the_middle_of_its_area(cast: Cast, need: Need) -> None:
    own = need()
    Need.objects.update(point=None, fine_cell=None)
    ending.mark_done(taking.take(own, cast.alice).pk, cast.alice)
    assert Aid.objects.get().cell == own.cell


def test_a_need_without_a_place_is_met_without_evidence(cast: Cast, need: Need) -> None:
    own = need(place=None, place_text="under the bridge")
    ending.mark_done(taking.take(own, cast.bob).pk, cast.bob)
    assert state_of(own) == "met"
    assert not Aid.objects.exists()


def test_others_had_done_it_already_closes_it_without_evidence(cast: Cast, need: Need) -> None:
    own = need()
    held = taking.take(own, cast.alice)
    ending.mark_done_by_others(held.pk, cast.alice)
    held.refresh_from_db()
    assert (held.state, state_of(own), Aid.objects.count()) == ("by_others", "met", 0)


def test_when_the_reporter_says_solved_nobody_sets_out_in_vain(cast: Cast, need: Need) -> None:
    own = need()
    held = taking.take(own, cast.alice)
    reporter_answers.report_solved(own.pk)
    held.refresh_from_db()
    assert (held.state, held.parts.filter(held=True).count()) == ("by_others", 0)
    assert Notice.objects.get().title == "You do not need to go any more"


def test_a_need_that_is_opened_again_can_be_taken_again(cast: Cast, need: Need) -> None:
    own = need()
    ending.mark_done(taking.take(own, cast.alice).pk, cast.alice)
    assert reporter_answers.report_still_needed(own.pk)
    assert state_of(own) == "reopened"
    assert refused(lambda: taking.take(own, cast.bob)).refusal is Refusal.CLOSED
    transitions.move(own.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, cast.carol.pk))
    assert taking.take(own, cast.bob).parts.count() == 3


def test_an_undone_merge_does_not_bring_back_promises_that_ended(cast: Cast, need: Need) -> None:
    own = need()
    held = taking.take(own, cast.alice)
    transitions.move(own.pk, NeedState.DUPLICATE, Cause(Actor.DISPATCHER, cast.carol.pk, OutcomeReason.SAME_AS))
    held.refresh_from_db()
    assert held.state == CommitmentState.BY_OTHERS
    with transaction.atomic():
        row = Need.objects.select_for_update().get(pk=own.pk)
        transitions.enter(row, NeedState.COMMITTED, Cause(Actor.DISPATCHER, cast.carol.pk))
    assert state_of(own) == "open"


# --- handing over --------------------------------------------------------------------------------------------------


def test_somebody_asks_for_a_need_and_its_holder_says_yes(cast: Cast, need: Need) -> None:
    own = need()
    held = taking.take(own, cast.alice, kinds=["food", "blanket"])
    hand = hand_overs.ask_holder(held.pk, cast.greta)
    assert refused(lambda: hand_overs.ask_holder(held.pk, cast.greta)).refusal is Refusal.ASKED_BEFORE
    assert refused(lambda: hand_overs.ask_holder(held.pk, cast.alice)).refusal is Refusal.OWN
    with pytest.raises(HandOver.DoesNotExist):
        hand_overs.answer(hand.pk, cast.greta, accepted=True)
    hand_overs.answer(hand.pk, cast.alice, accepted=True)
    held.refresh_from_db()
    new = Commitment.objects.active().get()
    assert (held.state, new.volunteer, state_of(own)) == ("handed", cast.greta, "committed")
    assert sorted(new.parts.values_list("kind", flat=True)) == ["blanket", "food"]
    assert set(Notice.objects.values_list("user", flat=True)) == {cast.alice.pk, cast.greta.pk}
    assert refused(lambda: hand_overs.answer(hand.pk, cast.alice, accepted=True)).refusal is Refusal.ANSWERED


def test_a_holder_offers_to_a_person_of_the_association_who_decides(cast: Cast, need: Need) -> None:
    held = taking.take(need(), cast.bob, association=cast.maraude)
    assert refused(lambda: hand_overs.offer(held.pk, cast.bob, cast.edith)).refusal is Refusal.NOT_A_MEMBER
    hand = hand_overs.offer(held.pk, cast.bob, cast.carol)
    with pytest.raises(HandOver.DoesNotExist):
        hand_overs.answer(hand.pk, cast.bob, accepted=True)
    hand_overs.answer(hand.pk, cast.carol, accepted=True)
    new = Commitment.objects.active().get()
    assert (new.volunteer, new.association) == (cast.carol, cast.maraude)


def test_no_is_no_and_everything_stays(cast: Cast, need: Need) -> None:
    held = taking.take(need(), cast.alice)
    hand_overs.answer(hand_overs.ask_holder(held.pk, cast.greta).pk, cast.alice, accepted=False)
    held.refresh_from_db()
    assert (held.state, held.parts.filter(held=True).count()) == ("active", 3)


def test_who_holds_enough_cannot_be_handed_more(cast: Cast, need: Need) -> None:
    held = taking.take(need(), cast.alice)
    hand = hand_overs.ask_holder(held.pk, cast.greta)
    for _each in range(3):
        taking.take(need(), cast.greta)
    assert refused(lambda: hand_overs.answer(hand.pk, cast.alice, accepted=True)).refusal is Refusal.FULL
    hand.refresh_from_db()
    assert (hand.answer, Commitment.objects.get(pk=held.pk).state) == ("", "active")


def test_who_waits_for_an_answer_is_told_when_the_commitment_ends(cast: Cast, need: Need) -> None:
    held = taking.take(need(), cast.alice)
    hand = hand_overs.ask_holder(held.pk, cast.greta)
    ending.mark_done(held.pk, cast.alice)
    hand.refresh_from_db()
    assert hand.answer == "expired"
    assert Notice.objects.filter(user=cast.greta, title="Nobody answered your hand-over request").exists()


@pytest.mark.django_db(transaction=True)
def test_two_hand_overs_accepted_at_the_same_moment_have_one_new_holder(cast: Cast, need: Need) -> None:
    held = taking.take(need(), cast.alice)
    hands = [hand_overs.ask_holder(held.pk, person).pk for person in (cast.greta, cast.bob, cast.edith)]
    start, outcomes = threading.Barrier(4), []

    def run(verb: Callable[[], Any]) -> None:
        start.wait()
        try:
            verb()
            outcomes.append("won")
        except Refused as caught:
            outcomes.append(caught.refusal)
        finally:
            connection.close()

    verbs = [lambda hand=hand: hand_overs.answer(hand, cast.alice, accepted=True) for hand in hands]
    verbs.append(lambda: ending.mark_done(held.pk, cast.alice))
    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("won") == 1
    assert set(outcomes) <= {"won", Refusal.OVER, Refusal.ANSWERED}
    assert Commitment.objects.active().count() <= 1
    assert CommitmentPart.objects.filter(held=True).count() in (0, 3)


def test_an_unknown_hand_over_or_need_changes_nothing(cast: Cast, db: None) -> None:
    with pytest.raises(HandOver.DoesNotExist):
        hand_overs.answer(uuid.uuid4(), cast.alice, accepted=True)
    assert refused(lambda: taking.take(uuid.uuid4(), cast.alice)).refusal is Refusal.CLOSED
