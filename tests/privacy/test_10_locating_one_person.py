"""Attack 10: know every report but one, and the secret, and look where the public record says that one was made."""

import numpy as np
import pytest

from mapping.bench.one_person import DATES, City, attack, record
from mapping.bench.privacy import LIMIT, PRODUCTION
from mapping.evidence import Model


@pytest.fixture(scope="module")
def town() -> City:
    return City(3, Model())


def test_one_person_is_found_hardly_more_often_than_by_chance(town: City) -> None:
    found = attack(town, DATES[1], 5, np.random.default_rng(5))
    assert found.success["exact"] == 1.0  # the attack works on what a map of exact counts would show
    assert found.ratio("res 8 exact") > 4
    assert found.ratio(PRODUCTION) <= LIMIT
    assert found.informed[PRODUCTION] <= max(found.informed_chance, found.chance) * LIMIT
    assert found.shown > 0.3


def test_the_record_says_something_of_places_and_changes_with_many_reports(town: City) -> None:
    date = DATES[1]
    memory = town.memory_before(date)
    places, _memory = town.published(town.evidence_at(date, town.known), memory)
    assert len(places) > 30
    fewer = town.known.where(np.arange(len(town.known)) % 3 > 0)
    assert record(town.published(town.evidence_at(date, fewer), memory)[0]) != record(places)
