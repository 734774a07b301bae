"""Discrete Laplace noise for public counts. The same cell and the same count always get the same noise. No database.

A report raises one count by 1, so noise of scale 1/ε per publication hides the report (ε-differential privacy for one
report). The noise is computed from an HMAC, with a secret key, of the place and its true count. An unchanged count
therefore gets the same noise, and averaging several publications reveals nothing.
"""

import math

from mapping.map.releases.public import blur

EPSILON = 0.25  # at 1.0, one person is located twice as often as by chance; the limit is 1.5 times (docs/adr/0020)


def laplace(uniform: float, epsilon: float = EPSILON) -> int:
    """Return the value of a discrete Laplace variable at a quantile in [0, 1). P(k) = (1 − α)/(1 + α)·α^|k| with α =
    e^−ε."""
    alpha = math.exp(-epsilon)
    # P(K ≤ −1) = α/(1 + α); the two tails are geometric.
    below = alpha / (1.0 + alpha)
    if uniform < below:
        return -1 - math.floor(math.log(1.0 - uniform / below) / math.log(alpha))
    rest = (uniform - below) / (1.0 - below)
    return math.floor(math.log(1.0 - rest) / math.log(alpha))


def noised(count: int, secret: bytes, place: str) -> int:
    """Return the published value of a count. The result is at least 0, and always the same for the same place and
    count."""
    return max(0, count + laplace(blur.chance_of(secret, "count", place, count), EPSILON))
