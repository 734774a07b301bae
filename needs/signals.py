"""Signals sent when evidence, the state of a need or a cold plan has changed, and when a reporter is answered.

The signals are sent inside the transaction that stores the change, so that a failing receiver rolls it back.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.dispatch import Signal

from needs.enums import ReportKind


@dataclass(frozen=True, slots=True)
class Touch:
    """A report with evidence that must be computed again. old_cell, new_cell: H3 cells of resolution 9, or None. The map
    computes the evidence of the report in the regions of these cells. A tour without cells means all cells of the
    tour."""

    kind: ReportKind
    report: uuid.UUID
    old_cell: int | None
    new_cell: int | None


@dataclass(slots=True)
class Outbox:
    """The table of touches. New reports append to it in the statement that stores them, without a signal of their own.

    insert: its INSERT up to the rows, with the columns kind, report, old_cell, new_cell and at. appended: is
    called with the cells of new rows: inside the caller's transaction, or after the commit if there is none. It must not
    raise. The map sets both when the process starts.
    """

    insert: str = ""
    appended: Callable[[Iterable[int | None]], None] = lambda _cells: None


outbox = Outbox()
evidence_changed = Signal()
"""``touches``: list of Touch. The map receives it. New encounters and needs do not send it; see Outbox."""
retraction_undone = Signal()
"""``retraction`` (a Retraction), sent before it is deleted, while its report is still retracted."""
need_moved = Signal()
"""``row`` (a locked Need), ``before`` (the state it came from) and ``cause`` (transitions.Cause)."""
reporter_answered = Signal()
"""``need`` and ``message``: a Message that is meant for the reporter of the need."""
tour_over = Signal()
"""``tours``: ids of tours that have just ended or were retracted; ``plans``: ids of plans that were cancelled."""
cold_plans_changed = Signal()
"""A cold plan began, ended or changed."""
