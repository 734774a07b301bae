"""Rows of other guides become places: hours, kinds, who may come; what cannot be read is never invented."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from needs.enums import Outcome
from needs.guide.places.place_kinds import NoticeKind
from tests.needs.places.imports.guide_cases import codes, draft_of, fountain, hsds, plans, soliguide, table, toilets

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


def test_a_service_of_hsds_becomes_a_place() -> None:
    plan = plans(hsds())[0]
    draft = plan.draft
    assert draft is not None and (draft.source, draft.key, draft.name) == ("hsds", "s1", "Day centre, Les Tilleuls")
    assert (draft.kinds, draft.point, draft.hours) == (("day_centre",), (2.35, 48.86), "Mo-We 09:00-17:30")
    assert (draft.address, draft.phone) == ("1 rue X, 75002 Paris", "+33199001234")
    assert (draft.languages, draft.step_free) == (("ar",), True)
    assert plan.outcome == Outcome.ACCEPTED and codes(plan) == ["unknown_language"]


@pytest.mark.parametrize(("schedule", "hours"), [
    ({"byday": "TH,FR", "opens_at": "10:00", "closes_at": "18:00", "valid_from": "2026-12-01", "valid_to": "2027-03-31"},
     "2026 Dec 01-2027 Mar 31 Th-Fr 10:00-18:00"),
    ({"byday": "SA", "opens_at": "22:00", "closes_at": "06:00", "valid_from": "2020-01-01"}, "Sa 22:00-06:00"),
    ({"freq": "MONTHLY", "byday": "1MO,-1FR", "opens_at": "10:00", "closes_at": "12:00"}, "Mo[1],Fr[-1] 10:00-12:00"),
    ({"byday": "TH", "byweekno": "41,42", "opens_at": "10:00", "closes_at": "12:00"}, "week 41,42 Th 10:00-12:00"),
    ({"freq": "DAILY", "opens_at": "00:00", "closes_at": "23:59"}, "00:00-24:00"),
    ({"byday": "MO", "opens_at": "09:00"}, "Mo 09:00+"),
    ({"freq": "MONTHLY", "bymonthday": "15", "dtstart": "2026-12-15", "until": "2027-02-20", "opens_at": "9:00",
      "closes_at": "10:00"}, "2026 Dec 15,2027 Jan 15,2027 Feb 15 09:00-10:00"),
    ({"byday": "WE", "interval": 2, "dtstart": "2026-12-02", "count": 3, "opens_at": "9:00", "closes_at": "10:00"},
     "2026 Dec 02,2026 Dec 16,2026 Dec 30 09:00-10:00"),
])  # fmt: skip
def test_recurrence_rules_become_opening_hours(schedule: dict[str, Any], hours: str) -> None:
    assert draft_of(hsds(schedules=[schedule])).hours == hours


def test_hours_that_are_no_rules_are_kept_as_a_sentence_and_never_invented() -> None:
    odd = {"freq": "WEEKLY", "interval": 2, "byday": "MO", "opens_at": "9:00", "description": "Every other Monday"}
    plan = plans(hsds(schedules=[{"byday": "TU", "opens_at": "9:00", "closes_at": "10:00"}, odd]))[0]
    assert plan.draft is not None and (plan.draft.hours, plan.draft.conditions) == ("", "Every other Monday")
    assert plan.outcome == Outcome.REPAIRED and "hours_as_text" in codes(plan)
    over = plans(hsds(schedules=[{"byday": "TU", "opens_at": "9:00", "closes_at": "10:00", "valid_to": "2005-01-01"}]))[
        0
    ]
    assert over.draft is not None and over.draft.hours == "" and "hours_over" in codes(over)


def test_services_that_are_over_or_nowhere_are_refused_with_a_reason() -> None:
    assert codes(plans(hsds(status="defunct"))[0]) == ["closed_for_good"]
    assert codes(plans(hsds(name="Choir", location={"name": "Choir"}))[0]) == ["no_kind"]
    assert codes(plans(hsds(location={"latitude": 100, "longitude": 101}))[0]) == ["impossible_coordinates"]
    assert codes(plans(hsds(location={"latitude": 2.35, "longitude": 48.86}))[0])[0] == "coordinates_exchanged"
    assert codes(plans(hsds(location={"latitude": 40.7, "longitude": -74}))[0]) == ["far_outside"]


def test_a_place_of_soliguide_splits_off_a_service_with_hours_of_its_own() -> None:
    place, meal = (plan.draft for plan in plans(soliguide()))
    assert place is not None and meal is not None
    assert (place.kinds, place.hours) == (("day_centre", "shower"), "Mo-Fr 09:30-16:00; PH off")
    assert (meal.kinds, meal.hours, meal.key) == (("food",), "Mo-Fr 09:30-11:00", "41/c")
    assert meal.name.startswith("Les Tilleuls, ") and place.about == "Un lieu calme"
    assert (place.audience, place.step_free, place.languages) == (("women", "young"), True, ("fr", "ar"))
    assert (place.conditions, place.website, place.phone) == (
        "On appointment.",
        "https://www.example.org",
        "+33199001234",
    )


def test_a_closure_of_soliguide_becomes_a_notice() -> None:
    closure = {"actif": True, "dateDebut": "2026-12-20", "dateFin": "2027-01-03", "description": "Vacances"}
    notice = draft_of(soliguide(tempInfos={"closure": closure})).notices[0]
    assert (notice.kind, notice.text, notice.end.isoformat()[:10]) == (NoticeKind.CLOSED, "Vacances", "2027-01-03")
    assert draft_of(soliguide(tempInfos={"closure": {**closure, "dateFin": "2026-01-03"}})).notices == ()
    assert codes(plans(soliguide(status="OFFLINE"))[0]) == ["not_published"]
    assert codes(plans(soliguide(placeType="PARCOURS_MOBILE"))[0]) == ["moving_place"]


def test_impossible_hours_of_soliguide_are_no_hours() -> None:
    wrong = {"monday": {"open": True, "timeslot": [{"start": 9930, "end": 1100}]}}
    plan = plans(soliguide(newhours=wrong))[0]
    assert plan.draft is not None and plan.draft.hours == "" and "hours_as_text" in codes(plan)


def test_a_service_of_data_inclusion_becomes_a_place() -> None:
    structure = {"id": "dora--1", "source": "dora", "nom": "Les Tilleuls", "site_web": "https://example.org"}
    service = {
        "id": "dora--2", "structure_id": "dora--1", "source": "dora", "nom": "Aide", "description": "Des repas.",
        "thematiques": ["equipement-et-alimentation--alimentation"], "publics": ["femmes", "familles"],
        "horaires_accueil": "Mo-Fr 08:30-12:30; PH off", "modes_accueil": ["en-presentiel"], "frais": "payant",
        "adresse": "1 rue X", "code_postal": "75002", "commune": "Paris", "latitude": 48.86, "longitude": 2.35,
        "telephone": "+33199001234", "courriel": "a@example.org",
    }  # fmt: skip
    draft = draft_of(json.dumps({"structures": [structure], "services": [service]}))
    assert (draft.source, draft.key, draft.name) == ("data·inclusion dora", "dora--2", "Aide, Les Tilleuls")
    assert (draft.kinds, draft.hours, draft.audience) == (("food",), "Mo-Fr 08:30-12:30; PH off", ("women", "families"))
    assert (draft.address, draft.conditions) == ("1 rue X, 75002 Paris", "You have to pay.")
    online = {**service, "modes_accueil": ["a-distance"]}
    assert codes(plans(json.dumps([online]))[0]) == ["no_place_to_go"]
    row = {**service, "thematiques": json.dumps(service["thematiques"]), "publics": "[]", "modes_accueil": ""}
    assert draft_of(table(row, separator=",")).kinds == ("food",)


def test_fountains_and_toilets_of_paris_are_read_with_their_defects() -> None:
    shut = fountain(Disponibilité="NON", **{"Fin Indisponibilité": "2027-03-31T02:00:00+00:00",
                                            "Motif Indisponibilité": "FERMETURE HIVERNALE"})  # fmt: skip
    over = fountain(Commune="THIAIS", Disponibilité="NON", **{"Fin Indisponibilité": "2021-03-31T02:00:00+00:00"})
    one, two = (plan.draft for plan in plans(table(shut, over)))
    assert one is not None and two is not None
    assert (one.address, one.point) == ("11 Rue des Tilleuls, 75001 Paris", (2.3483, 48.8615))
    assert (one.notices[0].kind, one.notices[0].text) == (NoticeKind.CLOSED, "Fermeture hivernale")
    assert two.address == "11 Rue des Tilleuls, Thiais" and two.notices == ()
    spans = ("24 h / 24", "6 h - 1 h", "10h/18h", "Voir fiche équipement", "le soir")
    every = [
        toilets(HORAIRE=text, ARRONDISSEMENT=number)
        for text, number in zip(spans, ("13", "75013", "4", "4", "4"), strict=True)
    ]
    drafts = [plan.draft for plan in plans(table(*every))]
    assert [each and each.hours for each in drafts] == ["24/7", "Mo-Su 06:00-01:00", "Mo-Su 10:00-18:00", "", ""]
    assert {each.address for each in drafts[:2] if each} == {"1 Rue des Tilleuls, 75013 Paris"}
    assert drafts[4] is not None and drafts[4].conditions == "le soir"
    shape = {"type": "MultiPoint", "coordinates": [[2.36, 48.83]]}
    features = [
        {
            "type": "Feature",
            "properties": {k: v for k, v in toilets().items() if k != "geo_point_2d"},
            "geometry": shape,
        }
    ]
    assert draft_of(json.dumps({"type": "FeatureCollection", "features": features})).point == (2.36, 48.83)


OSM = """<?xml version='1.0'?><osm version="0.6">
<node id="1" version="1" lat="48.86" lon="2.35"><tag k="amenity" v="social_facility"/>
<tag k="social_facility" v="soup_kitchen;shelter"/><tag k="social_facility:for" v="woman"/>
<tag k="name" v="Les Tilleuls"/><tag k="opening_hours" v="Mo-Fr 18:00-20:00; PH off"/>
<tag k="wheelchair" v="no"/><tag k="contact:phone" v="+33 1 99 00 12 34"/></node>
<node id="2" version="1" lat="48.86" lon="2.36"><tag k="amenity" v="toilets"/><tag k="access" v="customers"/></node>
<node id="3" version="1" lat="48.86" lon="2.36"><tag k="amenity" v="shelter"/></node>
<node id="4" version="1" lat="48.80" lon="2.30"/><node id="5" version="1" lat="48.82" lon="2.30"/>
<node id="6" version="1" lat="48.82" lon="2.32"/>
<way id="9" version="1"><nd ref="4"/><nd ref="5"/><nd ref="6"/><nd ref="4"/><tag k="amenity" v="drinking_water"/>
<tag k="opening_hours" v="quand il fait beau"/></way>
</osm>"""


def test_an_openstreetmap_extract_gives_places_and_no_bus_shelters(tmp_path: Path) -> None:
    (tmp_path / "a.osm").write_text(OSM)
    subprocess.run(
        ["osmium", "cat", str(tmp_path / "a.osm"), "-o", str(tmp_path / "a.osm.pbf")], check=True, capture_output=True
    )
    found = {plan.draft.key if plan.draft else codes(plan)[0]: plan for plan in plans(tmp_path / "a.osm.pbf")}
    assert len(found) == 3 and "not_for_everybody" in found
    kitchen = found["n1"].draft
    assert kitchen is not None and (kitchen.kinds, kitchen.hours) == (("shelter", "food"), "Mo-Fr 18:00-20:00; PH off")
    assert (kitchen.audience, kitchen.step_free, kitchen.phone) == (("women",), False, "+33199001234")
    water = next(plan for key, plan in found.items() if key.startswith("a"))
    assert water.draft is not None and (water.draft.point, water.draft.kinds) == ((2.31, 48.81), ("fountain",))
    assert water.draft.hours == "" and water.draft.conditions == "quand il fait beau" and "no_name" in codes(water)
