"""Construction of the story from the simulated city, without the database.

The story depends only on the seed, its length and its end, ``until``.
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
    """Return the whole story of ``days`` days until ``until``."""
    context = StoryContext(every, seed, days, until)
    Tours(context).add()
    Needs(context, sightings(context)).add()
    breakfasts(context)
    return context.story
