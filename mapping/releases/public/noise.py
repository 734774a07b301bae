"""Noise for public counts: discrete Laplace noise, which is the same for the same cell and count. Pure; no database.

A report raises one count by one, so noise of scale 1/ε per publication hides it (ε-differential privacy for one
report). The noise comes from an HMAC of the place and its true count with a secret: an unchanged count gets the same
noise, so averaging over several publications reveals nothing.
"""

import math

from mapping.releases.public import blur

EPSILON = 0.25  # at 1.0 one person is located twice as often as by chance, above the limit of 1.5 (docs/adr/0020)


def laplace(uniform: float, epsilon: float = EPSILON) -> int:
    """Return the discrete Laplace variable at a quantile from [0, 1): P(k) = (1 − α)/(1 + α)·α^|k| with α = e^−ε."""
    alpha = math.exp(-epsilon)
    # P(K ≤ −1) = α/(1 + α); the two tails are geometric.
    below = alpha / (1.0 + alpha)
    if uniform < below:
        return -1 - math.floor(math.log(1.0 - uniform / below) / math.log(alpha))
    rest = (uniform - below) / (1.0 - below)
    return math.floor(math.log(1.0 - rest) / math.log(alpha))


def noised(count: int, secret: bytes, place: str, epsilon: float = EPSILON) -> int:
    """Return the published value of a count: at least 0, and the same for the same place and count."""
    return max(0, count + laplace(blur.chance_of(secret, "count", place, count), epsilon))
