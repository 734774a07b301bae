"""The list of communes: download from a local server, interruption, broken files, search."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from pytest_django import Settings

from tests.lib.border_files.border_cases import area, collection
from tests.volunteers.basemap.file_server import Files, file_server
from tests.volunteers.commune_borders.commune_cases import PARIS, SEINE_SAINT_DENIS, commune
from volunteers.models import Commune, CommuneDownload
from volunteers.places.commune_borders import commune_download, departments
from volunteers.places.commune_borders.commune_download import Problem, Undownloadable
from volunteers.tasks import download_communes

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    monkeypatch.setattr(commune_download, "PAUSES", ())
    with file_server() as web:
        web.files = {"/93?contour": SEINE_SAINT_DENIS, "/75?contour": PARIS}
        settings.BORDERS_URL = f"{web.origin}/{{area}}?contour"
        yield web


def borders(**options: str) -> str:
    out = StringIO()
    call_command("import_communes", stdout=out, **options)
    return out.getvalue()


def numbers() -> list[str]:
    return list(Commune.objects.order_by("code").values_list("code", flat=True))


def test_departments_are_downloaded_once_and_anew_when_they_are_named(web: Files) -> None:
    assert "4 communes are stored now, 4 in all" in borders(area="93, 75")
    assert numbers() == ["75056", "93001", "93039", "93066"]  # what is no part of the department is left out
    paris = Commune.objects.get(code="75056")
    assert (paris.area, paris.name, paris.polygon.num_geom) == ("75", "Paris", 1)
    web.files["/93?contour"] = collection(commune("93066", "Saint-Denis", 2.34, 48.92))
    assert "1 communes are stored now, 2 in all" in borders(area="93")
    assert commune_download.missing("fr") == [each for each in departments.AREAS["fr"] if each not in ("75", "93")]


def test_an_interrupted_download_continues(web: Files) -> None:
    commune_download.ask("fr", ["75", "93"])
    web.left = 1
    with pytest.raises(Undownloadable) as stopped:
        commune_download.work("fr", lambda *_progress: None)
    assert "127.0.0.1 cannot be reached. Check the network" in str(stopped.value)
    state = CommuneDownload.objects.get()
    assert (state.areas, state.done, state.total, state.runs) == (["93"], 1, 2, False)
    assert numbers() == ["75056"]
    web.left = None
    download_communes("fr")  # the rest, by the worker
    assert len(numbers()) == 4 and [path for path, _range in web.asked].count("/75?contour") == 1


def test_an_answer_that_breaks_off_stores_nothing_of_its_department(web: Files) -> None:
    web.breaks, web.after = 1, 200
    with pytest.raises(CommandError, match="cannot be reached"):
        borders(area="93")
    assert numbers() == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, "answers 404. Check SOLIDARITY_BORDERS_URL"),
        (b"<html>maintenance</html>", "area 93 cannot be read: This is not GeoJSON"),
        (SEINE_SAINT_DENIS[:-9], "cannot be read: The file cannot be read"),
        (collection(area("a", [[2, 48], [3, 48], [3, 49], [2, 48]])), "names no communes with a number"),
        (b"{" + b" " * 20_000_001, "is larger than 20 MB"),
    ],
    ids=["missing", "a page", "cut", "no communes", "huge"],
)
def test_a_wrong_answer_is_explained_and_changes_nothing(web: Files, body: bytes | None, said: str) -> None:
    borders(area="93")
    web.files = {} if body is None else {"/93?contour": body}
    with pytest.raises(CommandError, match=said):
        borders(area="93")
    assert len(numbers()) == 3


def test_two_downloads_at_once_are_refused_and_a_dead_one_is_replaced(web: Files) -> None:
    commune_download.ask("fr", ["75"])
    with pytest.raises(CommandError, match="already"):
        borders(area="93")
    CommuneDownload.objects.update(at=timezone.now() - timedelta(seconds=CommuneDownload.STALE + 1))
    assert CommuneDownload.objects.get().interrupted
    borders(area="93")
    assert len(numbers()) == 3


def test_an_unknown_department_is_named() -> None:
    with pytest.raises(CommandError, match="There is no area 99"):
        borders(area="93,99")
    assert not CommuneDownload.objects.exists()


def test_names_are_found_without_accents_and_hyphens_and_numbers_by_their_start(web: Files) -> None:
    borders(area="93,75")

    def found(said: str) -> list[str]:
        return [each.name for each in Commune.objects.found(said)]

    assert found("saint denis") == ["Saint-Denis", "L'Île-Saint-Denis"]
    assert found("ILE SAINT") == ["L'Île-Saint-Denis"]
    assert found("9300") == ["Aubervilliers"]
    assert found("93") == ["Aubervilliers", "L'Île-Saint-Denis", "Saint-Denis"]
    assert found("%") == found("' OR 1=1") == found("\\") == []


def test_every_problem_has_a_sentence_in_french() -> None:
    details = {"host": "a", "status": "b", "area": "c", "why": "d"}
    with translation.override("fr"):
        assert all("%" not in commune_download.sentence(problem, details) for problem in Problem)


@pytest.mark.data
@pytest.mark.skipif(not django_settings.DATA_DIR, reason="SOLIDARITY_DATA names no folder with the real data sets")
def test_published_communes_are_read_from_a_file() -> None:
    path = Path(django_settings.DATA_DIR) / "boundaries" / "idf_communes.geojson"
    assert "1,276 communes are stored now" in borders(file=str(path))
    found = [each.code for each in Commune.objects.found("Saint-Denis")]
    assert found[0] == "93066"
    assert "93039" in found
    assert Commune.objects.filter(area="93").count() == 40
