"""Decisions about a row, before anything is stored."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from needs.base.records.declarations import AidDraft, EncounterDraft, NeedDraft, PresenceDraft
from needs.enums import Outcome

Draft = PresenceDraft | NeedDraft | EncounterDraft | AidDraft


@dataclass(frozen=True, slots=True)
class Reason:
    """Reason for an outcome. code: a stable code for programs. sentence: a sentence for people, without any place, name
    or number."""

    code: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The outcome of a row. draft: the report of the row, None for a refused row. state: state of a need."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    draft: Draft | None = None
    state: str = ""

    @property
    def report(self) -> uuid.UUID | None:
        return self.draft.id if self.draft else None


def refused(*reasons: Reason) -> Plan:
    return Plan(Outcome.REFUSED, reasons)


@dataclass(slots=True)
class Findings:
    """Notes on a row. repairs: the remarks about changed values. remarks: the remarks about unchanged values."""

    repairs: list[Reason] = field(default_factory=list)
    remarks: list[Reason] = field(default_factory=list)

    def repair(self, code: str, sentence: str) -> None:
        """Note a changed value, once per code."""
        if all(reason.code != code for reason in self.repairs):
            self.repairs.append(Reason(code, sentence))

    def remark(self, code: str, sentence: str) -> None:
        """Note a remark about an unchanged value."""
        self.remarks.append(Reason(code, sentence))

    def plan(self, draft: Draft, state: str = "", more: Sequence[Reason] = ()) -> Plan:
        """Return the plan for storing a row, with the outcome repaired or accepted."""
        outcome = Outcome.REPAIRED if self.repairs else Outcome.ACCEPTED
        return Plan(outcome, (*self.repairs, *self.remarks, *more), draft, state)


class UnusableRow(ValueError):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = Reason(code, sentence)
