"""A state machine runs commitment verbs in any order. Commitments, aid and the state of the need always agree."""

import contextlib
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause, NotPossible
from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.enums import TAKEABLE_STATES, CommitmentState, NeedState
from needs.help.commitments import ending, extending, hand_overs, taking
from needs.help.records.refusals import Refused
from needs.help.triage import reporter_answers
from needs.models import Aid, Commitment, CommitmentPart, HandOver, Need
from tests import filing_verbs
from tests.repetitions import TEST_ALL
from tests.support import Cast
from volunteers.models import User

KINDS = ["food", "blanket", "hygiene"]
PEOPLE = st.integers(0, 3)
SOME = st.none() | st.lists(st.sampled_from(KINDS), unique=True)
WHICH = st.integers(0, 5)


def machine_of(people: list[User]) -> type[RuleBasedStateMachine]:
    class Promises(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.before = transaction.savepoint_create()
            draft = NeedDraft(at=timezone.now(), place=DraftPlace(48.866, 2.35), kinds=KINDS)
            filing_verbs.report_need(draft, state="open")
            self.need = draft.id

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.before)

        def one(self, which: int) -> Commitment | None:
            every = list(Commitment.objects.order_by("made_at", "pk"))
            return every[which % len(every)] if every else None

        @rule(who=PEOPLE, kinds=SOME)
        def take(self, who: int, kinds: list[str] | None) -> None:
            with contextlib.suppress(Refused):
                taking.take(self.need, people[who], kinds=kinds)

        @rule(which=WHICH, kinds=SOME, others=st.booleans())
        def finish(self, which: int, kinds: list[str] | None, others: bool) -> None:
            verb = ending.mark_done_by_others if others else ending.mark_done
            if own := self.one(which):
                with contextlib.suppress(Refused):
                    verb(own.pk, own.volunteer, kinds=kinds)

        @rule(which=WHICH)
        def give_back(self, which: int) -> None:
            if own := self.one(which):
                with contextlib.suppress(Refused):
                    ending.withdraw(own.pk, own.volunteer, "too_far")

        @rule(which=WHICH)
        def extend(self, which: int) -> None:
            if own := self.one(which):
                with contextlib.suppress(Refused):
                    extending.extend(own.pk, own.volunteer)

        @rule(which=WHICH, clock=st.booleans())
        def run_out(self, which: int, clock: bool) -> None:
            if own := self.one(which):
                Commitment.objects.filter(pk=own.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
            if clock:
                ending.expire()

        @rule(which=WHICH, who=PEOPLE)
        def ask(self, which: int, who: int) -> None:
            if own := self.one(which):
                with contextlib.suppress(Refused):
                    hand_overs.ask_holder(own.pk, people[who])

        @rule(which=WHICH, accepted=st.booleans())
        def answer(self, which: int, accepted: bool) -> None:
            hands = list(HandOver.objects.order_by("asked_at", "pk").select_related("commitment__volunteer"))
            if hands:
                hand = hands[which % len(hands)]
                with contextlib.suppress(Refused):
                    hand_overs.answer(hand.pk, hand.commitment.volunteer, accepted=accepted)

        @rule()
        def solved(self) -> None:
            reporter_answers.report_solved(self.need)

        @rule()
        def reopened(self) -> None:
            reporter_answers.report_still_needed(self.need)
            with contextlib.suppress(NotPossible):
                transitions.move(self.need, NeedState.OPEN, Cause(Actor.DISPATCHER), expected=NeedState.REOPENED)

        @invariant()
        def every_kind_has_one_holder_at_most_and_none_when_it_was_brought(self) -> None:
            need = Need.objects.get(pk=self.need)
            held = list(CommitmentPart.objects.filter(need=need, held=True).values_list("kind", flat=True))
            assert len(held) == len(set(held))
            assert not set(held) & set(need.met_kinds)
            assert set(held) | set(need.met_kinds) <= set(KINDS)
            assert sorted([*held, *need.met_kinds, *taking.free_kinds(need)]) == sorted(KINDS)

        @invariant()
        def only_active_commitments_hold_and_they_hold_all_their_parts(self) -> None:
            for own in Commitment.objects.prefetch_related("parts"):
                active = own.state == CommitmentState.ACTIVE
                assert own.parts.all(), own.state
                assert all(part.held is active for part in own.parts.all())
                assert active is (own.ended_at is None)
                assert own.extended <= django_settings.COMMITMENT_EXTENSIONS

        @invariant()
        def the_need_stands_where_its_parts_say(self) -> None:
            need = Need.objects.get(pk=self.need)
            said = ending.state_of_parts(need)
            if need.state in TAKEABLE_STATES:
                # A dispatcher may reopen a partly met need.
                assert need.state == said or (need.state, said) == (NeedState.OPEN, NeedState.PARTLY_MET)
            else:
                assert not Commitment.objects.active().filter(need=need).exists()

        @invariant()
        def help_is_counted_once_for_each_promise_kept(self) -> None:
            assert Aid.objects.count() == Commitment.objects.filter(state=CommitmentState.DONE).count()

        @invariant()
        def nobody_holds_too_much_and_nobody_waits_for_what_ended(self) -> None:
            for person in people:
                assert Commitment.objects.active().of(person).count() <= django_settings.COMMITMENTS_PER_VOLUNTEER
            assert not HandOver.objects.filter(answer="").exclude(commitment__state=CommitmentState.ACTIVE).exists()

    return Promises


@pytest.mark.django_db
def test_state_parts_and_met_kinds_always_agree(cast: Cast) -> None:
    people = [cast.alice, cast.bob, cast.greta, cast.edith]
    run_state_machine_as_test(
        machine_of(people),
        settings=settings(
            max_examples=25 if TEST_ALL else 8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
