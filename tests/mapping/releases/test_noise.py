"""Noise of public counts: it has the right distribution, and stays the same for the same cell and count."""

import math
from collections import Counter

import numpy as np
import pytest

from mapping.map.releases.public import noise

SECRET = b"a secret of the tests"


def test_the_noise_is_discrete_laplace() -> None:
    drawn = Counter(noise.laplace(float(uniform)) for uniform in np.random.default_rng(3).random(200_000))
    alpha = math.exp(-noise.EPSILON)
    for value in range(-5, 6):
        expected = (1 - alpha) / (1 + alpha) * alpha ** abs(value)
        assert drawn[value] / 200_000 == pytest.approx(expected, abs=0.004)


def test_neighbouring_counts_are_hard_to_tell_apart() -> None:
    """ε-indistinguishability: over many secrets, no published count is more than e^ε times as likely for 7 reports as
    for 8."""
    answers = [
        Counter(noise.noised(count, str(secret).encode(), "8-x") for secret in range(40_000)) for count in (7, 8)
    ]
    for value in range(4, 12):
        ratio = answers[0][value] / answers[1][value]
        assert math.exp(-noise.EPSILON) * 0.9 < ratio < math.exp(noise.EPSILON) * 1.1


def test_an_unchanged_count_is_published_unchanged() -> None:
    assert len({noise.noised(12, SECRET, "8-x") for _week in range(50)}) == 1
    assert len({noise.noised(12, SECRET, f"8-{place}") for place in range(50)}) > 3
    assert len({noise.noised(12, f"{secret}".encode(), "8-x") for secret in range(50)}) > 3


def test_no_count_is_negative() -> None:
    assert min(noise.noised(0, SECRET, f"8-{place}") for place in range(500)) == 0
