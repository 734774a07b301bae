"""Comparison of stored reports with acknowledged reports, and of zones with a recompute from the ledger."""

import time
import uuid
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from mapping.coverage.cells import stored_states, zones
from mapping.coverage.folding import rebuild, region_locks
from mapping.coverage.folding.reconciliation import largest_difference
from mapping.models import CellState, CellTouch, Zone, evidence_day
from needs.models import Encounter, Need
from solidarity.lib import cell_geometry
from solidarity.ops.chaos.traffic import Log


@dataclass(frozen=True, slots=True)
class ChaosResult:
    """The result of a chaos test. lost: number of acknowledged reports that are not stored as acknowledged. duplicated:
    number of rows to which no sent report belongs."""

    sent: int
    acknowledged: int
    stored: int
    lost: int
    duplicated: int
    refused: int
    given_up: int
    max_difference: float
    zones_equal: bool
    drained_s: float

    def holds(self) -> bool:
        return (
            self.acknowledged == self.sent == self.stored
            and not (self.lost or self.duplicated or self.refused or self.given_up)
            and self.max_difference <= 1e-9
            and self.zones_equal
            and self.drained_s <= 300
        )

    def row(self) -> dict[str, Any]:
        return asdict(self)


def drained(seconds: float = 300) -> float:
    """Wait until the worker has emptied the outbox and return the seconds; infinity if it takes longer than
    ``seconds``."""
    start = time.monotonic()
    while CellTouch.objects.exists():
        if time.monotonic() - start > seconds:
            return float("inf")
        time.sleep(0.1)
    return time.monotonic() - start


def judge(log: Log, sent: int, drained_s: float) -> ChaosResult:
    """Compare the database with the acknowledgements that the phones received."""
    rows: dict[uuid.UUID, str] = {}
    count = 0
    for model in (Encounter, Need):
        for key, content in model._default_manager.values_list("pk", "content_hash"):
            rows[key] = content
            count += 1
    lost = sum(rows.get(key) != content for key, content in log.acknowledged.items())
    difference, equal = _against_the_ledger()
    return ChaosResult(
        sent=sent,
        acknowledged=len(log.acknowledged),
        stored=len(rows.keys() & log.acknowledged.keys()),
        lost=lost,
        duplicated=count - len(rows.keys() & (log.acknowledged.keys() | log.refused.keys())),
        refused=len(log.refused),
        given_up=log.given_up,
        max_difference=difference,
        zones_equal=equal,
        drained_s=round(drained_s, 1),
    )


def _against_the_ledger() -> tuple[float, bool]:
    """Return the largest difference in a decayed sum, and whether redrawing all zones gives the stored zones."""
    with transaction.atomic():
        region_locks.lock_all()
        moment = timezone.now()
        exact, params_of = rebuild.compute(moment, ledger_only=True)
        difference = largest_difference(stored_states.load("true", []), exact, params_of, evidence_day(moment))
        return difference, _stored_zones() == _redrawn_zones()


def _stored_zones() -> set[tuple[int, frozenset[int]]]:
    members: dict[uuid.UUID, set[int]] = {}
    for cell, zone in CellState.objects.exclude(zone=None).values_list("cell", "zone"):
        assert zone is not None
        members.setdefault(zone, set()).add(cell)
    return {(zone.status, frozenset(members[zone.key])) for zone in Zone.objects.live()}


def _redrawn_zones() -> set[tuple[int, frozenset[int]]]:
    found = stored_states.load("true", [])
    return {
        (zone.status, frozenset(found.cell[zone.rows].tolist()))
        for zone in zones.draw_all(found, cell_geometry.neighbour_rows(found.cell.tolist()))
    }


def fsync() -> str:
    """Return the database's fsync setting, "on" or "off"."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        return str(cursor.fetchone()[0])
