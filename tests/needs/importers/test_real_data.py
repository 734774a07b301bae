"""Imports of real files: a year of Los Angeles 311, and the Haiti crisis map of 2010 (needs SOLIDARITY_DATA)."""

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncMonth

from mapping.coverage.folding import territory_cells
from mapping.models import CellState, CellTouch, Parameters
from needs.models import CitizenReport, ImportRun, Need
from volunteers.enums import Level
from volunteers.models import Association, Cell, Territory

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not settings.DATA_DIR, reason="SOLIDARITY_DATA names no folder with the real data sets"),
]
DATA = Path(settings.DATA_DIR or ".")
CALLS = DATA / "la311" / "la311_homeless_encampment_2015-08_2016-12.csv"
REFERENCE = DATA / "la311" / "la311_reference_cd_month.csv"
HAITI = DATA / "haiti_ushahidi" / "Haiti_contacts_replaced.csv"


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reference() -> dict[tuple[str, str], int]:
    """Return (council district or NONE, month) → number of reports, from the city's own points and borders."""
    return {
        (row["cd"], month): int(count) for row in read_csv(REFERENCE) for month, count in row.items() if month != "cd"
    }


def counted() -> dict[tuple[str, str], int]:
    """Return the same counts from the stored reports. The district is the one that contains the point; months are
    local."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT COALESCE(t.name, 'NONE'), to_char(r.at AT TIME ZONE 'America/Los_Angeles', 'YYYY-MM'), count(*)
               FROM needs_citizenreport r LEFT JOIN volunteers_territory t
                 ON t.slug LIKE 'la-cd-%' AND ST_Covers(t.polygon, r.point::geometry)
               GROUP BY 1, 2"""
        )
        return {(name, month): count for name, month, count in cursor.fetchall()}


@pytest.mark.repetition
def test_a_year_of_los_angeles_is_imported_completely_and_equals_the_reference(
    parameters: Parameters, tmp_path: Path
) -> None:
    Association.objects.create(slug="la-city", name="City of Los Angeles")
    said = command(
        "load_territories", str(DATA / "boundaries" / "la_council_districts_2012.geojson"), "--name-field", "name",
        "--level", "district", "--root-name", "Los Angeles", "--slug-prefix", "la-cd", "--expected-persons", "28464",
    )  # fmt: skip
    assert said.startswith("15 territories loaded")
    said = command(
        "load_territories", str(DATA / "boundaries" / "la_neighborhood_councils_2019.geojson"), "--name-field", "name",
        "--level", "neighbourhood", "--parent", "los-angeles", "--not-zoned", "--slug-prefix", "la-nc",
    )  # fmt: skip
    assert said.startswith("99 territories loaded")
    assert Cell.objects.count() > 10_000
    assert not Cell.objects.filter(territory__slug__startswith="la-nc").exists()

    options = ("import_reports", str(CALLS), "--profile", "la311", "--association", "la-city", "--territory", "los-angeles",
               "--archive")  # fmt: skip
    dry = command(*options, "--dry-run", "--ledger", str(tmp_path / "dry.csv"))
    assert "16149 rows = 16126 accepted + 0 repaired + 23 refused + 0 already known" in dry
    assert not CitizenReport.objects.exists() and not ImportRun.objects.exists() and not CellTouch.objects.exists()

    command(*options, "--ledger", str(tmp_path / "one.csv"))
    ledger = read_csv(tmp_path / "one.csv")
    assert (tmp_path / "dry.csv").read_text() == (tmp_path / "one.csv").read_text()
    assert len(ledger) == 16_149
    reasons = Counter(reason.split(":")[0] for row in ledger for reason in row["reasons"].split(" | ") if reason)
    assert reasons["no_coordinates"] == 23  # all rows of the data set that have no coordinates
    assert reasons["same_again"] == 24
    assert (
        reasons["outside_territory"] == sum(count for (name, _), count in reference().items() if name == "NONE") == 50
    )
    assert reasons["district_differs"] == 222  # the file's CD column contradicts the border, which the reference uses

    # The stored counts equal the reference.
    stored, expected = counted(), reference()
    assert {key: (stored.get(key, 0), count) for key, count in expected.items() if stored.get(key, 0) != count} == {}
    assert sum(stored.values()) == sum(expected.values()) == 16_126

    # Counts by the file's CD column differ from the reference only in rows that the ledger lists.
    by_column = Counter(
        (row["CD"] or "NONE", row["CreatedDate"][:7]) for row in read_csv(CALLS) if row["Latitude"].strip()
    )  # fmt: skip
    moved = sum(abs(by_column[key] - count) for key, count in expected.items())
    assert 0 < moved <= 2 * (222 + 50)

    # Neighbourhoods overlap, so a report can be included in the counts of two.
    overlapping = Territory.objects.filter(slug__startswith="la-nc").count()
    assert overlapping == 99

    before = CitizenReport.objects.count(), CellState.objects.filter(ac__gt=0).count()
    command(*options, "--ledger", str(tmp_path / "two.csv"))
    assert (CitizenReport.objects.count(), CellState.objects.filter(ac__gt=0).count()) == before
    again = Counter(row["outcome"] for row in read_csv(tmp_path / "two.csv"))
    assert again == {"known": 16_126, "refused": 23}
    for run in ImportRun.objects.all():
        assert run.rows == 16_149 == run.accepted + run.repaired + run.refused + run.known

    # The state of the cells at the end of November 2016.
    rows = csv.DictReader(io.StringIO(command("export_cells", "--as-of", "2016-12-01", "--territory", "los-angeles")))
    states = list(rows)
    assert len(states) == Cell.objects.count()
    assert sum(float(row["A"]) > 0 for row in states) > 2_000
    assert all(row["X_T"] == "0.0" and row["status"] in ("to_verify", "not_searched") for row in states)


def test_the_map_of_haiti_is_imported_completely(parameters: Parameters, tmp_path: Path) -> None:
    Association.objects.create(slug="relief", name="Relief")
    island_west = MultiPolygon(Polygon.from_bbox((-74.6, 17.9, -71.5, 20.2)), srid=4326)
    territory_cells.save_territory("Haiti", island_west, Level.COUNTRY, zoned=False)
    options = (
        "import_reports",
        str(HAITI),
        "--profile",
        "ushahidi2",
        "--association",
        "relief",
        "--territory",
        "haiti",
    )
    said = command(*options, "--ledger", str(tmp_path / "one.csv"))
    run = ImportRun.objects.get()
    assert "3593 rows = 3280 accepted + 313 repaired + 0 refused + 0 already known" in said
    assert run.notes["reasons"]["outside_territory"] == 13
    assert run.notes["reasons"]["date_order"] == 460
    assert run.notes["reasons"]["no_category"] == 6
    assert run.notes["reasons"]["mojibake"] == 6
    assert run.notes["date_order"] == {
        "read_as": "day first", "only_day_first": 3104, "only_month_first": 0, "ambiguous": 460,
    }  # fmt: skip

    assert Need.objects.count() == 3_593 and Need.objects.filter(cell=None).count() == 13
    assert all(Need.objects.filter(cell=None).values_list("place_text", flat=True))
    source = {row["Serial"]: row for row in read_csv(HAITI)}
    local = Need.objects.annotate(month=TruncMonth("at", tzinfo=zone())).values_list("month").annotate(n=Count("pk"))
    assert {f"{month:%m/%Y}": count for month, count in local} == Counter(
        row["INCIDENT DATE"][3:10] for row in source.values()
    )  # fmt: skip
    needs = {need.reference: need for need in Need.objects.all()}
    first = needs["4052"]
    assert first.at.isoformat() == "2010-07-05T22:26:00+00:00" and first.kinds == ["health"] and first.urgency == "now"
    assert "\n \nPasteur Dieusel" in needs["4042"].text  # line breaks are kept
    assert needs["2829"].text.count("zón Tomgato") == 1  # accented characters are restored
    assert needs["4039"].title == 'Violence at "arcahaie bas Saint-Ard"'
    unchanged = sum(
        need.text == source[key]["DESCRIPTION"].replace("\r\n", "\n").strip() for key, need in needs.items()
    )
    assert unchanged >= 3_593 - 313
    assert Counter(need.state for need in needs.values()) == {"new": 3_128, "verified": 179, "held": 286}

    command(*options, "--ledger", str(tmp_path / "two.csv"))
    assert Need.objects.count() == 3_593
    assert Counter(row["outcome"] for row in read_csv(tmp_path / "two.csv")) == {"known": 3_593}


def zone() -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo("America/Port-au-Prince")


def test_only_an_unset_data_folder_skips_these_tests() -> None:
    assert CALLS.is_file() and REFERENCE.is_file() and HAITI.is_file()
