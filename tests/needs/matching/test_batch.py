"""Batches: many open needs at once."""

from datetime import time

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from needs.enums import Category, Urgency
from needs.help.matching import batch, proposals
from needs.models import Need, Proposal
from tests.needs.matching.matching_cases import need_at
from tests.repetitions import TEST_ALL
from tests.support import Cast, SignedIn
from volunteers.enums import Skill
from volunteers.models import User
from volunteers.people.availability import offers as offering
from volunteers.people.availability.offers import Availability, Weekly

spots = st.tuples(st.floats(48.80, 48.92), st.floats(2.25, 2.45))


class EveryPairOfABatch(TestCase):
    """The batch works on columns. It agrees with the rules for single pairs, whatever the places and free times are."""

    @settings(max_examples=15 if TEST_ALL else 6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_is_one_that_may_be_proposed(self, data: st.DataObject) -> None:
        numbers = range(data.draw(st.integers(1, 8)))
        for number in numbers:
            windows = data.draw(
                st.lists(st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(0, 23)), max_size=4)
            )
            offering.store(
                User.objects.create_user(f"p{number}@example.org"),
                Availability(
                    base=data.draw(spots), radius=data.draw(st.sampled_from([1000, 3000, 10_000])),
                    most=data.draw(st.integers(1, 3)), skills=tuple(data.draw(st.sets(st.sampled_from(list(Skill)), max_size=3))),
                    kinds=tuple(data.draw(st.sets(st.sampled_from(list(Category)), max_size=3))),
                    weekly=tuple(
                        {(day, start): Weekly(day, time(start), time(end)) for day, start, end in windows if start != end}.values()
                    ),
                ),
            )  # fmt: skip
        users = list(User.objects.all())
        for _each in range(data.draw(st.integers(1, 8))):
            need_at(
                data.draw(spots), kinds=data.draw(st.lists(st.sampled_from(list(Category)), min_size=1, max_size=2, unique=True)),
                urgency=data.draw(st.sampled_from(list(Urgency))), author=data.draw(st.sampled_from([None, *users])),
            )  # fmt: skip
        now = timezone.now()
        found = batch.plan(Need.objects.all(), now)
        pairs = [(need, user) for need, user, _metres in found.pairs]
        assert len({need for need, _user in pairs}) == len(pairs)
        # The verb checks each constraint again with the pure rules and PostGIS, and refuses none of these pairs.
        made = proposals.propose_pairs(pairs, None, now)
        assert [(row.need_id, row.volunteer_id) for row in made] == pairs


def test_a_batch_is_proposed_as_it_was_shown(people: Cast, signed_in: SignedIn) -> None:
    for _each in range(3):
        need_at()
    client = signed_in(people.carol)
    page = client.get("/triage/ask/")
    assert "3 of 3" in page.content.decode()
    changed = client.post("/triage/ask/", {"seen": "something else"})
    assert "Something has changed" in changed.content.decode()
    assert not Proposal.objects.exists()
    client.post("/triage/ask/", {"seen": page.context["seen"]})
    assert Proposal.objects.count() == 3
    empty = client.get("/triage/ask/").content.decode()
    assert "Nothing to propose" in empty and "No open need waits for a proposal" in empty
    assert "Both methods" not in empty and "0 of 0" not in empty  # an empty page compares nothing
    assert signed_in(people.alice).get("/triage/ask/").status_code == 404


def test_a_batch_is_limited_to_its_territory(people: Cast, signed_in: SignedIn) -> None:
    need_at()
    need_at((48.855, 2.340))
    page = signed_in(people.carol).get("/triage/ask/?area=sud")
    assert len(page.context["plan"].read.needs) == 1
