"""Tables of any encoding and shape, and values damaged by other programs. These tests need no database."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from needs.base.records.declarations import NeedDraft, PresenceDraft
from needs.enums import NeedState, Outcome
from needs.reports.importers.la311 import La311
from needs.reports.importers.profile import ImportContext, Profile
from needs.reports.importers.row_outcomes import Findings, Plan, UnusableRow
from needs.reports.importers.row_places import Borders
from needs.reports.importers.table_reader import Row, Unreadable, table_of
from needs.reports.importers.ushahidi2 import KINDS, Ushahidi2
from needs.reports.importers.value_repair import demojibake, in_zone, repaired_text, shorten

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def box(west: float, south: float, east: float, north: float) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)


def los_angeles(**more: object) -> La311:
    borders = Borders(
        box(-118.7, 33.7, -118.1, 34.4),
        [("9", box(-118.7, 33.7, -118.1, 34.0)), ("14", box(-118.7, 34.0, -118.1, 34.4))],
    )
    values: dict[str, object] = {"scope": "la", "archive": False, "now": NOW, "zone": ZoneInfo("America/Los_Angeles")}
    return La311(ImportContext(borders, **(values | more)))  # type: ignore[arg-type]


def call(number: int = 1, /, **values: str) -> Row:
    row = {
        "CreatedDate": "2016-05-03 10:00:00", "RequestSource": "Call", "Latitude": "34.05", "Longitude": "-118.25", "CD": "14",
    } | values  # fmt: skip
    return Row(number, row)


def haiti(**more: object) -> Ushahidi2:
    values: dict[str, object] = {
        "scope": "relief",
        "archive": False,
        "now": NOW,
        "zone": ZoneInfo("America/Port-au-Prince"),
    }
    return Ushahidi2(ImportContext(Borders(box(-74.6, 17.9, -71.5, 20.2)), **(values | more)))  # type: ignore[arg-type]


def incident(number: int = 1, /, **values: str) -> Row:
    row = {
        "Serial": str(4000 + number), "INCIDENT TITLE": "Water", "INCIDENT DATE": "23/01/2010 14:05", "LOCATION": "Jacmel",
        "DESCRIPTION": f"We need water, message {number}", "CATEGORY": "2b. Penurie d'eau | Water shortage, ",
        "LATITUDE": "18.23", "LONGITUDE": "-72.53", "APPROVED": "YES", "VERIFIED": "NO",
    }  # fmt: skip
    return Row(number, row | {name.replace("_", " "): value for name, value in values.items()})


def codes(plan: Plan) -> list[str]:
    return [reason.code for reason in plan.reasons]


# --- the table -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"]
)  # fmt: skip
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_reads_the_same_in_every_encoding_and_shape(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    path = tmp_path / "table.csv"
    lines = ["ID", "text"], ["1", "Léogâne – ici"], ["2", f"two{end}lines"], ["3", f'a "quote"{separator} and more']
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator=end).writerows(lines)
    rows = list(table_of(path, ("text", "id")).rows())
    assert [row.values for row in rows] == [{"id": cells[0], "text": cells[1]} for cells in lines[1:]]
    assert [row.number for row in rows] == [1, 2, 3]


def test_a_broken_row_has_a_fault_and_the_next_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('id,text\n1,a,surplus\n\n2\n3,"' + "x" * (1 << 20) + 'y"\n4,good\n', encoding="utf-8")
    rows = list(table_of(path, ("id", "text")).rows())
    assert [row.values is None for row in rows] == [True, True, True, False]
    assert rows[0].fault == "3 cells where the header has 2"
    assert rows[-1].values == {"id": "4", "text": "good"}


def test_a_file_of_another_kind_is_refused_with_the_missing_columns(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("id;name\n1;a\n")
    with pytest.raises(Unreadable, match="lacks the columns CATEGORY"):
        table_of(path, ("id", "name", "CATEGORY"))


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "meant"),
    [
        ("Petit-GoÃ¢ve", "Petit-Goâve"),
        ("Fonds-des-NÃ¨gres", "Fonds-des-Nègres"),
        ("mÃ¨s Ã la", "mès Ã la"),
        ("donâ€™t â€“ Å“uf", "don’t – œuf"),
        ("« CAFÉ» de la forêt à Léogâne", "« CAFÉ» de la forêt à Léogâne"),
    ],
)
def test_mojibake_is_repaired_and_correct_text_is_unchanged(broken: str, meant: str) -> None:
    assert demojibake(broken) == meant


def test_entities_control_characters_and_line_ends_are_repaired_and_noted_once() -> None:
    findings = Findings()
    assert repaired_text("&amp;lt;a&amp;gt; &quot;b&quot;\r\nc\x00\x07 ", findings) == '<a> "b"\nc'
    assert [reason.code for reason in findings.repairs] == ["html_entities", "control_characters"]
    assert repaired_text("a & b; c", clean := Findings()) == "a & b; c" and not clean.repairs


def test_a_long_title_is_cut_at_a_word() -> None:
    findings = Findings()
    assert shorten("one two three four", 12, findings) == "one two…"
    assert findings.repairs[0].code == "shortened"


def test_a_repeated_or_skipped_hour_is_read_and_noted() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    twice, never, plain = Findings(), Findings(), Findings()
    assert in_zone(datetime(2016, 11, 6, 1, 30), zone, twice) == datetime(2016, 11, 6, 8, 30, tzinfo=UTC)
    assert in_zone(datetime(2016, 3, 13, 2, 30), zone, never) == datetime(2016, 3, 13, 10, 30, tzinfo=UTC)
    assert in_zone(datetime(2016, 7, 1, 12, 0), zone, plain) == datetime(2016, 7, 1, 19, 0, tzinfo=UTC)
    assert [[r.code for r in f.repairs] for f in (twice, never, plain)] == [["hour_twice"], ["hour_skipped"], []]


# --- Los Angeles 311 -----------------------------------------------------------------------------------------------


def test_a_call_becomes_a_citizen_report_with_its_own_source() -> None:
    profile = los_angeles()
    one, other = profile.plan(call(1)), profile.plan(call(2, Latitude="34.06"))
    assert one.outcome is Outcome.ACCEPTED and one.draft
    assert isinstance(one.draft, PresenceDraft) and isinstance(other.draft, PresenceDraft)
    assert one.draft.at == datetime(2016, 5, 3, 17, 0, tzinfo=UTC)
    assert one.draft.source != other.draft.source
    assert one.draft.place and (one.draft.place.latitude, one.draft.place.longitude) == (34.05, -118.25)


def test_equal_calls_are_numbered_and_keep_their_ids_in_a_later_download() -> None:
    first, later = los_angeles(), los_angeles()
    twice = [first.plan(call(1)), first.plan(call(2))]
    again = [later.plan(call(7, Status="Closed")), later.plan(call(9, Status="Closed", UpdatedDate="2017-01-01"))]
    assert [plan.report for plan in twice] == [plan.report for plan in again]
    assert twice[0].report != twice[1].report
    assert codes(twice[1]) == ["same_again"]


def test_a_call_without_coordinates_is_refused() -> None:
    for values in ({"Latitude": ""}, {"Latitude": "", "Longitude": ""}, {"Latitude": "0", "Longitude": "0"}):
        with pytest.raises(UnusableRow) as refusal:
            los_angeles().plan(call(**values))
        assert refusal.value.reason.code in ("no_coordinates", "unreadable_coordinates")


def test_swapped_coordinates_are_corrected_and_an_outside_place_is_noted() -> None:
    crossed = los_angeles().plan(call(Latitude="-118.25", Longitude="34.05"))
    assert crossed.outcome is Outcome.REPAIRED and codes(crossed) == ["coordinates_exchanged"]
    outside = los_angeles().plan(call(Latitude="34.9"))
    assert outside.outcome is Outcome.ACCEPTED and codes(outside) == ["outside_territory"]


def test_a_district_that_differs_from_the_border_is_noted_by_name() -> None:
    profile = los_angeles()
    assert codes(profile.plan(call(CD="09", Latitude="33.9"))) == []
    plan = profile.plan(call(CD="9"))
    assert str(plan.reasons[0]) == "district_differs: The file has district 9, but the place is in district 14."
    assert profile.notes() == {"district_differs": {"9 → 14": 1}}


@pytest.mark.parametrize(
    ("text", "code"), [("", "no_date"), ("soon", "unreadable_date"), ("2039-01-01 00:00:00", "in_future")]
)
def test_a_call_without_a_usable_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(UnusableRow) as refusal:
        los_angeles().plan(call(CreatedDate=text))
    assert refusal.value.reason.code == code


# --- Ushahidi 2 ----------------------------------------------------------------------------------------------------


def test_bilingual_categories_with_a_trailing_comma_become_kinds() -> None:
    text = "2a. Penurie d'aliments | Food Shortage, 2b. Penurie d'eau | Water shortage, 1. Urgences | Emergency, "
    plan = haiti().plan(incident(CATEGORY=text))
    assert isinstance(plan.draft, NeedDraft)
    assert plan.draft.kinds == ["food", "water"] and plan.draft.urgency == "now"
    assert plan.outcome is Outcome.ACCEPTED


def test_the_label_decides_between_two_meanings_of_a_code() -> None:
    water = haiti().plan(incident(CATEGORY="2c. Eau contaminee | Contaminated water"))
    security = haiti().plan(incident(CATEGORY="2c. Probleme de securite | Security Concern"))
    assert isinstance(water.draft, NeedDraft) and isinstance(security.draft, NeedDraft)
    assert (water.draft.kinds, security.draft.kinds) == (["water"], ["other"])
    assert KINDS["2c"] == "water"


def test_a_missing_or_unknown_category_becomes_other() -> None:
    profile = haiti()
    for text, code in (("", "no_category"), ("Chats perdus, ", "unknown_category")):
        plan = profile.plan(incident(CATEGORY=text))
        assert plan.outcome is Outcome.REPAIRED and codes(plan) == [code]
        assert isinstance(plan.draft, NeedDraft) and plan.draft.kinds == ["other"]
    assert profile.notes()["unknown_categories"] == {"Chats perdus": 1}


def surveyed(*dates: str) -> tuple[Profile, list[Row]]:
    rows = [incident(number, INCIDENT_DATE=text) for number, text in enumerate(dates, start=1)]
    profile = haiti()
    profile.survey(rows)
    return profile, rows


def test_ambiguous_dates_follow_the_other_dates_of_the_file() -> None:
    for other, month in (("23/02/2010 10:00", 3), ("02/23/2010 10:00", 2)):
        profile, rows = surveyed(other, "02/03/2010 10:00", "04/04/2010 10:00")
        plans = [profile.plan(row) for row in rows]
        assert plans[1].draft and plans[1].draft.at.month == month
        assert [codes(plan) for plan in plans] == [[], ["date_order"], []]
        assert profile.notes()["date_order"]["ambiguous"] == 1


def test_ambiguous_dates_are_refused_if_the_other_dates_contradict_each_other() -> None:
    profile, rows = surveyed("23/02/2010 10:00", "02/23/2010 10:00", "02/03/2010 10:00")
    assert profile.plan(rows[0]).draft and profile.plan(rows[1]).draft
    with pytest.raises(UnusableRow, match="contradict each other"):
        profile.plan(rows[2])


def test_a_point_outside_is_dropped_and_its_address_text_is_kept() -> None:
    plan = haiti().plan(incident(LATITUDE="50.226", LONGITUDE="5.73", LOCATION="fondwa"))
    assert plan.outcome is Outcome.REPAIRED and codes(plan) == ["outside_territory"]
    assert plan.draft and plan.draft.place is None and plan.draft.place_text == "fondwa"


def test_texts_keep_their_lines_and_equal_ones_are_noted() -> None:
    profile = haiti()
    text = "Nou bezwen dlo.\r\n\r\nIDUshahidi: 12"
    one = profile.plan(incident(1, DESCRIPTION=text))
    other = profile.plan(incident(2, DESCRIPTION="nou bezwen  dlo! IDUshahidi 12"))
    assert isinstance(one.draft, NeedDraft) and one.draft.text == "Nou bezwen dlo.\n\nIDUshahidi: 12"
    assert str(other.reasons[0]) == "same_text: The text equals that of row 1; it may be a duplicate."


@pytest.mark.parametrize(
    ("values", "state", "archived"),
    [
        ({}, NeedState.NEW, NeedState.EXPIRED),
        ({"VERIFIED": "YES"}, NeedState.VERIFIED, NeedState.EXPIRED),
        ({"APPROVED": "NO"}, NeedState.HELD, NeedState.REJECTED),
        ({"CATEGORY": "7. Secours | Services Available, "}, NeedState.HELD, NeedState.REJECTED),
    ],
)
def test_states_follow_approval_and_history_is_closed(values: dict[str, str], state: str, archived: str) -> None:
    assert haiti().plan(incident(**values)).state == state
    assert haiti(archive=True).plan(incident(**values)).state == archived


def test_serial_numbers_of_two_deployments_do_not_collide() -> None:
    assert haiti().plan(incident()).report != haiti(scope="nepal").plan(incident()).report
