"""Which needs a dispatcher works on."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.enums import Lane
from needs.models import Need, NeedSharing
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City
from volunteers.enums import Duty
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties

pytestmark = pytest.mark.django_db

IN_NORD, IN_SUD, OUTSIDE = (48.8700, 2.3500), (48.8550, 2.3500), (48.9500, 2.5000)


@pytest.fixture
def needs(cast: Cast) -> dict[str, Need]:
    """One need in each district, one outside of both, one without a place."""
    return {
        "nord": reported(IN_NORD), "sud": reported(IN_SUD), "outside": reported(OUTSIDE), "nowhere": reported(None),
    }  # fmt: skip


def seen_by(user: object, needs: dict[str, Need]) -> set[str]:
    """The names of the needs that a person works on."""
    keys = set(scope.needs_for(Viewer(user)).values_list("pk", flat=True))  # type: ignore[arg-type]
    return {name for name, need in needs.items() if need.pk in keys}


def only_in(user: object, *territories: Territory) -> None:
    """Make a person a dispatcher of these territories and of no others."""
    for assignment in user.assignments.dispatching():  # type: ignore[attr-defined]
        duties.end(assignment, None)
    for territory in territories:
        duties.assign(user, territory, Duty.DISPATCHER, None)  # type: ignore[arg-type]


def test_a_dispatcher_sees_the_needs_of_their_territories_and_the_unassigned_lane(
    cast: Cast, city: City, needs: dict[str, Need]
) -> None:
    only_in(cast.carol, city.nord)
    only_in(cast.edith, city.sud)
    assert seen_by(cast.carol, needs) == {"nord", "outside", "nowhere"}
    assert seen_by(cast.edith, needs) == {"sud", "outside", "nowhere"}


def test_a_district_that_nobody_dispatches_is_in_the_unassigned_lane(
    cast: Cast, city: City, needs: dict[str, Need]
) -> None:
    only_in(cast.carol, city.nord)
    assert seen_by(cast.carol, needs) == {"nord", "sud", "outside", "nowhere"}
    cast.carol.is_active = False
    cast.carol.save()
    assert scope.lane_of(Viewer(cast.carol), Lane.UNASSIGNED).count() == 4


def test_the_whole_city_is_above_its_districts(cast: Cast, city: City, needs: dict[str, Need]) -> None:
    only_in(cast.carol, city.root)
    only_in(cast.edith, city.sud)
    assert seen_by(cast.carol, needs) == set(needs)
    assert seen_by(cast.edith, needs) == {"sud", "outside", "nowhere"}


@pytest.mark.parametrize("name", ["alice", "bob", "diane", "farid", "greta"])
def test_nobody_else_works_on_needs(name: str, cast: Cast, needs: dict[str, Need]) -> None:
    assert seen_by(getattr(cast, name), needs) == set()


def test_a_shared_need_is_seen_until_the_sharing_expires(cast: Cast, city: City, needs: dict[str, Need]) -> None:
    only_in(cast.carol, city.nord)
    only_in(cast.edith, city.sud)
    sharing = NeedSharing.objects.create(
        need=needs["nord"], territory=city.sud, expires_at=timezone.now() + timedelta(hours=1)
    )
    assert scope.need_for(Viewer(cast.edith), needs["nord"].pk) == needs["nord"]
    NeedSharing.objects.filter(pk=sharing.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Http404):
        scope.need_for(Viewer(cast.edith), needs["nord"].pk)
