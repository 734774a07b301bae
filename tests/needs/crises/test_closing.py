"""Nothing is left open: counts that equal lists, and what happens to each report when an event is closed."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from needs.base.event_rights import crisis_access
from needs.crises.closing import open_reports
from needs.enums import NeedState
from needs.models import Crisis, Need
from tests.needs.crises.crisis_cases import filled
from tests.needs.relief_groups.relief_cases import page
from tests.support import Cast, SignedIn, dispatches
from volunteers.models import AuditEntry, Notification
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def carol_dispatches(cast: Cast) -> None:
    dispatches(cast.carol)


def test_the_counts_of_an_event_equal_its_lists(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    filled(crisis, 240)
    diane, address = signed_in(cast.diane), f"/crises/{crisis.slug}/"
    counts = open_reports.counts_of(crisis_access.reports_of(Viewer(cast.diane), crisis))
    shown = page(diane, address)
    lists = {"total": "", **open_reports.filters()}
    for name, query in lists.items():
        number = getattr(counts, name)
        listed = re.search(r'data-count="(\d+)"', page(diane, f"{address}?{query}"))
        assert listed and int(listed[1]) == number, name
        assert str(number) in shown
        assert not query or f"?{query}" in shown
    assert counts.total == counts.left + counts.closed == 240
    assert counts.oldest == min(
        Need.objects.filter(crisis=crisis).exclude(state__in=open_reports.CLOSED).values_list("at", flat=True)
    )


def test_an_event_with_open_reports_is_not_closed_before_each_has_an_answer(
    crisis: Crisis, cast: Cast, signed_in: SignedIn
) -> None:
    filled(crisis, 40)
    left = list(open_reports.left_of(crisis))
    diane, address = signed_in(cast.diane), f"/map/crises/{crisis.slug}/closing/"
    assert diane.post(f"/map/crises/{crisis.slug}/close/")["Location"] == address
    assert f"{len(left)} reports are not closed." in page(diane, address)
    assert diane.post(address, {}).status_code == 400
    crisis.refresh_from_db()
    assert crisis.closed_at is None
    special = next(need for need in left if need.state in (NeedState.NEW, NeedState.OPEN))
    data = {"everything": "nobody_free", f"each_{special.pk}": "desk"}
    diane.post(address, data)
    crisis.refresh_from_db()
    assert crisis.closed_at is not None
    still = set(open_reports.left_of(crisis))
    assert still == {need for need in left if need.state == NeedState.HELD} | {special}
    ended = Need.objects.filter(pk__in=[need.pk for need in left]).exclude(pk__in=[need.pk for need in still])
    assert set(ended.values_list("state", flat=True)) == {NeedState.UNMET}
    details = AuditEntry.objects.get(verb="crisis_closed").details
    assert (details["handed_over"], details["closed"]) == (len(still), len(left) - len(still))
    assert Notification.objects.filter(user=cast.carol, key__startswith="event-left:").exists()


def test_an_event_without_open_reports_closes_at_once(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    filled(crisis, 20)
    Need.objects.filter(crisis=crisis).update(state=NeedState.MET)
    diane = signed_in(cast.diane)
    assert "closing" not in page(diane, "/map/crises/")
    diane.post(f"/map/crises/{crisis.slug}/close/")
    crisis.refresh_from_db()
    assert crisis.closed_at is not None


def test_the_public_page_shows_rounded_counts_of_last_night_and_none_below_ten(crisis: Crisis) -> None:
    filled(crisis, 9)
    Need.objects.update(filed_at=timezone.now() - timedelta(days=2), state=NeedState.OPEN)
    address = f"/crisis/{crisis.slug}/"
    assert open_reports.public_counts(crisis) is None
    assert "Reports until last night" not in page(Client(), address)
    cache.clear()
    filled(crisis, 14, seed=2)
    Need.objects.update(filed_at=timezone.now() - timedelta(days=2), state=NeedState.OPEN)
    assert "Reports until last night: 20 or more." in page(Client(), address)


def test_attack_asking_often_does_not_show_a_report_before_the_next_day(
    crisis: Crisis, django_assert_num_queries: object
) -> None:
    filled(crisis, 24)
    Need.objects.update(filed_at=timezone.now() - timedelta(days=2), state=NeedState.OPEN)
    before = open_reports.public_counts(crisis)
    filled(crisis, 6, seed=3)
    Need.objects.filter(state=NeedState.OPEN).update(state=NeedState.MET)
    assert open_reports.public_counts(crisis) == before
    with django_assert_num_queries(0):  # type: ignore[operator]
        open_reports.public_counts(crisis)
