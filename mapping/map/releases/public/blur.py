"""Blur of public places, so that no record reveals one person. Pure functions; no database.

The evidence in a place is summed over all its cells, so a report has the same effect wherever in the place it was made.
The sums are rounded to multiples of 5 with a secret offset. The offset is an HMAC of the place and never changes, so
averaging several releases reveals nothing. The model computes the status from the rounded sums.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace

import numpy as np

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import Model
from mapping.enums import Status

BASE = 5

# Lower edges of the buckets of search coverage, in per cent. The first bucket is “no cell at all”.
COVERAGE_EDGES = (0, 1, 25, 50, 75)


@dataclass(frozen=True, slots=True)
class Pool:
    """Evidence of one place. cells: number of cells. m0: people expected according to the official count. seen: decayed
    number of persons.

    contacts: number of contacts of the last seven days. sweeps: decayed sweeps by tours, as the mean over the cells.
    walked: the same mean, but with each cell capped at 1. covered: share of the cells toured recently
    (Model.recent_days).
    """

    cells: int
    m0: float
    seen: float
    contacts: float
    sweeps: float
    walked: float
    covered: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a place. persons: expected number of persons, used only for the thresholds of the partition and never
    published."""

    status: Status
    persons: float


def chance_of(secret: bytes, *parts: object) -> float:
    """Return a number in [0, 1) that depends only on the secret and the parts. Nobody can predict it without the
    secret."""
    message = "\x1f".join(str(part) for part in parts).encode()
    return int.from_bytes(hmac.digest(secret, message, hashlib.sha256)[:8], "big") / 2.0**64


def rounded(value: float, offset: float) -> float:
    """Round ``value`` (at least 0) to a multiple of 5, with an offset in [0, 1). Averaged over all offsets, the result
    is unbiased."""
    return float(BASE * np.floor(max(value, 0.0) / BASE + offset))


def figures_of(pool: Pool, model: Model, secret: bytes, place: str) -> Figures:
    """Compute the status and the expected number of people of a place from its blurred evidence.

    The model treats the place as one cell. n_min is multiplied by the place's number of cells, so that the place
    usually gets the status that most of its cells have (docs/adr/0019).
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
    """Return the bucket that contains a share of cells, as the lower edge of the bucket in per cent. Zero is a separate
    bucket, because a place that no tour has entered and a place that was searched too little have different names. The
    bucket reveals nothing about other reports, because only tours count as searches."""
    return max(edge for edge in COVERAGE_EDGES if edge <= max(100.0 * share + 1e-9, float(share > 0.0)))
