"""Restore of a back-up into an empty database, with verification."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command

from solidarity.ops.backups import backup_archive, database_dump
from solidarity.ops.deployment import migrating
from volunteers.people.audit.models import AuditHead


@dataclass(frozen=True, slots=True)
class Restored:
    """A finished restore. rows: number of rows in all tables. files: number of media files."""

    made_at: str
    rows: int
    files: int


def restore(file: Path, identity: Path | None, *, force: bool = False) -> Restored:
    """Load a back-up in one transaction, compare row counts, migrate, verify the audit log, and apply retention and
    later erasures. Raise Unsafe.

    force: if True, delete the content of the database, and accept a back-up made with other keys.
    """
    if not file.is_file():
        raise backup_archive.Unsafe(f"There is no file {file}.")
    folder = Path(settings.BACKUP_ROOT)
    backup_archive.keep_closed(folder)
    with backup_archive.workshop(folder) as work:
        manifest = backup_archive.unpack(file, work, identity)
        _check(manifest, force)
        database_dump.empty()
        database_dump.load(work / backup_archive.DUMP)
        if (found := database_dump.counts()) != manifest["rows"]:
            wrong = [table for table, rows in manifest["rows"].items() if found.get(table) != rows]
            raise backup_archive.Unsafe(f"Rows are missing after the restore, in: {', '.join(wrong)}.")
        if AuditHead.objects.filter(pk=1).values("seq", "hash").first() != manifest["audit"]:
            raise backup_archive.Unsafe("The audit log does not end where the back-up says.")
        files = _bring_media(work / backup_archive.MEDIA)
        _join_erasures(work / backup_archive.ERASURES)
    try:
        migrating.migrate(lambda _line: None)
    except migrating.MigrationRefused as refusal:
        raise backup_archive.Unsafe(str(refusal)) from None
    try:
        call_command("verify_audit", "--after-restore")
    except CommandError as fault:
        raise backup_archive.Unsafe(str(fault)) from None
    call_command("retention", after_restore=True)
    return Restored(manifest["made_at"], sum(manifest["rows"].values()), files)


def _check(manifest: dict, force: bool) -> None:
    steps = {(app, name) for app, _, name in (each.partition(".") for each in manifest["migrations"])}
    if newer := sorted(steps - migrating.known()):
        raise backup_archive.Unsafe(
            f"The back-up comes from a newer version of this program ({'.'.join(newer[0])}). Update first."
        )
    try:
        migrating.refuse_between(steps)
    except migrating.MigrationRefused as refusal:
        raise backup_archive.Unsafe(str(refusal)) from None
    if force:
        return
    other = [name for name, mark in manifest["keys"].items() if backup_archive.fingerprint(name) != mark]
    if other:
        names = " and ".join(f"SOLIDARITY_{name}" for name in other)
        raise backup_archive.Unsafe(
            f"The back-up was made with another {names}. Encrypted data would be unreadable, and links would not work. "
            "Set the old value, or use FORCE=1."
        )
    if not database_dump.is_empty():
        raise backup_archive.Unsafe("The database is not empty. FORCE=1 deletes its content and restores the back-up.")


def _bring_media(source: Path) -> int:
    """Replace the media files by the files in the back-up and return their number."""
    if not source.is_dir():
        return 0
    settings.MEDIA_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in source.iterdir():
        target = settings.MEDIA_ROOT / path.name
        if target.is_dir():
            shutil.rmtree(target)
        shutil.move(path, target)
    moved = [
        settings.MEDIA_ROOT / path for path in settings.MEDIA_ROOT.iterdir() if path.name not in backup_archive.LEFT_OUT
    ]
    return sum(sum(each.is_file() for each in path.rglob("*")) if path.is_dir() else 1 for path in moved)


def _join_erasures(source: Path) -> None:
    """Add erasures that are only in the back-up's list to our list."""
    if not source.is_file():
        return
    own = backup_archive.erasures_file()
    there = own.read_text().splitlines() if own.is_file() else []
    missing = [line for line in source.read_text().splitlines() if line not in set(there)]
    own.parent.mkdir(parents=True, exist_ok=True)
    with own.open("a") as file:
        file.writelines(f"{line}\n" for line in missing)
