"""Import of a file as a browser does it: upload, mapping, dry run, run, log, undo; and attacks on this."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoCaptureOnCommitCallbacks

from mapping.coverage.cells import stored_states
from mapping.coverage.folding import fold
from mapping.models import CellTouch, Evidence
from mapping.out.file_imports import import_jobs, incoming_files
from mapping.out.file_imports.models import FileImport, ImportState, SavedMapping
from needs.doors.retention import runner
from needs.enums import NeedState, Urgency
from needs.models import Aid, CitizenReport, Encounter, Need, Retraction
from needs.reports.importers.any_table.column_mapping import PARTS
from solidarity.lib.field_encryption import decrypt
from tests.streamed_answers import streamed
from tests.support import Cast, City, Seen, SignedIn
from volunteers.people.audit.models import AuditEntry
from volunteers.people.audit.verbs import Verb

HEAD = (
    "#,INCIDENT TITLE,INCIDENT DATE,LOCATION,DESCRIPTION,CATEGORY,LATITUDE,LONGITUDE,APPROVED,VERIFIED,ACTIONABLE,URGENT,"
    "CLOSED,EMAIL"
)
CRISIS_MAP = f"""{HEAD}
1,Water please,2026-01-20 10:00:00,Rue A,Call 06 12 34 56 78,2b. Water shortage,48.866,2.350,YES,YES,YES,YES,NO,a@example.org
2,Food,2026-01-21 10:00:00,Rue B,Hungry,Food,48.866,2.350,NO,NO,NO,NO,NO,
3,Food distribution summary,2026-01-22 10:00:00,Rue C,200 meals,Food,48.866,2.350,YES,YES,NO,NO,NO,
4,Tent,1970-01-01 00:00:00,Rue D,Cold,Shelter,48.867,2.351,YES,NO,NO,NO,YES,
5,=HYPERLINK(1),2026-01-23 10:00:00,Rue E,x,=cmd|' /C calc'!A0,48.866,2.350,YES,NO,NO,NO,NO,
6,No date,,Rue F,x,Food,48.866,2.350,YES,NO,NO,NO,NO,
"""
SHEET = """N°;Date;Heure;Position;Personnes rencontrées;Donné
1;13/11/2025;21h30;48,866 / 2,350;3;Repas, couvertures
2;14/11/2025;22h00;48,855 / 2,340;0;
3;03/11/2025;22h00;12,5 / 2,340;2;
"""


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


def upload(client: Client, content: str | bytes, name: str = "map.csv", association: str = "maraude-du-nord") -> Any:
    data = content if isinstance(content, bytes) else content.encode()
    form = {"file": SimpleUploadedFile(name, data), "association": association, "territory": "ville"}
    return client.post(reverse("mapping:file_imports"), form)


def test_a_file_larger_than_a_photo_is_read(cast: Cast, city: City, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    assert upload(client, "a;b\n" + "1;2\n" * 1_600_000).status_code == 302
    assert FileImport.objects.count() == 1


def step(found: FileImport) -> FileImport:
    """Do the worker's next step."""
    import_jobs.advance(found.pk)
    found.refresh_from_db()
    return found


def uploaded(client: Client, content: str | bytes, name: str = "map.csv") -> FileImport:
    answer = upload(client, content, name)
    assert answer.status_code == 302, answer.content.decode()
    return step(FileImport.objects.order_by("-made_at")[0])


def form_of(found: FileImport, **changes: str) -> dict[str, str]:
    mapping = found.mapping
    fields = {name: str(mapping[name]) for name in ("kind", "date_order", "time_zone", "contacts")}
    return {**fields, **{part: mapping["columns"].get(part, "") for part in PARTS}, "then": "check", **changes}


def checked(client: Client, found: FileImport, **changes: str) -> FileImport:
    answer = client.post(reverse("mapping:import_mapping", args=[found.pk]), form_of(found, **changes))
    assert answer.status_code == 302, answer.content.decode()
    found.refresh_from_db()
    assert found.state == ImportState.CHECKING
    return step(found)


def imported(client: Client, found: FileImport) -> FileImport:
    client.post(reverse("mapping:import_run", args=[found.pk]))
    found.refresh_from_db()
    assert found.state == ImportState.RUNNING
    return step(found)


def log_of(client: Client, found: FileImport) -> list[dict[str, str]]:
    answer = client.get(reverse("mapping:import_log", args=[found.pk]))
    return list(csv.DictReader(io.StringIO(streamed(answer).decode())))


def test_a_crisis_map_becomes_needs_with_our_states(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = checked(client, uploaded(client, CRISIS_MAP), contacts="encrypt")
    assert found.state == ImportState.CHECKED and found.totals["outcomes"] == {
        "accepted": 4,
        "repaired": 1,
        "refused": 1,
    }
    assert not Need.objects.exists() and not Aid.objects.exists() and not CellTouch.objects.exists()
    page = client.get(reverse("mapping:file_import", args=[found.pk])).content.decode()
    assert "Import 5 rows" in page and "The row has no date." in page
    imported(client, found)
    needs = {need.reference: need for need in Need.objects.all()}
    assert {key: need.state for key, need in needs.items()} == {
        "1": NeedState.OPEN, "2": NeedState.HELD, "4": NeedState.MET, "5": NeedState.NEW,
    }  # fmt: skip
    assert (needs["1"].kinds, needs["1"].urgency, needs["2"].urgency) == (["water"], Urgency.NOW, Urgency.SOON)
    contact = needs["1"].contact
    assert contact is not None and decrypt(contact) == "a@example.org"
    assert Aid.objects.get().given == ["food"] and Aid.objects.get().association == cast.maraude
    rows = {row["row"]: row["reasons"] for row in log_of(client, found)}
    assert "phone_in_text" in rows["1"] and "distribution" in rows["3"] and "date_1970" in rows["4"]


def test_after_an_import_the_reasons_stand_open_the_most_frequent_first(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = imported(client, checked(client, uploaded(client, SHEET + SHEET.split("\n", 1)[1], "m.csv")))
    page = client.get(reverse("mapping:file_import", args=[found.pk])).content.decode()
    reasons = page[page.index("<details open") :]
    reasons = reasons[: reasons.index("</details>")]
    numbers = [int(number) for number in re.findall(r'<li><b class="number">(\d+)</b> \S', reasons)]
    assert "Reasons" in reasons and len(numbers) == len(found.totals["reasons"]) > 1
    assert numbers == sorted(numbers, reverse=True)


def test_contacts_are_left_out_unless_somebody_chooses_to_keep_them(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = imported(client, checked(client, uploaded(client, CRISIS_MAP)))
    assert found.totals["reasons"]["contact_dropped"] == 1
    assert not Need.objects.exclude(contact=None).exists()


def test_a_sheet_of_old_encounters_counts_on_the_map(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = imported(client, checked(client, uploaded(client, SHEET.encode("cp1252"), "maraudes.csv")))
    met = list(Encounter.objects.order_by("at").values_list("persons", "contacts", "given", "association"))
    assert met == [(3, 3, ["food", "blanket"], cast.maraude.pk), (0, 0, [], cast.maraude.pk)]
    assert found.totals["outcomes"] == {"accepted": 2, "refused": 1}
    assert Encounter.objects.earliest("at").at.astimezone().isoformat().startswith("2025-11-13T")
    assert not CellTouch.objects.exists() and Evidence.objects.exists()


def test_a_workbook_is_imported_like_a_text_table(cast: Cast, signed_in: SignedIn) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in csv.reader(io.StringIO(CRISIS_MAP)):
        sheet.append([f"'{cell}" if cell.startswith("=") else cell for cell in row])
    book.save(out)
    client = signed_in(cast.carol)
    imported(client, checked(client, uploaded(client, out.getvalue(), "map.xlsx")))
    assert Need.objects.count() == 4


def test_the_preview_shows_rows_as_they_will_be_read(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, CRISIS_MAP)
    page = client.get(reverse("mapping:file_import", args=[found.pk])).content.decode()
    assert "Water please" in page and "today" in page and "48.8660, 2.3500" in page
    assert not Need.objects.exists()


def test_undo_leaves_the_map_as_if_nothing_had_been_imported(cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    seen()
    fold.fold_outbox()
    before = stored_states.load("true", [])
    evidence = set(Evidence.objects.values_list("report", flat=True))
    client = signed_in(cast.carol)
    found = imported(client, checked(client, uploaded(client, SHEET, "maraudes.csv")))
    assert Encounter.objects.count() == 3
    client.post(reverse("mapping:import_undo", args=[found.pk]))
    found = step(FileImport.objects.get(pk=found.pk))
    assert found.state == ImportState.UNDONE
    assert Encounter.objects.count() == 1 and not Retraction.objects.exists() and not CellTouch.objects.exists()
    assert set(Evidence.objects.values_list("report", flat=True)) == evidence
    after = stored_states.load("true", [])
    sums = dict(zip(after.cell, after.ac, strict=True))
    for cell, ac in zip(before.cell, before.ac, strict=True):
        assert sums.pop(cell) == pytest.approx(ac, rel=1e-6)
    assert all(abs(ac) < 1e-9 for ac in sums.values())
    again = imported(client, checked(client, uploaded(client, SHEET, "maraudes.csv")))
    assert again.totals["new"] == 2, "the file can be imported again"


def test_the_same_file_twice_adds_nothing_and_a_repeated_step_neither(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    first = imported(client, checked(client, uploaded(client, CRISIS_MAP)))
    assert import_jobs.advance(first.pk) is None
    second = imported(client, checked(client, uploaded(client, CRISIS_MAP)))
    assert second.totals["new"] == 0 and second.totals["outcomes"]["known"] == 5
    assert Need.objects.count() == 4


def test_an_interrupted_run_goes_on_in_the_same_import(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = imported(client, checked(client, uploaded(client, SHEET, "m.csv")))
    run = found.run_id
    FileImport.objects.filter(pk=found.pk).update(state=ImportState.FAILED, problem="long")
    assert "Go on with the import" in client.get(reverse("mapping:file_import", args=[found.pk])).content.decode()
    found = imported(client, FileImport.objects.get(pk=found.pk))
    assert (found.state, found.problem) == (ImportState.FAILED, "files"), "its table is gone after the first run"
    assert found.run_id == run and Encounter.objects.count() == 2
    client.post(reverse("mapping:import_undo", args=[found.pk]))
    assert step(found).state == ImportState.UNDONE and not Encounter.objects.exists()


def test_a_mapping_without_date_or_place_is_refused_and_keeps_what_was_chosen(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, CRISIS_MAP)
    answer = client.post(
        reverse("mapping:import_mapping", args=[found.pk]), form_of(found, date="", address="", latitude="")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose the column with the date." in page and "Choose the column or columns with the place." in page


def test_a_saved_mapping_is_offered_for_the_next_file_of_the_association(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    first = checked(client, uploaded(client, SHEET, "m.csv"), date_order="dmy", kind="presence")
    client.post(reverse("mapping:import_saved", args=[first.pk]), {"then": "save", "name": "Our sheet"})
    second = uploaded(client, SHEET, "n.csv")
    saved = SavedMapping.objects.get(association=cast.maraude)
    assert "Our sheet" in client.get(reverse("mapping:file_import", args=[second.pk])).content.decode()
    client.post(reverse("mapping:import_saved", args=[second.pk]), {"then": "use", "saved": str(saved.pk)})
    second.refresh_from_db()
    assert second.mapping == saved.mapping and second.mapping["kind"] == "presence"
    imported(client, checked(client, second))
    assert CitizenReport.objects.count() == 2


def test_the_encoding_is_corrected_by_hand_and_the_file_read_again(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, "date;lat;lon;besoin\n03/11/2025;48,866;2,35;médical\n".encode("mac_roman"))
    for encoding, word in (("cp850", "mÄdical"), ("mac_roman", "médical")):
        client.post(reverse("mapping:import_mapping", args=[found.pk]), form_of(found, encoding=encoding))
        found.refresh_from_db()
        assert found.state == ImportState.READING
        step(found)
        assert found.state == ImportState.MAPPING and found.encoding == encoding
        assert word in incoming_files.table_path(found).read_text(encoding="utf-8")


def test_an_administrator_imports_for_any_association(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.farid)
    assert upload(client, SHEET, association=cast.other.slug).status_code == 302
    found = step(FileImport.objects.get())
    assert found.association == cast.other
    imported(client, checked(client, found))
    assert set(Encounter.objects.values_list("association", flat=True)) == {cast.other.pk}


# --- attacks -------------------------------------------------------------------------------------------------------


def test_the_log_runs_no_formula_and_repeats_no_content(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = imported(client, checked(client, uploaded(client, CRISIS_MAP)))
    text = incoming_files.log_path(found).read_text()
    for cell in (cell for row in csv.reader(io.StringIO(text)) for cell in row):
        assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")
    for word in ("HYPERLINK", "calc", "06 12", "a@example.org", "48.86", "Rue A"):
        assert word not in text


def test_another_association_finds_nothing_of_an_import(cast: Cast, city: City, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    found = checked(carol, uploaded(carol, CRISIS_MAP))
    stranger = signed_in(cast.edith)
    for name in ("file_import", "import_log"):
        assert stranger.get(reverse(f"mapping:{name}", args=[found.pk])).status_code == 404
    for name in ("import_mapping", "import_saved", "import_run", "import_undo", "import_discard"):
        assert stranger.post(reverse(f"mapping:{name}", args=[found.pk]), form_of(found)).status_code == 404
    assert upload(carol, SHEET, association=cast.other.slug).status_code == 422
    found.refresh_from_db()
    assert found.state == ImportState.CHECKED and FileImport.objects.count() == 1


def test_a_zip_bomb_is_refused_with_a_cure(cast: Cast, signed_in: SignedIn) -> None:
    from tests.needs.importers.any_table.test_any_table import _zip_bomb

    client = signed_in(cast.carol)
    found = uploaded(client, _zip_bomb(), "bomb.xlsx")
    assert (found.state, found.problem) == (ImportState.FAILED, "bomb")
    page = client.get(reverse("mapping:file_import", args=[found.pk])).content.decode()
    assert "unpacks to far more than its size" in page
    client.post(reverse("mapping:import_discard", args=[found.pk]))
    assert not FileImport.objects.exists() and not incoming_files.folder_of(found.pk).exists()


def test_a_flood_of_files_is_stopped(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    for _each in range(incoming_files.MOST_UNFINISHED):
        assert upload(client, SHEET).status_code == 302
    refused = upload(client, SHEET)
    assert refused.status_code == 422 and "still unfinished" in refused.content.decode()
    FileImport.objects.update(state=ImportState.DONE)
    for _each in range(incoming_files.MOST_A_DAY - incoming_files.MOST_UNFINISHED):
        assert upload(client, SHEET).status_code == 302
        FileImport.objects.update(state=ImportState.DONE)
    assert "Try again tomorrow" in upload(client, SHEET).content.decode()


def test_nothing_runs_without_a_dry_run_and_no_column_is_invented(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, CRISIS_MAP)
    client.post(reverse("mapping:import_run", args=[found.pk]))
    found.refresh_from_db()
    assert found.state == ImportState.MAPPING
    answer = client.post(reverse("mapping:import_mapping", args=[found.pk]), form_of(found, text="../../etc/passwd"))
    assert answer.status_code == 422


def test_every_step_is_in_the_audit_log(
    cast: Cast, signed_in: SignedIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = signed_in(cast.carol)
    with django_capture_on_commit_callbacks(execute=True):
        found = imported(client, checked(client, uploaded(client, SHEET, "m.csv")))
        client.post(reverse("mapping:import_undo", args=[found.pk]))
        step(found)
    verbs = AuditEntry.objects.filter(kind="import").order_by("seq").values_list("verb", "actor")
    assert list(verbs) == [
        (Verb.DATA_IMPORTED, cast.carol.key), (Verb.DATA_IMPORTED, cast.carol.key), (Verb.IMPORT_UNDONE, cast.carol.key),
    ]  # fmt: skip


# --- files ---------------------------------------------------------------------------------------------------------


def test_the_uploaded_file_is_deleted_after_the_import_and_old_ones_by_the_schedule(
    cast: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(cast.carol)
    found = imported(client, checked(client, uploaded(client, SHEET, "m.csv")))
    assert sorted(path.name for path in incoming_files.folder_of(found.pk).iterdir()) == ["log.csv"]
    waiting = uploaded(client, SHEET, "n.csv")
    later = timezone.now() + timedelta(days=8)
    runner.run(later)
    assert not incoming_files.folder_of(found.pk).exists() and not incoming_files.folder_of(waiting.pk).exists()
    assert list(FileImport.objects.values_list("pk", flat=True)) == [found.pk]


@pytest.mark.data
@pytest.mark.repetition  # tests/needs/importers/test_real_data.py imports the whole file
@pytest.mark.skipif(not settings.DATA_DIR, reason="SOLIDARITY_DATA names no folder with the real data sets")
def test_the_haiti_download_comes_in_by_the_page(cast: Cast, signed_in: SignedIn) -> None:
    path = Path(settings.DATA_DIR or ".") / "haiti_ushahidi" / "Haiti_contacts_replaced.csv"
    client = signed_in(cast.carol)
    found = checked(client, uploaded(client, path.read_bytes(), path.name), time_zone="America/Port-au-Prince")
    assert sum(found.totals["outcomes"].values()) == 3593
    assert found.totals["outcomes"].get("refused", 0) < 20, "places outside the territory keep their words"
    assert found.totals["reasons"]["phone_in_text"] > 100
