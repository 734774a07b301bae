"""Limits on uses in any period of a length, counted in Redis."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from django.core.cache import cache

from solidarity.lib import rate_counters


def waits(key: str, now: float, most: int = 3, seconds: int = 60) -> list[float]:
    return rate_counters.waits([(key, seconds, most)], now)


def test_a_use_is_allowed_as_soon_as_the_oldest_one_leaves_the_period() -> None:
    key, start = f"throttles:{uuid.uuid4()}", 1_000_000.25
    assert [waits(key, start + second) for second in (0, 10, 20)] == [[], [], []]
    assert waits(key, start + 30) == [30.0]
    assert waits(key, start + 59.5) == [0.5]
    assert waits(key, start + 60) == []  # the refused uses were not counted
    assert waits(key, start + 61) == [9.0]


def test_limits_count_apart_in_one_request_to_the_cache() -> None:
    tight, wide = (f"throttles:{uuid.uuid4()}" for _each in range(2))
    both = [(tight, 60, 1), (wide, 3600, 3)]
    assert [rate_counters.waits(both, 5000.0 + number) for number in range(4)] == [[], [59.0], [58.0], [57.0, 3597.0]]
    assert rate_counters.waits([(f"throttles:{uuid.uuid4()}", 60, 0)], 5000.0) == [60.0]


def test_requests_at_once_do_not_take_more_than_the_limit() -> None:
    key = f"throttles:{uuid.uuid4()}"
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: waits(key, 7000.0 + number / 1000, most=20), range(60)))
    assert found.count([]) == 20


def test_limits_count_on_after_redis_has_forgotten_the_script() -> None:
    key = f"throttles:{uuid.uuid4()}"
    assert waits(key, 9000.0, most=2) == []
    cache._cache.get_client(write=True).script_flush()  # type: ignore[attr-defined]
    assert [waits(key, 9001.0, most=2), waits(key, 9002.0, most=2)] == [[], [58.0]]
