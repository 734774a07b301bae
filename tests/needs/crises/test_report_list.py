"""The map and the list of an event show the same reports."""

import random
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from needs.crises import report_list
from needs.crises.report_list import CrisisFilter
from needs.models import Crisis, Need, NeedPhoto
from tests.needs.attachments.test_photos import picture
from tests.needs.crises.crisis_cases import INSIDE, OUTSIDE, filled, opened, report, upload
from tests.support import Cast, SignedIn


def reports_of(crisis: Crisis) -> Any:
    return Need.objects.live().filter(crisis=crisis).order_by("-at", "pk")


def rows_of(crisis: Crisis) -> list[tuple[Any, ...]]:
    return [report_list.ROW.unpack(row) for row in report_list.packed_reports(reports_of(crisis), crisis)]


def test_a_report_is_at_the_centre_of_its_cell(crisis: Crisis) -> None:
    report(crisis, latitude=INSIDE[0], longitude=INSIDE[1])
    assert Need.objects.get().point is not None
    ((_id, lng, lat, *_rest, flags),) = rows_of(crisis)
    assert (lng, lat) != (2_350_000, 48_866_000)
    assert flags & report_list.AREA_ONLY


def test_a_report_from_outside_the_area_is_kept_and_marked(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    report(crisis, latitude=OUTSIDE[0], longitude=OUTSIDE[1])
    assert rows_of(crisis)[0][-1] & report_list.OUTSIDE
    assert "outside the area" in signed_in(cast.carol).get(f"/crises/{crisis.slug}/").content.decode()
    Need.objects.update(point=None)
    assert rows_of(crisis)[0][-1] & report_list.OUTSIDE
    report(crisis, latitude=INSIDE[0], longitude=INSIDE[1])
    assert [bool(row[-1] & report_list.OUTSIDE) for row in rows_of(crisis)] == [False, True]


def test_a_report_without_a_position_is_in_the_list_but_not_on_the_map(crisis: Crisis) -> None:
    report(crisis)
    assert rows_of(crisis)[0][-1] & report_list.NO_PLACE
    assert len(report_list.matching_keys(reports_of(crisis), crisis, CrisisFilter(), timezone.now())) == 1


def random_filter(crisis: Crisis, chance: random.Random) -> CrisisFilter:
    """Return a random filter."""
    query = QueryDict(mutable=True)
    for name, values in (
        ("topics", [str(category.pk) for category in crisis.categories.all()]),
        ("urgency", list(report_list.URGENCIES)),
        ("states", list(report_list.STATES)),
    ):
        if chance.random() < 0.5:
            query.setlist(name, chance.sample(values, chance.randint(1, len(values))))
    begin, end = sorted(timezone.now() - timedelta(hours=chance.uniform(-1, 140)) for _end in range(2))
    if chance.random() < 0.5:
        query["start"] = begin.strftime("%Y-%m-%dT%H:%MZ")
    if chance.random() < 0.5:
        query["end"] = end.strftime("%Y-%m-%dT%H:%M:59Z")
    if chance.random() < 0.4:
        west, south = chance.uniform(2.33, 2.35), chance.uniform(48.85, 48.86)
        query["box"] = f"{west:.6f},{south:.6f},{west + 0.02:.6f},{south + 0.01:.6f}"
    return CrisisFilter.from_querystring(query)


def matches(row: tuple[Any, ...], wanted: CrisisFilter, topics: list[int]) -> bool:
    """Return whether a row matches a filter, by the rules of the map's script (crisis-map.js)."""
    _key, lng, lat, at, topic, urgency, state, flags = row
    search, box = wanted.search, wanted.box
    inside = True
    if box:
        west, south, east, north = (round(value * 1e6) for value in box)
        inside = not flags & report_list.NO_PLACE and west <= lng <= east and south <= lat <= north
    return (
        (not search.topics or topics[topic - 1] in search.topics)
        and (not search.urgency or report_list.URGENCIES[urgency] in search.urgency)
        and (not search.states or report_list.STATES[state] in search.states)
        and (wanted.start is None or at >= int(wanted.start.timestamp()))
        and (wanted.end is None or at <= int(wanted.end.timestamp()))
        and inside
    )


def test_the_map_and_the_list_show_the_same_reports_with_any_filter(crisis: Crisis) -> None:
    filled(crisis, 600)
    chance, now, rows = random.Random(7), timezone.now(), rows_of(crisis)  # noqa: S311
    topics, sizes = report_list.topics_of(crisis), set()
    for _time in range(120):
        wanted = random_filter(crisis, chance)
        on_map = [uuid.UUID(bytes=row[0]) for row in rows if matches(row, wanted, topics)]
        assert on_map == report_list.matching_keys(reports_of(crisis), crisis, wanted, now), wanted
        sizes.add(len(on_map))
    assert len(sizes) > 20  # the filters give different numbers of reports


def test_a_filter_survives_the_round_trip_through_an_address(crisis: Crisis) -> None:
    chance = random.Random(8)  # noqa: S311
    for _time in range(60):
        wanted = random_filter(crisis, chance)
        assert CrisisFilter.from_querystring(QueryDict(wanted.querystring)) == wanted


@pytest.mark.parametrize(
    "odd",
    ["start=yesterday", "end=2026-13-45T99:99", "box=1,2", "box=a,b,c,d", "box=5,5,1,1", "topics=x", "box=nan,0,1,1"],
)
def test_unreadable_values_in_an_address_are_ignored(odd: str) -> None:
    assert CrisisFilter.from_querystring(QueryDict(odd)) == CrisisFilter()


def test_the_filtered_list_has_pages_without_scripts(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    filled(crisis, 200)
    client = signed_in(cast.carol)
    first = client.get(f"/crises/{crisis.slug}/?urgency=now")
    count = Need.objects.filter(urgency="now").count()
    assert first.context["page"].paginator.count == count
    seen = set()
    for number in range(1, first.context["page"].paginator.num_pages + 1):
        page = client.get(f"/crises/{crisis.slug}/?urgency=now&page={number}").content.decode()
        seen |= set(re.findall(r'data-line="([^"]+)"', page))
    assert len(seen) == count


def test_the_pages_use_a_fixed_number_of_queries(
    crisis: Crisis, cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    filled(crisis, 300)
    client, base = signed_in(cast.carol), f"/crises/{crisis.slug}/"
    for address, most in (
        ("/crises/", 12),
        (base, 28),  # six of these queries write the audit log
        (f"{base}reports/", 14),
        (f"{base}list/?ids={Need.objects.all()[0].pk}", 17),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
    with django_assert_max_num_queries(6):
        Client().get(f"/crisis/{crisis.slug}/")


def test_the_list_shows_only_reports_of_its_event(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    other = opened(cast.diane, "Crue")
    report(other)
    need = Need.objects.get()
    assert str(need.pk) not in signed_in(cast.carol).get(f"/crises/{crisis.slug}/list/?ids={need.pk}").content.decode()
    assert signed_in(cast.carol).get(f"/crises/{crisis.slug}/list/?ids=x").status_code == 404


def test_a_need_s_page_shows_its_photo_and_links_to_its_event(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    report(crisis, photo=upload(picture()))
    page = signed_in(cast.carol).get(f"/triage/{Need.objects.get().pk}/").content.decode()
    assert f'src="/photos/{NeedPhoto.objects.get().pk}/"' in page
    assert f'href="/crises/{crisis.slug}/"' in page
