"""Uploaded files: the right to import, limits, the folders of the files, and their deletion."""

import logging
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mapping.out.file_imports.models import WORKING, FileImport, FileSubject, ImportState
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.late_task import LateTask
from volunteers.models import Association, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

log = logging.getLogger(__name__)
_ADVANCE = LateTask("mapping.tasks.advance_import")

MOST_BYTES = 200 << 20
MOST_A_DAY, MOST_UNFINISHED = 20, 5  # files of an association per day
FILES_KEPT = timedelta(days=7)
ENDED = (ImportState.DONE, ImportState.UNDONE)


class TooMany(ValueError):
    """The association has uploaded too many files. The message says when to try again."""


TOO_MANY_A_DAY: str | Promise = _("Your association has uploaded 20 files today. Try again tomorrow.")
TOO_MANY_OPEN: str | Promise = _("Five files are still unfinished. Finish or discard one of them first.")


# --- who may ------------------------------------------------------------------------------------------------------


def associations_of(viewer: Viewer) -> QuerySet[Association]:
    """Return the associations for which the viewer may import: the associations for which they dispatch; all for
    administrators.

    Raise Http404 if there are none, or if the viewer uses “view as”.
    """
    user = viewer.user_or_404
    if viewer.view_as is not None:
        raise Http404
    if user.is_administrator:
        return Association.objects.all()
    mine = Association.objects.filter(pk__in=Membership.objects.dispatching().filter(user=user).values("association"))
    if not mine.exists():
        raise Http404
    return mine


def territories_of(viewer: Viewer) -> QuerySet[Territory]:
    """Return the territories for which the viewer may import reports: the territories in which they dispatch or that
    they coordinate."""
    mine = Territory.objects.dispatched_by(viewer).values("pk")
    coordinated = Territory.objects.coordinated_by(viewer).values("pk")
    return Territory.objects.filter(pk__in=mine.union(coordinated)).defer("polygon").order_by("path")


def imports_of(viewer: Viewer) -> QuerySet[FileImport]:
    return FileImport.objects.filter(association__in=associations_of(viewer).values("pk")).select_related(
        "association", "territory", "author"
    ).defer("territory__polygon")  # fmt: skip


def import_for(viewer: Viewer, key: UUID) -> FileImport:
    """Return an import of the viewer's associations; raise Http404 otherwise."""
    return get_object_or_404(imports_of(viewer), pk=key)


# --- files --------------------------------------------------------------------------------------------------------


def folder_of(key: UUID) -> Path:
    return Path(settings.MEDIA_ROOT) / "file-imports" / str(key)


def upload_path(found: FileImport) -> Path:
    return folder_of(found.pk) / "upload"


def table_path(found: FileImport) -> Path:
    return folder_of(found.pk) / "table.csv"


def log_path(found: FileImport) -> Path:
    return folder_of(found.pk) / "log.csv"


def receive(
    file: UploadedFile, association: Association, territory: Territory, author: User, subject: str = FileSubject.REPORTS
) -> FileImport:
    """Store an uploaded file and let a worker read it. Raises TooMany."""
    with transaction.atomic():
        lock([f"file imports {association.pk}"])
        ours = FileImport.objects.filter(association=association)
        if ours.filter(made_at__gt=timezone.now() - timedelta(days=1)).count() >= MOST_A_DAY:
            raise TooMany(str(TOO_MANY_A_DAY))
        if ours.exclude(state__in=ENDED).count() >= MOST_UNFINISHED:
            raise TooMany(str(TOO_MANY_OPEN))
        found = FileImport.objects.create(
            association=association,
            territory=territory,
            author=author,
            subject=subject,
            file_name=Path(file.name or "table").name[:200],
            size=file.size or 0,
            language=translation.get_language() or settings.LANGUAGE_CODE,
        )
        folder_of(found.pk).mkdir(parents=True, mode=0o700)
        with upload_path(found).open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
        note(author, Verb.DATA_IMPORTED, found, step="upload")
        transaction.on_commit(partial(send, found.pk))
    return found


def send(key: UUID) -> None:
    """Queue an import. If the broker is unreachable, log the error; :func:`import_jobs.resume` queues the import again."""
    try:
        _ADVANCE.delay(str(key))
    except Exception:
        log.warning("The broker is unreachable; the schedule will queue the import again.")


def note(user: User | None, verb: Verb, found: FileImport, **details: Any) -> None:
    """Record an action on an import in the audit log."""
    recording.record(
        user, verb, "import", found.pk, purpose=Purpose.STATISTICS, scope=found.territory.slug, details=details
    )


def discard(found: FileImport) -> bool:
    """Delete an import that has stored no reports or places, with its files. Return False if it cannot be discarded
    now."""
    removed, _rows = FileImport.objects.filter(pk=found.pk, run=None).exclude(state__in=WORKING).delete()
    if removed:
        shutil.rmtree(folder_of(found.pk), ignore_errors=True)
    return bool(removed)


def delete_tables(found: FileImport) -> None:
    """Delete the uploaded file and its plain table; the row log stays."""
    for path in (upload_path(found), table_path(found)):
        path.unlink(missing_ok=True)


def _due(now: datetime) -> Iterable[Path]:
    root = Path(settings.MEDIA_ROOT) / "file-imports"
    limit = (now - FILES_KEPT).timestamp()
    return [path for path in (root.iterdir() if root.is_dir() else ()) if path.stat().st_mtime < limit]


def count_old(now: datetime) -> int:
    """Return the number of folders of uploaded files that are older than FILES_KEPT."""
    return len(list(_due(now)))


def drop_old(now: datetime) -> int:
    """Delete the files of old imports, and the imports among them that were never finished. Return their number."""
    folders = list(_due(now))
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    FileImport.objects.filter(made_at__lt=now - FILES_KEPT, run=None).delete()
    return len(folders)
