"""Filing, extending and withdrawing overrides: a team's status replaces the model's until it expires.

In one form, a team enters what it saw in one or several cells. The form becomes one Override per cell. An override is
evidence of one sweep, and it sets the status on the map until it expires (docs/model.md). Overrides name cells of
resolution 9, as in the ledger. In a sparse territory, the ledger cell at the centre represents the larger cell.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import h3.api.basic_int as h3
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mapping.enums import Status
from mapping.models import CellState, Override, Zone
from needs.enums import ReportKind
from needs.models import Retraction
from needs.signals import Touch, evidence_changed
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database.idempotent_insert import InsertResult, content_hash, insert_once
from solidarity.lib.grid import EVIDENCE_RESOLUTION

PIN_DAYS = 7
LONGEST_PIN_DAYS = 14
MOST_CELLS = 12
MOST_AGE = timedelta(days=3)

# The statuses that a team on site can give; "not searched" is not one of them.
CLAIMS = (Status.COVERED, Status.UNDER_COVERED, Status.UNCOVERED, Status.TO_VERIFY, Status.CONTRADICTORY)


class Conflict(Exception):
    """An override with this form id is already stored, with different content."""


@dataclass(frozen=True, slots=True)
class OverrideDraft:
    """An override before it is filed. id: id created by the client, so that a repeated request changes nothing.

    cells: cells of the territory, searched together. persons, hours: totals of these cells; hours is None if not given.
    days: number of days for which the override is shown; more than PIN_DAYS requires extended_reason. looked_at: time
    of the visit; None means now.
    """

    cells: Sequence[int]
    persons: int
    hours: float | None
    status: Status
    reason: str
    days: int = PIN_DAYS
    extended_reason: str = ""
    looked_at: datetime | None = None
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def hash(self) -> str:
        """The content hash, which is the same each time the form is sent."""
        return content_hash(
            {
                "cells": sorted(self.cells), "persons": self.persons, "hours": self.hours, "status": int(self.status),
                "reason": self.reason, "days": self.days, "extended_reason": self.extended_reason, "at": self.looked_at,
            }
        )  # fmt: skip


def plan(draft: OverrideDraft, *, shown: Status, computed: Mapping[int, int], now: datetime) -> list[dict[str, Any]]:
    """Return the overrides of a draft, one per cell, as unsaved rows without association and author; store nothing.

    shown: the status that the author saw. computed: the model's status of each cell. Raise ValidationError with a
    message for each invalid field.
    """
    problems = _problems(draft, shown, computed, now)
    if problems:
        raise ValidationError(problems)
    at = draft.looked_at or now
    shares = len(draft.cells)
    return [
        {
            "id": uuid.uuid5(draft.id, grid.to_text(cell)),
            "contest": draft.id,
            "cell": ledger_cell(cell),
            "at": at,
            "filed_at": now,
            "persons": draft.persons / shares,
            "hours": None if draft.hours is None else draft.hours / shares,
            "status": int(draft.status),
            "model_status": computed[cell],
            "reason": draft.reason,
            "extended_reason": draft.extended_reason if draft.days > PIN_DAYS else "",
            "expires_at": at + timedelta(days=draft.days),
            "content_hash": draft.hash,
        }
        for cell in draft.cells
    ]


def _problems(draft: OverrideDraft, shown: Status, computed: Mapping[int, int], now: datetime) -> dict[str, str]:
    found: dict[str, str] = {}
    if not draft.cells or len(set(draft.cells)) != len(draft.cells) or not computed.keys() >= set(draft.cells):
        found["cells"] = _("Choose the cells that you searched.")
    elif len(draft.cells) > MOST_CELLS:
        found["cells"] = _("At most %(number)s cells at a time.") % {"number": MOST_CELLS}
    if not draft.reason.strip():
        found["reason"] = _("Give the reason in a few words. Others will rely on it.")
    if draft.status not in CLAIMS:
        found["status"] = _("You searched this place, so choose what you found.")
    elif draft.status == shown:
        found["status"] = _(
            "The map already shows this status. If you were there, log the encounter or the tour. It counts as evidence."
        )
    elif draft.status == Status.COVERED and not (draft.hours or 0) > 0:
        found["hours"] = _("To say “covered”, give the hours that you searched.")
    if "hours" not in found and draft.persons == 0 and not (draft.hours or 0) > 0:
        found["hours"] = _("You saw nobody, so say how long you searched.")
    if not 1 <= draft.days <= LONGEST_PIN_DAYS:
        found["days"] = _("From 1 to %(number)s days.") % {"number": LONGEST_PIN_DAYS}
    elif draft.days > PIN_DAYS and not draft.extended_reason.strip():
        found["extended_reason"] = _("More than %(number)s days need a second reason.") % {"number": PIN_DAYS}
    if draft.looked_at is not None and draft.looked_at < now - MOST_AGE:
        found["at"] = _("This was more than three days ago. Go and look again, or log it as an encounter or a tour.")
    elif "days" not in found and (draft.looked_at or now) + timedelta(days=draft.days) <= now:
        found["days"] = _("Your status would already have expired. The days count from the time of your visit.")
    return found


def file_override(
    draft: OverrideDraft, *, shown: Status, association: int | None, author: int | None, now: datetime | None = None
) -> bool:
    """File a draft: store its overrides and touches in one transaction. Return False if the draft was already filed.
    Raise ValidationError (see :func:`plan`) or Conflict. association: None for a coordinator."""
    moment = now or timezone.now()
    with transaction.atomic():
        before = Override.objects.filter(contest=draft.id).values_list("content_hash", flat=True).first()
        if before is not None:
            return _is_repeat(before == draft.hash)
        rows = plan(draft, shown=shown, computed=computed_of(draft.cells), now=moment)
        touches = []
        for row in rows:
            stored = insert_once(Override, row | {"association_id": association, "author_id": author})
            if stored is not InsertResult.NEW:  # another request stored the same form at the same time
                return _is_repeat(stored is InsertResult.SAME)
            touches.append(Touch(ReportKind.OVERRIDE, row["id"], None, row["cell"]))
        evidence_changed.send(sender=None, touches=touches)
    return True


def _is_repeat(same: bool) -> bool:
    if not same:
        raise Conflict
    return False


def most_days_more(override: Override) -> int:
    """Return the number of days by which an override may still be extended; 0 if it may not be extended."""
    if override.extended_reason:
        return 0
    left = override.at + timedelta(days=LONGEST_PIN_DAYS) - override.expires_at
    return min(PIN_DAYS, left // timedelta(days=1))


def extend(contest: uuid.UUID, *, days: int, reason: str, now: datetime | None = None) -> datetime:
    """Extend an override once, for a new reason; return the new time of expiry. Raise ValidationError, or
    Override.DoesNotExist if the override is no longer in force in any cell."""
    moment = now or timezone.now()
    with transaction.atomic():
        rows = list(Override.objects.pinning(moment).filter(contest=contest).select_for_update().order_by("pk"))
        if not rows:
            raise Override.DoesNotExist
        most = most_days_more(rows[0])
        if most == 0:
            raise ValidationError(
                {
                    "days": _(
                        "This status was already extended once. Visit the place again, then contest the status again."
                    )
                }
            )
        if not 1 <= days <= most:
            raise ValidationError({"days": _("From 1 to %(number)s days.") % {"number": most}})
        if not reason.strip():
            raise ValidationError({"reason": _("Give a new reason to show your status for longer.")})
        until = rows[0].expires_at + timedelta(days=days)
        for row in rows:
            row.expires_at, row.extended_reason = until, reason
        Override.objects.bulk_update(rows, ["expires_at", "extended_reason"])
        touches = [Touch(ReportKind.OVERRIDE, row.pk, row.cell, row.cell) for row in rows]
        evidence_changed.send(sender=None, touches=touches)
    return until


def withdraw(contest: uuid.UUID, *, author: int | None, now: datetime | None = None) -> datetime | None:
    """Withdraw an override: subtract its evidence and show the model's status again. Return the time of withdrawal, or
    None if the override was already withdrawn."""
    moment = now or timezone.now()
    with transaction.atomic():
        rows = list(Override.objects.filter(contest=contest, retracted_at=None).select_for_update().order_by("pk"))
        for row in rows:
            row.retracted_at = moment
        Override.objects.bulk_update(rows, ["retracted_at"])
        Retraction.objects.bulk_create(
            Retraction(kind=ReportKind.OVERRIDE, report=row.pk, at=moment, author_id=author) for row in rows
        )
        if rows:
            evidence_changed.send(
                sender=None, touches=[Touch(ReportKind.OVERRIDE, row.pk, row.cell, None) for row in rows]
            )
    return moment if rows else None


def undo_withdraw(contest: uuid.UUID, withdrawn_at: datetime) -> bool:
    """Undo the withdrawal that happened at the given time, as if there had been none. Return False if it was already
    undone."""
    with transaction.atomic():
        withdrawn = Override.objects.filter(contest=contest, retracted_at=withdrawn_at)
        rows = list(withdrawn.select_for_update().order_by("pk"))
        keys = [row.pk for row in rows]
        Retraction.objects.filter(kind=ReportKind.OVERRIDE, report__in=keys).delete()
        Override.objects.filter(pk__in=keys).update(retracted_at=None)
        if rows:
            touches = [Touch(ReportKind.OVERRIDE, row.pk, None, row.cell) for row in rows]
            evidence_changed.send(sender=None, touches=touches)
    return bool(rows)


# --- cells ---------------------------------------------------------------------------------------------------------


def cells_of(zone: Zone) -> list[int]:
    """Return the cells of a stored zone, frozen or live, in ascending order. ``zone.territory`` should be
    prefetched."""
    return cell_geometry.cells_in(zone.shape, zone.territory.coverage.resolution)


def ledger_cell(cell: int) -> int:
    """Return the ledger cell (resolution 9) for a cell of a territory: the cell itself, or the cell at its centre if
    the cell is larger."""
    return int(h3.cell_to_center_child(cell, EVIDENCE_RESOLUTION))


def ledger_cells(cells: Collection[int]) -> list[int]:
    """Return all ledger cells in the given cells of a territory."""
    return [child for cell in cells for child in grid.children(cell)]


def computed_of(cells: Collection[int]) -> dict[int, int]:
    """Return the model's current status of some cells; cells outside all territories are left out."""
    return dict(CellState.objects.filter(cell__in=list(cells)).values_list("cell", "computed"))
