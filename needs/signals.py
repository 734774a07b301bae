"""The one signal that goes up: what the field saw has changed; and one that stays: where a need stands has changed.

``touches`` is a list of :class:`Touch`. Both are sent inside the transaction that stores the report, so that a receiver
that fails rolls it back.
"""

import uuid
from dataclasses import dataclass

from django.dispatch import Signal

from needs.enums import ReportKind


@dataclass(frozen=True, slots=True)
class Touch:
    """A report whose evidence has to be folded anew.

    kind, report: which report. old_cell, new_cell: H3 cells at resolution 9 before and after, None where there is none.
    """

    kind: ReportKind
    report: uuid.UUID
    old_cell: int | None
    new_cell: int | None


evidence_changed = Signal()
need_moved = Signal()
"""``row`` (a locked Need), ``before`` (the state it came from) and ``cause`` (transitions.Cause)."""
cold_plans_changed = Signal()
"""A cold plan began, ended or changed. Sent inside the transaction that stores it."""
