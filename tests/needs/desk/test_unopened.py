"""Needs that nobody opens are announced to the next higher level."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from needs.base.dispatch_scope import unopened
from needs.help.triage import bulk
from needs.help.triage.bulk import Chosen
from needs.models import Need
from tests.needs.triage.triage_cases import page_of, reported
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.models import Notification

pytestmark = pytest.mark.django_db

IN_NORD = (48.8700, 2.3500)
STEP = timedelta(minutes=15)


def told() -> list[str]:
    return sorted(Notification.objects.filter(key__startswith="unopened:").values_list("user__display_name", flat=True))


def later(need: Need, steps: float) -> datetime:
    return need.filed_at + STEP * steps


@pytest.fixture
def need(cast: Cast, city: City) -> Need:
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.root)
    return reported(IN_NORD, hours_ago=0.01)


def test_stages_are_due_one_after_the_other_and_never_twice() -> None:
    filed = timezone.now()

    def due(minutes: float, escalated: float | None) -> list[int]:
        at = filed + timedelta(minutes=escalated) if escalated is not None else None
        return list(unopened.stages_due(filed, at, filed + timedelta(minutes=minutes), STEP))

    assert due(14.9, None) == []
    assert due(15, None) == [1]
    assert due(29, 15) == []
    assert due(31, 15) == [2]
    assert due(46, None) == [1, 2, 3]  # after the task did not run for a while
    assert due(47, 46) == []


def test_first_the_level_above_then_the_coordinators_each_once(cast: Cast, need: Need) -> None:
    unopened.announce(later(need, 0.9))
    assert told() == []
    unopened.announce(later(need, 1.1))
    unopened.announce(later(need, 1.3))
    assert told() == ["Edith"]
    unopened.announce(later(need, 2.1))
    unopened.announce(later(need, 3.1))
    assert told() == ["Diane", "Edith", "Farid"]
    need.refresh_from_db()
    assert need.escalated_at == later(need, 2.1)


def test_an_opened_need_is_not_announced(cast: Cast, need: Need, signed_in: SignedIn) -> None:
    page_of(signed_in(cast.carol), need)
    opened = Need.objects.get(pk=need.pk).first_opened_at
    assert opened is not None
    page_of(signed_in(cast.edith), need)
    assert Need.objects.get(pk=need.pk).first_opened_at == opened
    unopened.announce(later(need, 1.1))
    assert told() == []


def test_a_need_that_was_sorted_in_the_list_is_not_announced(cast: Cast, need: Need) -> None:
    bulk.apply("verify", [Chosen(need.pk, need.state)], Need.objects.all(), cast.carol)
    unopened.announce(later(need, 1.1))
    assert told() == []


def test_a_need_of_no_territory_goes_to_the_administrators(cast: Cast, city: City) -> None:
    dispatches(cast.carol, city.nord)
    nowhere = reported(None, hours_ago=0.01, place_text="somewhere")
    unopened.announce(later(nowhere, 1.1))
    assert told() == ["Farid"]


def test_old_needs_are_left_to_the_daily_reminder(cast: Cast, city: City) -> None:
    reported(IN_NORD, hours_ago=30)
    assert unopened.announce(timezone.now()) == 0
