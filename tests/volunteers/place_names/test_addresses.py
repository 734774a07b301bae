"""The French national address file: imported from a file or a server, bad rows named, the whole replaced at once."""

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.volunteers.basemap.file_server import Files, file_server
from volunteers.models import PlaceName, PlaceSource
from volunteers.places.basemap import byte_sources
from volunteers.places.place_names.nearest import nearest_name
from volunteers.places.place_names.search import search

pytestmark = pytest.mark.django_db

HEADER = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
    "nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;"
    "source_nom_voie;certification_commune;cad_parcelles"
)


def row(number: str, suffix: str, street: str, lng: str, lat: str, town: str = "Paris 19e Arrondissement") -> str:
    key = f"75119_2416_{number.zfill(5)}"
    return f"{key};75119_2416;{number};{suffix};{street};75019;75119;{town};;;;;{lng};{lat};entrée;;;PARIS;;commune;commune;1;"


ROWS = [
    row("10", "", "Rue de Crimée", "2.3880", "48.8800"),
    row("12", "", "Rue de Crimée", "2.3882", "48.8802"),
    row("12", "bis", "Rue de Crimée", "2.3883", "48.8803"),
    row("14", "", "Rue de Crimée", "2.3884", "48.8804"),
    row("3", "", "Villa des Boërs", "2.3950", "48.8790"),
]


def write(path: Path, rows: list[str], header: str = HEADER) -> Path:
    path.write_bytes(gzip.compress("\n".join([header, *rows, ""]).encode()))
    return path


def test_streets_and_house_numbers_of_a_file_are_found_and_name_points(tmp_path: Path) -> None:
    call_command("import_addresses", file=str(write(tmp_path / "adresses-75.csv.gz", ROWS)))
    assert list(PlaceSource.objects.values_list("source", "rows")) == [("addresses:75", 7)]
    found = search("12bis r de crimee")
    assert (found[0].label, found[0].context) == ("12 bis rue de Crimée", "75019 Paris 19e Arrondissement")
    assert (found[0].latitude, found[0].longitude) == (48.8803, 2.3883)
    assert search("villa boers")[0].label == "Villa des Boërs"
    named = nearest_name(48.88041, 2.38841)
    assert named is not None
    assert str(named) == "14 rue de Crimée"


def test_names_of_any_length_and_signs_are_stored_or_cut(tmp_path: Path) -> None:
    long = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20_000))
    rows = [
        row("1", "", name, "2.3880", "48.8800")
        for name in (long, r"\N", r"a\tb", "<script>", "1\u202e2")
    ]  # fmt: skip
    call_command("import_addresses", file=str(write(tmp_path / "adresses-75.csv.gz", rows)))
    names = set(PlaceName.objects.filter(kind="street").values_list("name", flat=True))
    assert names == {long[:200], r"\N", r"a\tb", "<script>", "1\u202e2"}


def test_importing_twice_changes_nothing_and_a_newer_file_replaces_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "adresses-75.csv.gz", ROWS)
    call_command("import_addresses", file=str(file))
    before = set(PlaceName.objects.values_list("pk", flat=True))
    call_command("import_addresses", file=str(file))
    assert "nothing changes" in capsys.readouterr().out
    assert set(PlaceName.objects.values_list("pk", flat=True)) == before
    call_command("import_addresses", file=str(write(file, ROWS[4:])))
    assert search("rue de crimée") == []
    assert PlaceName.objects.count() == 2
    # Another department stays.
    call_command("import_addresses", file=str(write(tmp_path / "adresses-93.csv.gz", ROWS[:2])))
    assert PlaceName.objects.count() == 5


def test_bad_rows_are_counted_and_named_by_line_and_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = [
        row("twelve", "", "Rue de Crimée", "2.39", "48.88"),
        row("12", "", "", "2.39", "48.88"),
        row("16", "", "Rue de Crimée", "", "48.88"),
        row("18", "", "Rue de Crimée", "2.39", "4888"),
        row("20", "", "Rue de Crimée", "2.39", "nan"),
    ]
    call_command("import_addresses", file=str(write(tmp_path / "adresses-75.csv.gz", [*ROWS, *bad])))
    said = capsys.readouterr().out
    assert "5 rows were left out" in said
    assert "line 7, column numero: “twelve”" in said
    assert "line 8, column nom_voie: it is empty" in said
    assert "line 9, column lon: an empty value" in said
    assert "line 10, column lat: “4888”" in said
    assert "line 11, column lat: “nan”" in said
    assert PlaceName.objects.count() == 7


def test_many_bad_rows_are_not_all_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = [row("x", "", "Rue", "2", "48")] * 500
    call_command("import_addresses", file=str(write(tmp_path / "adresses-75.csv.gz", [*ROWS, *bad])))
    said = capsys.readouterr().out
    assert "500 rows were left out" in said
    assert said.count("column numero") == 20


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        (b"", "column numero is missing"),
        (b"name,place\n1,2\n", "Use a file from the folder csv"),
        (gzip.compress((HEADER + "\n" + "\n".join(ROWS)).encode())[:-40], "Download it again"),
        ((HEADER + "\n").encode() + b"\xff\xfe;;", "Download it again"),
        ((HEADER + "\n" + row("x", "", "Rue", "2", "48")).encode(), "has no usable row. line 2, column numero"),
    ],
    ids=["empty", "other columns", "cut off", "no UTF-8", "no usable row"],
)
def test_a_file_that_is_no_address_file_changes_nothing_and_names_the_cure(
    tmp_path: Path, content: bytes, cure: str
) -> None:
    call_command("import_addresses", file=str(write(tmp_path / "adresses-75.csv.gz", ROWS)))
    (tmp_path / "adresses-75.csv").write_bytes(content)
    with pytest.raises(CommandError, match=cure):
        call_command("import_addresses", file=str(tmp_path / "adresses-75.csv"))
    assert search("12 rue de crimée")[0].label == "12 rue de Crimée"


@pytest.mark.parametrize(
    "options", [{}, {"area": "75", "file": "x"}, {"area": "20"}, {"area": "../../x"}, {"file": "none"}]
)
def test_what_to_import_must_be_named_rightly(options: dict[str, str]) -> None:
    with pytest.raises(CommandError, match=r"make addresses AREA=75|no department|no file"):
        call_command("import_addresses", **options)


# --- the download ---------------------------------------------------------------------------------------------------


PATH = "/csv/adresses-75.csv.gz"


@pytest.fixture
def server(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    """A server of address files; a failed request is repeated at once."""
    monkeypatch.setattr(byte_sources, "RETRY_PAUSES", (0.0, 0.0))
    with file_server() as files:
        settings.ADDRESSES_URL, settings.BASEMAP_ROOT = f"{files.origin}/csv", tmp_path / "basemap"
        yield files


def packed(rows: list[str]) -> bytes:
    return gzip.compress("\n".join([HEADER, *rows, ""]).encode())


def test_a_department_is_downloaded_with_progress_and_only_when_it_is_new(
    server: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files[PATH] = packed(ROWS)
    call_command("import_addresses", area="75")
    assert "100 %" in capsys.readouterr().out
    assert search("12 rue de crimée")[0].label == "12 rue de Crimée"
    call_command("import_addresses", area="75")
    assert len(server.asked) == 3  # the version and the file, then only the version
    server.files[PATH], server.etags[PATH] = packed(ROWS[4:]), '"two"'
    call_command("import_addresses", area="75")
    assert search("rue de crimée") == []
    assert len(list((Path(settings.BASEMAP_ROOT) / "addresses").iterdir())) == 1


def test_a_download_that_breaks_off_continues_where_it_stopped(server: Files) -> None:
    chance = random.Random(5)
    many = [
        row(str(number), "", f"Rue {chance.random()}", f"{chance.uniform(2, 3):.6f}", "48.88") for number in range(5000)
    ]
    server.files[PATH] = packed([*ROWS, *many])
    server.after, server.breaks, server.left = 50_000, 1, 2
    with pytest.raises(CommandError, match="the download continues at 0.1 MB"):
        call_command("import_addresses", area="75")
    server.left = None
    call_command("import_addresses", area="75")
    assert server.sent_ranges[-1][0] == 50_000
    assert PlaceSource.objects.get().rows == 7 + 2 * 5000
    assert search("12 rue de crimée")[0].label == "12 rue de Crimée"


def test_a_file_replaced_meanwhile_is_downloaded_from_its_beginning(server: Files) -> None:
    server.files[PATH] = packed(ROWS[:2])
    server.after, server.breaks, server.left = 100, 1, 2
    with pytest.raises(CommandError):
        call_command("import_addresses", area="75")
    server.files[PATH], server.etags[PATH], server.left = packed(ROWS), '"two"', None
    call_command("import_addresses", area="75")
    assert server.sent_ranges[-1][0] == 0
    assert search("12 rue de crimée")[0].label == "12 rue de Crimée"


@pytest.mark.usefixtures("server")
def test_an_unknown_file_and_a_missing_network_are_explained(settings: Settings) -> None:
    with pytest.raises(
        CommandError, match=r"answers 404 for adresses-2A\.csv\.gz\..*Check the number of the department"
    ):
        call_command("import_addresses", area="2a")
    settings.ADDRESSES_URL = "http://127.0.0.1:9/csv"
    with pytest.raises(CommandError, match="Check the network, then try again.*make addresses FILE="):
        call_command("import_addresses", area="75")
