"""Removals sent by the phone queue are done once, only for one's own reports, and do no harm if they come too late."""

import uuid

from django.test import Client
from django.utils import timezone

from needs.enums import Answer
from needs.help.matching import proposals
from needs.models import Crisis, Proposal
from tests.needs.crises.crisis_cases import opened
from tests.needs.matching.matching_cases import need_at, offers
from tests.needs.phone_queue.queue_cases import item, one
from tests.support import Cast, SignedIn
from volunteers.models import AuditEntry
from volunteers.people.audit.verbs import Verb


def test_a_declined_proposal_arrives_once(cast: Cast, signed_in: SignedIn) -> None:
    offers(cast.alice)
    [row] = proposals.propose(need_at(), [cast.alice], cast.carol)
    no = item("decline", {"answer": "no"}, parent=str(row.pk))
    alice = signed_in(cast.alice)
    assert one(alice, cast.alice, no)["status"] == 201
    answered_at = Proposal.objects.get().answered_at
    assert one(alice, cast.alice, no)["status"] == 200
    row = Proposal.objects.get()
    assert (row.answer, row.answered_at) == (Answer.DECLINED, answered_at)


def test_a_no_that_comes_after_a_yes_changes_nothing_and_leaves_the_queue(cast: Cast, signed_in: SignedIn) -> None:
    offers(cast.alice)
    [row] = proposals.propose(need_at(), [cast.alice], cast.carol)
    proposals.accept(row.pk, cast.alice)
    no = item("decline", {"answer": "no"}, parent=str(row.pk))
    assert one(signed_in(cast.alice), cast.alice, no)["status"] == 201
    assert Proposal.objects.get().answer == Answer.ACCEPTED


def test_nobody_declines_for_somebody_else(cast: Cast, signed_in: SignedIn) -> None:
    offers(cast.alice)
    [row] = proposals.propose(need_at(), [cast.alice], cast.carol)
    no = item("decline", {"answer": "no"}, parent=str(row.pk))
    assert one(signed_in(cast.bob), cast.bob, no)["status"] == 404
    assert one(Client(), None, no)["status"] == 404
    assert one(signed_in(cast.bob), cast.bob, item("decline", {}, parent=str(uuid.uuid4())))["status"] == 404
    assert Proposal.objects.get().answer == ""


def test_a_closed_event_arrives_once_and_only_from_its_coordinators(cast: Cast, signed_in: SignedIn) -> None:
    crisis = opened(cast.diane)
    close = item("close-crisis", {"crisis": crisis.slug})
    assert one(signed_in(cast.bob), cast.bob, close)["status"] == 404
    assert one(Client(), None, close)["status"] == 404
    diane = signed_in(cast.diane)
    assert one(diane, cast.diane, close)["status"] == 201
    assert one(diane, cast.diane, close)["status"] == 200
    crisis = Crisis.objects.get()
    assert crisis.closed_at is not None and crisis.closed_at < timezone.now()
    assert crisis.closed_by == cast.diane
    assert AuditEntry.objects.filter(verb=Verb.CRISIS_CLOSED).count() == 1
