"""Shared context of the story's parts: the city, random numbers, the clock, ids, and the story so far."""

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import h3.api.basic_int as h3

from needs.base.records.declarations import DraftPlace
from solidarity.ops.demo import people
from solidarity.ops.demo.arrondissements import Arrondissement
from solidarity.ops.demo.narrative.city import live
from solidarity.ops.demo.narrative.story import PARIS, Member, Story


class StoryContext:
    """The context of a story that lasts ``days`` days and ends at ``until``.

    Each random draw changes all later draws, so their order must stay the same.
    """

    def __init__(self, every: Sequence[Arrondissement], seed: int, days: int, until: datetime) -> None:
        self.seed, self.days, self.until = seed, days, until.astimezone(PARIS)
        self.world = live(every, seed, days)
        self.cells: list[int] = self.world.ground.cell.tolist()
        self.district = {cell: place.number for place in every for cell in place.cells}
        self.team_of = {number: row for row, team in enumerate(people.TEAMS) for number in team.home}
        self.dice = random.Random(f"solidarity/{seed}/{days}")
        self.story = Story()

    def id(self, kind: str, number: object) -> uuid.UUID:
        return uuid.uuid5(people.SPACE, f"{self.seed}/{self.days}/{kind}/{number}")

    def clock(self, day: int, hour: float) -> datetime:
        """Return the datetime of a simulated day and an hour in Paris (above 24: after midnight)."""
        midnight = datetime.combine(self.until.date() - timedelta(days=self.days - 1 - day), datetime.min.time())
        return (midnight + timedelta(hours=hour)).replace(tzinfo=PARIS)

    def ago(self, moment: datetime) -> float:
        """Return the number of days from a datetime to the end."""
        return (self.until - moment) / timedelta(days=1)

    def point(self, cell: int) -> DraftPlace:
        """Return a random place in a cell, uniformly distributed, a little inside the border."""
        middle, border = h3.cell_to_latlng(cell), h3.cell_to_boundary(cell)
        side = self.dice.randrange(len(border))
        one, two = border[side], border[(side + 1) % len(border)]
        u, v = self.dice.random(), self.dice.random()
        if u + v > 1:
            u, v = 1 - u, 1 - v
        u, v = 0.93 * u, 0.93 * v
        return DraftPlace(*(round(m + u * (a - m) + v * (b - m), 6) for m, a, b in zip(middle, one, two, strict=True)))

    def who(self, cell: int) -> Member:
        """Return a random member of the association that works in a cell's arrondissement."""
        team = self.team_of[self.district[cell]]
        size = len(people.TEAMS[team].members) + sum(login.team == people.TEAMS[team].slug for login in people.LOGINS)
        # In the first team, number 0 is the dispatcher's login, who does no tours; number 1 is the member's login.
        member = self.dice.choice([1, 1, *range(2, size)]) if team == 0 else self.dice.randrange(size)
        return Member(team, member)
