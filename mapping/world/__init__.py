"""A made-up city with known truth: people in the street, tours that look for them, citizens, noise.

zones.md, "Benchmark", describes it. The demonstration takes its story from it, the zone benchmark its truth. It knows
nothing of the database: numbers in, numpy arrays out.
"""

from mapping.world.ground import Ground, disc
from mapping.world.simulate import EventKind, Events, Options, Policy, Tours, World, simulate
from mapping.world.truth import Truth, truth

__all__ = ["EventKind", "Events", "Ground", "Options", "Policy", "Tours", "Truth", "World", "disc", "simulate", "truth"]
