"""Locks of the folds: one for each region, and FOLD for all regions together.

A fold holds FOLD shared, and the lock of each region with rows that it reads or writes. Whoever writes the states of all
cells holds FOLD alone (:func:`lock_all`). The locks are PostgreSQL advisory locks, held until the transaction ends.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg2 import errors

from mapping.coverage.folding import FOLD
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.advisory_locks import key_of

PATIENCE = 2.0
"""Seconds that a fold waits for a lock, and that lock_all waits before it lets the folds of other regions go on."""
WHOLE = key_of(FOLD)
_ATTEMPTS = 100
_PAUSE = 1.0
_NO_REGION = 1  # no H3 cell has this number


class RegionBusy(Exception):
    """Another transaction holds the lock of a region that a fold needs. regions: the regions that the fold needs, as far
    as it knows them."""

    def __init__(self, regions: Collection[int]) -> None:
        super().__init__("a region is busy")
        self.regions = frozenset(regions)


def key_of_region(region: int | None) -> int:
    """Return the lock number of a region. Rows without a cell are a region of their own (None)."""
    return WHOLE ^ (_NO_REGION if region is None else region)


def is_lock_conflict(error: Exception) -> bool:
    """Whether a database error only says that another transaction holds a lock."""
    conflicts = (errors.LockNotAvailable, errors.DeadlockDetected)
    return isinstance(error, OperationalError) and isinstance(error.__cause__, conflicts)


class HeldRegions:
    """The regions whose locks a fold holds."""

    def __init__(self, regions: Iterable[int]) -> None:
        self.regions = set(regions)

    def take(self, regions: Collection[int]) -> bool:
        """Take the locks of further regions, without waiting; return whether any was needed. Raise RegionBusy if another
        transaction holds one. A fold that holds a lock must not wait for another one: two such folds could deadlock."""
        more = set(regions) - self.regions
        if not more:
            return False
        taken = prepared_statements.run(_TRY, [WHOLE, prepared_statements.array(sorted(more))])
        if len(taken) < len(more):
            raise RegionBusy(self.regions | more)
        self.regions |= more
        return True

    def take_and_read(
        self, regions: Collection[int], statements: Sequence[prepared_statements.Statement]
    ) -> list[list[tuple[Any, ...]]]:
        """Take the locks of further regions as ``take`` does, then execute SELECT statements; return the rows of each. One
        round trip does both. The statements see all that the previous holders of the locks committed."""
        more = set(regions) - self.regions
        if not more:
            return prepared_statements.run_together(statements)
        first = (_TRY_AND_NOTE, [WHOLE, prepared_statements.array(sorted(more))])
        *found, ((taken,),) = prepared_statements.run_together([*statements, (_NOTED, [])], [first])
        if int(taken) < len(more):
            raise RegionBusy(self.regions | more)
        self.regions |= more
        return found


_TRY = "SELECT r FROM unnest($2::bigint[]) r WHERE pg_try_advisory_xact_lock($1::bigint # r)"
_TRY_AND_NOTE = f"SELECT set_config('solidarity.regions_taken', count(*)::text, true) FROM ({_TRY}) taken"
_NOTED = "SELECT current_setting('solidarity.regions_taken') AS taken"


def wait_for(regions: Collection[int]) -> None:
    """Wait for the locks of several regions, in a fixed order, so that two folds never deadlock. The caller's
    transaction holds no other lock. Raise RegionBusy after PATIENCE seconds for all of them together."""
    end = time.monotonic() + PATIENCE
    waits = [("pg_advisory_xact_lock_shared", WHOLE)]
    waits += [("pg_advisory_xact_lock", key_of_region(region)) for region in sorted(regions)]
    try:
        with connection.cursor() as cursor:
            for function, key in waits:
                left = max(1, round(1000 * (end - time.monotonic())))  # 0 would mean no limit
                cursor.execute(f"SELECT set_config('lock_timeout', %s, true), {function}(%s)", [f"{left}ms", key])
    except OperationalError as error:
        if is_lock_conflict(error):
            raise RegionBusy(regions) from error
        raise


def try_all() -> bool:
    """Take FOLD alone without waiting; return whether this succeeded."""
    ((taken,),) = prepared_statements.run("SELECT pg_try_advisory_xact_lock($1::bigint)", [WHOLE])
    return bool(taken)


def lock_all() -> None:
    """Wait until no fold runs, and keep all folds out until the transaction ends. Raise OperationalError if a fold runs
    for minutes.

    PostgreSQL refuses new shared locks while somebody waits for the lock alone. So this waits for PATIENCE seconds at a
    time and pauses in between: a region that is stuck then delays this caller, and not the folds of other regions.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('lock_timeout')")
                (usual,) = cursor.fetchone()
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{PATIENCE}s"])
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WHOLE])
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])
            return
        except OperationalError as error:
            if not is_lock_conflict(error) or attempt == _ATTEMPTS - 1:
                raise
        time.sleep(_PAUSE)
