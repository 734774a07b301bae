"""From the simulated city to what was filed: who walked where and when, what was asked, given and written.

Everything follows from the seed and is timed back from one moment, ``until``; nothing here touches the database.
"""

import random
import uuid
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import cycle
from math import exp
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3
import numpy as np

from mapping.demo import people, words
from mapping.demo.places import PERSONS, Arrondissement
from mapping.world import EventKind, World, simulate
from mapping.world.ground import Floats, Ground
from needs.enums import Category, CommitmentState, NeedState, Origin, TourMode, Urgency
from needs.filing import AidDraft, EncounterDraft, NeedDraft, Place, PresenceDraft

PARIS = ZoneInfo("Europe/Paris")
TEXT_DAYS = 14  # free text that is not a field note is gone after that (privacy.md)
TOURS_PER_DAY = 18
OPEN_MINUTES = (104, 66, 37)  # how long ago tonight's open tours started

# How readily tours start in each arrondissement: the middle and the north-east are walked, the south-west is not.
LIKING = {
    1: 1.4, 2: 1.4, 3: 1.3, 4: 1.4, 5: 1.2, 6: 0.9, 7: 0.6, 8: 0.8, 9: 1.3, 10: 1.9,
    11: 1.5, 12: 0.5, 13: 0.9, 14: 0.7, 15: 0.3, 16: 0.07, 17: 0.7, 18: 1.3, 19: 1.2, 20: 0.7,
}  # fmt: skip
# Where tours come with empty hands: the association there looks, but has little to give.
EMPTY_HANDED = {13: 0.04, 20: 0.15}


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody without an association. number: in people.Cast.volunteers, 0 for the volunteer's login."""

    number: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of an association. team: number in people.TEAMS. number: in its members (people.Cast)."""

    team: int
    number: int


@dataclass(frozen=True, slots=True)
class Walk:
    """A tour. cells: minutes each, None where not logged. ended_at None: it is under way. line: (longitude, latitude)."""

    id: uuid.UUID
    who: Member
    at: datetime
    ended_at: datetime | None
    mode: str
    walkers: int
    filed_at: datetime
    cells: dict[int, float | None]
    line: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    draft: EncounterDraft
    who: Member
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment."""

    id: uuid.UUID
    who: Member | Volunteer
    made_at: datetime
    expires_at: datetime
    state: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A need with its way. steps: (state, moment), the last is where it stands. device: who filed it, before the
    pseudonym is made."""

    draft: NeedDraft
    device: str
    steps: tuple[tuple[str, datetime], ...]
    who: Member | Volunteer | None = None
    encounter: uuid.UUID | None = None
    promises: tuple[Promise, ...] = ()


@dataclass(frozen=True, slots=True)
class Helped:
    draft: AidDraft
    who: Member | Volunteer


@dataclass(slots=True)
class Story:
    walks: list[Walk] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    seen: list[PresenceDraft] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    helped: list[Helped] = field(default_factory=list)


def cold(days_ago: float) -> float:
    """How cold it was, between 0 (mild) and 1 (hard frost): two cold spells, one of them now."""
    return min(1.0, 0.25 + 0.65 * exp(-(((days_ago - 4) / 7) ** 2)) + 0.5 * exp(-(((days_ago - 46) / 9) ** 2)))


def live(every: Sequence[Arrondissement], seed: int, days: int) -> World:
    """The simulated city on the cells of the arrondissements."""
    number = {cell: place.number for place in every for cell in place.cells}
    ground = Ground.of(list(number))
    district = np.array([number[cell] for cell in ground.cell.tolist()])
    far = ground.from_middle()
    chance = np.random.default_rng([seed, 1])
    starts = np.array([LIKING[n] for n in district.tolist()]) * np.exp(
        -0.18 * far + 0.5 * ground.patchwork(chance, 0.5)
    )
    woods = far > np.where(np.isin(district, [12, 16]), 4.6, np.inf)
    starts[woods] = 0.0
    footfall: Floats = np.exp(0.7 * ground.patchwork(chance, 0.6) - 0.3 * far)
    helped = np.array([EMPTY_HANDED.get(n, 0.85) for n in district.tolist()])
    return simulate(
        ground.cell.tolist(), seed, days, footfall=footfall, starts=starts, helped=helped,
        persons=PERSONS, tours=TOURS_PER_DAY, returning=0.1, citizen_rate=0.022, spam=False,
    )  # fmt: skip


def tell(every: Sequence[Arrondissement], seed: int, days: int, until: datetime) -> Story:
    """The whole story of ``days`` days up to a moment."""
    return _Teller(every, seed, days, until).tell()


class _Teller:
    def __init__(self, every: Sequence[Arrondissement], seed: int, days: int, until: datetime) -> None:
        self.seed, self.days, self.until = seed, days, until.astimezone(PARIS)
        self.world = live(every, seed, days)
        self.cells: list[int] = self.world.ground.cell.tolist()
        self.district = {cell: place.number for place in every for cell in place.cells}
        self.team_of = {number: row for row, team in enumerate(people.TEAMS) for number in team.home}
        self.dice = random.Random(f"solidarity/{seed}/{days}")
        self.story = Story()
        self.member_walks = False
        self.notes, self.field_notes = self._in_turn(words.NOTES), self._in_turn(words.FIELD_NOTES)

    def tell(self) -> Story:
        self._tours()
        self._sightings()
        self._needs()
        self._breakfasts()
        return self.story

    # --- when, where, who ------------------------------------------------------------------------------------------

    def _id(self, kind: str, number: object) -> uuid.UUID:
        return uuid.uuid5(people.SPACE, f"{self.seed}/{self.days}/{kind}/{number}")

    def _clock(self, day: int, hour: float) -> datetime:
        """A world day and an hour of the day in Paris (past 24: after midnight)."""
        midnight = datetime.combine(self.until.date() - timedelta(days=self.days - 1 - day), datetime.min.time())
        return (midnight + timedelta(hours=hour)).replace(tzinfo=PARIS)

    def _ago(self, moment: datetime) -> float:
        """Days before the end."""
        return (self.until - moment) / timedelta(days=1)

    def _point(self, cell: int) -> Place:
        """Somewhere in a cell: in one of its six triangles, evenly, a little off the border."""
        middle, border = h3.cell_to_latlng(cell), h3.cell_to_boundary(cell)
        side = self.dice.randrange(len(border))
        one, two = border[side], border[(side + 1) % len(border)]
        u, v = self.dice.random(), self.dice.random()
        if u + v > 1:
            u, v = 1 - u, 1 - v
        u, v = 0.93 * u, 0.93 * v
        return Place(*(round(m + u * (a - m) + v * (b - m), 6) for m, a, b in zip(middle, one, two, strict=True)))

    def _who(self, cell: int) -> Member:
        """Somebody of the association that is at home around a cell."""
        team = self.team_of[self.district[cell]]
        size = len(people.TEAMS[team].members) + sum(login.team == people.TEAMS[team].slug for login in people.LOGINS)
        # The dispatcher's login is number 0 of the first team and does not walk; the member's is number 1 and does.
        member = self.dice.choice([1, 1, *range(2, size)]) if team == 0 else self.dice.randrange(size)
        return Member(team, member)

    # --- tours and encounters --------------------------------------------------------------------------------------

    def _tours(self) -> None:
        events = self.world.events
        passes = events.where(events.kind == EventKind.PASS)
        order = np.lexsort((passes.step, passes.tour))
        rows: dict[int, list[tuple[int, int, int, int]]] = {}
        for tour, step, cell, persons, contacts in zip(
            passes.tour[order].tolist(), passes.step[order].tolist(), passes.cell[order].tolist(),
            passes.persons[order].tolist(), passes.contacts[order].tolist(), strict=True,
        ):  # fmt: skip
            rows.setdefault(tour, []).append((step, self.cells[cell], persons, contacts))
        last = (self.days - 1) * TOURS_PER_DAY
        tonight = self._tonight(rows, last)
        for tour, passed in rows.items():
            if tour in tonight:
                self._walk(tour, passed, self.until - timedelta(minutes=tonight[tour]), under_way=True)
            else:
                self._walk(tour, passed, self._clock(tour // TOURS_PER_DAY, self._hour()), under_way=False)

    def _tonight(self, rows: dict[int, list[tuple[int, int, int, int]]], first: int) -> dict[int, int]:
        """Which of the last day's tours are under way, and since how many minutes: of several associations, the first
        one's among them if it walks."""
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
        return self.team_of[self.district[rows[tour][0][1]]]

    def _hour(self) -> float:
        part = self.dice.random()
        if part < 0.74:
            return 19 + 2.2 * self.dice.random()
        return 6.5 + 2 * self.dice.random() if part < 0.9 else 13 + 2.5 * self.dice.random()

    def _walk(self, tour: int, passed: list[tuple[int, int, int, int]], at: datetime, under_way: bool) -> None:
        """One tour of the world as it was filed; nothing when it lies in the future."""
        logged = bool(self.world.tours.logged[tour])
        minutes = (self.world.tours.hours[tour] * 60).round(1).tolist()
        at = at.replace(second=0, microsecond=0)
        ended = at + timedelta(minutes=sum(minutes))
        if not under_way and ended > self.until:
            return
        who = self._who(passed[0][1])
        if under_way and who.team == 0:
            # The member's login walks the first of them, others the next.
            who = Member(0, self.dice.choice((2, 3, 4)) if self.member_walks else 1)
            self.member_walks = True
        alone = not under_way and self.dice.random() < 0.06
        cells: dict[int, float | None] = {}
        identity = self._id("tour", tour)
        for step, cell, persons, contacts in passed:
            share = self.dice.random()
            moment = at + timedelta(minutes=sum(minutes[:step]) + share * minutes[step])
            if under_way and moment > self.until - timedelta(minutes=2):
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
        self.story.walks.append(
            Walk(
                identity, who, at, None if under_way else (ended if logged else at),
                self._mode(who), self.dice.choice((2, 2, 2, 3, 3, 4)), at + timedelta(minutes=1), cells,
                self._line(tour) if not under_way and logged and self._ago(at) < 7 and self.dice.random() < 0.5 else (),
            )
        )  # fmt: skip

    def _mode(self, who: Member) -> str:
        wheels = TourMode.VEHICLE if who.team in (4, 5) else TourMode.BICYCLE
        return str(wheels if self.dice.random() < 0.25 else TourMode.FOOT)

    def _line(self, tour: int) -> tuple[tuple[float, float], ...]:
        points = [self._point(self.cells[cell]) for cell in self.world.tours.route[tour].tolist()]
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
        """The people met in one pass of a cell, in groups of a few."""
        left, helped, group = persons, contacts, 0
        while True:
            # Outside a tour one encounter stands for the whole visit.
            size = left if tour is None else min(left, self.dice.choice((1, 1, 1, 2, 2, 3, 4)))
            got = min(helped, size)
            self._encounter(f"{number}/{group}", who, at, cell, size, got, tour, minutes)
            left, helped, group = left - size, helped - got, group + 1
            at = min(at + timedelta(minutes=1), self.until - timedelta(minutes=1))
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
        ago = self._ago(at)
        asked, given = self._categories(cold(ago)) if persons else ([], [])
        if contacts == 0:
            given = []
        elif not given:
            given = [str(Category.COMPANY)]
        note, pinned = self._note(ago, persons)
        draft = EncounterDraft(
            at=at, place=self._point(cell), persons=persons, contacts=contacts, asked=asked, given=given,
            minutes=minutes, note=note, note_pinned=pinned, consent=persons > 0,
            place_text=self.dice.choice(words.PLACES) if persons and ago < 3 else "", tour=tour,
            id=self._id("encounter", number),
        )  # fmt: skip
        filed = min(at + timedelta(minutes=self.dice.choice((1, 2, 4, 9))), self.until)
        self.story.met.append(Met(draft, who, filed))

    def _categories(self, frost: float) -> tuple[list[str], list[str]]:
        """What is asked for in this cold, and what of it could be given."""
        asked = [
            str(category)
            for category, (mild, freezing, _given) in words.ASKED.items()
            if self.dice.random() < mild + (freezing - mild) * frost
        ]
        given = [category for category in asked if self.dice.random() < words.ASKED[category][2]]
        if str(Category.COMPANY) not in given and self.dice.random() < 0.3:
            given.append(str(Category.COMPANY))
        return asked, given

    def _note(self, ago: float, persons: int) -> tuple[str, bool]:
        """(the note, whether it is pinned as a field note)."""
        luck = self.dice.random()
        if persons and luck < (0.018 if ago < 21 else 0.004):
            return next(self.field_notes), True
        if ago >= TEXT_DAYS or luck > 0.2:
            return "", False
        return next(self.notes) if persons else self.dice.choice(words.NOBODY), False

    def _in_turn(self, texts: Sequence[str]) -> Iterator[str]:
        """The texts in a random order, again and again."""
        return cycle(self.dice.sample(texts, len(texts)))

    # --- citizens and needs ----------------------------------------------------------------------------------------

    def _sightings(self) -> None:
        events = self.world.events
        citizens = events.where(events.kind == EventKind.CITIZEN)
        self.reports: list[tuple[float, int, int]] = []
        for number, (day, cell, source) in enumerate(
            zip(citizens.day.tolist(), citizens.cell.tolist(), citizens.source.tolist(), strict=True)
        ):
            at = self._clock(day, self._waking_hour())
            if at > self.until:
                continue
            self.reports.append((self._ago(at), self.cells[cell], source))
            self.story.seen.append(
                PresenceDraft(
                    at=at, place=self._point(self.cells[cell]), source=f"demo-{source}", with_account=source % 10 < 3,
                    persons=self.dice.choice((1, 1, 1, 2)),
                    text=self.dice.choice(words.SIGHTINGS) if self._ago(at) < TEXT_DAYS else "",
                    id=self._id("sighting", number),
                )
            )  # fmt: skip
        self.reports.sort()

    def _waking_hour(self) -> float:
        return min(23.5, max(7.0, self.dice.gauss(17.5, 3.5)))

    def _needs(self) -> None:
        number = 0
        plans = [
            plan for plan in _PLANS for _ in range(max(1, round(plan.count * (self.days / 90 if plan.old else 1))))
        ]
        for plan in plans:
            number += 1
            self._need(number, plan)
        self._burst(number)

    def _moment(self, low: float, high: float) -> datetime:
        """A moment between so many days ago; when people are awake, if the span allows."""
        low, high = min(low, self.days - 1.5), min(high, self.days - 1.0)
        for _ in range(12):
            at = self.until - timedelta(days=self.dice.uniform(low, high))
            if 7 <= at.hour < 24:
                break
        return at.replace(microsecond=0)

    def _need(self, number: int, plan: "_Plan") -> None:
        at = self._moment(*plan.days_ago)
        ago = self._ago(at)
        from_encounter = self._from_encounter(at) if plan.may_be_met and self.dice.random() < 0.22 else None
        if from_encounter is not None:
            at, ago = from_encounter.filed_at, self._ago(from_encounter.filed_at)
            place, cell = (
                from_encounter.draft.place,
                h3.latlng_to_cell(from_encounter.draft.place.latitude, from_encounter.draft.place.longitude, 9),
            )
        else:
            row = min(max(bisect(self.reports, (ago,)) + self.dice.randrange(-6, 7), 0), len(self.reports) - 1)
            cell = self.reports[row][1]
            place = self._point(cell)
        kinds, texts = self.dice.choices(words.NEEDS, weights=_weights(cold(ago)))[0]
        if NeedState.PARTLY_MET in plan.way and len(kinds) == 1:  # one part was brought, another one was not
            kinds = (*kinds, Category.HYGIENE if Category.COMPANY in kinds else Category.COMPANY)
        origin = self.dice.choices((Origin.CITIZEN, Origin.SELF), weights=(7, 3))[0]
        member = Volunteer(self.dice.randrange(1, 3)) if from_encounter is None and self.dice.random() < 0.1 else None
        draft = NeedDraft(
            at=at, place=place, kinds=[str(kind) for kind in kinds],
            urgency=str(plan.urgency or self.dice.choices(tuple(Urgency), weights=(4, 4, 2) if ago < 1 else (1, 9, 5))[0]),
            persons=from_encounter.draft.persons if from_encounter else self.dice.choice((1, 1, 1, 2, 2, 3)),
            text=self.dice.choice(texts) if ago < TEXT_DAYS else "",
            place_text=self.dice.choice(words.PLACES) if ago < TEXT_DAYS else "",
            contact=self._contact() if from_encounter is None and ago < TEXT_DAYS and self.dice.random() < 0.5 else "",
            origin=str(Origin.ENCOUNTER if from_encounter else origin), with_account=member is not None,
            id=self._id("need", number),
        )  # fmt: skip
        who = from_encounter.who if from_encounter else member
        asked = Asked(
            draft,
            f"demo-need-{number}",
            self._steps(plan, at),
            who,
            from_encounter.draft.id if from_encounter else None,
        )
        asked = replace(asked, promises=self._promises(number, asked, plan, cell))
        self.story.asked.append(asked)
        self._kept(number, asked)

    def _from_encounter(self, at: datetime) -> Met | None:
        """An encounter of about that time in which people were met."""
        near = [
            met for met in self.story.met if met.draft.persons and abs(met.draft.at - at) < timedelta(hours=20)
            and met.filed_at <= at + timedelta(hours=2) and met.filed_at < self.until - timedelta(minutes=20)
        ]  # fmt: skip
        return self.dice.choice(near) if near else None

    def _contact(self) -> str:
        # Numbers that the French regulator keeps for fiction.
        digits = f"{self.dice.randrange(10_000):04d}"
        return f"06 39 98 {digits[:2]} {digits[2:]}"

    def _steps(self, plan: "_Plan", at: datetime) -> tuple[tuple[str, datetime], ...]:
        """The states on the way with their moments, all before the end."""
        gaps = [self.dice.uniform(*_GAPS[state]) for state in plan.way[1:]]
        room = (self.until - at) / timedelta(hours=1) * 0.9
        scale = min(1.0, room / sum(gaps)) if gaps else 1.0
        moments = [at]
        for gap in gaps:
            moments.append(moments[-1] + timedelta(hours=gap * scale))
        return tuple((str(state), moment) for state, moment in zip(plan.way, moments, strict=True))

    def _promises(self, number: int, asked: Asked, plan: "_Plan", cell: int) -> tuple[Promise, ...]:
        """One commitment for each time somebody took the need, two where it changed hands."""
        promises = []
        for row, (state, made) in enumerate(asked.steps):
            if state != NeedState.COMMITTED:
                continue
            following = asked.steps[row + 1] if row + 1 < len(asked.steps) else None
            who = self._volunteer(number, cell, plan)
            if following is None:
                outcome, ended = CommitmentState.ACTIVE, None
                who = self._with_room(who)
                expires = self.until + timedelta(hours=self.dice.choice((2, 4, 7, 12, 20, 31, 44)))
            else:
                ended = following[1]
                if following[0] == NeedState.MET and number % 11 == 0:
                    outcome = CommitmentState.BY_OTHERS
                elif following[0] in (NeedState.MET, NeedState.PARTLY_MET):
                    outcome = CommitmentState.DONE
                elif number % 3 and self.dice.random() < 0.4:
                    outcome = CommitmentState.WITHDRAWN
                else:
                    outcome = CommitmentState.EXPIRED
                expires = ended if outcome == CommitmentState.EXPIRED else ended + timedelta(hours=6)
            if ended is not None and outcome == CommitmentState.DONE and number % 5 == 0:
                moment = made + (ended - made) / 3
                first = Volunteer(2) if who == Volunteer(1) else Volunteer(1)
                handed = self._id("promise", f"{number}/{row}/handed")
                promises.append(Promise(handed, first, made, expires, str(CommitmentState.HANDED), moment))
                made = moment
            promises.append(Promise(self._id("promise", f"{number}/{row}"), who, made, expires, str(outcome), ended))
        return tuple(promises)

    def _volunteer(self, number: int, cell: int, plan: "_Plan") -> Member | Volunteer:
        """Who takes a need: now and then the volunteer's login, else a volunteer or somebody of the association
        around."""
        if (self.district[cell] in people.VOLUNTEER_PLACES and number % 6 == 0) or (
            plan.first_hand and number % 3 == 0
        ):
            return Volunteer(0)
        return Volunteer(self.dice.randrange(1, 3)) if self.dice.random() < 0.4 else self._who(cell)

    def _with_room(self, who: Member | Volunteer) -> Member | Volunteer:
        """Whoever takes a need and still holds it; the volunteer's login keeps room to take another one."""
        held = sum(
            p.who == who and p.state == CommitmentState.ACTIVE for asked in self.story.asked for p in asked.promises
        )
        return Volunteer(1) if who == Volunteer(0) and held >= 2 else who

    def _kept(self, number: int, asked: Asked) -> None:
        """The aid that came of commitments kept."""
        assert asked.draft.place is not None
        for promise in asked.promises:
            if promise.state == CommitmentState.DONE and promise.ended_at is not None:
                whole = asked.steps[-1][0] == NeedState.MET
                draft = AidDraft(
                    at=promise.ended_at, place=asked.draft.place, contacts=asked.draft.persons if whole else 1,
                    given=asked.draft.kinds, need=asked.draft.id, id=self._id("aid", number),
                )  # fmt: skip
                self.story.helped.append(Helped(draft, promise.who))

    def _burst(self, number: int) -> None:
        """Four needs of one device past the rate limit: they wait for a moderator."""
        row = self.reports[min(5, len(self.reports) - 1)]
        for step, text in enumerate(words.HELD):
            at = self.until - timedelta(minutes=52 - 6 * step)
            draft = NeedDraft(
                at=at, place=self._point(row[1]), kinds=[str(Category.SHELTER)], urgency=str(Urgency.NOW), text=text,
                id=self._id("need", number + 1 + step),
            )  # fmt: skip
            self.story.asked.append(Asked(draft, "demo-burst", ((str(NeedState.HELD), at),)))

    # --- meals -----------------------------------------------------------------------------------------------------

    def _breakfasts(self) -> None:
        """Breakfast on Saturday and Sunday mornings, at two places that stay the same."""
        spots = {2: self._busiest(4), 0: self._busiest(19)}
        for day in range(self.days):
            for team, cell in spots.items():
                at = self._clock(day, 8.0 + self.dice.random())
                number = self.dice.randrange(3, 9)
                if at.weekday() < 5 or at > self.until:
                    continue
                given = [str(Category.FOOD), str(Category.WATER), str(Category.COMPANY)]
                draft = AidDraft(
                    at=at, place=self._point(cell), contacts=number, given=given,
                    id=self._id("breakfast", f"{self.days - day}/{team}"),
                )  # fmt: skip
                self.story.helped.append(Helped(draft, Member(team, 2)))

    def _busiest(self, number: int) -> int:
        """The cell of an arrondissement where most people were."""
        total = self.world.persons.sum(axis=0)
        rows = [row for row, cell in enumerate(self.cells) if self.district[cell] == number]
        return self.cells[max(rows, key=lambda row: int(total[row]))]


def _weights(frost: float) -> list[float]:
    """How often each kind of need is asked for in this cold."""
    found = []
    for kinds, _texts in words.NEEDS:
        mild, freezing, _given = words.ASKED[kinds[0]]
        found.append(mild + (freezing - mild) * frost)
    return found


@dataclass(frozen=True, slots=True)
class _Plan:
    """So many needs that stand in one state. way: its states in order. days_ago: when they were filed. old: their number
    grows with the length of the story."""

    count: int
    way: tuple[NeedState, ...]
    days_ago: tuple[float, float]
    old: bool = False
    urgency: Urgency | None = None
    may_be_met: bool = True
    first_hand: bool = False


_N, _V, _O, _C = NeedState.NEW, NeedState.VERIFIED, NeedState.OPEN, NeedState.COMMITTED
_GAPS: dict[NeedState, tuple[float, float]] = {
    NeedState.VERIFIED: (0.3, 5.0),
    NeedState.OPEN: (0.1, 3.0),
    NeedState.COMMITTED: (0.5, 16.0),
    NeedState.PARTLY_MET: (1.0, 20.0),
    NeedState.MET: (0.7, 22.0),
    NeedState.UNMET: (30.0, 90.0),
    NeedState.DUPLICATE: (0.2, 6.0),
    NeedState.REJECTED: (0.2, 9.0),
    NeedState.EXPIRED: (72.0, 140.0),
}
_PLANS = (
    _Plan(5, (_N,), (0.01, 0.25), urgency=Urgency.NOW, may_be_met=False),
    _Plan(7, (_N,), (0.05, 1.3)),
    _Plan(5, (_N, _V), (0.2, 1.5)),
    _Plan(11, (_N, _V, _O), (0.3, 4.0)),
    _Plan(3, (_N, _V, _O, _C, _O), (1.2, 4.0), first_hand=True),
    _Plan(9, (_N, _V, _O, _C), (0.3, 2.5), first_hand=True),
    _Plan(4, (_N, _V, _O, _C, NeedState.PARTLY_MET), (1.0, 5.0)),
    _Plan(22, (_N, _V, _O, _C, NeedState.MET), (1.5, 14.0), first_hand=True),
    _Plan(105, (_N, _V, _O, _C, NeedState.MET), (6.0, 89.0), old=True),
    _Plan(14, (_N, _V, _O, _C, _O, NeedState.UNMET), (8.0, 89.0), old=True),
    _Plan(22, (_N, _V, _O, NeedState.EXPIRED), (8.0, 89.0), old=True),
    _Plan(9, (_N, NeedState.DUPLICATE), (0.5, 60.0), old=True),
    _Plan(6, (_N, NeedState.REJECTED), (0.5, 60.0), old=True),
)
