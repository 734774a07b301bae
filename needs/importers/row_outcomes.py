"""What an importer decides about a row, before anything is stored."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from needs.enums import Outcome
from needs.reports.declarations import NeedDraft, PresenceDraft

Draft = PresenceDraft | NeedDraft


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row came out as it did. code: stable, for programs. sentence: for people; no place, name or number in it."""

    code: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The outcome for one row. draft: what to file, None when the row is refused. state: of a need."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    draft: Draft | None = None
    state: str = ""

    @property
    def report(self) -> uuid.UUID | None:
        return self.draft.id if self.draft else None


def refused(*reasons: Reason) -> Plan:
    """The row is left out."""
    return Plan(Outcome.REFUSED, reasons)


@dataclass(slots=True)
class Findings:
    """What a planner notes on its way through a row. repairs: values were changed; remarks: they were not."""

    repairs: list[Reason] = field(default_factory=list)
    remarks: list[Reason] = field(default_factory=list)

    def repair(self, code: str, sentence: str) -> None:
        if all(reason.code != code for reason in self.repairs):
            self.repairs.append(Reason(code, sentence))

    def remark(self, code: str, sentence: str) -> None:
        self.remarks.append(Reason(code, sentence))

    def plan(self, draft: Draft, state: str = "", more: Sequence[Reason] = ()) -> Plan:
        """Repaired if anything was repaired, else accepted."""
        outcome = Outcome.REPAIRED if self.repairs else Outcome.ACCEPTED
        return Plan(outcome, (*self.repairs, *self.remarks, *more), draft, state)


class Unusable(ValueError):
    """A row cannot be used; carries the reason."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = Reason(code, sentence)
