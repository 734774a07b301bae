"""Files of other guides for tests, with fictional places, and the import of a file."""

import csv
import io
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon

from needs.guide.places.imports import guide_upload, place_import
from needs.guide.places.imports.guide_upload import GuideFile
from needs.guide.places.imports.place_drafts import PlaceDraft, Reading
from needs.guide.places.imports.place_import import PlacePlan
from needs.reports.importers.import_run import Totals
from needs.reports.importers.models import ImportRun
from needs.reports.importers.row_places import Borders

PARIS = Borders(MultiPolygon(Polygon.from_bbox((2.22, 48.81, 2.47, 48.91))))
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
READING = Reading(PARIS, NOW)


def converted(content: bytes | str | Path, folder: Path) -> GuideFile:
    """Convert a file of a guide, given by its content or its path."""
    source = content if isinstance(content, Path) else folder / "upload"
    if not isinstance(content, Path):
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
    return guide_upload.convert(source, folder / "rows.jsonl")


def plans(content: bytes | str | Path, reading: Reading = READING) -> list[PlacePlan]:
    """Return the plan of each row of a file, by itself."""
    with tempfile.TemporaryDirectory() as folder:
        file = converted(content, Path(folder))
        return [place_import.plan_row(file.guide, row, reading) for _number, row in guide_upload.rows(file.path)]


def draft_of(content: bytes | str | Path) -> PlaceDraft:
    """Return the place of the first row of a file."""
    plan = plans(content)[0]
    assert plan.draft is not None, plan.reasons
    return plan.draft


def codes(plan: PlacePlan) -> list[str]:
    return [each.code for each in plan.reasons]


def bring(
    content: bytes | str | Path, association: Any = None, *, dry_run: bool = False, reading: Reading = READING
) -> tuple[ImportRun, Totals, list[dict[str, str]]]:
    """Import a file; return the record, the totals and the row log."""
    with tempfile.TemporaryDirectory() as folder:
        file = converted(content, Path(folder))
        record = ImportRun(profile="places", file_name="f", file_hash="-", association=association, dry_run=dry_run)
        if not dry_run:
            record.save()
        ledger = Path(folder) / "log.csv"
        totals = place_import.run(file, reading, record, ledger)
        return record, totals, list(csv.DictReader(io.StringIO(ledger.read_text(encoding="utf-8"))))


def hsds(**changes: Any) -> str:
    """A service of HSDS at a location in Paris. changes, schedules, location: changed values of the service, its
    schedules and its location."""
    location = {
        "id": "l1", "location_type": "physical", "name": "Les Tilleuls", "latitude": 48.86, "longitude": 2.35,
        "addresses": [{"address_1": "1 rue X", "city": "Paris", "postal_code": "75002", "address_type": "physical"}],
        "accessibility": [{"description": "Wheelchair access by a ramp"}],
        "languages": [{"code": "ar"}, {"code": "xx"}], **changes.pop("location", {}),
    }  # fmt: skip
    schedule = {"freq": "WEEKLY", "byday": "MO,TU,WE", "opens_at": "09:00:00", "closes_at": "17:30:00Z"}
    sal = {"id": "s1", "location": location, "schedules": changes.pop("schedules", [schedule])}
    service = {
        "id": "v1", "name": "Day centre", "status": "active", "service_at_locations": [sal],
        "phones": [{"number": "01 99 00 12 34", "type": "voice"}], **changes,
    }  # fmt: skip
    return json.dumps(service)


def table(*rows: dict[str, Any], separator: str = ";") -> str:
    """Return rows as a text table."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def toilets(**changes: Any) -> dict[str, Any]:
    """A row of the toilets of Paris."""
    return {"TYPE": "SANISETTE", "STATUT": "", "ADRESSE": "1 RUE DES TILLEULS", "ARRONDISSEMENT": "13", "HORAIRE": "6 h - 22 h",
            "ACCES_PMR": "Oui", "URL_FICHE_EQUIPEMENT": "", "geo_point_2d": "48.83,2.36", **changes}  # fmt: skip


def fountain(**changes: Any) -> dict[str, Any]:
    """A row of the drinking fountains of Paris."""
    return {"Identifiant": "7", "Type Objet": "BORNE", "N° Voie Pair": "", "N° Voie Impair": "11", "Voie": "RUE DES TILLEULS",
            "Commune": "PARIS 1ER ARRONDISSEMENT", "Disponibilité": "OUI", "Début Indisponibilité": "",
            "Fin Indisponibilité": "", "Motif Indisponibilité": "", "geo_point_2d": "48.8615,2.3483", **changes}  # fmt: skip


def soliguide(**changes: Any) -> str:
    """A place of Soliguide with a meal at hours of its own."""
    day = {"open": True, "timeslot": [{"start": 930, "end": 1600}]}
    closed: dict[str, Any] = {"open": False, "timeslot": []}
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), day)
    weekend = {"saturday": closed, "sunday": closed}
    breakfast = {name: {"open": True, "timeslot": [{"start": 930, "end": 1100}]} for name in week}
    return json.dumps({
        "lieu_id": 41, "name": "Les Tilleuls", "status": "ONLINE", "visibility": "ALL", "placeType": "LIEU",
        "description": "<p>Un <strong>lieu</strong></p><p>calme</p>", "languages": ["fr", "ar"],
        "entity": {"mail": "a@example.org", "website": "www.example.org", "phones": [{"phoneNumber": "0199001234"}]},
        "modalities": {"pmr": {"checked": True}, "appointment": {"checked": True, "precisions": None}},
        "publics": {"accueil": 2, "age": {"min": 18, "max": 25}, "gender": ["women"]},
        "newhours": {**week, **weekend, "closedHolidays": "CLOSED"},
        "position": {"address": "1 rue X, 75020 Paris", "location": {"type": "Point", "coordinates": [2.38, 48.87]}},
        "services_all": [
            {"category": "day_hosting", "serviceObjectId": "a"}, {"categorie": 301, "serviceObjectId": "b"},
            {"category": "seated_catering", "differentHours": True, "hours": {**breakfast, **weekend}, "serviceObjectId": "c"},
        ],
        **changes,
    })  # fmt: skip
