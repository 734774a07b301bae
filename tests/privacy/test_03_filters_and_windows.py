"""Attack 3: query a part, then the rest, and windows that slide. The differences must reveal nothing."""

import csv
import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import h3.api.basic_int as h3
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import fold
from mapping.enums import STATUS_KEYS
from mapping.map.releases import release_filter
from mapping.models import Export
from needs.enums import Category
from needs.help.saved_searches import alerts
from needs.models import Crisis, Need, SavedSearch
from solidarity.ops.demo.people import DOMAIN
from tests.privacy import filed
from tests.privacy.answers import Points, bytes_of
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Territory, User

# These tests come first, before those that share the stored demonstration.

# --- drawn areas and boxes -----------------------------------------------------------------------------------------


def test_alerts_cannot_be_drawn_around_one_door(cast: Cast, city: City, signed_in: SignedIn) -> None:
    """An attacker who slides areas over a place learns only the centre of its resolution 8 cell."""
    reader = signed_in(cast.alice)
    lat, lng = filed.SECRET
    told = []
    for half in (0.0003, 0.001, 0.002, 0.006):
        ring = [[lng - half, lat - half], [lng + half, lat - half], [lng + half, lat + half], [lng - half, lat + half]]
        answer = reader.post(
            "/api/v1/alerts/", json.dumps({"name": f"{half}", "where": "drawn", "corners": ring}),
            content_type="application/json",
        )  # fmt: skip
        told.append(answer.status_code)
    assert told == [400, 400, 400, 201]
    circle = {"name": "c", "where": "circle", "latitude": lat, "longitude": lng, "radius": 500}
    answer = reader.post("/api/v1/alerts/", json.dumps(circle), content_type="application/json")
    wide = 737_000  # square metres of a resolution 8 cell
    assert answer.status_code in (201, 400)
    for search in SavedSearch.objects.all():
        assert search.area is not None
        assert alerts.square_metres(search.area) >= wide


def test_moving_ones_base_measures_only_the_middle_of_a_cell(
    cast: Cast, city: City, signed_in: SignedIn, seen: Seen
) -> None:
    """If distances were measured to the exact place, three distances would locate it."""
    from solidarity.lib import grid

    reader = signed_in(cast.alice)
    filed.file_need()
    need = Need.objects.latest("filed_at")
    assert need.point is not None and need.cell is not None
    assert (need.point.y, need.point.x) != grid.centre(need.cell)
    Need.objects.filter(pk=need.pk).update(state="open")
    release_filter.publish_all()
    for lat, lng in ((48.860, 2.340), (48.873, 2.345), (48.8655, 2.365)):
        profile = {"base": {"latitude": lat, "longitude": lng}, "radius": 5000}
        answer = reader.put("/api/v1/profile/", json.dumps(profile), content_type="application/json")
        assert answer.status_code == 200, answer.content
        shown = {each["id"]: each for each in _listing(reader)}
        if str(need.pk) not in shown:
            continue
        base = grid.cell_of(lat, lng)
        expected = max(round(grid.distance_m(base, need.cell) / 100) * 100, 100)
        assert shown[str(need.pk)]["distance"] == expected
        assert Points([filed.SECRET]).found_in(json.dumps(shown)) == set()
    assert shown


def _listing(reader: Client) -> list[dict[str, Any]]:
    answer = reader.get("/api/v1/open-needs/")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    rows: list[dict[str, Any]] = found["results"] if isinstance(found, dict) else found
    return rows


# --- the public list ------------------------------------------------------------------------------------------------

pytestmark = [
    pytest.mark.xdist_group("privacy demonstration"),
    pytest.mark.usefixtures("open311"),
]  # the demonstration is stored once per module

LISTED = "/open311/v2/requests.json"


def listed(**asked: str) -> dict[str, dict[str, Any]]:
    cache.clear()  # resets the rate limit
    answer = Client().get(LISTED, asked)
    assert answer.status_code == 200, answer.content
    return {each["service_request_id"]: each for each in answer.json()}


@pytest.fixture
def old(demo: None) -> None:
    """Make some needs of the demonstration old enough for the public list."""
    for number, need in enumerate(Need.objects.live().order_by("pk")[:160]):
        moment = timezone.now() - timedelta(days=18 + number % 9)
        Need.objects.filter(pk=need.pk).update(
            at=moment, filed_at=moment, state_at=moment, origin="citizen", archive=False
        )


def test_windows_kinds_and_states_of_open311_add_up_to_the_list_and_show_no_finer_place(old: None) -> None:
    whole = listed()
    assert len(whole) > 40
    days = sorted({each["requested_datetime"] for each in whole.values()})
    parts = [
        [listed(start_date=day, end_date=day) for day in days],
        [listed(service_code=kind) for kind in Category.values],
        [listed(status=state) for state in ("open", "closed")],
    ]
    for split in parts:
        together = dict(itertools.chain.from_iterable(part.items() for part in split))
        assert together.items() >= whole.items()
        assert sum(len(part) for part in split) == len(together)
    narrow = [listed(start_date=day, end_date=day, service_code=kind) for day in days[:4] for kind in Category.values]
    assert all(whole[key] == each for part in narrow for key, each in part.items() if key in whole)
    for each in whole.values():
        if each["lat"] is not None:
            cells = [h3.latlng_to_cell(each["lat"], each["long"], resolution) for resolution in (8, 7)]
            middles = [h3.cell_to_latlng(cell) for cell in cells]
            near = [max(abs(each["lat"] - lat), abs(each["long"] - lng)) for lat, lng in middles]
            assert min(near) < 1e-5, "a place that is no middle of a wide cell"


def test_a_sliding_window_of_open311_does_not_move_with_a_report(old: None) -> None:
    now = timezone.now()
    windows: list[dict[str, str]] = [{}, {"status": "open"}]
    for hours in range(0, 24 * 20, 30):
        start = now - timedelta(hours=hours + 48)
        windows.append({"start_date": start.isoformat(), "end_date": (start + timedelta(hours=48)).isoformat()})
    addresses = [f"{LISTED}?{urlencode(window)}" for window in windows]
    before = [bytes_of(Client(), "GET", each) for each in addresses]
    cache.clear()
    filed.file_need()
    fold.fold_outbox()
    assert [bytes_of(Client(), "GET", each) for each in addresses] == before
    assert {status for status, _text in before} == {200}


@pytest.mark.parametrize("mailbox", ["volunteer", "member"])
def test_the_list_of_zones_and_its_parts_are_one_release(mailbox: str, demo: None) -> None:
    user = User.objects.get(email=f"{mailbox}@{DOMAIN}")
    reader = Client()
    reader.force_login(user)
    slug = "paris-15"
    whole = _rows(reader, slug, "")
    parts = [_rows(reader, slug, f"status={status}") for status in STATUS_KEYS.values()]
    assert whole
    assert Counter(itertools.chain.from_iterable(parts)) == Counter(whole)
    rest = _rows(reader, slug, "&".join(f"status={status}" for status in list(STATUS_KEYS.values())[1:]))
    assert Counter(rest + parts[0]) == Counter(whole)


def _rows(reader: Client, slug: str, query: str) -> list[str]:
    """Return the rows of the page's table without links, which contain the filter, and without their numbers, which are
    positions in the list."""
    page = reader.get(f"/map/t/{slug}/zones/?{query}").content.decode()
    table = page[page.index("<tbody") : page.index("</tbody>")] if "<tbody" in page else ""
    rows = [" ".join(part.split()) for part in table.split("<tr")[1:]]
    return [re.sub(r'href="[^"]*"|<td class="number" data-label="No\.">\d+</td>', "", row) for row in rows]


# --- files ---------------------------------------------------------------------------------------------------------


def asked_for_files(client: Client, start: datetime, days: int, territory: Territory) -> Iterator[tuple[str, int]]:
    """Request zone reports and row exports of a window, as the pages do."""
    window = {
        "territory": territory.slug, "start": start.date().isoformat(),
        "end": (start + timedelta(days=days)).date().isoformat(),
    }  # fmt: skip
    yield "report", client.post(reverse("mapping:reports"), window).status_code
    for format in ("csv", "geojson", "xlsx"):
        yield format, client.post(reverse("mapping:export_rows"), {**window, "format": format}).status_code


def test_nobody_but_the_coordinators_of_a_place_gets_files_of_any_window(demo: None) -> None:
    territory = Territory.objects.get(slug="paris-15")
    for mailbox in ("volunteer", "member", "dispatcher", ""):
        client = Client()
        if mailbox:
            client.force_login(User.objects.get(email=f"{mailbox}@{DOMAIN}"))
        for days in (0, 1, 7):
            for what, status in asked_for_files(client, timezone.now() - timedelta(days=days), days, territory):
                assert status == (404 if mailbox else 302), (mailbox, what)
    assert not Export.objects.exists()


def test_rows_of_sliding_windows_are_whole_days_hours_and_cells(demo: None) -> None:
    """Exports have a fixed granularity: a smaller window shows the same rows, and they are not more exact."""
    from mapping.out.exports.row_export import stream_reports

    territory = Territory.objects.get(slug="paris-15")
    today = timezone.localdate()
    kept: dict[str, dict[str, str]] = {}
    for back in range(4):
        start = today - timedelta(days=back + 3)
        out = io.BytesIO()
        stream_reports("csv", territory, start, start + timedelta(days=3), out)
        for row in csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")):
            key = f"{row['kind']} {row['id']} {row['cell']}"
            assert kept.setdefault(key, row) == row
            assert row["at"][-5:-2] in (":00", "00:") or row["at"].endswith(("00", "00:00"))
            cell = h3.str_to_int(row["cell"])
            assert h3.get_resolution(cell) <= 9
            middle = h3.cell_to_latlng(cell)
            assert abs(float(row["latitude"]) - middle[0]) < 1e-4 > abs(float(row["longitude"]) - middle[1])
    assert kept


# --- boxes ----------------------------------------------------------------------------------------------------------


def test_boxes_on_the_map_of_an_event_find_a_report_where_it_is_shown_and_nowhere_else(demo: None) -> None:
    """A coordinator sees only the centres of cells. A box around the exact point must find nothing more."""
    coordinator = Client()
    coordinator.force_login(User.objects.get(email=f"coordinator@{DOMAIN}"))
    crisis = Crisis.objects.get()
    needs = list(Need.objects.filter(crisis=crisis, point__isnull=False)[:12])
    assert needs
    page = f"/crises/{crisis.slug}/"
    exact = Points((need.point.y, need.point.x) for need in needs if need.point is not None)
    assert exact.found_in(coordinator.get(page).content.decode()) == set()
    for need in needs:
        assert need.point is not None
        lat, lng = h3.cell_to_latlng(need.cell)
        if max(abs(lat - need.point.y), abs(lng - need.point.x)) < 0.0004:
            continue
        half = 0.0001
        box = f"{need.point.x - half:.6f},{need.point.y - half:.6f},{need.point.x + half:.6f},{need.point.y + half:.6f}"
        answer = coordinator.get(page, {"box": box})
        assert str(need.pk) not in answer.content.decode()
