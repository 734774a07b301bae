"""How the public record of a place is kept from telling of one person. Pure functions; no database.

A place's evidence is pooled over all its cells, so that a report moves it by the same amount wherever in the place it was
made, and rounded to base 5 at an edge that only the deployment knows and that never moves (drawn from an HMAC of the
place, so that asking again averages nothing away). Status follows from the pooled, rounded sums by the model's own rule.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace

import numpy as np

from mapping.coverage import coverage_model
from mapping.coverage.coverage_model import Model
from mapping.enums import Status

BASE = 5

# Share of the cells that associations have walked, per cent: from … on.
COVERAGE_EDGES = (0, 25, 50, 75)


@dataclass(frozen=True, slots=True)
class Pool:
    """Evidence of one place. cells: how many. m0: people expected by the count. seen: decayed persons, contacts: decayed
    contacts; sweeps: mean decayed sweeps of its cells by tours; walked: mean of the same, each cell at most 1.
    covered: share of the cells toured in the last COVERAGE_DAYS."""

    cells: int
    m0: float
    seen: float
    contacts: float
    sweeps: float
    walked: float
    covered: float


@dataclass(frozen=True, slots=True)
class Figures:
    """persons: expected in the place, for the thresholds of the partition; never published."""

    status: Status
    persons: float


def chance_of(secret: bytes, *parts: object) -> float:
    """A number from [0, 1) that is always the same for the same parts, and that nobody can tell without the secret."""
    message = "\x1f".join(str(part) for part in parts).encode()
    return int.from_bytes(hmac.digest(secret, message, hashlib.sha256)[:8], "big") / 2.0**64


def rounded(value: float, offset: float) -> float:
    """``value`` (at least 0) to base 5, up or down by a fixed offset from [0, 1); right on average over offsets."""
    return float(BASE * np.floor(max(value, 0.0) / BASE + offset))


def figures_of(pool: Pool, model: Model, secret: bytes, place: str) -> Figures:
    """Status and expected persons of a place from its blurred evidence: the rule of zones.md with the place as one cell.

    What nobody need answer in one cell (n_min) is so many times more in so many cells: a place then mostly has the status
    that most of its cells have (docs/adr/0019).
    """
    seen = rounded(pool.seen, chance_of(secret, "seen", place))
    contacts = rounded(pool.contacts, chance_of(secret, "contacts", place))
    least = max(float(BASE), model.least_persons * pool.cells)
    whole = replace(model, prior=model.prior * pool.cells, least_persons=least)
    one = np.ones(1)
    found = coverage_model.posterior(
        whole, max(pool.m0, 1e-9) * one, seen * one, pool.sweeps * one, 0 * one, 0 * one, contacts * one
    )
    status = coverage_model.statuses(whole, found, pool.walked * one)
    return Figures(Status(int(status[0])), float(found.mean[0]))


def coverage_of(share: float) -> int:
    """The lower edge, in per cent, of the bucket that a share of cells falls in."""
    return max(edge for edge in COVERAGE_EDGES if edge <= 100.0 * share + 1e-9 or edge == 0)
