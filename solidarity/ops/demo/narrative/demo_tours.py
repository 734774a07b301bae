"""Tours and encounters of the story, from the records of the simulated teams."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import cycle

import numpy as np

from needs.base.records.declarations import EncounterDraft
from needs.enums import Category, TourMode
from solidarity.ops.demo.narrative import texts as words
from solidarity.ops.demo.narrative.city import TOURS_PER_DAY, cold
from solidarity.ops.demo.narrative.context import StoryContext
from solidarity.ops.demo.narrative.story import TEXT_DAYS, Member, StoryEncounter, StoryTour
from solidarity.ops.simulation.simulate import EventKind

OPEN_MINUTES = (104, 66, 37)  # time since the start of tonight's open tours


class Tours:
    def __init__(self, context: StoryContext) -> None:
        self.context = context
        self.member_walks = False
        self.notes, self.field_notes = self._in_turn(words.NOTES), self._in_turn(words.FIELD_NOTES)

    def add(self) -> None:
        events = self.context.world.events
        passes = events.where(events.kind == EventKind.PASS)
        order = np.lexsort((passes.step, passes.tour))
        rows: dict[int, list[tuple[int, int, int, int]]] = {}
        for tour, step, cell, persons, contacts in zip(
            passes.tour[order].tolist(), passes.step[order].tolist(), passes.cell[order].tolist(),
            passes.persons[order].tolist(), passes.contacts[order].tolist(), strict=True,
        ):  # fmt: skip
            rows.setdefault(tour, []).append((step, self.context.cells[cell], persons, contacts))
        last = (self.context.days - 1) * TOURS_PER_DAY
        tonight = self._tonight(rows, last)
        for tour, passed in rows.items():
            if tour in tonight:
                self._walk(tour, passed, self.context.until - timedelta(minutes=tonight[tour]), under_way=True)
            else:
                self._walk(tour, passed, self.context.clock(tour // TOURS_PER_DAY, self._hour()), under_way=False)

    def _tonight(self, rows: dict[int, list[tuple[int, int, int, int]]], first: int) -> dict[int, int]:
        """Return the last day's open tours with the minutes since their start.

        If possible, each tour belongs to a different association, and one of them to the first association.
        """
        found: dict[int, int] = {}
        teams: set[int] = set()
        candidates = [
            tour for tour in range(first, first + TOURS_PER_DAY)
            if any(persons for step, _cell, persons, _contacts in rows.get(tour, ()) if step < 2)
        ]  # fmt: skip
        candidates.sort(key=lambda tour: self._team(rows, tour) != 0)
        for distinct in (True, False):
            for tour in candidates:
                team = self._team(rows, tour)
                if len(found) < len(OPEN_MINUTES) and tour not in found and not (distinct and team in teams):
                    found[tour] = OPEN_MINUTES[len(found)]
                    teams.add(team)
        return found

    def _team(self, rows: dict[int, list[tuple[int, int, int, int]]], tour: int) -> int:
        return self.context.team_of[self.context.district[rows[tour][0][1]]]

    def _hour(self) -> float:
        part = self.context.dice.random()
        if part < 0.74:
            return 19 + 2.2 * self.context.dice.random()
        return 6.5 + 2 * self.context.dice.random() if part < 0.9 else 13 + 2.5 * self.context.dice.random()

    def _walk(self, tour: int, passed: list[tuple[int, int, int, int]], at: datetime, under_way: bool) -> None:
        """Add a simulated tour as it was filed, unless it ends in the future."""
        logged = bool(self.context.world.tours.logged[tour])
        minutes = (self.context.world.tours.hours[tour] * 60).round(1).tolist()
        at = at.replace(second=0, microsecond=0)
        ended = at + timedelta(minutes=sum(minutes))
        if not under_way and ended > self.context.until:
            return
        who = self.context.who(passed[0][1])
        if under_way and who.team == 0:
            # The member's login does the first of these tours.
            who = Member(0, self.context.dice.choice((2, 3, 4)) if self.member_walks else 1)
            self.member_walks = True
        alone = not under_way and self.context.dice.random() < 0.06
        cells: dict[int, float | None] = {}
        identity = self.context.id("tour", tour)
        for step, cell, persons, contacts in passed:
            share = self.context.dice.random()
            moment = at + timedelta(minutes=sum(minutes[:step]) + share * minutes[step])
            if under_way and moment > self.context.until - timedelta(minutes=2):
                break
            if alone:
                spent = minutes[step] if logged else None
                self._meet(f"{tour}/{step}", who, moment, cell, persons, contacts, None, spent)
                continue
            if not under_way:
                cells[cell] = (cells.get(cell) or 0.0) + minutes[step] if logged else None
            elif persons:
                cells[cell] = None
            if persons:
                self._meet(f"{tour}/{step}", who, moment, cell, persons, contacts, identity, None)
        if alone:
            return
        self.context.story.tours.append(
            StoryTour(
                identity, who, at, None if under_way else (ended if logged else at),
                self._mode(who), self.context.dice.choice((2, 2, 2, 3, 3, 4)), at + timedelta(minutes=1), cells,
                self._line(tour) if not under_way and logged and self.context.ago(at) < 7 and self.context.dice.random() < 0.5 else (),
            )
        )  # fmt: skip

    def _mode(self, who: Member) -> str:
        wheels = TourMode.VEHICLE if who.team in (4, 5) else TourMode.BICYCLE
        return str(wheels if self.context.dice.random() < 0.25 else TourMode.FOOT)

    def _line(self, tour: int) -> tuple[tuple[float, float], ...]:
        points = [
            self.context.point(self.context.cells[cell]) for cell in self.context.world.tours.route[tour].tolist()
        ]
        return tuple((point.longitude, point.latitude) for point in points)

    def _meet(
        self,
        number: str,
        who: Member,
        at: datetime,
        cell: int,
        persons: int,
        contacts: int,
        tour: uuid.UUID | None,
        minutes: float | None,
    ) -> None:
        """Add the encounters of one pass through a cell: the people are met in small groups."""
        left, helped, group = persons, contacts, 0
        while True:
            # Outside a tour, one encounter covers the whole visit.
            size = left if tour is None else min(left, self.context.dice.choice((1, 1, 1, 2, 2, 3, 4)))
            got = min(helped, size)
            self._encounter(f"{number}/{group}", who, at, cell, size, got, tour, minutes)
            left, helped, group = left - size, helped - got, group + 1
            at = min(at + timedelta(minutes=1), self.context.until - timedelta(minutes=1))
            if left <= 0:
                return

    def _encounter(
        self,
        number: str,
        who: Member,
        at: datetime,
        cell: int,
        persons: int,
        contacts: int,
        tour: uuid.UUID | None,
        minutes: float | None,
    ) -> None:
        ago = self.context.ago(at)
        asked, given = self._categories(cold(ago)) if persons else ([], [])
        if contacts == 0:
            given = []
        elif not given:
            given = [str(Category.COMPANY)]
        note, pinned = self._note(ago, persons)
        draft = EncounterDraft(
            at=at, place=self.context.point(cell), persons=persons, contacts=contacts, asked=asked, given=given,
            minutes=minutes, note=note, note_pinned=pinned, consent=persons > 0,
            place_text=self.context.dice.choice(words.PLACES) if persons and ago < 3 else "", tour=tour,
            id=self.context.id("encounter", number),
        )  # fmt: skip
        filed = min(at + timedelta(minutes=self.context.dice.choice((1, 2, 4, 9))), self.context.until)
        self.context.story.met.append(StoryEncounter(draft, who, filed))

    def _categories(self, frost: float) -> tuple[list[str], list[str]]:
        """Return the categories that people ask for at this level of cold, and the categories that they get."""
        asked = [
            str(category)
            for category, (mild, freezing, _given) in words.ASKED.items()
            if self.context.dice.random() < mild + (freezing - mild) * frost
        ]
        given = [category for category in asked if self.context.dice.random() < words.ASKED[category][2]]
        if str(Category.COMPANY) not in given and self.context.dice.random() < 0.3:
            given.append(str(Category.COMPANY))
        return asked, given

    def _note(self, ago: float, persons: int) -> tuple[str, bool]:
        """Return a note, and whether it is shared as a field note."""
        luck = self.context.dice.random()
        if persons and luck < (0.018 if ago < 21 else 0.004):
            return next(self.field_notes), True
        if ago >= TEXT_DAYS or luck > 0.2:
            return "", False
        return next(self.notes) if persons else self.context.dice.choice(words.NOBODY), False

    def _in_turn(self, texts: Sequence[str]) -> Iterator[str]:
        """Yield the texts in random order, endlessly."""
        return cycle(self.context.dice.sample(texts, len(texts)))
