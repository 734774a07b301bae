"""Files made by a worker: request, creation, progress, download and deletion."""

import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mapping.enums import ExportFormat, ExportKind, ExportState
from mapping.models import Export, ZoneReport
from mapping.out.exports import report_files, row_export, row_formats, row_geopackage
from mapping.out.exports.complete_file import complete_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.field_words import quoting
from solidarity.lib.database import replica
from solidarity.lib.database.advisory_locks import key_of
from solidarity.lib.late_task import LateTask
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer

log = logging.getLogger(__name__)
_MAKE = LateTask("mapping.tasks.make_export")

KEPT = timedelta(days=7)
WAITS = timedelta(seconds=60)  # after this time, a message is assumed to be lost
GIVEN_UP = timedelta(hours=2)
TELL_SECONDS = 0.4  # minimum time between two progress updates

ROW_FORMATS = (*row_formats.FORMATS, ExportFormat.GEOPACKAGE)

# --- request -------------------------------------------------------------------------------------------------------


def ask_for_report_file(report: ZoneReport, format: ExportFormat, author: Any) -> Export:
    """Return a file of a frozen report in the active language. Reuse a file that exists or is being made; otherwise
    request a new one."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    words = quoting.fingerprint(report)
    made = Export.objects.filter(
        kind=ExportKind.ZONES, report=report, format=format, author=author, language=language, words=words
    ).exclude(state=ExportState.FAILED)
    for export in made:
        if export.state != ExportState.DONE or path_of(export).is_file():
            return export
    return _ask(
        Export(
            kind=ExportKind.ZONES,
            format=format,
            report=report,
            territory=report.territory,
            start=report.start,
            end=report.end,
            language=language,
            author=author,
            words=words,
        )
    )


def ask_for_rows(territory: Territory, period: Period, format: ExportFormat, author: Any) -> Export:
    """Request a file with one row for each report of a territory in a period. The worker reads the reports later, when
    it makes the file."""
    return _ask(
        Export(
            kind=ExportKind.REPORTS,
            format=format,
            territory=territory,
            start=period.start,
            end=period.end,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            author=author,
        )
    )


def _ask(export: Export) -> Export:
    with transaction.atomic():
        export.save()
        transaction.on_commit(partial(_send, export.pk))
    return export


def retry(export: Export) -> bool:
    """Request a failed file again; return False if the file had not failed."""
    with transaction.atomic():
        again = Export.objects.filter(pk=export.pk, state=ExportState.FAILED).update(
            state=ExportState.WAITING, error="", done=0, total=0, finished_at=None, made_at=timezone.now()
        )
        if again:
            transaction.on_commit(partial(_send, export.pk))
    return bool(again)


def _send(key: UUID) -> None:
    """Queue the export. If the broker is unreachable, log the error; :func:`resume` queues the export again later."""
    try:
        _MAKE.delay(str(key))
    except Exception:
        log.warning("The broker is unreachable; the schedule will queue the export again.")


# --- what a viewer may see --------------------------------------------------------------------------------------


def reports_of(viewer: Viewer) -> QuerySet[ZoneReport]:
    """Return the zone reports of the territories that the viewer coordinates. The payload of the reports is not
    loaded."""
    return ZoneReport.objects.filter(territory__in=Territory.objects.coordinated_by(viewer).values("pk")).defer(
        "payload"
    )


def report_for(viewer: Viewer, key: UUID) -> ZoneReport:
    """Return the report if the viewer coordinates its territory; raise Http404 otherwise."""
    return get_object_or_404(
        reports_of(viewer).select_related("territory", "author").defer("territory__polygon"), pk=key
    )


def exports_of(viewer: Viewer) -> QuerySet[Export]:
    """Return the viewer's exports of territories that the viewer still coordinates."""
    return Export.objects.filter(
        author=viewer.user_or_404.pk, territory__in=Territory.objects.coordinated_by(viewer).values("pk")
    ).select_related("territory")


def export_for(viewer: Viewer, key: UUID) -> Export:
    """Return the viewer's export if they still coordinate its territory; raise Http404 otherwise."""
    return get_object_or_404(exports_of(viewer).defer("territory__polygon"), pk=key)


def is_outdated(export: Export) -> bool:
    """Whether the teams' words in a finished file differ from those that the report quotes now."""
    return export.state == ExportState.DONE and export.words != quoting.fingerprint(export.report)


# --- creation ------------------------------------------------------------------------------------------------------

_NO_ROOM = gettext_noop("There is no room left on the server's disk. Please tell an administrator.")
_TOO_LONG = gettext_noop("It took too long. Choose a shorter period or a smaller territory.")
_BROKEN = gettext_noop("Something went wrong while the file was made. Please try again.")


def run(key: UUID) -> ExportState | None:
    """Make the file of an export; return the export's state, or None if the export does not exist or another worker is
    making it. Safe to repeat: an existing file stays unchanged, and if a worker died, its file is made again."""
    with _alone(key) as side:
        if side is None:
            return None
        export = Export.objects.select_related("territory", "report").filter(pk=key).first()
        if export is None:
            return None
        if export.state == ExportState.FAILED or (export.state == ExportState.DONE and path_of(export).is_file()):
            return ExportState(export.state)
        Export.objects.filter(pk=key).update(state=ExportState.RUNNING, error="")
        words = quoting.fingerprint(export.report)
        with translation.override(export.language):
            try:
                with complete_file(path_of(export)) as out:
                    total = replica.read(partial(_write, export, ExportFormat(export.format), out, side))
            except row_export.TooManyRows as refusal:
                return _fail(key, str(refusal))
            except SoftTimeLimitExceeded:
                return _fail(key, _(_TOO_LONG))
            except OSError as error:
                _note(key, error)
                return _fail(key, _(_NO_ROOM) if error.errno == 28 else _(_BROKEN))
            except Exception as error:
                _note(key, error)
                return _fail(key, _(_BROKEN))
        Export.objects.filter(pk=key).update(
            state=ExportState.DONE,
            # Words that changed while the file was written may or may not be in it.
            words=words if words == quoting.fingerprint(export.report) else "changed",
            done=total,
            total=total,
            size=path_of(export).stat().st_size,
            finished_at=timezone.now(),
        )
    return ExportState.DONE


@contextmanager
def _alone(key: UUID) -> Iterator[Any]:
    """Yield a second connection, which holds the export's lock; yield None if another connection has the lock."""
    with closing(connection.copy()) as side:
        with side.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key_of(f"export {key}")])
            free = bool(cursor.fetchone()[0])
        yield side if free else None


def _write(export: Export, format: ExportFormat, out: IO[bytes], side: Any) -> int:
    """Write the file from its start, and return the number of its rows."""
    out.seek(0)
    out.truncate()
    if export.report is not None:
        payload = export.report.payload
        total = len(payload["parts"] if export.report.external else payload["zones"])
        _tell(side, export.pk, 0, total)
        report_files.write_file(export.report, format, out)
        return total
    if format == ExportFormat.GEOPACKAGE:
        return row_geopackage.write(
            export.territory, Period(export.start, export.end), out, _Teller(side, export.pk, 0)
        )
    with row_export.selected(export.territory, Period(export.start, export.end)) as chosen:
        total = chosen.count()
        _tell(side, export.pk, 0, total)
        return chosen.write(format, out, _Teller(side, export.pk, total))


class _Teller:
    """Writes the progress, at most once in TELL_SECONDS. The progress is written with the second connection, because
    the first is busy with COPY."""

    def __init__(self, side: Any, key: UUID, total: int) -> None:
        self._side, self._key, self._total = side, key, total
        self._last = time.monotonic()

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self._last >= TELL_SECONDS:
            self._last = now
            _tell(self._side, self._key, done, self._total)


def _tell(side: Any, key: UUID, done: int, total: int) -> None:
    with side.cursor() as cursor:
        cursor.execute("UPDATE mapping_export SET done = %s, total = %s WHERE id = %s", [done, total, key])


def _fail(key: UUID, why: str) -> ExportState:
    Export.objects.filter(pk=key).update(state=ExportState.FAILED, error=why[:300], finished_at=timezone.now())
    return ExportState.FAILED


def _note(key: UUID, error: Exception) -> None:
    """Log where the export failed, but not the error message, because messages of the database may quote data."""
    log.error("Export %s failed: %s\n%s", key, type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))


# --- files ---------------------------------------------------------------------------------------------------------


def path_of(export: Export) -> Path:
    """Return the path of an export's file, which may not exist yet."""
    return Path(settings.EXPORTS_ROOT) / f"{export.pk}.{ExportFormat(export.format).extension}"


def file_name(export: Export) -> str:
    """Return the name of the downloaded file."""
    kind = "" if export.kind == ExportKind.ZONES else "-reports"
    if export.report is not None and export.report.external:
        kind = "-external"
    days = f"{export.start:%Y-%m-%d}-{export.end:%Y-%m-%d}"
    return f"solidarity-{export.territory.slug}-{days}{kind}.{ExportFormat(export.format).extension}"


# --- the schedule --------------------------------------------------------------------------------------------------


def resume(now: datetime | None = None) -> int:
    """Queue unfinished exports again, in case a message was lost or a worker died; return their number. Exports that
    are not finished after GIVEN_UP are marked as failed."""
    moment = now or timezone.now()
    unfinished = Export.objects.filter(state__in=[ExportState.WAITING, ExportState.RUNNING])
    for export in unfinished.filter(made_at__lt=moment - GIVEN_UP):
        with translation.override(export.language):
            _fail(export.pk, _(_BROKEN))
    waiting = list(unfinished.filter(made_at__lt=moment - WAITS).values_list("pk", flat=True))
    for key in waiting:
        _send(key)
    return len(waiting)


def drop_old(now: datetime | None = None) -> int:
    """Delete exports older than KEPT and their files. Also delete old files that belong to no export. Return the number
    of exports."""
    limit = (now or timezone.now()) - KEPT
    old = list(Export.objects.filter(made_at__lt=limit))
    for export in old:
        path_of(export).unlink(missing_ok=True)
    Export.objects.filter(pk__in=[export.pk for export in old]).delete()
    root = Path(settings.EXPORTS_ROOT)
    for path in root.iterdir() if root.is_dir() else ():
        if path.is_file() and path.stat().st_mtime < limit.timestamp():
            path.unlink(missing_ok=True)
    return len(old)
