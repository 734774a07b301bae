"""Attack 1: fetch a whole release, wait for a report, fetch the release again. No byte may differ until the next
release."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.map.releases import release_filter
from mapping.map.releases.public import publishing, release_schedule
from mapping.models import Release
from tests.privacy import filed
from tests.privacy.answers import bytes_of
from tests.released_north import publish_north
from tests.support import Cast, City, Seen, SignedIn

READERS = ["alice", "bob"]  # a volunteer, a member of an association


@pytest.fixture
def published(cast: Cast, city: City, seen: Seen) -> None:
    publish_north(seen)


@pytest.mark.parametrize("who", READERS)
def test_nothing_of_a_release_moves_when_people_report(
    who: str, published: None, cast: Cast, signed_in: SignedIn
) -> None:
    reader, member = signed_in(getattr(cast, who)), signed_in(cast.edith)
    before = {each: bytes_of(reader, "GET", each) for each in filed.released(reader, "nord")}
    assert len(before) > 10
    assert {status for status, _text in before.values()} == {200}
    filed.file_many(member)
    after = {each: bytes_of(reader, "GET", each) for each in before}
    assert [each for each in before if before[each] != after[each]] == []
    assert list(filed.released(reader, "nord")) == list(before)
    release_filter.publish_all(timezone.now() + timedelta(hours=30))
    assert bytes_of(reader, "GET", next(iter(before)))[0] == 200
    tile = [each for each in before if "/12/" in each][0]
    assert bytes_of(reader, "GET", tile) != before[tile]


def test_nothing_of_the_public_release_moves_until_the_next_monday(
    cast: Cast, told: Callable[..., None], signed_in: SignedIn
) -> None:
    told(22)
    publishing.publish_due()
    addresses = [reverse("mapping:public"), *filed.public_files()]
    before = {each: bytes_of(Client(), "GET", each) for each in addresses}
    told(0.01, persons=9.0)
    filed.file_many(signed_in(cast.edith))
    publishing.publish_due()
    assert filed.public_files() == tuple(addresses[1:])
    assert {each: bytes_of(Client(), "GET", each) for each in addresses} == before
    newest = Release.objects.public().last()
    assert newest is not None
    publishing.publish_due(release_schedule.after(newest.published_at) + timedelta(minutes=1))
    assert filed.public_files() != tuple(addresses[1:])
    assert {each: bytes_of(Client(), "GET", each) for each in addresses[1:]} == {
        each: before[each] for each in addresses[1:]
    }
