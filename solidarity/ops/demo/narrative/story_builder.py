"""Builds the story from the simulated city.

Everything follows from the seed and is timed back from one moment, ``until``. Nothing here touches the database.
"""

from collections.abc import Sequence
from datetime import datetime

from solidarity.ops.demo.arrondissements import Arrondissement
from solidarity.ops.demo.narrative.citizens import sightings
from solidarity.ops.demo.narrative.context import StoryContext
from solidarity.ops.demo.narrative.demo_needs import Needs
from solidarity.ops.demo.narrative.demo_tours import Tours
from solidarity.ops.demo.narrative.meals import breakfasts
from solidarity.ops.demo.narrative.story import Story


def build_story(every: Sequence[Arrondissement], seed: int, days: int, until: datetime) -> Story:
    """The whole story of ``days`` days up to a moment."""
    context = StoryContext(every, seed, days, until)
    Tours(context).add()
    Needs(context, sightings(context)).add()
    breakfasts(context)
    return context.story
