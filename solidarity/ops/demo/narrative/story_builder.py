"""Construction of the story from the simulated city, without the database.

The story depends only on the seed, its length and its end, ``until``.
"""

from collections.abc import Sequence
from datetime import datetime

from needs.base.records.declarations import AidDraft, PresenceDraft
from needs.enums import Category
from solidarity.ops.demo.arrondissements import Arrondissement
from solidarity.ops.demo.narrative import texts
from solidarity.ops.demo.narrative.context import StoryContext
from solidarity.ops.demo.narrative.demo_needs import Needs
from solidarity.ops.demo.narrative.demo_tours import Tours
from solidarity.ops.demo.narrative.story import TEXT_DAYS, Member, Story, StoryAid
from solidarity.ops.simulation.simulate import EventKind


def sightings(context: StoryContext) -> list[tuple[float, int, int]]:
    """Add the citizens' reports; return (days before the end, cell, source) of each, latest first."""
    events = context.world.events
    citizens = events.where(events.kind == EventKind.CITIZEN)
    reports: list[tuple[float, int, int]] = []
    for number, (day, cell, source) in enumerate(
        zip(citizens.day.tolist(), citizens.cell.tolist(), citizens.source.tolist(), strict=True)
    ):
        at = context.clock(day, min(23.5, max(7.0, context.dice.gauss(17.5, 3.5))))
        if at > context.until:
            continue
        reports.append((context.ago(at), context.cells[cell], source))
        context.story.seen.append(
            PresenceDraft(
                at=at, place=context.point(context.cells[cell]), source=f"demo-{source}", with_account=source % 10 < 3,
                persons=context.dice.choice((1, 1, 1, 2)),
                text=context.dice.choice(texts.SIGHTINGS) if context.ago(at) < TEXT_DAYS else "",
                id=context.id("sighting", number),
            )
        )  # fmt: skip
    reports.sort()
    return reports


def breakfasts(context: StoryContext) -> None:
    """Add breakfasts on Saturday and Sunday mornings at two fixed places."""
    spots = {2: _busiest(context, 4), 0: _busiest(context, 19)}
    for day in range(context.days):
        for team, cell in spots.items():
            at = context.clock(day, 8.0 + context.dice.random())
            number = context.dice.randrange(3, 9)
            if at.weekday() < 5 or at > context.until:
                continue
            given = [str(Category.FOOD), str(Category.WATER), str(Category.COMPANY)]
            draft = AidDraft(
                at=at, place=context.point(cell), contacts=number, given=given,
                id=context.id("breakfast", f"{context.days - day}/{team}"),
            )  # fmt: skip
            context.story.helped.append(StoryAid(draft, Member(team, 2)))


def _busiest(context: StoryContext, number: int) -> int:
    """Return the cell with the most people in an arrondissement."""
    total = context.world.persons.sum(axis=0)
    rows = [row for row, cell in enumerate(context.cells) if context.district[cell] == number]
    return context.cells[max(rows, key=lambda row: int(total[row]))]


def build_story(every: Sequence[Arrondissement], seed: int, days: int, until: datetime) -> Story:
    """Return the whole story of ``days`` days until ``until``."""
    context = StoryContext(every, seed, days, until)
    Tours(context).add()
    Needs(context, sightings(context)).add()
    breakfasts(context)
    return context.story
