"""The options of a simulated city."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of the simulated world (docs/benchmarks.md). Shares are from 0 to 1; units are in the names."""

    persons: int = 1200
    dwell_days: float = 21.0
    hot_spots: int = 18
    hot_spot_km: float = 0.25
    hot_spot_days: float = 45.0
    hot_spot_drift_km: float = 0.05  # per day
    hot_spot_share: float = 0.6  # x1
    driven_away: float = 0.8  # share of the people around a hot spot who leave when it ends
    driven_away_km: float = 0.4
    tours: int = 20  # per day
    steps: int = 9  # number of cells in a tour
    pass_hours: float = 1.0 / 3.0
    associations: int = 30
    unsearched: float = 0.27  # share of cells that habitual tours do not reach in 28 days
    returning: float = 1.0  # relative probability of a step to a visited cell; 0: only if necessary
    search_rate: float = 2.0  # per hour
    search_rate_spread: float = 0.4  # standard deviation of the logarithm of the rate
    helped: float = 0.85  # share of the people met
    unlogged_tours: float = 0.2
    mislocated: float = 0.05
    miscounted: float = 0.1
    sent_twice: float = 0.08
    unlogged_aid: float = 0.15
    citizens: int = 400
    citizen_rate: float = 0.05  # reports a day per person in the street, where the number of passers-by is average
    false_citizens: float = 0.05
    # Differences from the plain world (worlds.py); 0 switches a difference off.
    nightly_moves: float = 0.0  # share of the people who move to a neighbouring cell each night
    night_walks: float = 0.0  # share of the people whom tours find up to two cells from their place
    rainy_days: float = 0.0  # share of the days on which this happens
    association_rate_spread: float = 0.0  # standard deviation of the logarithm of an association's search rate
    quiet_quarters: float = 0.0  # share of the cells where citizens report a fifth as often
    evictions_every: int = 0  # days
    invisible: float = 0.0  # share of the people whom nobody ever sees
    group: int = 1  # size of the groups that come, move and leave together
    spam: bool = True
    spam_every: int = 14
    spam_reports: int = 100
    brigade: int = 12
    brigade_reports: int = 5
