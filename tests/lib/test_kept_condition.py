"""Conditions and queries that are compiled once find what Django's own find, at any time and for anybody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q
from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.enums import Lane
from needs.models import Need, NeedSharing
from solidarity.lib.database.kept_condition import KeptCondition
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, dispatches
from volunteers.enums import Audience
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def needs(cast: Cast, city: City) -> list[Need]:
    """Needs in both districts, outside and without a place; the one in the north is shared with the south."""
    found = [reported(place) for place in ((48.870, 2.350), (48.855, 2.350), (48.950, 2.500), None, None)]
    Need.objects.filter(pk=found[4].pk).update(district=city.nord)
    NeedSharing.objects.create(need=found[0], territory=city.sud, expires_at=timezone.now() + timedelta(hours=1))
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    return found


def found_by(condition: Q) -> set[object]:
    return set(scope.with_cell_above().filter(condition).values_list("pk", flat=True))


def test_each_lane_is_the_same_as_without_keeping(cast: Cast, needs: list[Need]) -> None:
    makers: dict[KeptCondition, Callable[..., Q]] = {
        scope._EVERY_LANE: scope._every_lane, scope._LANES[Lane.OWN]: scope.needs_in,
        scope._LANES[Lane.UNASSIGNED]: scope._lane_without_territory, scope._LANES[Lane.SHARED]: scope._shared_with,
    }  # fmt: skip
    sizes = []
    for name in ("alice", "bob", "carol", "diane", "edith", "farid", "greta"):
        for view_as in (None, Audience.VOLUNTEER):
            viewer = Viewer(getattr(cast, name), view_as)
            for kept, make in makers.items():
                expected = found_by(make(Territory.objects.dispatched_by(viewer)))
                assert found_by(scope._holds(kept, viewer)) == expected, (name, view_as)
                sizes.append(len(expected))
    assert found_by(scope._holds(scope._EVERY_LANE, Viewer(AnonymousUser()))) == set()
    assert {0, 1, 2, 4} <= set(sizes)  # no lane was compared only while it was empty


def test_conditions_on_the_same_columns_are_joined_and_not_taken_for_one(cast: Cast, needs: list[Need]) -> None:
    lanes = scope.lane_conditions(Viewer(cast.edith))
    assert found_by(lanes[Lane.OWN] | lanes[Lane.SHARED]) == {needs[0].pk, needs[1].pk}
    assert found_by(lanes[Lane.OWN] & lanes[Lane.SHARED]) == set()
    both = lanes[Lane.OWN] | scope.lane_conditions(Viewer(cast.carol))[Lane.OWN]
    assert found_by(both) == {needs[0].pk, needs[1].pk, needs[4].pk}


def test_a_condition_reads_the_rows_of_its_own_query_within_another_one(cast: Cast, needs: list[Need]) -> None:
    mine = scope.needs_for(Viewer(cast.edith))
    inside = Need.objects.filter(pk__in=Need.objects.filter(pk__in=mine.values("pk")).values("pk"))
    assert {need.pk for need in inside} == {need.pk for need in mine} == {need.pk for need in needs[:4]}
    assert not Need.objects.filter(pk=needs[4].pk, pk__in=mine.values("pk")).exists()


def test_a_condition_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(KeyError):
        User.objects.filter(KeptCondition(("id",), lambda user: User.objects.filter(pk=3), user=-1).on(F("pk"))).count()
    with pytest.raises(ValueError, match="other columns"):
        User.objects.filter(KeptCondition(("id",), lambda: User.objects.filter(is_active=True)).on(F("pk"))).count()
