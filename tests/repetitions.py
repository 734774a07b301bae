"""Repetitions that only ``make test-all`` runs: flows in another language, size or role, and more random examples."""

import os
from typing import Any

import pytest

TEST_ALL = os.environ.get("SOLIDARITY_TEST_ALL") == "1"


def again(*values: Any) -> Any:
    """Return a parameter set that repeats a test; ``make test`` leaves it out."""
    return pytest.param(*values, marks=pytest.mark.repetition)


def examples(most: int) -> int:
    """Return how many random examples a test tries: ``most`` in ``make test-all``, a quarter of them, always the
    same, in ``make test``."""
    return most if TEST_ALL else max(most // 4, 6)
