"""How the unseen estimate is rounded for associations and the public."""

BASE = 5
LEAST = 10  # in people; associations and the public see no smaller number


def rounded(persons: float) -> int:
    """Round a number of people to a multiple of BASE."""
    return BASE * round(persons / BASE)


def outwards(low: float, high: float) -> tuple[int, int]:
    """Round an interval outwards to multiples of BASE."""
    return int(low // BASE) * BASE, -int(-high // BASE) * BASE
