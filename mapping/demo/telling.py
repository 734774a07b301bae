"""From the simulated city to what was filed.

Everything follows from the seed and is timed back from one moment, ``until``; nothing here touches the database.
"""

from collections.abc import Sequence
from datetime import datetime

from mapping.demo.citizens import sightings
from mapping.demo.meals import breakfasts
from mapping.demo.places import Arrondissement
from mapping.demo.stage import Stage
from mapping.demo.story import Story
from mapping.demo.tours import Tours
from mapping.demo.wants import Needs


def tell(every: Sequence[Arrondissement], seed: int, days: int, until: datetime) -> Story:
    """The whole story of ``days`` days up to a moment."""
    stage = Stage(every, seed, days, until)
    Tours(stage).tell()
    Needs(stage, sightings(stage)).tell()
    breakfasts(stage)
    return stage.story
