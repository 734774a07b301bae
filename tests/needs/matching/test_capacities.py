"""Capacities of associations."""

from datetime import timedelta

import pytest
from django.utils import timezone

from needs.help.matching import capacities, proposals
from needs.help.records.refusals import Refused
from needs.models import Capacity, Commitment
from solidarity.lib.grid import snap
from tests.needs.matching.matching_cases import HERE, need_at
from tests.support import Cast, SignedIn


def test_an_association_is_asked_while_it_has_capacity_this_week(people: Cast) -> None:
    capacities.save_capacities(people.maraude, {"food": 1}, snap(*HERE), 3000)
    one, other = need_at(), need_at()
    [row] = proposals.ask_association(one, people.maraude, people.carol)
    assert row.volunteer == people.carol
    taken = proposals.accept(row.pk, people.carol)
    assert isinstance(taken, Commitment)
    assert (taken.association, [part.kind for part in taken.parts.all()]) == (people.maraude, ["food"])
    assert proposals.ask_association(other, people.maraude, people.carol) == []
    next_week = timezone.now() + timedelta(days=7)
    assert len(capacities.associations_with_capacity(other, ["food"], next_week)) == 1


def test_a_proposal_cannot_be_accepted_once_the_capacity_is_used(people: Cast) -> None:
    capacities.save_capacities(people.maraude, {"food": 1}, None, 3000)
    rows = [proposals.ask_association(need_at(), people.maraude, None)[0] for _each in range(2)]
    proposals.accept(rows[0].pk, people.carol)
    with pytest.raises(Refused):
        proposals.accept(rows[1].pk, people.carol)


def test_an_association_out_of_reach_is_not_listed(people: Cast) -> None:
    capacities.save_capacities(people.maraude, {"food": 4}, snap(HERE[0] + 0.08, HERE[1]), 3000)
    assert capacities.associations_with_capacity(need_at(), ["food"], timezone.now()) == []


def test_a_dispatcher_enters_the_capacities_of_their_association(people: Cast, signed_in: SignedIn) -> None:
    client = signed_in(people.carol)
    data = {"food": "5", "tent": "0", "latitude": "48.866", "longitude": "2.350", "radius": "5000"}
    assert client.post("/capacities/", data)["Location"] == "/capacities/maraude-du-nord/"
    [row] = Capacity.objects.all()
    assert (row.kind, row.per_week, row.radius) == ("food", 5, 5000)
    client.post("/capacities/", {"radius": "5000"})
    assert not Capacity.objects.exists()
    assert client.get("/capacities/soupe-du-sud/").status_code == 404
