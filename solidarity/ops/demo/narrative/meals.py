"""Meals that associations serve in the story, at places that stay the same."""

from needs.enums import Category
from needs.reports.declarations import AidDraft
from solidarity.ops.demo.narrative.context import Stage
from solidarity.ops.demo.narrative.story import Helped, Member


def breakfasts(stage: Stage) -> None:
    """Breakfast on Saturday and Sunday mornings, at two places that stay the same."""
    spots = {2: _busiest(stage, 4), 0: _busiest(stage, 19)}
    for day in range(stage.days):
        for team, cell in spots.items():
            at = stage.clock(day, 8.0 + stage.dice.random())
            number = stage.dice.randrange(3, 9)
            if at.weekday() < 5 or at > stage.until:
                continue
            given = [str(Category.FOOD), str(Category.WATER), str(Category.COMPANY)]
            draft = AidDraft(
                at=at, place=stage.point(cell), contacts=number, given=given,
                id=stage.id("breakfast", f"{stage.days - day}/{team}"),
            )  # fmt: skip
            stage.story.helped.append(Helped(draft, Member(team, 2)))


def _busiest(stage: Stage, number: int) -> int:
    """The cell of an arrondissement where most people were."""
    total = stage.world.persons.sum(axis=0)
    rows = [row for row, cell in enumerate(stage.cells) if stage.district[cell] == number]
    return stage.cells[max(rows, key=lambda row: int(total[row]))]
