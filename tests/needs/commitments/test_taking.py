"""Taking a need: wholly or in part, permissions, limits, simultaneous takers."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from needs.enums import OutcomeReason
from needs.help.commitments import ending, taking
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, CommitmentPart, Need
from tests.needs.commitments.commitment_cases import ReportNeed, refused, state_of
from tests.needs.vouched import vouch_for
from tests.support import Cast


def test_a_volunteer_takes_a_part_and_the_rest_stays_free(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    first = taking.take(own, cast.alice, kinds=["food"])
    assert state_of(own) == "committed"
    assert taking.free_kinds(Need.objects.get()) == ["blanket", "hygiene"]
    second = taking.take(own.pk, cast.bob)
    assert [part.kind for part in second.parts.order_by("pk")] == ["blanket", "hygiene"]
    assert taking.free_kinds(Need.objects.get()) == []
    assert first.parts.get().kind == "food"


def test_the_second_taker_learns_what_is_left(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    taking.take(own, cast.alice, kinds=["food", "blanket"])
    said = refused(lambda: taking.take(own, cast.greta, kinds=["food", "hygiene"]))
    assert (said.refusal, said.left) == (Refusal.TAKEN, ["hygiene"])
    assert said.words == "Somebody else has just taken it. Still needed: hygiene."
    taking.take(own, cast.bob)
    said = refused(lambda: taking.take(own, cast.greta))
    assert said.words == "Somebody else has just taken it. Other people take care of all of it."
    assert Commitment.objects.count() == 2


@pytest.mark.parametrize("state", ["new", "verified", "met", "rejected", "expired", "reopened"])
def test_only_an_open_need_can_be_taken(cast: Cast, report_need: ReportNeed, state: str) -> None:
    assert refused(lambda: taking.take(report_need(state), cast.alice)).refusal is Refusal.CLOSED


def test_only_kinds_of_the_need_can_be_taken(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    assert refused(lambda: taking.take(own, cast.alice, kinds=["pet"])).refusal is Refusal.NOT_ASKED
    assert refused(lambda: taking.take(own, cast.alice, kinds=[])).refusal is Refusal.NOT_ASKED


def test_the_duration_depends_on_the_urgency(cast: Cast, report_need: ReportNeed) -> None:
    for urgency, hours in (("now", 4), ("soon", 24), ("later", 72)):
        own = taking.take(report_need(urgency=urgency), cast.alice)
        assert own.expires_at - own.made_at == timedelta(hours=hours)


def test_only_verified_accounts_and_members_can_take_needs(cast: Cast, report_need: ReportNeed) -> None:
    from allauth.account.models import EmailAddress

    EmailAddress.objects.filter(user__in=[cast.greta, cast.bob]).update(verified=False)
    own = report_need()
    assert refused(lambda: taking.take(own, cast.greta)).refusal is Refusal.UNVERIFIED
    taking.take(own, cast.bob, kinds=["food"], association=cast.maraude)
    assert refused(lambda: taking.take(own, cast.alice, association=cast.maraude)).refusal is Refusal.NOT_A_MEMBER


def test_volunteers_and_associations_have_separate_limits(
    cast: Cast, report_need: ReportNeed, settings: Settings
) -> None:
    held = [taking.take(report_need(), cast.bob) for _each in range(3)]
    assert refused(lambda: taking.take(report_need(), cast.bob)).refusal is Refusal.FULL
    settings.COMMITMENTS_PER_ASSOCIATION = 1
    taking.take(report_need(), cast.bob, association=cast.maraude)
    other = report_need()
    assert refused(lambda: taking.take(other, cast.carol, association=cast.maraude)).refusal is (
        Refusal.ASSOCIATION_FULL
    )
    ending.withdraw(held[0].pk, cast.bob, OutcomeReason.TOO_FAR)
    taking.take(other, cast.bob)


@pytest.mark.django_db(transaction=True)
def test_of_eight_simultaneous_volunteers_exactly_one_gets_each_kind(cast: Cast, report_need: ReportNeed) -> None:
    from allauth.account.models import EmailAddress

    from volunteers.models import User

    people = [User.objects.create_user(f"v{number}@example.org", None) for number in range(8)]
    for person in people:
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        vouch_for(person, cast.other)
    own, start = report_need(), threading.Barrier(8)
    outcomes: list[list[str] | Refusal] = []

    def run(number: int) -> None:
        kinds = [["food"], ["blanket"], ["food", "blanket"], None][number % 4]
        start.wait()
        try:
            taken = taking.take(own.pk, people[number], kinds=kinds)
            outcomes.append(sorted(taken.parts.values_list("kind", flat=True)))
        except Refused as caught:
            outcomes.append(caught.refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    won = [kind for outcome in outcomes if isinstance(outcome, list) for kind in outcome]
    assert sorted(won) == sorted(set(won))
    assert {"food", "blanket"} <= set(won)
    assert {outcome for outcome in outcomes if isinstance(outcome, Refusal)} <= {Refusal.TAKEN}
    held = list(CommitmentPart.objects.filter(need=own, held=True).values_list("kind", flat=True))
    assert sorted(held) == sorted(won)
    assert state_of(own) == "committed"


@pytest.mark.django_db(transaction=True)
def test_simultaneous_requests_of_one_volunteer_cannot_exceed_the_limit(cast: Cast, report_need: ReportNeed) -> None:
    needs, start = [report_need() for _each in range(8)], threading.Barrier(8)
    outcomes: list[str | Refusal] = []

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


def test_the_database_refuses_a_second_holder_of_a_kind(cast: Cast, report_need: ReportNeed) -> None:
    own = report_need()
    taking.take(own, cast.alice, kinds=["food"])
    second = Commitment.objects.create(need=own, volunteer=cast.bob, expires_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(IntegrityError, match="one_holder_per_kind_of_a_need"), transaction.atomic():
        CommitmentPart.objects.create(commitment=second, need=own, kind="food")
