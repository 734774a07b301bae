"""Fixtures of the tests of matching: people who offer their help."""

import pytest

from tests.needs.matching.matching_cases import HERE, offers
from tests.needs.vouched import vouch_for
from tests.support import Cast


@pytest.fixture
def people(cast: Cast) -> Cast:
    """Alice and Greta are at the place, Edith 1.1 km north of it. All are always free, go up to 3 km, and have a
    vouch."""
    vouch_for(cast.greta, cast.other)
    offers(cast.alice)
    offers(cast.greta)
    offers(cast.edith, (HERE[0] + 0.01, HERE[1]))
    return cast
