"""Pages of the list of zones: those of the whole list, although only what a page shows is read."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mapping.coverage.folding import fold
from mapping.enums import STATUS_KEYS, Status
from mapping.map.pages import views, zone_list, zone_pages
from mapping.map.releases import reading, release_filter
from mapping.map.wording import zone_names
from mapping.models import Zone
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer


@pytest.fixture
def looked_at(cast: Cast, city: City, seen: Seen) -> City:
    for step in range(12):
        seen(lat=48.853 + step * 0.0020, lng=2.334 + step * 0.004, persons=step % 4 * 5, minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    return city


FILTERS = [[], ["to_verify"], ["uncovered", "not_searched"], [STATUS_KEYS[Status.CONTRADICTORY]]]


@pytest.mark.parametrize("who", ["diane", "alice"])
@pytest.mark.parametrize("sort", ["status", "-status", "place", "-place", "-people", "search"])
def test_the_pages_together_are_the_whole_list(sort: str, who: str, looked_at: City, cast: Cast) -> None:
    found = reading.read(Viewer(getattr(cast, who)), looked_at.root if who == "diane" else looked_at.nord)
    assert found.zones.count() > 5
    for chosen in FILTERS:
        whole = zone_list.rows(found, chosen, sort)
        pages = zone_pages.listed(found, chosen, sort, {})
        assert len(pages) == len(whole)
        for size in (1, 4, 100):
            assert [row for start in range(0, len(whole), size) for row in pages[start : start + size]] == whole
        assert pages[len(whole) :] == []


def test_territories_with_one_name_are_one_place_of_the_list_and_their_zones_have_different_names(
    looked_at: City, cast: Cast
) -> None:
    Territory.objects.filter(pk__in=[looked_at.nord.pk, looked_at.sud.pk]).update(name="Centre")
    found = reading.read(Viewer(cast.diane), looked_at.root)
    for sort in ("status", "place"):
        rows = zone_pages.listed(found, [], sort, {})[:]
        assert rows == zone_list.rows(found, [], sort)
        assert len({row.name for row in rows}) == len(rows) == found.zones.count()


@pytest.mark.parametrize("sort", ["status", "place"])
def test_a_zone_keeps_its_name_if_the_filter_leaves_out_the_other_territory_of_that_name(
    sort: str, looked_at: City, cast: Cast
) -> None:
    here, there = looked_at.nord.pk, looked_at.sud.pk
    Territory.objects.filter(pk__in=[here, there]).update(name="Centre")
    zones = Zone.objects.live()
    zones.filter(territory=here).update(status=Status.TO_VERIFY)
    zones.filter(territory=there).update(status=Status.COVERED, name_cell=zones.filter(territory=here)[0].name_cell)
    found = reading.read(Viewer(cast.diane), looked_at.root)
    for chosen in (["to_verify"], []):
        pages = zone_pages.listed(found, chosen, sort, {})
        assert pages[:3] == zone_list.rows(found, chosen, sort)[:3] != []


def test_a_page_names_only_the_zones_of_the_territories_that_it_shows(
    looked_at: City, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = reading.read(Viewer(cast.diane), looked_at.root)
    named: list[set[str]] = []
    different_names = zone_names.different_names

    def watched(zones: Any) -> dict[str, str]:
        named.append({territory for _key, _cell, territory in zones})
        return different_names(zones)

    monkeypatch.setattr(zone_names, "different_names", watched)
    pages = zone_pages.listed(found, [STATUS_KEYS[status] for status in list(Status)[:5]], "place", {})
    assert len(pages) == found.zones.filter(status__in=list(Status)[:5]).count() and named == []
    first, last = pages[:1], pages[len(pages) - 1 : len(pages)]
    assert [row.territory for row in (*first, *last)] == [looked_at.nord.name, looked_at.sud.name]
    assert named == [{looked_at.nord.name}, {looked_at.sud.name}]


def test_a_page_reads_as_many_zones_whole_as_it_shows_however_many_there_are(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    client: Client = signed_in(cast.diane)
    path = reverse("mapping:dashboard", args=["nord"]) + "?page=1"
    own = list(Zone.objects.live().filter(territory=looked_at.nord).defer(None))
    for times in (1, 2):
        for number in range(views.PAGE):
            copied = own[number % len(own)]
            copied.pk, copied.key = None, uuid.uuid4()
            copied.save()
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(path)
        assert answer.context["page"].paginator.count == len(own) + times * views.PAGE
        rows = []
        for query in (each["sql"] for each in asked if 'FROM "mapping_zone"' in each["sql"]):
            with connection.cursor() as cursor:
                cursor.execute(query)
                rows.append((len(cursor.fetchall()), "persons_low" in query))
        statuses = len({zone.status for zone in own})
        keys, order = (views.PAGE, False), (len(own) + times * views.PAGE, False)
        assert rows == [(statuses, False), keys, order, (views.PAGE, True)]


def test_a_zone_is_called_the_same_alone_and_in_the_list(looked_at: City, cast: Cast) -> None:
    found = reading.read(Viewer(cast.diane), looked_at.root)
    names = zone_names.names_of(found.zones)
    assert {key: zone_names.name_of(found.zones, key) for key in names} == names


def test_the_filters_of_the_page_count_all_zones(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    client: Client = signed_in(cast.diane)
    Zone.objects.live().filter(territory=looked_at.nord).update(status=Status.TO_VERIFY)
    answer = client.get(reverse("mapping:dashboard", args=["ville"]) + "?status=not_searched")
    live = Zone.objects.live()
    counted = {count.status: count.zones for count in answer.context["counts"]}
    assert counted == {
        key: live.filter(status=status).count() for status, key in STATUS_KEYS.items() if key != "searched"
    }
    assert answer.context["page"].paginator.count == live.filter(status=Status.NOT_SEARCHED).count() > 0
