"""Versions of the model's parameters: reading, preview, saving, and putting in force.

A version is a row that is never edited. A version applies to its territory, and to the territories below that have no
version of their own. Saving stores the row. The worker then updates the territories and recomputes everything in one
transaction. So no reader and no fold ever sees the parameters of one version with the sums of another.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from mapping.coverage.cells import zones
from mapping.coverage.cells.cell_states import CellStates
from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding import fold, rebuild, region_locks
from mapping.enums import STATUS_KEYS, Status
from mapping.models import CoverageSettings, Parameters, Recompute
from needs.models import ColdPlan
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.database.snapshot import snapshot
from solidarity.lib.late_task import LateTask
from volunteers.models import Territory

log = logging.getLogger(__name__)
_CATCH_UP = LateTask("mapping.tasks.catch_up")

LOCK = "mapping.parameters.versions"
CUT = "cut"  # the kind of a proposal that changes the threshold of P; other proposals change LEARNT
LEARNT, CUT_NAMES = ("half_life", "neighbour_weight"), ("under_covered_at", "leave_under_covered_at")
_MARGIN_SECONDS = 5  # because a plan may be stored shortly after its start


class Conflict(Exception):
    """Another version was saved after the form was opened. newer: the version in force now."""

    def __init__(self, newer: Parameters) -> None:
        super().__init__(str(newer))
        self.newer = newer


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter of a version that differs from the version before it."""

    name: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Version:
    """One accepted version. changes: the differences from the version before it. in_force: True if it is the newest
    version."""

    row: Parameters
    changes: list[Change]
    in_force: bool


def values_of(row: Parameters) -> dict[str, float]:
    """Return all parameters of a version; a parameter that the version lacks has its published value."""
    return Model.of(row.values).values()


def differences(before: dict[str, float], after: dict[str, float]) -> list[Change]:
    """Return the parameters that differ, in the order of the model's fields."""
    return [Change(name, before[name], after[name]) for name in after if abs(before[name] - after[name]) > 1e-12]


def versions(territory: Territory) -> list[Version]:
    """Return the current and past versions of a territory, newest first. For a territory without versions of its own,
    return the versions that it inherits."""
    newest = Parameters.objects.in_force(territory)
    rows = list(
        Parameters.objects.accepted()
        .filter(territory=newest.territory)
        .select_related("author", "territory")
        .defer("territory__polygon")
        .order_by("-version")
    )
    found = []
    for number, row in enumerate(rows):
        older = rows[number + 1] if number + 1 < len(rows) else _inherited_before(row)
        changes = differences(values_of(older), values_of(row)) if older else []
        found.append(Version(row, changes, number == 0))
    return found


def _inherited_before(row: Parameters) -> Parameters | None:
    """Return the version that was in force for a territory before its first own version."""
    step = row.territory.parent if row.territory else None
    if row.territory is None:
        return None
    earlier = Parameters.objects.accepted().filter(made_at__lte=row.made_at)
    while step is not None:
        own = earlier.filter(territory=step).order_by("-version").first()
        if own is not None:
            return own
        step = step.parent
    return earlier.filter(territory=None).order_by("-version").first()


def with_own(territory: Territory) -> list[Territory]:
    """Return the territories below this territory that have versions of their own. The versions of this territory do
    not apply to them."""
    return list(
        Territory.objects.under(territory)
        .exclude(pk=territory.pk)
        .filter(pk__in=Parameters.objects.accepted().exclude(territory=None).values("territory"))
        .defer("polygon")
        .order_by("path")
    )


def reached(territory: Territory) -> list[Territory]:
    """Return the territories to which this territory's versions apply: the territory itself, and the territories below
    it that inherit its versions."""
    own = [other.path for other in with_own(territory)]
    below = Territory.objects.under(territory).defer("polygon").order_by("path")
    return [other for other in below if not other.path.startswith(tuple(own))]


def open_proposals(territory: Territory) -> QuerySet[Parameters]:
    """Return unanswered proposals for a territory and all territories below it."""
    return (
        Parameters.objects.proposals()
        .filter(territory__path__startswith=territory.path)
        .select_related("territory")
        .defer("territory__polygon")
        .order_by("territory__path")
    )


# --- preview -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """Cells that would change from one status to another. persons: people estimated in these cells under the previewed
    version."""

    before: str
    after: str
    cells: int
    persons: float


@dataclass(frozen=True, slots=True)
class Tally:
    """The zones of one status and the people estimated in them, now and under the previewed version."""

    status: str
    zones_before: int
    zones_after: int
    persons_before: float
    persons_after: float


@dataclass(frozen=True, slots=True)
class Preview:
    """What a version would change. cells: number of cells in the territories to which it applies."""

    moment: datetime
    cells: int
    moves: list[Move]
    tallies: list[Tally]

    @property
    def changed(self) -> int:
        return sum(move.cells for move in self.moves)


def preview(territory: Territory, values: dict[str, float], now: datetime | None = None) -> Preview:
    """Compare the statuses in a territory under other parameters with those under the parameters in force, at one time;
    store nothing. Both computations use the same evidence and the same previous statuses (for hysteresis). A whole city
    takes a second or two."""
    moment = now or timezone.now()
    ids = [one.pk for one in reached(territory)]
    with snapshot():
        with connection.cursor() as cursor:
            cursor.execute("SELECT cell, computed FROM mapping_cellstate")
            past = dict(cursor.fetchall())
        before, _params = rebuild.compute(moment, before=past)
        with transaction.atomic():
            row = _insert(territory, values, reason="", author=None)
            CoverageSettings.objects.filter(pk__in=ids).update(model=row)
            after, _params = rebuild.compute(moment, before=past)
            transaction.set_rollback(True)
    here = np.isin(before.territory, ids)
    if not here.any():
        return Preview(moment, 0, [], [])
    return Preview(moment, int(here.sum()), _moves(before, after, here), _tallies(before, after, ids, here))


def _moves(before: CellStates, after: CellStates, here: Any) -> list[Move]:
    posterior = after.posterior
    assert posterior is not None
    found = []
    for old in Status:
        for new in Status:
            rows = here & (before.status == old) & (after.status == new)
            if old != new and rows.any():
                found.append(
                    Move(STATUS_KEYS[old], STATUS_KEYS[new], int(rows.sum()), float(posterior.mean[rows].sum()))
                )
    return found


def _tallies(before: CellStates, after: CellStates, ids: Sequence[int], here: Any) -> list[Tally]:
    inside = set(ids)
    drawn: list[dict[int, int]] = []
    for found in (before, after):
        counts: dict[int, int] = defaultdict(int)
        for zone in zones.draw_all(found, rebuild.zoned_grid().rings):
            counts[zone.status] += zone.territory in inside
        drawn.append(counts)
    assert before.posterior is not None and after.posterior is not None
    return [
        Tally(
            key,
            drawn[0][int(status)],
            drawn[1][int(status)],
            float(before.posterior.mean[here & (before.status == status)].sum()),
            float(after.posterior.mean[here & (after.status == status)].sum()),
        )
        for status, key in STATUS_KEYS.items()
    ]


# --- saving --------------------------------------------------------------------------------------------------------


def _insert(territory: Territory, values: dict[str, float], **fields: Any) -> Parameters:
    """Insert a version of a territory, numbered after all its versions and proposals."""
    newest = Parameters.objects.filter(territory=territory).aggregate(newest=Max("version"))["newest"] or 0
    return Parameters.objects.create(territory=territory, version=newest + 1, values=values, **fields)


def save(
    territory: Territory,
    values: dict[str, float],
    *,
    base: int,
    reason: str,
    author: Any,
    proposal: Parameters | None = None,
) -> Parameters:
    """Store a new version based on the version with primary key ``base``; the worker then puts it in force. proposal:
    the nightly proposal that the new version accepts. Raise Conflict if another version was saved in the meantime."""
    with transaction.atomic():
        lock([LOCK])
        current = Parameters.objects.in_force(territory)
        if current.pk != base:
            raise Conflict(current)
        grounds = {} if proposal is None else {**proposal.grounds, "proposal": proposal.pk}
        row = _insert(territory, Model.of(values).values(), reason=reason, author=author, grounds=grounds)
        if proposal is not None:
            close(proposal, "accepted", reason, author)
        transaction.on_commit(catch_up_soon)
    return row


def proposed_names(grounds: Mapping[str, Any]) -> tuple[str, str]:
    """Return the names of the parameters that a proposal with these reasons changes."""
    return CUT_NAMES if grounds.get("kind") == CUT else LEARNT


def propose(territory: Territory, values: dict[str, float], reason: str, grounds: dict[str, Any]) -> Parameters:
    """Store a proposal, which supersedes older open proposals of the same parameters for the territory."""
    with transaction.atomic():
        lock([LOCK])
        for older in Parameters.objects.proposals().filter(territory=territory):
            if proposed_names(older.grounds) == proposed_names(grounds):
                close(older, "superseded", "", None)
        return _insert(territory, values, reason=reason, author=None, proposed=True, grounds=grounds)


def close(proposal: Parameters, outcome: str, said: str, author: Any) -> bool:
    """Answer an open proposal with ``accepted``, ``declined`` or ``superseded``; return False if it was already
    answered."""
    grounds = {**proposal.grounds, "outcome": outcome, "said": said, "by": author.pk if author else None}
    return bool(
        Parameters.objects.proposals()
        .filter(pk=proposal.pk)
        .update(declined_at=timezone.now(), grounds=grounds)
    )  # fmt: skip


# --- putting in force ----------------------------------------------------------------------------------------------


def behind() -> dict[int, list[int]]:
    """Return the territories that are still computed with an older version, grouped by the version now in force for
    them."""
    newest: dict[int | None, int] = dict(
        Parameters.objects.accepted().order_by("territory", "version").values_list("territory", "pk")
    )  # dict() keeps the last version of each territory
    found: dict[int, list[int]] = defaultdict(list)
    current: dict[int, int] = {}
    for key, parent, model in Territory.objects.order_by("path").values_list("pk", "parent", "coverage__model"):
        current[key] = newest.get(key) or (current[parent] if parent is not None else newest[None])
        if model is not None and model != current[key]:
            found[current[key]].append(key)
    return dict(found)


def pending(territory: Territory) -> bool:
    """Whether a cold plan or a version for this territory is waiting until the worker applies it."""
    if plans_turned(timezone.now()):
        return True
    ids = {one for ones in behind().values() for one in ones}
    return Territory.objects.under(territory).filter(pk__in=ids).exists()


def plans_turned(now: datetime) -> bool:
    """Whether a cold plan began or ended since the last recompute."""
    last = Recompute.objects.exclude(finished_at=None).order_by("-started_at").first()
    turned = Q(start__lte=now), Q(end__lte=now)
    if last is not None:
        since = last.started_at - timedelta(seconds=_MARGIN_SECONDS)
        turned = turned[0] & Q(start__gt=since), turned[1] & Q(end__gt=since)
    return ColdPlan.objects.filter(turned[0] | turned[1]).exists()


def catch_up(now: datetime | None = None) -> Recompute | None:
    """Apply newly saved versions and cold plans that have begun or ended to the map; return None if there is nothing to
    apply. Safe to repeat. Safe to run while folds run, because this function holds the same lock."""
    if not behind() and not plans_turned(now or timezone.now()):
        return None
    with transaction.atomic():
        region_locks.lock_all()
        waiting = behind()
        if not waiting and not plans_turned(now or timezone.now()):
            return None  # another process applied the changes while this process waited for the lock
        fold.store_waiting()
        for version, territories in waiting.items():
            CoverageSettings.objects.filter(pk__in=territories).update(model=version)
        run = rebuild.recompute_all(now, job="parameters" if waiting else "cold")
    return run


def catch_up_soon() -> None:
    """Queue :func:`catch_up`. If the broker is down, log the error; the schedule queues the task again."""
    threading.Thread(target=_send, name="catch up", daemon=True).start()


def _send() -> None:
    try:
        _CATCH_UP.load().apply_async(expires=300)
    except Exception:
        log.warning("The broker is down; the schedule will update the map.")
