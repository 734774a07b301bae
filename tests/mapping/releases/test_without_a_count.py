"""A city whose expected number of people has no source: every reader sees what was searched, and no number of people."""

import io
import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from mapping.coverage.cells.cell_states import territory_params_of
from mapping.coverage.folding import fold, rebuild
from mapping.enums import ExportFormat, Status
from mapping.map.releases import release_filter
from mapping.map.releases.public import publishing
from mapping.models import CellState, PublicPlace, Zone
from mapping.out.event_log import cell_csv
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports import compose
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Territory
from volunteers.places.territories.people_counts import counts_in_force

FIGURES = ("persons", "persons_low", "persons_high", "chance", "help_share")


@pytest.fixture
def uncounted(city: City, seen: Seen) -> City:
    """The small city with an invented number of people, searches and a report."""
    Territory.objects.update(count_kind="", counted_on=None)
    seen(persons=3, minutes=240, hours_ago=5)
    fold.fold_outbox()
    rebuild.recompute_all(job="test")
    release_filter.publish_all()
    return city


def test_zones_have_a_status_of_search_and_no_figure(uncounted: City) -> None:
    statuses = {Status(each) for each in Zone.objects.values_list("status", flat=True)}
    assert statuses <= {Status.SEARCHED, Status.NOT_SEARCHED, Status.TO_VERIFY}
    assert Status.SEARCHED in statuses and Status.NOT_SEARCHED in statuses
    for zone in Zone.objects.all():
        assert not zone.counted
        assert [getattr(zone, name) for name in FIGURES] == [0, 0, 0, 0, 0]
    assert set(CellState.objects.values_list("mean", "chance")) == {(0.0, 0.0)}


@pytest.mark.parametrize(("numbers", "kinds"), [
    ({"ville": 70.0}, {"ville": "official"}), ({"ville": 70.0}, {}), ({"ville": 70.0, "nord": 9.0}, {"ville": "official"}),
    ({"ville": 70.0, "nord": 9.0}, {"nord": "count"}), ({"nord": 9.0}, {"nord": "count"}), ({}, {}),
])  # fmt: skip
def test_the_model_and_the_pages_agree_where_a_count_has_a_source(
    city: City, numbers: dict[str, float], kinds: dict[str, str]
) -> None:
    for slug in ("ville", "nord", "sud"):
        Territory.objects.filter(slug=slug).update(expected_persons=numbers.get(slug), count_kind=kinds.get(slug, ""))
    sourced = set(counts_in_force())
    assert {pk for pk, params in territory_params_of().items() if params.counted} == sourced & set(
        territory_params_of()
    )


def test_a_fold_and_a_computation_of_all_cells_agree(uncounted: City, seen: Seen) -> None:
    seen(persons=2, minutes=30, hours_ago=1)
    fold.fold_outbox()
    after = sorted(CellState.objects.values_list("cell", "status"))
    rebuild.recompute_all(job="test")
    assert sorted(CellState.objects.values_list("cell", "status")) == after


@pytest.mark.parametrize("who", ["diane", "bob", "alice"])
def test_no_page_of_the_map_says_a_number_of_people_or_a_chance(
    uncounted: City, cast: Cast, signed_in: SignedIn, who: str
) -> None:
    client: Client = signed_in(getattr(cast, who))
    key = str(Zone.objects.filter(status=Status.SEARCHED).values_list("key", flat=True)[0])
    for address in (
        "/map/t/ville/", "/map/t/ville/zones/", f"/map/t/ville/?zone={key}", f"/map/t/ville/zones/{key}/",
        f"/map/t/ville/zones/{key}/panel/", "/map/t/ville/dashboard/", "/map/",
    ):  # fmt: skip
        answer = client.get(address, headers={"Accept-Language": "en"})
        if answer.status_code == 404:
            continue
        assert answer.status_code in (200, 302), address
        text = re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())
        for words in ("person likely", "people likely", "under-covered", "chances in 100", "chance in 100"):
            assert words not in text, (address, words)
        for number in re.findall(r'data-figure="(?:people|chance|help)">([^<]*)<', answer.content.decode()):
            assert number == "–", address


def test_reports_write_dashes_and_empty_cells(uncounted: City, cast: Cast, signed_in: SignedIn) -> None:
    report = compose.make_report(uncounted.root, Period.latest(), cast.diane)
    assert report.payload["all"]["persons"] is None and report.payload["lacking"]["persons"] is None
    for format in (
        ExportFormat.PDF,
        ExportFormat.XLSX,
        ExportFormat.CSV,
        ExportFormat.GEOJSON,
        ExportFormat.GEOPACKAGE,
    ):
        out = io.BytesIO()
        write_file(report, format, out)
        assert out.tell() > 100, format
    lines = io.BytesIO()
    write_file(report, ExportFormat.GEOJSON, lines)
    for feature in json.loads(lines.getvalue())["features"]:
        values = feature["properties"]
        assert {values[name] for name in ("persons", "chance", "help") if name in values} <= {None}
    page = signed_in(cast.diane).get(f"/map/reports/{report.pk}/").content.decode()
    assert "obody has counted the people of this territory" in page


def test_the_page_of_distances_and_the_cells_of_the_event_log_say_no_number(
    uncounted: City, cast: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(cast.diane)
    page = client.get("/map/t/ville/distance/").content.decode()
    assert (
        "Nobody has counted the people of this territory" in page
        and "<strong>" not in page.partition("<table")[2].partition("</table")[0]
    )
    lines = client.get("/map/t/ville/distance.csv").content.decode().splitlines()[1:]
    assert lines and all(line.endswith(";;;") for line in lines)
    cells = list(cell_csv.lines(timezone.now(), uncounted.root))[1:]
    assert cells and all(line.split(",")[-3:-1] == ["", ""] for line in cells)


def test_the_public_map_shows_the_search_of_each_commune(uncounted: City) -> None:
    publishing.publish_due(timezone.now())
    places = list(PublicPlace.objects.values_list("level", "status"))
    assert places
    assert {level for level, _status in places} == {"c"}
    assert {status for _level, status in places} <= {Status.SEARCHED, Status.NOT_SEARCHED}


def test_with_a_source_the_figures_come_back(uncounted: City) -> None:
    Territory.objects.filter(expected_persons__isnull=False).update(count_kind="count")
    rebuild.recompute_all(job="test")
    assert all(Zone.objects.live().values_list("counted", flat=True))
    assert sum(Zone.objects.live().values_list("persons", flat=True)) > 10
