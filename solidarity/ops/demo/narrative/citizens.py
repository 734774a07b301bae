"""Citizens' reports in the story."""

from needs.base.records.declarations import PresenceDraft
from solidarity.ops.demo.narrative import texts
from solidarity.ops.demo.narrative.context import StoryContext
from solidarity.ops.demo.narrative.story import TEXT_DAYS
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
