"""Builds the story from the simulated city.

Everything follows from the seed and is timed back from one moment, ``until``. Nothing here touches the database.
"""

from collections.abc import Sequence
from datetime import datetime

from solidarity.ops.demo.arrondissements import Arrondissement
from solidarity.ops.demo.narrative.citizens import sightings
from solidarity.ops.demo.narrative.context import Stage
from solidarity.ops.demo.narrative.demo_needs import Needs
from solidarity.ops.demo.narrative.demo_tours import Tours
from solidarity.ops.demo.narrative.meals import breakfasts
from solidarity.ops.demo.narrative.story import Story


def tell(every: Sequence[Arrondissement], seed: int, days: int, until: datetime) -> Story:
    """The whole story of ``days`` days up to a moment."""
    stage = Stage(every, seed, days, until)
    Tours(stage).tell()
    Needs(stage, sightings(stage)).tell()
    breakfasts(stage)
    return stage.story
