"""What citizens report in the story."""

from needs.reports.declarations import PresenceDraft
from solidarity.ops.demo.narrative import texts
from solidarity.ops.demo.narrative.context import Stage
from solidarity.ops.demo.narrative.story import TEXT_DAYS
from solidarity.ops.simulation.simulate import EventKind


def sightings(stage: Stage) -> list[tuple[float, int, int]]:
    """What citizens report; returns days before the end, cell and source of each, the latest first."""
    events = stage.world.events
    citizens = events.where(events.kind == EventKind.CITIZEN)
    reports: list[tuple[float, int, int]] = []
    for number, (day, cell, source) in enumerate(
        zip(citizens.day.tolist(), citizens.cell.tolist(), citizens.source.tolist(), strict=True)
    ):
        at = stage.clock(day, _waking_hour(stage))
        if at > stage.until:
            continue
        reports.append((stage.ago(at), stage.cells[cell], source))
        stage.story.seen.append(
            PresenceDraft(
                at=at, place=stage.point(stage.cells[cell]), source=f"demo-{source}", with_account=source % 10 < 3,
                persons=stage.dice.choice((1, 1, 1, 2)),
                text=stage.dice.choice(texts.SIGHTINGS) if stage.ago(at) < TEXT_DAYS else "",
                id=stage.id("sighting", number),
            )
        )  # fmt: skip
    reports.sort()
    return reports


def _waking_hour(stage: Stage) -> float:
    return min(23.5, max(7.0, stage.dice.gauss(17.5, 3.5)))
