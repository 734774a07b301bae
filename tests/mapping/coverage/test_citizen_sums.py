"""PostgreSQL adds up citizens' reports for a recompute as numpy does for a fold."""

import uuid
from random import Random

import numpy as np
import pytest

from mapping.coverage.cells import coverage_model, ledger
from mapping.coverage.cells.coverage_model import PUBLISHED, Model
from mapping.coverage.folding.sums import citizen_weights
from mapping.enums import Source
from mapping.models import Evidence
from needs.enums import ReportKind
from tests.support import Cast

TODAY = 2500.75


@pytest.mark.parametrize("model", [Model(), PUBLISHED, Model(half_life=0.5, cell_day_limit=1.2)])
def test_the_sums_are_those_of_the_weighted_rows(cast: Cast, model: Model) -> None:
    """Reports of few sources on few days, so that limits and repeats matter; some are too old to have any weight."""
    random = Random(7)
    Evidence.objects.bulk_create(
        Evidence(
            kind=ReportKind.CITIZEN_REPORT, report=uuid.UUID(int=number),
            cell=random.randrange(1, 40), day=TODAY - random.choice([random.random() * 5, 400 + random.random() * 900]),
            source=random.choice([Source.CITIZEN_ACCOUNT, Source.CITIZEN]), origin=random.randrange(6),
            persons=1, hours=0, contacts=0,
        )
        for number in range(600)
    )  # fmt: skip
    since = TODAY - 1200
    rows = ledger.citizens_until(TODAY, since)
    cell, day, weight = coverage_model.citizen_rows(model, rows.cell, rows.origin, rows.day, rows.source)
    expected = np.bincount(cell, weight * coverage_model.decay(TODAY - day, model.half_life))
    found = np.zeros(len(expected))
    where, sums = ledger.citizen_sums(model, TODAY, since)
    found[where] = sums
    assert len(where) == len(set(where.tolist())) == len(set(cell.tolist())) > 30
    assert (weight == model.cell_day_limit).any() or model is PUBLISHED
    np.testing.assert_allclose(found, expected, rtol=0, atol=600 * 2.0**-45)  # each of 600 terms is rounded
    cells, exact = citizen_weights(model, rows, TODAY)
    assert np.array_equal(found[cells], exact), "the lake computes the same bits"
    assert set(cells.tolist()) == set(where.tolist())
