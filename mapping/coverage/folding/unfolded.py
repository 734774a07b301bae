"""Reports whose fold failed. They are kept beside the outbox and tried again; after some attempts, they are dead letters
that wait for an administrator."""

import logging
import traceback
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from mapping.models import CellTouch, UnfoldedReport

log = logging.getLogger(__name__)

OUTBOX, UNFOLDED = CellTouch._meta.db_table, UnfoldedReport._meta.db_table
DUE = f"attempts < {UnfoldedReport.ATTEMPTS} AND retry_at <= clock_timestamp()"
FIRST_PAUSE = 20
"""Seconds until the second attempt. The pause doubles with each attempt."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A row of the outbox or of the reports set aside."""

    id: int
    kind: int
    report: uuid.UUID
    old_cell: int | None
    new_cell: int | None

    @property
    def key(self) -> tuple[int, uuid.UUID]:
        """The kind and the id of the report."""
        return self.kind, self.report


_SET_ASIDE = f"""
    WITH gone AS (DELETE FROM {OUTBOX} WHERE id = ANY(%(ids)s) RETURNING id, kind, report, old_cell, new_cell, at)
    INSERT INTO {UNFOLDED} (id, kind, report, old_cell, new_cell, at, attempts, error, retry_at)
    SELECT gone.*, 1, %(error)s, clock_timestamp() + %(pause)s * interval '1 second' FROM gone"""
_FAILED_AGAIN = f"""
    UPDATE {UNFOLDED} SET attempts = attempts + 1, error = %(error)s,
           retry_at = clock_timestamp() + %(pause)s * power(2, attempts) * interval '1 second' WHERE id = ANY(%(ids)s)"""


def set_aside(rows: Collection[Touched], error: Exception, source: str) -> None:
    """Keep the rows of a report aside after a failed fold, in a transaction of its own. source: the table of the rows. Only
    the class of the error is stored, because its text may name a place."""
    name = _class_of(error)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _SET_ASIDE if source == OUTBOX else _FAILED_AGAIN,
            {"ids": [row.id for row in rows], "error": name[:40], "pause": FIRST_PAUSE},
        )
    log.warning("A report could not be folded; it is kept aside and tried again. %s", described(error))


def _class_of(error: Exception) -> str:
    return type(error.__cause__ or error).__name__


def described(error: Exception) -> str:
    """Return the class of an error and the lines of code, without its message, which may name a place."""
    return f"{_class_of(error)}\n{''.join(traceback.format_tb(error.__traceback__))}"


_BACK_TO_OUTBOX = f"""
    WITH again AS (DELETE FROM {UNFOLDED} WHERE id = ANY(ARRAY(
        SELECT u.id FROM {UNFOLDED} u JOIN unnest(%s::smallint[], %s::uuid[]) r(kind, report) USING (kind, report)
        FOR UPDATE OF u SKIP LOCKED
    )) RETURNING kind, report, old_cell, new_cell, at)
    INSERT INTO {OUTBOX} (kind, report, old_cell, new_cell, at) SELECT * FROM again
    RETURNING COALESCE(new_cell, old_cell)"""


def back_to_outbox(reports: Collection[tuple[int, uuid.UUID]]) -> list[int | None]:
    """Move the rows of reports, given as (kind, id) pairs, back to the outbox, because the reports have changed; return a
    cell of each row. Leave out rows that are being folded at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(_BACK_TO_OUTBOX, [[kind for kind, _report in reports], [report for _kind, report in reports]])
        return [cell for (cell,) in cursor.fetchall()]


def try_again(times: int = UnfoldedReport.ATTEMPTS) -> int:
    """Let all dead letters be tried again, so many times at most; return the number of reports."""
    rows = UnfoldedReport.objects.given_up()
    number = rows.values("kind", "report").distinct().count()
    rows.update(attempts=UnfoldedReport.ATTEMPTS - times, retry_at=timezone.now())
    return number
