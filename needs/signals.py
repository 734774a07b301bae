"""Signals sent when evidence, the state of a need or a cold plan has changed.

They are sent inside the transaction that stores the change, so that a failing receiver rolls it back.
"""

import uuid
from dataclasses import dataclass

from django.dispatch import Signal

from needs.enums import ReportKind


@dataclass(frozen=True, slots=True)
class Touch:
    """A report whose evidence must be computed again. old_cell, new_cell: H3 cells of resolution 9, or None."""

    kind: ReportKind
    report: uuid.UUID
    old_cell: int | None
    new_cell: int | None


evidence_changed = Signal()
"""``touches``: list of Touch. The map receives it."""
retraction_undone = Signal()
"""``retraction`` (a Retraction), sent before it is deleted, while its report is still retracted."""
need_moved = Signal()
"""``row`` (a locked Need), ``before`` (the state it came from) and ``cause`` (transitions.Cause)."""
tour_over = Signal()
"""``tours``: ids of tours that have just ended or were retracted; ``plans``: ids of plans that were cancelled."""
cold_plans_changed = Signal()
"""A cold plan began, ended or changed."""
