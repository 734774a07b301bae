"""The story's needs: kinds, states, commitments and outcomes."""

from bisect import bisect
from dataclasses import replace
from datetime import datetime, timedelta

import h3.api.basic_int as h3

from needs.base.records.declarations import AidDraft, NeedDraft
from needs.enums import Category, CommitmentState, NeedState, Origin, Urgency
from solidarity.ops.demo import people
from solidarity.ops.demo.narrative import texts as words
from solidarity.ops.demo.narrative.city import cold
from solidarity.ops.demo.narrative.context import StoryContext
from solidarity.ops.demo.narrative.outcomes import GAPS, PLANS, Plan
from solidarity.ops.demo.narrative.story import (
    TEXT_DAYS,
    Member,
    StoryAid,
    StoryCommitment,
    StoryEncounter,
    StoryNeed,
    Volunteer,
)


class Needs:
    """Invents needs where people were seen. reports: the citizens' reports (citizens.sightings)."""

    def __init__(self, context: StoryContext, reports: list[tuple[float, int, int]]) -> None:
        self.context, self.reports = context, reports

    def add(self) -> None:
        number = 0
        plans = [
            plan
            for plan in PLANS
            for _ in range(max(1, round(plan.count * (self.context.days / 90 if plan.old else 1))))
        ]
        for plan in plans:
            number += 1
            self._need(number, plan)
        self._burst(number)

    def _moment(self, low: float, high: float) -> datetime:
        """Return a datetime in a span of days before the end, during waking hours if possible."""
        low, high = min(low, self.context.days - 1.5), min(high, self.context.days - 1.0)
        for _ in range(12):
            at = self.context.until - timedelta(days=self.context.dice.uniform(low, high))
            if 7 <= at.hour < 24:
                break
        return at.replace(microsecond=0)

    def _need(self, number: int, plan: Plan) -> None:
        at = self._moment(*plan.days_ago)
        ago = self.context.ago(at)
        from_encounter = self._from_encounter(at) if plan.may_be_met and self.context.dice.random() < 0.22 else None
        if from_encounter is not None:
            at, ago = from_encounter.filed_at, self.context.ago(from_encounter.filed_at)
            place = from_encounter.draft.place
            cell = h3.latlng_to_cell(place.latitude, place.longitude, 9)
        else:
            row = min(max(bisect(self.reports, (ago,)) + self.context.dice.randrange(-6, 7), 0), len(self.reports) - 1)
            cell = self.reports[row][1]
            place = self.context.point(cell)
        kinds, texts = self.context.dice.choices(words.NEEDS, weights=_weights(cold(ago)))[0]
        if NeedState.PARTLY_MET in plan.way and len(kinds) == 1:  # one kind of help was brought, another kind was not
            kinds = (*kinds, Category.HYGIENE if Category.COMPANY in kinds else Category.COMPANY)
        origin = self.context.dice.choices((Origin.CITIZEN, Origin.SELF), weights=(7, 3))[0]
        member = (
            Volunteer(self.context.dice.randrange(1, 3))
            if from_encounter is None and self.context.dice.random() < 0.1
            else None
        )
        draft = NeedDraft(
            at=at, place=place, kinds=[str(kind) for kind in kinds],
            urgency=str(plan.urgency or self.context.dice.choices(tuple(Urgency), weights=(4, 4, 2) if ago < 1 else (1, 9, 5))[0]),
            persons=from_encounter.draft.persons if from_encounter else self.context.dice.choice((1, 1, 1, 2, 2, 3)),
            text=self.context.dice.choice(texts) if ago < TEXT_DAYS else "",
            place_text=self.context.dice.choice(words.PLACES) if ago < TEXT_DAYS else "",
            contact=self._contact() if from_encounter is None and ago < TEXT_DAYS and self.context.dice.random() < 0.5 else "",
            origin=str(Origin.ENCOUNTER if from_encounter else origin), with_account=member is not None,
            id=self.context.id("need", number),
        )  # fmt: skip
        who = from_encounter.who if from_encounter else member
        encounter = from_encounter.draft.id if from_encounter else None
        asked = StoryNeed(draft, f"demo-need-{number}", self._steps(plan, at), who, encounter)
        asked = replace(asked, commitments=self._commitments(number, asked, plan, cell))
        self.context.story.asked.append(asked)
        self._aid(number, asked)

    def _from_encounter(self, at: datetime) -> StoryEncounter | None:
        """Return an encounter around the given time in which people were met, or None."""
        near = [
            met for met in self.context.story.met if met.draft.persons and abs(met.draft.at - at) < timedelta(hours=20)
            and met.filed_at <= at + timedelta(hours=2) and met.filed_at < self.context.until - timedelta(minutes=20)
        ]  # fmt: skip
        return self.context.dice.choice(near) if near else None

    def _contact(self) -> str:
        # The French regulator reserves these numbers for fiction.
        digits = f"{self.context.dice.randrange(10_000):04d}"
        return f"06 39 98 {digits[:2]} {digits[2:]}"

    def _steps(self, plan: Plan, at: datetime) -> tuple[tuple[str, datetime], ...]:
        """Return the states with their datetimes, all before the end."""
        gaps = [self.context.dice.uniform(*GAPS[state]) for state in plan.way[1:]]
        room = (self.context.until - at) / timedelta(hours=1) * 0.9
        scale = min(1.0, room / sum(gaps)) if gaps else 1.0
        moments = [at]
        for gap in gaps:
            moments.append(moments[-1] + timedelta(hours=gap * scale))
        return tuple((str(state), moment) for state, moment in zip(plan.way, moments, strict=True))

    def _commitments(self, number: int, asked: StoryNeed, plan: Plan, cell: int) -> tuple[StoryCommitment, ...]:
        """Return one commitment for each time that somebody took the need, or two if the need was handed over."""
        commitments = []
        for row, (state, made) in enumerate(asked.steps):
            if state != NeedState.COMMITTED:
                continue
            following = asked.steps[row + 1] if row + 1 < len(asked.steps) else None
            who = self._volunteer(number, cell, plan)
            if following is None:
                outcome, ended = CommitmentState.ACTIVE, None
                who = self._with_room(who)
                expires = self.context.until + timedelta(hours=self.context.dice.choice((2, 4, 7, 12, 20, 31, 44)))
            else:
                ended = following[1]
                if following[0] == NeedState.MET and number % 11 == 0:
                    outcome = CommitmentState.BY_OTHERS
                elif following[0] in (NeedState.MET, NeedState.PARTLY_MET):
                    outcome = CommitmentState.DONE
                elif number % 3 and self.context.dice.random() < 0.4:
                    outcome = CommitmentState.WITHDRAWN
                else:
                    outcome = CommitmentState.EXPIRED
                expires = ended if outcome == CommitmentState.EXPIRED else ended + timedelta(hours=6)
            if ended is not None and outcome == CommitmentState.DONE and number % 5 == 0:
                moment = made + (ended - made) / 3
                first = Volunteer(2) if who == Volunteer(1) else Volunteer(1)
                handed = self.context.id("commitment", f"{number}/{row}/handed")
                commitments.append(StoryCommitment(handed, first, made, expires, str(CommitmentState.HANDED), moment))
                made = moment
            commitments.append(
                StoryCommitment(
                    self.context.id("commitment", f"{number}/{row}"), who, made, expires, str(outcome), ended
                )
            )
        return tuple(commitments)

    def _volunteer(self, number: int, cell: int, plan: Plan) -> Member | Volunteer:
        """Return the person who takes a need: the volunteer's login, another volunteer, or a member of the local
        association."""
        if (self.context.district[cell] in people.VOLUNTEER_PLACES and number % 6 == 0) or (
            plan.first_hand and number % 3 == 0
        ):
            return Volunteer(0)
        return (
            Volunteer(self.context.dice.randrange(1, 3)) if self.context.dice.random() < 0.4 else self.context.who(cell)
        )

    def _with_room(self, who: Member | Volunteer) -> Member | Volunteer:
        """Return the person who holds a need that is still open. The volunteer's login holds at most two needs."""
        held = sum(
            p.who == who and p.state == CommitmentState.ACTIVE
            for asked in self.context.story.asked
            for p in asked.commitments
        )
        return Volunteer(1) if who == Volunteer(0) and held >= 2 else who

    def _aid(self, number: int, asked: StoryNeed) -> None:
        """Add the aid from kept commitments."""
        assert asked.draft.place is not None
        for commitment in asked.commitments:
            if commitment.state == CommitmentState.DONE and commitment.ended_at is not None:
                whole = asked.steps[-1][0] == NeedState.MET
                draft = AidDraft(
                    at=commitment.ended_at, place=asked.draft.place, contacts=asked.draft.persons if whole else 1,
                    given=asked.draft.kinds, need=asked.draft.id, id=self.context.id("aid", number),
                )  # fmt: skip
                self.context.story.helped.append(StoryAid(draft, commitment.who))

    def _burst(self, number: int) -> None:
        """Add four needs beyond the rate limit of one device. They wait for a moderator."""
        row = self.reports[min(5, len(self.reports) - 1)]
        for step, text in enumerate(words.HELD):
            at = self.context.until - timedelta(minutes=52 - 6 * step)
            draft = NeedDraft(
                at=at, place=self.context.point(row[1]), kinds=[str(Category.SHELTER)], urgency=str(Urgency.NOW), text=text,
                id=self.context.id("need", number + 1 + step),
            )  # fmt: skip
            self.context.story.asked.append(StoryNeed(draft, "demo-burst", ((str(NeedState.HELD), at),)))


def _weights(frost: float) -> list[float]:
    """Return the relative frequency of each entry of NEEDS at this level of cold."""
    asked = [words.ASKED[kinds[0]] for kinds, _texts in words.NEEDS]
    return [mild + (freezing - mild) * frost for mild, freezing, _given in asked]
