"""Imports of places: again, beside people's changes, from two sources, undone; and attacks on the files."""

import io
import json
import resource
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone, translation

from needs.guide.places.imports import place_import, place_undo
from needs.guide.places.imports.place_drafts import Reading
from needs.guide.places.models import Place, PlaceConflict, PlaceNotice, PlaceSource
from needs.guide.places.place_kinds import CapacityKind
from needs.reports.importers.any_table.uploaded_tables import TableRefused
from needs.reports.importers.models import ImportRun
from needs.reports.importers.row_places import Borders
from solidarity.lib import grid
from tests.needs.places.imports.guide_cases import bring, codes, converted, fountain, hsds, plans, table, toilets
from tests.support import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


def outcomes(log: list[dict[str, str]]) -> list[str]:
    return [row["outcome"] for row in log]


def test_a_second_import_of_a_file_changes_nothing() -> None:
    _run, totals, log = bring(table(toilets(), toilets(geo_point_2d="48.84,2.37"), toilets(HORAIRE="6h")))
    assert outcomes(log) == ["accepted", "accepted", "known"] and totals.reasons["same_place"] == 1
    before = list(Place.objects.order_by("pk").values())
    record, totals, log = bring(table(toilets(), toilets(geo_point_2d="48.84,2.37")))
    assert outcomes(log) == ["known", "known"] and list(Place.objects.order_by("pk").values()) == before
    assert (record.known, record.accepted, record.rows) == (2, 0, 2)
    assert {row["report"] for row in log} == {str(row["id"]) for row in before}


def test_a_dry_run_decides_the_same_and_stores_nothing() -> None:
    bring(hsds())
    file = hsds(name="Showers")
    _run, dry, log = bring(file, dry_run=True)
    place = Place.objects.get()
    assert place.name == "Day centre, Les Tilleuls" and not PlaceConflict.objects.exists()
    _run, real, again = bring(file)
    assert dry.reasons == real.reasons and outcomes(log) == outcomes(again)


def test_a_newer_file_updates_what_nobody_changed_and_asks_about_the_rest(cast: Cast) -> None:
    bring(hsds())
    Place.objects.update(phone="+33199005555")
    newer = {"byday": "MO", "opens_at": "10:00", "closes_at": "12:00"}
    _run, totals, log = bring(hsds(schedules=[newer], phones=[{"number": "01 99 00 77 77"}]))
    place = Place.objects.get()
    assert (place.hours, place.phone) == ("Mo 10:00-12:00", "+33199005555")
    conflict = PlaceConflict.objects.get()
    assert (conflict.field, conflict.ours, conflict.theirs) == ("phone", "+33199005555", "+33199007777")
    assert outcomes(log) == ["accepted"] and totals.reasons["place_updated"] == totals.reasons["place_conflict"] == 1
    bring(hsds(schedules=[newer], phones=[{"number": "01 99 00 77 77"}]))
    assert PlaceConflict.objects.count() == 1  # people are asked only once about the same value
    Place.objects.update(checked_at=timezone.now() + timedelta(days=1), checked_by=cast.bob)
    bring(hsds(schedules=[{**newer, "byday": "TU"}], phones=[{"number": "01 99 00 77 77"}]))
    assert Place.objects.get().hours == "Mo 10:00-12:00"  # somebody has checked the entry since
    assert set(PlaceConflict.objects.values_list("field", flat=True)) == {"phone", "hours"}


def test_a_repeated_statement_never_comes_back_over_a_persons_correction() -> None:
    bring(hsds())
    Place.objects.update(phone="+33199005555")
    _run, _totals, log = bring(hsds())
    assert outcomes(log) == ["known"] and Place.objects.get().phone == "+33199005555"
    assert not PlaceConflict.objects.exists()


def test_two_sources_of_one_place_fill_gaps_and_disagree_openly() -> None:
    bring(hsds(schedules=[]))
    other = {"id": "x", "source": "dora", "structure_id": "y", "nom": "Day centre, Les Tilleuls", "thematiques": "accueil-de-jour",
             "latitude": "48.8601", "longitude": "2.3501", "telephone": "0199009999", "horaires_accueil": "Mo 09:00-10:00",
             "courriel": "a@example.org"}  # fmt: skip
    _run, totals, _log = bring(table(other, separator=","))
    place = Place.objects.get()
    assert (place.hours, place.email, place.phone) == ("Mo 09:00-10:00", "a@example.org", "+33199001234")
    assert {each.source for each in place.sources.all()} == {"hsds", "data·inclusion dora"}
    assert list(PlaceConflict.objects.values_list("field", "source")) == [("phone", "data·inclusion dora")]
    assert totals.reasons["place_merged"] == 1
    bring(hsds(schedules=[{"byday": "MO", "opens_at": "9:00", "closes_at": "11:00"}]))
    assert Place.objects.get().hours == "Mo 09:00-10:00"  # the other source still gives this value
    assert PlaceConflict.objects.filter(field="hours", source="hsds").exists()


def test_an_entry_kept_by_another_association_is_never_changed_by_an_import(cast: Cast) -> None:
    bring(hsds(), cast.maraude)
    Place.objects.update(association=cast.other)
    bring(hsds(phones=[{"number": "01 99 00 77 77"}]), cast.maraude)
    assert Place.objects.get().phone == "+33199001234" and PlaceConflict.objects.get().field == "phone"
    bring(hsds(phones=[{"number": "01 99 00 88 88"}]), cast.other)
    assert Place.objects.get().phone == "+33199001234"  # the conflict waits for the decision about the earlier value
    assert PlaceConflict.objects.get().theirs == "+33199008888"


def test_no_file_finds_or_moves_a_place_with_a_secret_address() -> None:
    bring(hsds())
    place = Place.objects.get()
    Place.objects.update(address_hidden=True)
    moved = {"latitude": 48.89, "addresses": [{"address_1": "9 rue Z", "city": "Paris", "address_type": "physical"}]}
    _run, totals, _log = bring(hsds(location=moved))
    again = Place.objects.get()
    assert (again.point.coords, again.address) == (place.point.coords, place.address)
    assert totals.reasons["address_stays_hidden"] == 1 and not PlaceConflict.objects.exists()
    assert "9 rue Z" not in json.dumps(PlaceSource.objects.get().values)
    other = {"id": "x", "source": "dora", "structure_id": "y", "nom": "Day centre, Les Tilleuls", "thematiques": "accueil-de-jour",
             "latitude": "48.86", "longitude": "2.35"}  # fmt: skip
    _run, totals, log = bring(table(other, separator=","))
    assert outcomes(log) == ["accepted"] and log[0]["report"] != str(place.pk)  # guessing the address finds nothing


def test_an_import_is_undone_except_what_people_did_since(cast: Cast) -> None:
    bring(table(fountain(Identifiant="1"), fountain(Identifiant="2", geo_point_2d="48.87,2.33")))
    old = Place.objects.get(sources__key="1")
    shut = fountain(
        Identifiant="1", Voie="RUE NEUVE", Disponibilité="NON", **{"Fin Indisponibilité": "2027-01-01T00:00:00+00:00"}
    )
    run, _totals, _log = bring(
        table(shut, *(fountain(Identifiant=str(n), geo_point_2d=f"48.8{n},2.40") for n in (3, 4, 5)))
    )
    assert PlaceNotice.objects.count() == 1 and Place.objects.get(pk=old.pk).address.startswith("11 Rue Neuve")
    used, checked = (Place.objects.get(sources__key=key) for key in ("3", "4"))
    used.capacities.create(kind=CapacityKind.BEDS, free=1)
    Place.objects.filter(pk=checked.pk).update(checked_at=timezone.now(), checked_by=cast.bob)
    assert place_undo.undo(run) == 4
    assert Place.objects.get(pk=old.pk).address == old.address and not PlaceNotice.objects.exists()
    assert set(Place.objects.values_list("pk", flat=True)) == {
        old.pk, used.pk, checked.pk, Place.objects.get(sources__key="2").pk,
    }  # fmt: skip
    bring(table(fountain(Identifiant="5", geo_point_2d="48.85,2.40")))
    assert Place.objects.count() == 5  # the file can be imported again


def test_near_fountains_of_one_source_stay_two_and_of_two_sources_become_one() -> None:
    bring(table(fountain(Identifiant="1"), fountain(Identifiant="2", geo_point_2d="48.86151,2.34831")))
    assert Place.objects.count() == 2
    place = Place(name="Eau", kinds=["toilets"], point=Point(2.36, 48.83, srid=4326), cell=grid.cell_of(48.83, 2.36))
    place.save()
    bring(table(toilets(geo_point_2d="48.83005,2.36005")))
    assert Place.objects.filter(kinds=["toilets"]).get().address  # the missing value was filled in, and the name stayed
    assert Place.objects.get(pk=place.pk).name == "Eau"


# --- attacks -------------------------------------------------------------------------------------------------------


def zipped(tables: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tables.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_zipped_tables_of_hsds_are_joined() -> None:
    content = zipped({
        "hsds/services.csv": "id,organization_id,name,status\nv1,o1,Showers,active\n",
        "hsds/locations.csv": "id,location_type,name,latitude,longitude\nl1,physical,Les Tilleuls,48.86,2.35\n",
        "hsds/service_at_location.csv": "id,service_id,location_id\ns1,v1,l1\n",
        "hsds/schedules.csv": "id,service_at_location_id,freq,byday,opens_at,closes_at\nx,s1,WEEKLY,MO,09:00,10:00\n",
        "hsds/phones.csv": "id,service_id,number,type\np,v1,01 99 00 12 34,voice\n",
    })  # fmt: skip
    draft = plans(content)[0].draft
    assert draft is not None and (draft.name, draft.hours) == ("Showers, Les Tilleuls", "Mo 09:00-10:00")
    assert (draft.phone, draft.kinds) == ("+33199001234", ("shower",))


@pytest.mark.parametrize(("content", "problem"), [
    (zipped({"services.csv": "id,name\n" + "0," + "0" * (40 << 20)}), "bomb"),
    (b"PK\x03\x04 no archive", "broken"),
    (("[" * 100_000).encode(), "broken"),
    (('{"contents":' + '[{"service_at_locations":' * 60 + "1" + "}]" * 60 + "}").encode(), "broken"),
    (b'{"a": 1}', "guide"), (b"[]", "no_places"), (b"a;b\n1;2\n", "guide"), (b"\x00\x00\x00\rOSMHeader broken", "broken"),
    (b"", "guide"),
])  # fmt: skip
def test_hostile_and_foreign_files_are_refused_with_a_reason(content: bytes, problem: str, tmp_path: Path) -> None:
    with pytest.raises(TableRefused) as refusal:
        converted(content, tmp_path)
    assert refusal.value.problem == problem


def test_scripts_formulas_and_nul_in_a_file_are_plain_text() -> None:
    name = '=HYPERLINK("http://x")<script>alert(1)</script>\x00 Day centre'
    evil = hsds(
        name=name, url="javascript:alert(1)", email="a@b@c", phones=[{"number": "ring twice"}], location={"name": ""}
    )
    plan = plans(evil)[0]
    assert plan.draft is not None and "<" not in plan.draft.name and "\x00" not in plan.draft.name
    assert (plan.draft.website, plan.draft.email, plan.draft.phone) == ("", "", "")
    assert {"formatting_removed", "unreadable_website", "unreadable_email"} <= set(codes(plan))
    _run, _totals, log = bring(evil)
    assert not any(cell.startswith("=") for row in log for cell in row.values())
    for wrong in ({"services_all": 5, "lieu_id": [1]}, {"thematiques": {"a": 1}, "structure_id": {}, "id": 3}):
        assert all(plan.draft is None for plan in plans(json.dumps([wrong])))


def test_many_rows_need_no_more_memory_than_few(tmp_path: Path) -> None:
    head, line = table(toilets()).splitlines()
    content = "\n".join([head, *(line.replace("48.83,2.36", f"48.{n:06},2.36") for n in range(20_000))])
    file = converted(content, tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    far = Reading(Borders(MultiPolygon(Polygon.from_bbox((0, 0, 0.1, 0.1)))), timezone.now())
    totals = place_import.run(file, far, ImportRun(dry_run=True), tmp_path / "log.csv")
    assert totals.rows == totals.reasons["far_outside"] == 20_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kilobytes


# --- real data -----------------------------------------------------------------------------------------------------

DATA = Path(settings.DATA_DIR or ".")


@pytest.mark.parametrize(("name", "rows", "stored"), [
    ("paris_supply/fontaines-a-boire.csv", 1188, 1188), ("paris_supply/sanisettesparis.csv", 644, 633),
    ("paris_supply/sanisettesparis_2024.geojson", 615, 606), ("paris_supply/soliguide_show_1.json", 2, 2),
])  # fmt: skip
@pytest.mark.data
@pytest.mark.skipif(not settings.DATA_DIR, reason="SOLIDARITY_DATA names no folder with the real data sets")
def test_real_files_of_paris_are_imported_whole(name: str, rows: int, stored: int) -> None:
    _run, totals, _log = bring(DATA / name)
    assert totals.rows == rows and Place.objects.count() == stored, totals.reasons
    assert totals.outcomes["refused"] == 0


@pytest.mark.data
@pytest.mark.skipif(not settings.DATA_DIR, reason="SOLIDARITY_DATA names no folder with the real data sets")
@pytest.mark.parametrize("name", ["organization_full", "service_full", "service_at_location_full", "tabular"])
def test_the_examples_of_hsds_are_read_and_their_impossible_point_is_refused(name: str) -> None:
    assert codes(plans(DATA / "fixtures" / "hsds" / "examples" / f"{name}.json")[0]) == ["impossible_coordinates"]
