"""The files of the guide: complete, valid, importable again, and without any secret address."""

import csv
import io
import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from needs.guide.places import place_entries
from needs.guide.places.imports.place_merge import values_of
from needs.guide.places.place_entries import By
from needs.models import Place
from tests.needs.places.imports.guide_cases import bring
from tests.needs.places.place_cases import SUD, place_of, values
from tests.streamed_answers import streamed
from tests.support import Cast

pytestmark = pytest.mark.django_db
FORMATS = ("json", "geojson", "csv")
SCHEMA = Path(settings.DATA_DIR or ".") / "fixtures" / "hsds" / "schema" / "simple" / "schema.csv"


def text_of(chosen: str) -> str:
    return streamed(Client().get(reverse("needs:guide_file", args=[chosen]))).decode()


def hidden_place(cast: Cast) -> Place:
    return place_of(
        cast,
        name="Le Refuge",
        address="77 rue Secrète",
        address_hidden=True,
        at=(48.876543, 2.345678),
        phone="01 99 00 11 22",
    )


@pytest.mark.parametrize("chosen", FORMATS)
def test_an_exported_guide_is_the_same_after_it_is_imported_again(cast: Cast, chosen: str) -> None:
    place_of(cast, hours="Mo-Fr 09:00-12:00,14:00-18:00; Sa 22:00-06:00; PH off", audience=["women", "animals"],
             phone="+33199001122", conditions="=1+1", about="Un lieu « calme »", email="a@example.org")  # fmt: skip
    place_of(cast, name="Eau, 3 rue du Pont", kinds=["fountain"], hours="24/7", at=SUD, step_free=False, languages=[],
             address="", phone="115")  # fmt: skip
    before = sorted(json.dumps(values_of(place), sort_keys=True) for place in Place.objects.all())
    file = text_of(chosen)
    Place.objects.all().delete()
    _run, totals, _log = bring(file, cast.maraude)
    assert totals.outcomes == {"accepted": 2}, totals.reasons
    assert sorted(json.dumps(values_of(place), sort_keys=True) for place in Place.objects.all()) == before
    _run, totals, _log = bring(text_of(chosen), cast.maraude)
    assert totals.outcomes == {"known": 2}  # also by the ids of this site


@pytest.mark.parametrize("chosen", FORMATS)
def test_a_secret_address_leaves_in_no_format_from_the_moment_on_that_it_is_secret(cast: Cast, chosen: str) -> None:
    place = place_of(cast, address="77 rue Secrète", at=(48.876543, 2.345678))
    assert "77 rue Secrète" in text_of(chosen) and "48.876543" in text_of(chosen)
    place_entries.change(
        place.pk,
        values(address="77 rue Secrète", at=(48.876543, 2.345678), address_hidden=True),
        By(cast.bob, cast.maraude),
    )
    text = text_of(chosen)
    assert "Halte du Nord" in text and "01 23 45 67 89" in text  # people can call
    for secret in ("Secrète", "48.8765", "2.3456", str(place.cell)):
        assert secret not in text
    assert "Bob" not in text


def test_the_files_follow_every_change_and_leave_out_closed_places(cast: Cast) -> None:
    assert json.loads(text_of("json"))["empty"] is True
    place = place_of(cast)
    page = json.loads(text_of("json"))
    assert page["total_items"] == 1
    service = page["contents"][0]
    assert service["service_at_locations"][0]["id"] == str(place.pk)
    assert [(each["byday"], each["opens_at"]) for each in service["schedules"]] == [("MO,TU,WE,TH,FR", "09:00")]
    place_entries.close(place, By(cast.bob, cast.maraude))
    assert json.loads(text_of("json"))["contents"] == [] and len(text_of("csv").splitlines()) == 1


def test_a_place_that_was_checked_after_midnight_has_the_new_day(cast: Cast) -> None:
    place = place_of(cast)
    Place.objects.filter(pk=place.pk).update(checked_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))  # 00:30 in Paris
    assert json.loads(text_of("json"))["contents"][0]["assured_date"] == "2026-07-02"


def test_formulas_in_the_table_are_text(cast: Cast) -> None:
    place_of(cast, name="=HYPERLINK(1)", conditions="@x")
    row = next(csv.DictReader(io.StringIO(text_of("csv"))))
    assert (row["name"], row["conditions"]) == ("'=HYPERLINK(1)", "'@x")


def test_a_known_copy_is_not_sent_again_and_unknown_formats_are_not_found(cast: Cast) -> None:
    place_of(cast)
    address = reverse("needs:guide_file", args=["csv"])
    first = Client().get(address)
    streamed(first)
    assert Client().get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert Client().get(address.replace("csv", "exe")).status_code == 404


def schema_of_tables() -> dict[str, Any]:
    """Return the tables of HSDS as JSON Schema: required fields, types, enumerations, and the objects inside."""
    types: dict[str, dict[str, Any]] = defaultdict(lambda: {"type": "object", "properties": {}, "required": []})
    with SCHEMA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            table, name = types[row["table_name"]], row["name"]
            if row["constraints_required"] == "true":
                table["required"].append(name)
            if inner := row["one_to_one"] or row["one_to_many"]:
                ref = {"$ref": f"#/$defs/{inner.removesuffix('.json')}"}
                name = {"accessibilitys": "accessibility", "addresss": "addresses"}.get(name, name)
                table["properties"][name] = ref if row["one_to_one"] else {"type": "array", "items": ref}
            else:
                table["properties"][name] = {"type": row["type"] or "string"}
                if row["enum"]:
                    table["properties"][name]["enum"] = row["enum"].split(",")
    for table in types.values():
        table["additionalProperties"] = False
    return {"$ref": "#/$defs/service", "$defs": dict(types)}


@pytest.mark.data
@pytest.mark.skipif(not settings.DATA_DIR, reason="SOLIDARITY_DATA names no folder with the real data sets")
def test_the_export_is_valid_hsds(cast: Cast) -> None:
    place_of(cast, audience=["women"], website="https://example.org", email="a@example.org", about="x", conditions="y")
    place_of(cast, hours="Mo[1] 10:00-12:00", step_free=None)
    hidden_place(cast)
    check = jsonschema.Draft202012Validator(schema_of_tables())
    for service in json.loads(text_of("json"))["contents"]:
        check.validate(service)
    with pytest.raises(jsonschema.ValidationError):
        check.validate({"id": "x", "status": "open"})
