"""What retention does: rules of each app, and what is kept for a reason. Every field that could hold something about a
person is covered by a rule or stands among what is kept; a test goes through all models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise

type Due = tuple[QuerySet[Any], dict[str, Any] | None]
"""Rows, and the values that they get; None: they are deleted."""


class Rule(Protocol):
    """One thing that is forgotten in time. covers: fields by their labels ("needs.Need.point"), or whole models."""

    @property
    def name(self) -> str: ...
    @property
    def says(self) -> str | Promise: ...
    @property
    def period(self) -> str: ...
    @property
    def covers(self) -> Sequence[str]: ...

    def count(self, now: datetime) -> int:
        """How many rows are due."""

    def carry_out(self, now: datetime) -> int:
        """Forget what is due; how many rows it was."""


@dataclass(frozen=True, slots=True)
class Fade:
    """A rule on rows of tables. says: in plain words, what becomes of what. period: a setting of periods.py, or ""."""

    name: str
    says: str | Promise
    period: str
    covers: Sequence[str]
    due: Callable[[datetime], Sequence[Due]]

    def count(self, now: datetime) -> int:
        return sum(rows.count() for rows, _values in self.due(now))

    def carry_out(self, now: datetime) -> int:
        number = 0
        with transaction.atomic():
            for rows, values in self.due(now):
                if values is None:
                    gone = rows.delete()[1]
                    number += gone.get(rows.model._meta.label, 0)
                else:
                    number += rows.update(**values)
        return number


@dataclass(frozen=True, slots=True)
class Act:
    """A rule that is more than rows of tables. counting: how many are due; doing: carries it out."""

    name: str
    says: str | Promise
    period: str
    covers: Sequence[str]
    counting: Callable[[datetime], int]
    doing: Callable[[datetime], int]

    def count(self, now: datetime) -> int:
        return self.counting(now)

    def carry_out(self, now: datetime) -> int:
        return self.doing(now)


_rules: dict[str, Rule] = {}
_kept: dict[str, str] = {}


def register(*added: Rule) -> None:
    """Rules of an app; they are carried out in the order in which they are registered."""
    _rules.update({rule.name: rule for rule in added})


def keeps(reasons: Mapping[str, str]) -> None:
    """Fields, or whole models, that no rule covers, each with the reason."""
    _kept.update(reasons)


def rules() -> list[Rule]:
    return list(_rules.values())


def kept() -> dict[str, str]:
    return dict(_kept)
