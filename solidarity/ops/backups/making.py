"""Creation of a back-up and deletion of old back-ups."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from solidarity.ops.backups import backup_archive, database_dump
from volunteers.people.audit import recording, verbs
from volunteers.people.audit.models import AuditHead

NAME = "solidarity-%Y%m%dT%H%M%SZ.tar"
RECENT = timedelta(hours=6)
"""If a back-up is newer than this, no nightly back-up is made. So a repeated task makes no second back-up."""


@dataclass(frozen=True, slots=True)
class Made:
    """A finished back-up. rows: number of rows in all tables. deleted: the old back-ups that were removed."""

    file: Path
    rows: int
    encrypted: bool
    deleted: list[Path]


def make(now: datetime | None = None) -> Made:
    """Write a back-up to settings.BACKUP_ROOT, delete those older than settings.BACKUP_DAYS, and audit this. Raise
    Unsafe."""
    made = write(now)
    audit(made)
    return made


def make_nightly() -> Made | None:
    """Make a back-up, unless nightly back-ups are switched off or a recent back-up exists. Raise Unsafe."""
    if settings.DEMO or not settings.BACKUP_NIGHTLY:
        return None
    last = newest()
    return None if last and timezone.now() - last < RECENT else make()


def audit(made: Made) -> None:
    """Store an entry of the audit log about a finished back-up."""
    details = {"rows": made.rows, "encrypted": made.encrypted, "deleted": len(made.deleted)}
    recording.record(None, verbs.Verb.BACKED_UP, "backup", purpose=verbs.Purpose.UPKEEP, details=details)


def write(now: datetime | None = None) -> Made:
    """Write a back-up without an entry in the audit log, because the table of that log can be of an earlier version
    before an upgrade.

    Read no other table through a model, for the same reason. Raise Unsafe.
    """
    moment = (now or timezone.now()).astimezone(tz=timezone.get_fixed_timezone(0))
    folder = Path(settings.BACKUP_ROOT)
    backup_archive.keep_closed(folder)
    recipient = settings.BACKUP_KEY
    if recipient:
        backup_archive.recipient_of(recipient)  # an invalid key raises here, before anything is dumped
    target = folder / (moment.strftime(NAME) + (backup_archive.AGE if recipient else ""))
    if target.exists():
        raise backup_archive.Unsafe(f"{target} already exists.")
    with backup_archive.workshop(folder) as work:
        dump = work / backup_archive.DUMP
        with database_dump.snapshot() as seen:
            rows = database_dump.counts()
            manifest: dict[str, Any] = {
                "format": backup_archive.FORMAT,
                "made_at": moment.isoformat(timespec="seconds"),
                "rows": rows,
                "migrations": database_dump.migrations(),
                "keys": {name: backup_archive.fingerprint(name) for name in backup_archive.KEYS},
                "audit": AuditHead.objects.filter(pk=1).values("seq", "hash").first(),
            }
            database_dump.dump(dump, seen)
        manifest["dump"] = backup_archive.sum_of(dump)
        backup_archive.pack(target, manifest, dump, recipient)
    return Made(target, sum(rows.values()), bool(recipient), _drop_old(folder, moment))


def newest() -> datetime | None:
    """Return the creation time of the newest back-up in settings.BACKUP_ROOT; None if there is no back-up. Raise
    OSError."""
    return max(_dated(Path(settings.BACKUP_ROOT)).values(), default=None)


def _drop_old(folder: Path, now: datetime) -> list[Path]:
    """Delete back-ups older than BACKUP_DAYS, by the datetime in their names."""
    oldest = now - timedelta(days=settings.BACKUP_DAYS)
    gone = [path for path, made in _dated(folder).items() if made < oldest]
    for path in gone:
        path.unlink()
    return gone


def _dated(folder: Path) -> dict[Path, datetime]:
    """Return the back-ups of a folder and their creation times, taken from the datetime in their names."""
    found = {}
    for path in sorted(folder.glob("solidarity-*.tar*")):
        with suppress(ValueError):
            found[path] = datetime.strptime(path.name.removesuffix(backup_archive.AGE), NAME).replace(tzinfo=UTC)
    return found
