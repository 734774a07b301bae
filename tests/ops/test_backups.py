"""Back-ups are made, encrypted, and deleted on time. A restore into an empty cluster is verified and applies
retention."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from mapping.coverage.folding import fold
from mapping.models import CellState, Parameters
from needs.doors.retention import erasure
from needs.enums import ReportKind
from needs.models import Encounter
from solidarity.local import settings_file
from solidarity.local.checkout import Checkout
from solidarity.local.services import data_dirs
from solidarity.local.services.running_services import Stores
from solidarity.ops import tasks as ops_tasks
from solidarity.ops.backups import backup_archive, database_dump, making
from solidarity.ops.backups.making import make
from solidarity.ops.backups.restoring import restore
from tests.conftest import environment
from tests.support import Cast, Seen
from volunteers.people.audit import recording, verbs
from volunteers.people.audit.models import AuditEntry

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    root = tmp_path / "backups"
    settings.BACKUP_ROOT = root
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    return root


@pytest.fixture
def age(settings: Settings, tmp_path: Path) -> Path:
    """Encrypt back-ups; return the file with the private key."""
    identity = pyrage.x25519.Identity.generate()
    settings.BACKUP_KEY = str(identity.to_public())
    path = tmp_path / "identity.txt"
    path.write_text(f"# made for a test\n{identity}\n")
    return path


@pytest.fixture
def empty_cluster() -> Iterator[dict[str, str]]:
    """The settings of a new, empty PostgreSQL cluster."""
    state = Path(tempfile.mkdtemp(prefix="sol-"))
    state.chmod(0o755)
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(("SOLIDARITY_DB_",))}
    try:
        checkout = Checkout(ROOT, state)
        stores = Stores(checkout, "test")
        with stores.serving(state / "env"):
            yield settings_file.read(state / "env")
    finally:
        os.environ.update(kept)
        data_dirs.remove(checkout, "test")
        shutil.rmtree(state)


def ask(where: dict[str, str], question: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(
        host=where["SOLIDARITY_DB_HOST"], port=where["SOLIDARITY_DB_PORT"], user=where["SOLIDARITY_DB_USER"],
        dbname=where["SOLIDARITY_DB_NAME"],
    )  # fmt: skip
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    finally:
        connection.close()


@pytest.mark.django_db
def test_the_nightly_task_makes_one_back_up_a_night_and_none_in_a_demonstration(
    folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def write() -> making.Made:
        written.append(folder / timezone.now().strftime(making.NAME))
        backup_archive.keep_closed(folder)
        written[-1].touch()
        return making.Made(written[-1], 0, False, [])

    monkeypatch.setattr(making, "write", lambda _now=None: write())
    settings.DEMO = True
    assert ops_tasks.back_up() == "" and written == []
    settings.DEMO = False
    assert ops_tasks.back_up() == written[0].name
    assert AuditEntry.objects.filter(verb=verbs.Verb.BACKED_UP).count() == 1
    assert ops_tasks.back_up() == "" and len(written) == 1, "a task that is delivered twice makes no second back-up"
    written[0].rename(folder / (timezone.now() - timedelta(hours=23)).strftime(making.NAME))
    settings.BACKUP_NIGHTLY = False
    assert ops_tasks.back_up() == ""
    settings.BACKUP_NIGHTLY = True
    assert ops_tasks.back_up() == written[1].name
    assert settings.CELERY_BEAT_SCHEDULE["back-up"]["task"] == ops_tasks.back_up.name


@pytest.mark.xdist_group("setup")
@pytest.mark.django_db(transaction=True)
def test_a_back_up_restores_into_an_empty_cluster_and_what_was_erased_or_grew_old_is_forgotten_again(
    cast: Cast, seen: Seen, folder: Path, age: Path, empty_cluster: dict[str, str], own_broker: str, own_media: Path,
    tmp_path: Path, settings: Settings,
) -> None:  # fmt: skip
    fresh = seen(persons=3)
    seen(persons=4, hours_ago=60)
    unwanted = seen(persons=2, lat=48.87)
    fold.fold_outbox()
    recording.record(cast.diane, verbs.Verb.REPORT_MADE, "report", 1, purpose=verbs.Purpose.STATISTICS)
    photo = own_media / "photos" / "one.jpg"
    photo.parent.mkdir(exist_ok=True)
    photo.write_bytes(b"a picture")
    # When the back-up was made, these reports had an exact place. Now they are older than 72 hours.
    Encounter.objects.exclude(pk__in=[fresh.id, unwanted.id]).update(
        at=timezone.now() - timedelta(hours=80), filed_at=timezone.now() - timedelta(hours=80)
    )
    assert Encounter.objects.exclude(point=None).count() == 3
    cells = sorted(CellState.objects.values_list("cell", "a"))
    made = make()
    assert made.encrypted and made.file.suffix == ".age"
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert b"a picture" not in made.file.read_bytes()
    assert list(folder.iterdir()) == [made.file], "unencrypted pieces are left"
    rows = database_dump.counts()
    erasure.erase_report(ReportKind.ENCOUNTER, unwanted.id, by=None, by_owner=True)  # after the back-up was made

    state = tmp_path / "elsewhere"
    there = environment(own_broker, state / "media") | empty_cluster | {
        "SOLIDARITY_STATE": str(state),
        "SOLIDARITY_BACKUP_IDENTITY": str(age),
        "SOLIDARITY_ERASURES_FILE": str(settings.ERASURES_FILE),
        "SOLIDARITY_INSTALL": "0",
    }  # fmt: skip
    for name in ("SOLIDARITY_AUDIT_ANCHOR", "SOLIDARITY_BACKUP_ROOT"):
        there.pop(name, None)
    command = [sys.executable, "manage.py", "restore", str(made.file)]
    done = subprocess.run(command, cwd=ROOT, env=there, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The audit log is intact" in done.stdout
    assert "verified" in done.stdout

    there_rows = {table: int(ask(empty_cluster, f'SELECT count(*) FROM "{table}"')[0][0]) for table in rows}
    grown = {"volunteers_auditentry", "needs_encounter", "needs_erasure", "mapping_celltouch"}
    grown |= {table for table in rows if "retention" in table}
    assert {table for table in rows if there_rows[table] != rows[table]} <= grown
    assert sorted(ask(empty_cluster, "SELECT cell, a FROM mapping_cellstate")) == cells
    assert there_rows["needs_encounter"] == rows["needs_encounter"] - 1
    assert ask(empty_cluster, "SELECT id::text FROM needs_encounter WHERE point IS NOT NULL") == [(str(fresh.id),)]
    logged = [verb for (verb,) in ask(empty_cluster, "SELECT verb FROM volunteers_auditentry ORDER BY seq")]
    assert logged[:1] == ["report_made"] and "restored" in logged
    assert (state / "media" / "photos" / "one.jpg").read_bytes() == b"a picture"

    checks = [
        sys.executable,
        "manage.py",
        "shell",
        "--no-imports",
        "-c",
        AFTER_A_RESTORE.replace("FILE", str(made.file)),
    ]
    done = subprocess.run(checks, cwd=ROOT, env=there, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "restored again by force" in done.stdout


AFTER_A_RESTORE = """
import io, json
from django.core.management import CommandError, call_command
out = io.StringIO()
call_command("retention", dry_run=True, json=True, stdout=out)
rules = json.loads(out.getvalue())["rules"]
assert rules and set(rules.values()) == {0}, "the restore has forgotten all that is due"
try:
    call_command("restore", "FILE")
except CommandError as refused:
    assert "not empty" in str(refused), refused
else:
    raise AssertionError("a database that is not empty was overwritten")
call_command("restore", "FILE", force=True)
print("restored again by force")
"""


@pytest.mark.django_db(transaction=True)
def test_without_a_key_it_is_said_that_the_file_is_not_encrypted(
    cast: Cast, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("backup")
    assert "NOT encrypted" in capsys.readouterr().err
    [file] = folder.iterdir()
    with tarfile.open(file) as tar:
        member = tar.extractfile("manifest.json")
        assert member is not None
        manifest = json.loads(member.read())
        assert manifest["rows"]["volunteers_user"] == 7
        assert manifest["keys"].keys() == set(backup_archive.KEYS)
    assert file.stat().st_mode & 0o777 == 0o600
    from volunteers.models import AuditEntry

    assert AuditEntry.objects.get(verb=verbs.Verb.BACKED_UP).details["encrypted"] is False


@pytest.mark.django_db(transaction=True)
def test_old_back_ups_go_and_other_files_stay(folder: Path, parameters: Parameters) -> None:
    now = timezone.now()
    first = make(now - timedelta(days=31))
    second = make(now - timedelta(days=29))
    (folder / "solidarity-notes.tar").touch()
    assert make(now).deleted == [first.file]
    assert not first.file.exists() and second.file.exists()
    assert (folder / "solidarity-notes.tar").exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_unsafe_is_refused(cast: Cast, folder: Path, age: Path, settings: Settings, tmp_path: Path) -> None:
    made = make()
    with pytest.raises(backup_archive.Unsafe, match="SOLIDARITY_BACKUP_IDENTITY"):
        restore(made.file, None)
    other = tmp_path / "other.txt"
    other.write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(backup_archive.Unsafe, match="cannot be decrypted"):
        restore(made.file, other)
    with pytest.raises(backup_archive.Unsafe, match="not empty"):
        restore(made.file, age)
    kept, settings.FIELD_KEY = settings.FIELD_KEY, "another"
    with pytest.raises(backup_archive.Unsafe, match="another SOLIDARITY_FIELD_KEY"):
        restore(made.file, age)
    settings.FIELD_KEY = kept
    changed = bytearray(made.file.read_bytes())
    changed[len(changed) // 2] ^= 1
    damaged = tmp_path / "damaged.tar.age"
    damaged.write_bytes(changed)
    with pytest.raises(backup_archive.Unsafe, match="damaged"):
        restore(damaged, age)
    settings.BACKUP_KEY = "no key"
    with pytest.raises(CommandError, match="SOLIDARITY_BACKUP_KEY"):
        call_command("backup")
    folder.chmod(0o755)
    with pytest.raises(CommandError, match="chmod 700"):
        call_command("backup")
    assert Encounter.objects.count() == 0 and database_dump.counts()["volunteers_user"] == 7, (
        "a refusal changes nothing"
    )


def test_a_file_that_leads_elsewhere_is_not_unpacked(folder: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil.tar"
    with tarfile.open(evil, "w") as tar:
        for name in ("../outside", "/tmp/outside", "media/../../outside"):
            tar.addfile(tarfile.TarInfo(name))
        link = tarfile.TarInfo("media/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(backup_archive.Unsafe):
        backup_archive.unpack(evil, out, None)
    assert not (tmp_path / "outside").exists() and not (out / "media" / "link").exists()


def test_the_list_of_erasures_is_joined_and_never_shortened(folder: Path, settings: Settings, tmp_path: Path) -> None:
    from solidarity.ops.backups import restoring

    source = tmp_path / "from-back-up.jsonl"
    source.write_text("one\ntwo\n")
    settings.ERASURES_FILE.write_text("two\nthree\n")
    restoring._join_erasures(source)
    assert settings.ERASURES_FILE.read_text().split() == ["two", "three", "one"]
    restoring._join_erasures(source)
    assert settings.ERASURES_FILE.read_text().split() == ["two", "three", "one"]
