"""Hand-overs: asking, offering, accepting, declining."""

import threading
import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from needs.help.commitments import ending, hand_overs, taking
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, CommitmentPart, HandOver
from tests.needs.commitments.commitment_cases import ReportNeed, refused, state_of
from tests.support import Cast
from volunteers.models import Notification


def test_the_holder_accepts_a_request(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
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
    assert set(Notification.objects.values_list("user", flat=True)) == {cast.alice.pk, cast.greta.pk}
    assert refused(lambda: hand_overs.answer(hand.pk, cast.alice, accepted=True)).refusal is Refusal.ANSWERED


def test_a_fellow_member_decides_on_an_offer(cast: Cast, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.bob, association=cast.maraude)
    assert refused(lambda: hand_overs.offer(held.pk, cast.bob, cast.edith)).refusal is Refusal.NOT_A_MEMBER
    hand = hand_overs.offer(held.pk, cast.bob, cast.carol)
    with pytest.raises(HandOver.DoesNotExist):
        hand_overs.answer(hand.pk, cast.bob, accepted=True)
    hand_overs.answer(hand.pk, cast.carol, accepted=True)
    new = Commitment.objects.active().get()
    assert (new.volunteer, new.association) == (cast.carol, cast.maraude)


def test_a_declined_hand_over_changes_nothing(cast: Cast, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.alice)
    hand_overs.answer(hand_overs.ask_holder(held.pk, cast.greta).pk, cast.alice, accepted=False)
    held.refresh_from_db()
    assert (held.state, held.parts.filter(held=True).count()) == ("active", 3)


def test_a_hand_over_respects_the_limit_of_the_new_holder(cast: Cast, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.alice)
    hand = hand_overs.ask_holder(held.pk, cast.greta)
    for _each in range(3):
        taking.take(report_need(), cast.greta)
    assert refused(lambda: hand_overs.answer(hand.pk, cast.alice, accepted=True)).refusal is Refusal.FULL
    hand.refresh_from_db()
    assert (hand.answer, Commitment.objects.get(pk=held.pk).state) == ("", "active")


def test_unanswered_requests_expire_with_the_commitment_and_notify_the_asker(
    cast: Cast, report_need: ReportNeed
) -> None:
    held = taking.take(report_need(), cast.alice)
    hand = hand_overs.ask_holder(held.pk, cast.greta)
    ending.mark_done(held.pk, cast.alice)
    hand.refresh_from_db()
    assert hand.answer == "expired"
    assert Notification.objects.filter(user=cast.greta, title="Nobody answered your hand-over request").exists()


@pytest.mark.django_db(transaction=True)
def test_of_simultaneously_accepted_hand_overs_one_wins(cast: Cast, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.alice)
    hands = [hand_overs.ask_holder(held.pk, person).pk for person in (cast.greta, cast.bob, cast.edith)]
    start = threading.Barrier(4)
    outcomes: list[str | Refusal] = []

    def run(verb: Callable[[], object]) -> None:
        start.wait()
        try:
            verb()
            outcomes.append("won")
        except Refused as caught:
            outcomes.append(caught.refusal)
        finally:
            connection.close()

    verbs: list[Callable[[], object]] = [
        *(partial(hand_overs.answer, hand, cast.alice, accepted=True) for hand in hands),
        partial(ending.mark_done, held.pk, cast.alice),
    ]
    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("won") == 1
    assert set(outcomes) <= {"won", Refusal.OVER, Refusal.ANSWERED}
    assert Commitment.objects.active().count() <= 1
    assert CommitmentPart.objects.filter(held=True).count() in (0, 3)


def test_an_unknown_hand_over_raises(cast: Cast, db: None) -> None:
    with pytest.raises(HandOver.DoesNotExist):
        hand_overs.answer(uuid.uuid4(), cast.alice, accepted=True)
    assert refused(lambda: taking.take(uuid.uuid4(), cast.alice)).refusal is Refusal.CLOSED
