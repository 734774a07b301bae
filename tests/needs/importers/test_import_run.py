"""Import runs: every row has an outcome, nothing is stored twice, and a bad row stops no other."""

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mapping.coverage.cells import cell_states, stored_states
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.models import CellState, CellTouch, Evidence, Recompute, evidence_day
from needs.enums import Outcome
from needs.models import CitizenReport, ImportRun, Need, NeedStep
from tests.support import Cast

HEAD = ["CreatedDate", "RequestSource", "Latitude", "Longitude"]
GOOD = [["2025-11-03 10:00:00", "Call", "48.866", "2.350"], ["2025-11-04 11:00:00", "Call", "48.867", "2.351"]]


def write(path: Path, rows: list[list[str]], head: list[str] = HEAD) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def bring(path: Path, *more: str, profile: str = "la311", ledger: Path | None = None) -> str:
    out = io.StringIO()
    target = ledger or path.with_suffix(".ledger.csv")
    call_command(
        "import_reports", str(path), "--profile", profile, "--association", "maraude-du-nord", "--territory", "ville",
        "--ledger", str(target), *more, stdout=out,
    )  # fmt: skip
    return out.getvalue()


def ledger_of(path: Path) -> list[dict[str, str]]:
    with path.with_suffix(".ledger.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_ledger_has_every_row_and_the_totals_balance(cast: Cast, tmp_path: Path) -> None:
    bad = [["", "Call", "48.866", "2.350"], ["2025-11-03 10:00:00", "Call", "", ""], ["too", "short"]]
    path = write(tmp_path / "calls.csv", [*GOOD, *bad, GOOD[0], ["2025-11-05 10:00:00", "Call", "2.35", "48.86"]])
    said = bring(path)
    run = ImportRun.objects.get()
    assert (run.rows, run.accepted, run.repaired, run.refused, run.known) == (7, 3, 1, 3, 0)
    assert "7 rows = 3 accepted + 1 repaired + 3 refused + 0 already known" in said
    rows = ledger_of(path)
    assert [int(row["row"]) for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert Counter(row["outcome"] for row in rows) == {"accepted": 3, "repaired": 1, "refused": 3}
    assert [row["reasons"].split(":")[0] for row in rows] == [
        "", "", "no_date", "no_coordinates", "broken_row", "same_again", "coordinates_exchanged",
    ]  # fmt: skip
    stored = {str(key) for key in CitizenReport.objects.values_list("pk", flat=True)}
    assert {row["report"] for row in rows if row["report"]} == stored
    assert run.notes["reasons"]["no_date"] == 1
    assert set(CitizenReport.objects.values_list("run", flat=True)) == {run.pk}


def test_the_ledger_is_in_the_media_folder_and_has_no_place(cast: Cast, tmp_path: Path, own_media: Path) -> None:
    path = write(tmp_path / "calls.csv", GOOD)
    call_command(
        "import_reports", str(path), "--profile", "la311", "--association", "maraude-du-nord", "--territory", "ville",
        stdout=io.StringIO(),
    )  # fmt: skip
    run = ImportRun.objects.get()
    text = (own_media / "imports" / f"{run.pk:06d}-calls.csv").read_text()
    assert text.count("accepted") == 2 and "48.86" not in text


def test_the_same_file_twice_adds_nothing(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path / "calls.csv", [*GOOD, GOOD[0]])
    bring(path)
    before = list(CitizenReport.objects.order_by("pk").values())
    state = list(CellState.objects.order_by("cell").values_list("cell", "ac"))
    bring(path)
    assert list(CitizenReport.objects.order_by("pk").values()) == before
    assert [row["outcome"] for row in ledger_of(path)] == ["known"] * 3
    assert ImportRun.objects.order_by("pk").last().known == 3  # type: ignore[union-attr]
    assert not CellTouch.objects.exists()
    assert state == list(CellState.objects.order_by("cell").values_list("cell", "ac"))


def test_an_overlapping_file_adds_only_what_is_new(cast: Cast, tmp_path: Path) -> None:
    bring(write(tmp_path / "one.csv", GOOD))
    path = write(tmp_path / "two.csv", [GOOD[1], ["2025-12-01 09:00:00", "Call", "48.868", "2.352"]])
    bring(path)
    assert [row["outcome"] for row in ledger_of(path)] == ["known", "accepted"]
    assert CitizenReport.objects.count() == 3


def test_a_dry_run_reports_the_same_and_stores_nothing(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path / "calls.csv", [*GOOD, ["", "Call", "48.866", "2.350"]])
    assert "2 accepted + 0 repaired + 1 refused" in bring(path, "--dry-run")
    dry = ledger_of(path)
    assert not (CitizenReport.objects.exists() or ImportRun.objects.exists() or CellTouch.objects.exists())
    bring(path)
    assert ledger_of(path) == dry
    bring(path, "--dry-run")
    assert [row["outcome"] for row in ledger_of(path)] == ["known", "known", "refused"]


def test_folding_few_reports_and_recomputing_many_give_the_same_state(cast: Cast, tmp_path: Path) -> None:
    rows = [[f"2026-{1 + n % 9:02d}-{1 + n % 27:02d} 1{n % 10}:00:00", "Call", f"{48.851 + n % 23 / 1000}", f"{2.331 + n % 37 / 1000}"]
            for n in range(300)]  # fmt: skip
    bring(write(tmp_path / "few.csv", rows))
    assert not CellTouch.objects.exists()
    folded = stored_states.load("true", [])
    rebuild.recompute_all(rebuild=True)
    grounds = cell_states.territory_params_of()
    computed = stored_states.load("true", [])
    day = evidence_day(ImportRun.objects.get().started_at) + 1
    assert reconciliation.largest_difference(folded, computed, grounds, day) < 1e-9
    assert folded.ac.sum() > 0


def test_a_large_import_recomputes_everything_and_leaves_an_empty_outbox(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "BATCH", 300)
    rows = [[f"2026-11-{1 + n % 20:02d} 1{n % 10}:{n % 60:02d}:00", "Call", f"{48.851 + n / 100000}", f"{2.331 + n % 37 / 1000}"]
            for n in range(305)]  # fmt: skip
    bring(write(tmp_path / "many.csv", rows))
    assert CitizenReport.objects.count() == 305
    assert Recompute.objects.filter(job="import").exists()
    assert not CellTouch.objects.exists()
    difference = reconciliation.reconcile().difference
    assert difference is not None and difference < 1e-9
    assert CellState.objects.filter(ac__gt=0).exists()


def test_a_row_refused_by_the_database_does_not_stop_its_batch(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from needs.reports.importers import import_run

    whole = import_run.row_of

    def row_of(draft: Any, state: str, extra: Any) -> dict[str, Any]:
        row = whole(draft, state, extra)
        return row | {"persons": 99999} if draft.place.latitude == 48.867 else row

    monkeypatch.setattr(import_run, "row_of", row_of)
    path = write(tmp_path / "calls.csv", GOOD)
    bring(path)
    assert [row["outcome"] for row in ledger_of(path)] == ["accepted", "refused"]
    assert ledger_of(path)[1]["reasons"].startswith("not_stored")
    assert CitizenReport.objects.count() == 1


USHAHIDI = ["Serial", "INCIDENT TITLE", "INCIDENT DATE", "LOCATION", "DESCRIPTION", "CATEGORY", "LATITUDE", "LONGITUDE",
            "APPROVED", "VERIFIED"]  # fmt: skip


def incident(serial: int, **more: str) -> list[str]:
    row = {"Serial": str(serial), "INCIDENT TITLE": "Eau", "INCIDENT DATE": "23/01/2025 14:05", "LOCATION": "rue du Nord",
           "DESCRIPTION": f"De l'eau\npour {serial}", "CATEGORY": "2b. eau, ", "LATITUDE": "48.866", "LONGITUDE": "2.35",
           "APPROVED": "YES", "VERIFIED": "NO"} | more  # fmt: skip
    return [row[name] for name in USHAHIDI]


def test_needs_get_a_first_step_and_a_link_and_unapproved_needs_are_no_evidence(cast: Cast, tmp_path: Path) -> None:
    rows = [incident(1), incident(2, APPROVED="NO"), incident(3, LATITUDE="10", LONGITUDE="10")]
    bring(write(tmp_path / "map.csv", rows, USHAHIDI), profile="ushahidi2")
    assert [(need.reference, need.state) for need in Need.objects.order_by("reference")] == [
        ("1", "new"), ("2", "held"), ("3", "new"),
    ]  # fmt: skip
    assert NeedStep.objects.count() == 3
    assert all(Need.objects.values_list("follow_hash", flat=True))
    far = Need.objects.get(reference="3")
    assert far.point is None and far.cell is None and far.place_text == "rue du Nord"
    assert [row.cell for row in Evidence.objects.all()] == [Need.objects.get(reference="1").cell]


def test_a_known_number_with_other_content_is_refused(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path / "map.csv", [incident(1), incident(1), incident(1, LOCATION="rue du Sud")], USHAHIDI)
    bring(path, profile="ushahidi2")
    assert [(row["outcome"], row["reasons"].split(":")[0]) for row in ledger_of(path)] == [
        ("accepted", ""), ("known", "number_twice"), ("refused", "other_content"),
    ]  # fmt: skip
    assert Need.objects.get().place_text == "rue du Nord"
    again = write(tmp_path / "again.csv", [incident(1, LOCATION="rue du Sud")], USHAHIDI)
    bring(again, profile="ushahidi2")
    assert ledger_of(again)[0]["reasons"].startswith("other_content")


def test_an_archive_is_exempt_from_retention_and_in_no_queue(cast: Cast, tmp_path: Path) -> None:
    bring(write(tmp_path / "map.csv", [incident(1)], USHAHIDI), "--archive", profile="ushahidi2")
    need = Need.objects.get()
    assert need.archive and need.state == "expired"
    assert not Need.objects.unfinished().exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--association": "nobody"}, "no association 'nobody'"),
        ({"--territory": "nowhere"}, "no territory 'nowhere'"),
        ({"--time-zone": "Mars/Base"}, "no time zone 'Mars/Base'"),
        ({"--profile": "ushahidi2"}, "lacks the columns Serial"),
    ],
)
def test_missing_inputs_get_a_clear_message(cast: Cast, tmp_path: Path, change: dict[str, str], message: str) -> None:
    path = write(tmp_path / "calls.csv", GOOD)
    options = {"--profile": "la311", "--association": "maraude-du-nord", "--territory": "ville"} | change
    with pytest.raises(CommandError, match=message):
        call_command("import_reports", str(path), *(part for pair in options.items() for part in pair))
    with pytest.raises(CommandError, match="No such file"):
        bring(tmp_path / "absent.csv")
    assert not ImportRun.objects.exists()


def test_the_totals_of_a_run_always_balance(cast: Cast, tmp_path: Path) -> None:
    bring(write(tmp_path / "calls.csv", [*GOOD, ["x"], GOOD[0]]))
    bring(write(tmp_path / "calls.csv", [*GOOD, ["x"], GOOD[0]]))
    for run in ImportRun.objects.all():
        assert run.rows == sum(getattr(run, str(outcome)) for outcome in Outcome)
        assert run.finished_at is not None and len(run.file_hash) == 64


def test_possible_personal_data_is_counted_and_every_row_is_imported(cast: Cast, tmp_path: Path) -> None:
    head = ["Serial", "INCIDENT TITLE", "INCIDENT DATE", "LOCATION", "DESCRIPTION", "CATEGORY", "LATITUDE", "LONGITUDE",
            "APPROVED", "VERIFIED"]  # fmt: skip
    rows = [
        ["1", "Needs water", "14/01/2010 10:00", "Nord", "Call Karim on +33 6 12 34 56 78", "2b. Water", "48.866", "2.350",
         "YES", "NO"],
        ["2", "Needs food", "15/01/2010 10:00", "Nord", "two tents by the canal", "2a. Food", "48.866", "2.351", "YES", "NO"],
    ]  # fmt: skip
    said = bring(write(tmp_path / "calls.csv", rows, head), profile="ushahidi2")
    run = ImportRun.objects.get()
    assert (run.rows, run.accepted + run.repaired, run.refused) == (2, 2, 0)
    assert run.notes["pii"] == {"name": 1, "phone": 1}
    assert "pii: {" in said
