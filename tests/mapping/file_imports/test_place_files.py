"""The page to import a file, with a guide of places: recognised, tried, imported, undone."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from mapping.out.file_imports import import_jobs
from mapping.out.file_imports.models import FileImport, ImportState
from needs.models import Place
from needs.reports.importers.models import ImportRun
from tests.needs.places.imports.guide_cases import hsds, table, toilets
from tests.streamed_answers import streamed
from tests.support import Cast, SignedIn


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


def uploaded(client: Client, content: str, name: str) -> FileImport:
    form = {"file": SimpleUploadedFile(name, content.encode()), "association": "maraude-du-nord", "territory": "ville",
            "subject": "places"}  # fmt: skip
    answer = client.post(reverse("mapping:file_imports"), form)
    assert answer.status_code == 302, answer.content.decode()
    return step(FileImport.objects.order_by("-made_at")[0])


def step(found: FileImport) -> FileImport:
    import_jobs.advance(found.pk)
    found.refresh_from_db()
    return found


def page_of(client: Client, found: FileImport) -> str:
    return client.get(reverse("mapping:file_import", args=[found.pk])).content.decode()


def test_a_guide_is_tried_at_once_imported_with_one_button_and_undone(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    rows = [toilets(geo_point_2d="48.866,2.350"), toilets(geo_point_2d="2.351,48.867"), toilets(geo_point_2d="12,100")]
    found = uploaded(client, table(*rows), "toilettes.csv")
    assert found.state == ImportState.CHECKED and not Place.objects.exists()
    page = page_of(client, found)
    assert "public toilets of Paris" in page and "Import 2 rows" in page and "50 km outside" in page
    assert "Mo-Su 06:00-22:00" in page
    client.post(reverse("mapping:import_run", args=[found.pk]))
    assert step(found).state == ImportState.DONE and Place.objects.count() == 2
    log = streamed(client.get(reverse("mapping:import_log", args=[found.pk]))).decode()
    lines = list(csv.DictReader(io.StringIO(log)))
    assert [row["outcome"] for row in lines] == ["accepted", "repaired", "refused"]
    assert "coordinates_exchanged" in lines[1]["reasons"] and "2.35" not in log  # the log does not repeat the row
    assert ImportRun.objects.get().association == cast.maraude
    assert "What people wrote since stays" in page_of(client, found)
    client.post(reverse("mapping:import_undo", args=[found.pk]))
    assert step(found).state == ImportState.UNDONE and not Place.objects.exists()


def test_a_file_that_is_no_guide_says_which_guides_can_be_read(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, "a;b\n1;2\n", "x.csv")
    assert found.state == ImportState.FAILED and "none of the guides that can be read" in page_of(client, found)


def test_the_command_imports_a_guide(cast: Cast, tmp_path: Any) -> None:
    path = tmp_path / "hsds.json"
    path.write_text(hsds(location={"latitude": 48.866, "longitude": 2.35}))
    out = io.StringIO()
    arguments = [
        str(path),
        "--association",
        "maraude-du-nord",
        "--territory",
        "ville",
        "--ledger",
        str(tmp_path / "log.csv"),
    ]
    call_command("import_places", *arguments, "--dry-run", stdout=out)
    assert "1 accepted" in out.getvalue() and not Place.objects.exists()
    call_command("import_places", *arguments, stdout=out)
    assert Place.objects.get().hours == "Mo-We 09:00-17:30" and "accepted" in (tmp_path / "log.csv").read_text()
