"""Meals that associations serve in the story at fixed places."""

from needs.base.records.declarations import AidDraft
from needs.enums import Category
from solidarity.ops.demo.narrative.context import StoryContext
from solidarity.ops.demo.narrative.story import Member, StoryAid


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
