"""Fixtures of the tests of events."""

import pytest

from needs.models import Crisis
from tests.needs.crises.crisis_cases import opened
from tests.support import Cast


@pytest.fixture
def crisis(cast: Cast) -> Crisis:
    """A running event in the northern district, opened by Diane."""
    return opened(cast.diane)
