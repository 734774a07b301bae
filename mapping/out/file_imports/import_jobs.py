"""The worker's steps of an import: read the file, dry run, import, undo. Each step can be repeated."""

import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation

from mapping.coverage.folding import fold
from mapping.out.file_imports import incoming_files as files
from mapping.out.file_imports import place_jobs
from mapping.out.file_imports.models import WORKING, FileImport, FileSubject, ImportState
from mapping.out.file_imports.reason_words import said
from needs.doors.retention import erasure, report_deletion
from needs.enums import Outcome, ReportKind
from needs.models import REPORT_MODELS
from needs.reports.importers.any_table.column_mapping import ColumnMapping
from needs.reports.importers.any_table.file_age import is_mostly_old
from needs.reports.importers.any_table.mapped_rows import MappedRows
from needs.reports.importers.any_table.mapping_proposal import SAMPLE_ROWS, propose
from needs.reports.importers.any_table.uploaded_tables import TableRefused, convert, plain_table
from needs.reports.importers.import_run import Result, Totals, record_of, run_table
from needs.reports.importers.profile import ImportContext
from needs.reports.importers.row_places import Borders
from needs.reports.importers.table_reader import Row, Table
from solidarity.lib.database.advisory_locks import key_of
from volunteers.models import Association, Territory
from volunteers.people.audit.verbs import Verb

log = logging.getLogger(__name__)

WAITS = timedelta(seconds=60)  # after this time without progress, a message is assumed to be lost
UNDO_WITHIN = timedelta(days=30)
UNDO_BATCH = 500
TELL_SECONDS = 0.4
REMEMBERED = 20  # imports whose choices for categories the next import starts with
IMPORTED = (ReportKind.NEED, ReportKind.ENCOUNTER, ReportKind.CITIZEN_REPORT, ReportKind.AID)

# --- requests ------------------------------------------------------------------------------------------------------


def ask(found: FileImport, before: tuple[ImportState, ...], state: ImportState, **values: Any) -> bool:
    """Move an import to a state in which a worker acts on it. Return False if it is not in one of the states
    ``before``."""
    with transaction.atomic():
        moved = FileImport.objects.filter(pk=found.pk, state__in=before).update(
            state=state, state_at=timezone.now(), done=0, problem="", **values
        )
        if moved:
            transaction.on_commit(partial(files.send, found.pk))
    return bool(moved)


def may_undo(found: FileImport) -> bool:
    """Return whether an import stored reports less than UNDO_WITHIN ago."""
    stored = found.run_id is not None and found.state in (ImportState.DONE, ImportState.FAILED)
    return stored and found.made_at > timezone.now() - UNDO_WITHIN


def resume(now: datetime | None = None) -> int:
    """Queue imports again if their message was lost or their worker died; return their number."""
    limit = (now or timezone.now()) - WAITS
    waiting = list(FileImport.objects.filter(state__in=WORKING, state_at__lt=limit).values_list("pk", flat=True))
    for key in waiting:
        files.send(key)
    return len(waiting)


# --- the worker ----------------------------------------------------------------------------------------------------


def advance(key: UUID) -> ImportState | None:
    """Do the next step of an import; return its state, or None if there is nothing to do or another worker does it."""
    with _alone(key) as side:
        found = FileImport.objects.select_related("association", "territory", "run").filter(pk=key).first()
        if side is None or found is None or not found.is_working:
            return None
        step = {
            ImportState.READING: _read,
            ImportState.CHECKING: _check,
            ImportState.RUNNING: _run,
            ImportState.UNDOING: _undo,
        }[ImportState(found.state)]
        with translation.override(found.language):
            try:
                return _move(found, step(found, _Teller(side, key)))
            except TableRefused as refusal:
                return _move(found, ImportState.FAILED, problem=refusal.problem)
            except SoftTimeLimitExceeded:
                return _move(found, ImportState.FAILED, problem="long")
            except OSError as error:
                _note_error(key, error)
                return _move(found, ImportState.FAILED, problem="files")
            except Exception as error:
                _note_error(key, error)
                return _move(found, ImportState.FAILED, problem="unknown")


def _move(found: FileImport, state: ImportState, **values: Any) -> ImportState:
    FileImport.objects.filter(pk=found.pk).update(state=state, state_at=timezone.now(), **values)
    return state


@contextmanager
def _alone(key: UUID) -> Iterator[Any]:
    """Yield a second connection, which holds the import's lock; yield None if another connection has the lock."""
    with closing(connection.copy()) as side:
        with side.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key_of(f"file import {key}")])
            free = bool(cursor.fetchone()[0])
        yield side if free else None


class _Teller:
    """Writes the progress, at most once in TELL_SECONDS, through the second connection."""

    def __init__(self, side: Any, key: UUID) -> None:
        self._side, self._key, self._last = side, key, 0.0

    def __call__(self, done: int) -> None:
        if time.monotonic() - self._last >= TELL_SECONDS:
            self._last = time.monotonic()
            with self._side.cursor() as cursor:
                cursor.execute("UPDATE mapping_fileimport SET done = %s WHERE id = %s", [done, self._key])


def _note_error(key: UUID, error: Exception) -> None:
    """Log where an import failed, without the error message, because a message may quote a row."""
    log.error("Import %s failed: %s\n%s", key, type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))


# --- steps ---------------------------------------------------------------------------------------------------------


def _read(found: FileImport, tell: _Teller) -> ImportState:
    if found.subject == FileSubject.PLACES:
        place_jobs.read(found)
        _check(found, tell)
        return ImportState.CHECKED
    made = convert(files.upload_path(found), files.table_path(found), found.encoding, found.separator)
    mapping = ColumnMapping.from_json(found.mapping) if found.mapping else None
    if mapping is None or not mapping.fits(made.columns):
        table = plain_table(files.table_path(found), made.columns)
        sample = [row.values for row in first_rows(table, SAMPLE_ROWS) if row.values is not None]
        mapping = propose(made.columns, sample, settings.TIME_ZONE)
        mapping = replace(
            mapping,
            archive=is_mostly_old(table, mapping, timezone.now()),
            labels=known_labels(found.association),
        )
    FileImport.objects.filter(pk=found.pk).update(
        columns=list(made.columns),
        rows=made.rows,
        encoding=made.encoding,
        separator=made.separator,
        mapping=mapping.as_json(),
        totals={},
    )
    return ImportState.MAPPING


def _check(found: FileImport, tell: _Teller) -> ImportState:
    if found.subject == FileSubject.PLACES:
        _store_totals(found, place_jobs.run(found, tell, dry_run=True))
    else:
        _store_totals(found, _imported(found, tell, dry_run=True).totals)
    return ImportState.CHECKED


def _run(found: FileImport, tell: _Teller) -> ImportState:
    if found.subject == FileSubject.PLACES:
        totals = place_jobs.run(found, tell, dry_run=False)
    else:
        result = _imported(found, tell, dry_run=False)
        fold.recompute_after_import(result.new)
        totals = result.totals
    stored = totals.of(Outcome.ACCEPTED) + totals.of(Outcome.REPAIRED)
    _store_totals(found, totals)
    files.note(found.author, Verb.DATA_IMPORTED, found, step="run", rows=totals.rows, stored=stored)
    files.delete_tables(found)
    return ImportState.DONE


def _imported(found: FileImport, tell: _Teller, *, dry_run: bool) -> Result:
    mapping = ColumnMapping.from_json(found.mapping)
    table = plain_table(files.table_path(found), tuple(found.columns))
    record = found.run
    if record is None:
        record = record_of(
            MappedRows.name, found.file_name, table, found.association, archive=mapping.archive, dry_run=dry_run
        )
        if not dry_run:
            with transaction.atomic():
                record.save()
                FileImport.objects.filter(pk=found.pk).update(run=record)
    planner = MappedRows(context_of(found.territory, found.association, mapping), mapping)
    return run_table(table, planner, record, files.log_path(found), progress=tell, say=said)


def _store_totals(found: FileImport, counted: Totals) -> None:
    totals = {
        "outcomes": dict(counted.outcomes),
        "reasons": dict(counted.reasons.most_common()),
        "new": counted.of(Outcome.ACCEPTED) + counted.of(Outcome.REPAIRED),
        "live": dict(counted.live),
    }
    FileImport.objects.filter(pk=found.pk).update(totals=totals, done=counted.rows)


def _undo(found: FileImport, tell: _Teller) -> ImportState:
    """Retract and delete the reports of an import, with what belongs to them; their evidence is subtracted exactly.

    An import of places is undone by :mod:`needs.guide.places.imports.place_undo`.
    """
    if found.subject == FileSubject.PLACES:
        files.note(found.author, Verb.IMPORT_UNDONE, found, places=place_jobs.undo(found, tell))
        return ImportState.UNDONE
    removed = 0
    for kind in IMPORTED:
        model = REPORT_MODELS[kind]
        while keys := list(model.objects.filter(run=found.run_id).values_list("pk", flat=True)[:UNDO_BATCH]):
            with transaction.atomic():
                erasure.retract_and_delete(report_deletion.with_what_belongs_to({kind: keys}))
            removed += len(keys)
            tell(removed)
    fold.recompute_after_import(removed)
    files.note(found.author, Verb.IMPORT_UNDONE, found, reports=removed)
    return ImportState.UNDONE


# --- for the preview -----------------------------------------------------------------------------------------------


def context_of(territory: Territory, association: Association, mapping: ColumnMapping) -> ImportContext:
    """Return the context in which the rows of an import are planned."""
    below = Territory.objects.filter(parent=territory).zoned().order_by("path")
    borders = Borders(territory.polygon, [(child.name, child.polygon) for child in below])
    return ImportContext(borders, association.slug, mapping.archive, timezone.now(), ZoneInfo(mapping.time_zone))


def known_labels(association: Association) -> dict[str, str]:
    """Return what an association chose for categories in its latest imports."""
    earlier = FileImport.objects.filter(association=association, subject=FileSubject.REPORTS).order_by("-state_at")
    labels: dict[str, str] = {}
    for mapping in reversed(earlier.values_list("mapping", flat=True)[:REMEMBERED]):
        labels |= ColumnMapping.from_json(mapping or {"columns": {}}).labels
    return labels


def with_age(found: FileImport, mapping: ColumnMapping) -> ColumnMapping:
    """Return a mapping that reads the file as history if most of its dates are old.

    Where another column has the dates, what was said about the age of the file no longer holds."""
    path = files.table_path(found)
    if mapping.archive or not path.is_file():
        return mapping
    table = plain_table(path, tuple(found.columns))
    return replace(mapping, archive=is_mostly_old(table, mapping, timezone.now()))


def first_rows(table: Table, number: int) -> list[Row]:
    rows = table.rows()
    return [row for row, _position in zip(rows, range(number), strict=False)]
