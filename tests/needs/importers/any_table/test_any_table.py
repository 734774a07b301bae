"""Tables of any format and header: reading, proposed mapping, places, dates and words."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings

from needs.enums import Category, NeedState, Urgency
from needs.reports.importers.any_table import column_words as words
from needs.reports.importers.any_table.column_mapping import ColumnMapping, RowKind
from needs.reports.importers.any_table.date_values import NoOrder, moment_of, order_in
from needs.reports.importers.any_table.mapping_proposal import propose
from needs.reports.importers.any_table.place_values import degrees_of, pair_of
from needs.reports.importers.any_table.table_converter import ConversionRefused, names_of
from needs.reports.importers.any_table.uploaded_tables import Converted, TableRefused, convert, plain_table
from needs.reports.importers.table_reader import Row


def converted(tmp_path: Path, content: bytes, encoding: str = "", separator: str = "") -> tuple[Converted, list[Row]]:
    source, target = tmp_path / "upload", tmp_path / "table.csv"
    source.write_bytes(content)
    made = convert(source, target, encoding, separator)
    return made, list(plain_table(target, made.columns).rows())


def values_of(rows: list[Row]) -> list[dict[str, str]]:
    return [row.values for row in rows if row.values is not None]


# --- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "separator", "found"),
    [
        ("utf-8", ";", "utf-8"), ("utf-8-sig", ",", "utf-8-sig"), ("utf-16", "\t", "utf-16"),
        ("utf-16-le", "\t", "utf-16-le"), ("cp1252", ";", "cp1252"), ("cp1251", ";", "cp1251"),
    ],
)  # fmt: skip
def test_encoding_and_separator_are_detected(tmp_path: Path, encoding: str, separator: str, found: str) -> None:
    word = "Привет, зимние одеяла и горячая еда" if encoding == "cp1251" else "Château d’Eau – été"
    lines = [separator.join(row) for row in (["date", "ville"], ["03/11/2025", f'"{word}"'])]
    made, rows = converted(tmp_path, "\r\n".join(lines).encode(encoding))
    assert (made.encoding, made.separator) == (found, separator)
    assert values_of(rows) == [{"date": "03/11/2025", "ville": word}]


def test_a_chosen_encoding_and_separator_win(tmp_path: Path) -> None:
    made, rows = converted(tmp_path, "a|b,c\né|1,2".encode("cp1252"), "mac_roman", "|")
    assert made.columns == ("a", "b,c") and values_of(rows) == [{"a": "È", "b,c": "1,2"}]


def test_a_workbook_gives_its_dates_and_whole_numbers_as_text(tmp_path: Path) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Maraudes 2025"],
        [],
        ["id", "when", "lat", "note"],
        [7, datetime(2025, 11, 3, 21, 30), 48.866, "=1+1"],
    ):
        sheet.append(row)
    book.save(out)
    made, rows = converted(tmp_path, out.getvalue())
    assert made.columns == ("id", "when", "lat", "note")
    assert values_of(rows)[0] | {"note": ""} == {"id": "7", "when": "2025-11-03 21:30:00", "lat": "48.866", "note": ""}


def test_an_opendocument_sheet_is_read(tmp_path: Path) -> None:
    def cell(text: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    rows = "".join(
        f"<table:table-row>{cell(one)}{cell(two)}</table:table-row>"
        for one, two in (("date", "besoin"), ("2025-11-03", "eau"))
    )
    content = (
        f'<office:document-content {names} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="A">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    made, found = converted(tmp_path, out.getvalue())
    assert values_of(found) == [{"date": "2025-11-03", "besoin": "eau"}]


def test_geojson_gives_properties_and_the_degrees_of_points(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"kind": "food"},
            "geometry": {"type": "Point", "coordinates": [2.35, 48.866]},
        },
        {"type": "Feature", "properties": None, "geometry": None},
        {"type": "Feature", "properties": {"n": 3}, "geometry": {"type": "Point", "coordinates": [2.36, 48.867]}},
    ]
    made, rows = converted(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}).encode())
    assert made.columns == ("kind", "n", "latitude", "longitude")
    assert [row["latitude"] for row in values_of(rows)] == ["48.866", "48.867"]


def _zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    return out.getvalue()


def _metres(name: str = "urn:ogc:def:crs:EPSG::3857") -> bytes:
    crs = {"type": "name", "properties": {"name": name}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": [{"type": "Feature"}]}).encode()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (_zip_bomb(), "bomb"), (b"PK\x03\x04 broken", "broken"), (b"%PDF-1.4", "format"), (b"", "empty"),
        (b"a,b\n", "empty"), (b'{"features":' + b"[" * 100_000, "broken"), (b'{"a": 1}', "format"), (_metres(), "crs"),
        (_metres("EPSG:43260"), "crs"), (_metres("EPSG:2154 near EPSG:4326"), "crs"),
        (",".join(f"c{n}" for n in range(300)).encode() + b"\n1", "columns"),
    ],
    ids=[
        "zip bomb", "broken zip", "PDF", "nothing", "no rows", "deep JSON", "no features", "metres", "a longer number",
        "two systems", "many columns",
    ],
)  # fmt: skip
def test_a_hostile_or_useless_file_is_refused_with_its_problem(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(TableRefused) as refusal:
        converted(tmp_path, content)
    assert refusal.value.problem == problem


class _Header(list[str]):
    """A header of which nobody may look at the cells."""

    def __iter__(self) -> Any:
        raise AssertionError("the columns are counted first")


def test_columns_are_counted_before_their_names_are_compared() -> None:
    with pytest.raises(ConversionRefused, match="columns"):
        names_of(_Header(["a"] * 60_000))
    assert names_of(["a", "a", ""]) == ["a", "a (2)", "column 3"]


def test_a_short_row_is_kept_as_a_fault_and_extra_empty_cells_do_not_matter(tmp_path: Path) -> None:
    _made, rows = converted(tmp_path, b"a,b,c\n1,2\n1,2,3,,\n\n4,5,6\n")
    assert [row.values is None for row in rows] == [True, False, False]


def test_columns_without_a_name_or_with_the_same_name_stay_apart(tmp_path: Path) -> None:
    made, _rows = converted(tmp_path, b"a,,a\n1,2,3\n")
    assert made.columns == ("a", "column 2", "a (3)")


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("48.866, 2.35", (48.866, 2.35)), ("48,866 ; 2,35", (48.866, 2.35)), ("(48.866,2.35)", (48.866, 2.35)),
        ("48,866 2,35", (48.866, 2.35)), ("POINT(2.35 48.866)", (48.866, 2.35)),
        ("48°51'57.6\"N 2°21'E", (48.866, 2.35)), ("N 48° 51.96' W 2° 21'", (48.866, -2.35)),
        ("48°51.96'N, 2°21'O", (48.866, -2.35)), ("-33.9, -70.6", (-33.9, -70.6)),
    ],
)  # fmt: skip
def test_a_place_in_one_cell_is_read(text: str, place: tuple[float, float]) -> None:
    assert pair_of(text) == pytest.approx(place)


def test_an_h3_cell_is_read_as_its_centre_and_other_texts_are_refused() -> None:
    assert pair_of("891fb4662d7ffff") == pytest.approx((48.8, 2.3), abs=1.5)
    for text in ("", "Rue de la Paix", "48.866", "89zzb4662d7ffff", "48°99'N 2°E"):
        with pytest.raises(ValueError):
            pair_of(text)


def test_degrees_of_one_column() -> None:
    assert degrees_of("18° 32' 24\" N") == pytest.approx(18.54)
    assert degrees_of("72°20.5'W") == pytest.approx(-72.341666, abs=1e-5)
    assert degrees_of("48,866") == 48.866


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-11-03", datetime(2025, 11, 3)), ("03/11/2025 21:30", datetime(2025, 11, 3, 21, 30)),
        ("3.11.25 21h30", datetime(2025, 11, 3, 21, 30)), ("11/13/2025", datetime(2025, 11, 13)),
        ("3 novembre 2025 à 21h", datetime(2025, 11, 3, 21)), ("Nov 3, 2025 9:05 pm", datetime(2025, 11, 3, 21, 5)),
        ("lundi 3 août 2025", datetime(2025, 8, 3)), ("45964.5", datetime(2025, 11, 3, 12)),
        ("2025-11-03T21:30:00Z", datetime(2025, 11, 3, 21, 30, tzinfo=UTC)),
        ("1762203000", datetime(2025, 11, 3, 20, 50, tzinfo=UTC)), ("1970-01-01", datetime(1970, 1, 1)),
    ],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(text: str, at: datetime) -> None:
    assert moment_of(text, "dmy") == at


def test_the_order_of_day_and_month_comes_from_the_other_dates() -> None:
    assert order_in(["03/04/2025", "13/04/2025"]) == ("dmy", 1, 0)
    assert order_in(["03/04/2025", "04/13/2025"]) == ("mdy", 0, 1)
    assert order_in(["13/04/2025", "04/13/2025"]) == ("", 1, 1)
    assert moment_of("03/04/2025", "mdy").month == 3
    with pytest.raises(NoOrder):
        moment_of("03/04/2025", "")
    with pytest.raises(ValueError):
        moment_of("31/02/2025", "dmy")


def test_words_of_crisis_maps_and_spreadsheets_are_understood() -> None:
    assert words.kinds_in("Pénurie d'eau | Water shortage") == [Category.WATER]
    assert words.kinds_in("Repas chauds") == [Category.FOOD]
    assert words.kinds_in("Non-food items") == [Category.BLANKET]
    assert words.kinds_in("Bureau, réseau routier") == [Category.PHONE]
    assert words.kinds_in("2c. Probleme de securite (eau) | Security") == []
    assert [words.urgency_of(text) for text in ("URGENT", "Pas urgent", "moyenne")] == [
        Urgency.NOW,
        Urgency.LATER,
        None,
    ]
    assert [words.state_of(text) for text in ("Résolu", "Unverified", "en cours")] == [
        NeedState.MET, NeedState.HELD, NeedState.OPEN,
    ]  # fmt: skip
    assert words.says_delivered("Food distribution summary, Camp 3")
    assert words.says_delivered("Bilan de la distribution")
    assert not words.says_delivered("No food distribution here, please help")


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Actionable", "Unactionable"), ("Closed", "Not closed"), ("URGENT", "Not urgent"), ("Verified", "unverified"),
        ("Approuvé", "Non approuvé"), ("Résolu", "pas encore résolu"), ("oui", "non"), ("✓", "-"),
    ],
)  # fmt: skip
def test_yes_and_no_may_be_the_words_of_the_column(yes: str, no: str) -> None:
    assert (words.flag(yes), words.flag(no), words.flag("perhaps")) == (True, False, None)


def test_help_that_was_brought_is_told_from_help_that_is_asked_for() -> None:
    brought = [
        "20 tents was sent to Sindhupalchok", "Relief sent", "Rice and blankets have been distributed in Ward 4",
        "Trip report: Gorkha", "50 couvertures ont été livrées", "Food delivered by the youth club",
    ]  # fmt: skip
    assert [title for title in brought if not words.says_delivered(title)] == []
    asked = [
        "Tents needed", "No relief sent yet", "Food was sent but 30 families wait for tents", "Was any relief sent?",
        "My brother was sent to the hospital", "Please be sent a tent", "Nothing was distributed here", "20 families, tents",
        "The water was given to us and we are ill", "Aucune aide envoyée", "URGENT: relief sent is lost",
    ]  # fmt: skip
    assert [title for title in asked if words.says_delivered(title)] == []
    labels = {"Relief sent": True, "Distribution": True, "Trip reports": True, "Livraison": True, "Food distribution": True,
              "7a. Food distribution point": False, "Distribution needed": False, "Food": False}  # fmt: skip
    assert {label: words.names_delivered(label) for label in labels} == labels


# --- proposal ------------------------------------------------------------------------------------------------------


def proposed(head: str, *rows: str) -> ColumnMapping:
    names = head.split(";")
    return propose(names, [dict(zip(names, row.split(";"), strict=True)) for row in rows], "Europe/Paris")


def test_an_ushahidi_download_is_recognised_whatever_its_header() -> None:
    mapping = proposed(
        "#;INCIDENT TITLE;INCIDENT DATE;LOCATION;DESCRIPTION;CATEGORY;LATITUDE;LONGITUDE;APPROVED;VERIFIED;ACTIONABLE;"
        "URGENT;CLOSED;FIRST NAME;EMAIL",
        "12;Need water;2010-01-20 10:00:00;Jacmel;Help;Water;18.2;-72.5;YES;NO;YES;NO;NO;A;a@example.org",
    )
    assert mapping.kind == RowKind.NEED
    assert mapping.columns == {
        "serial": "#", "date": "INCIDENT DATE", "latitude": "LATITUDE", "longitude": "LONGITUDE", "address": "LOCATION",
        "title": "INCIDENT TITLE", "text": "DESCRIPTION", "kinds": "CATEGORY", "contact": "EMAIL", "approved": "APPROVED",
        "verified": "VERIFIED", "actionable": "ACTIONABLE", "urgent": "URGENT", "closed": "CLOSED",
    }  # fmt: skip


def test_a_french_outreach_sheet_becomes_encounters() -> None:
    mapping = proposed(
        "N°;Date;Heure;Position;Personnes rencontrées;Donné",
        "1;03/11/2025;21h30;48,866 ; 2,35;3;Repas".replace(" ; ", " / "),
    )
    assert mapping.kind == RowKind.ENCOUNTER
    assert mapping.columns == {
        "serial": "N°", "date": "Date", "clock": "Heure", "place": "Position", "persons": "Personnes rencontrées",
        "given": "Donné",
    }  # fmt: skip


def test_columns_with_meaningless_names_are_found_by_their_content() -> None:
    mapping = proposed("A;B;C", "13/11/2025;48.866, 2.35;eau", "14/11/2025;48.867, 2.36;repas")
    assert mapping.columns == {"date": "A", "place": "B", "kinds": "C"}


def test_a_mapping_survives_json_and_ignores_what_it_does_not_know() -> None:
    mapping = ColumnMapping({"date": "A"}, kind=RowKind.AID, look_up=True)
    stored = json.loads(json.dumps(mapping.as_json()))
    assert ColumnMapping.from_json({**stored, "unknown": 1, "columns": {"date": "A", "bogus": "B"}}) == mapping
    assert len(mapping.missing()) == 1


@pytest.mark.data
@pytest.mark.skipif(not settings.DATA_DIR, reason="SOLIDARITY_DATA names no folder with the real data sets")
def test_the_haiti_download_is_recognised(tmp_path: Path) -> None:
    path = Path(settings.DATA_DIR or ".") / "haiti_ushahidi" / "Haiti_contacts_replaced.csv"
    made, rows = converted(tmp_path, path.read_bytes())
    mapping = propose(made.columns, values_of(rows)[:200], "America/Port-au-Prince")
    assert made.rows == len(rows) == 3593
    assert mapping.kind == RowKind.NEED and not mapping.missing()
    assert {"serial", "approved", "verified", "kinds", "address"} <= mapping.columns.keys()
