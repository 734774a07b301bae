"""Corrections from another platform's event log.

Each correction is applied to its report, or it is stored only as history.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Self

from django.db import transaction

from needs.enums import ReportKind
from needs.help.corrections.correcting import follow, split
from needs.models import REPORT_MODELS, Correction
from needs.reports.correction_history.corrected_values import CORRECTABLE, WORDS, put, values_of


class Replayed(Enum):
    """The result for one correction. UNFIT: the report has neither the old nor the new values of the correction."""

    STORED = "stored"
    UNFIT = "unfit"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class PastCorrection:
    """A correction from an event log, with old and new values by name."""

    id: uuid.UUID
    at: datetime
    reason: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        return cls(values["id"], values["at"], values["reason"], values["before"], values["after"])


def replay(kind: ReportKind, report: uuid.UUID, past: PastCorrection) -> Replayed:
    """Store a correction as history. Apply each new value if the report still has the old value.

    Three kinds of value are stored as history only: values that the report already has, values that a later stored
    correction changed again, and text that retention has deleted from the report.
    """
    with transaction.atomic():
        row = REPORT_MODELS[kind].objects.select_for_update(of=("self",)).filter(pk=report).first()
        if row is None:
            return Replayed.MISSING
        now, old_cell = values_of(kind, row), row.cell
        later = list(Correction.objects.of(kind, report).filter(at__gt=past.at))
        wanted: dict[str, Any] = {}
        for name, value in past.after.items():
            if name not in CORRECTABLE[kind]:
                return Replayed.UNFIT
            followed = next((each for each in later if name in each.old_values), None)
            if followed is not None:
                if followed.old_values[name] != value:
                    return Replayed.UNFIT
            elif now[name] == past.before[name]:
                wanted[name] = value
            elif now[name] != value and not (name in WORDS and not now[name]):
                return Replayed.UNFIT
        if wanted:
            row.save(update_fields=put(row, wanted))
        Correction.objects.create(
            id=past.id, kind=kind, report=report, at=past.at, reason=past.reason,
            **split("before", past.before), **split("after", past.after),
        )  # fmt: skip
        if wanted:
            follow(kind, row, old_cell)
    return Replayed.STORED
