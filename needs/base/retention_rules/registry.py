"""The list of all retention rules, and of the fields that are kept without a rule, each with the reason.

A test checks that every field that could hold personal data has a rule or a reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise

type Due = tuple[QuerySet[Any], dict[str, Any] | None]
"""Rows and their new values; None deletes the rows."""


class Rule(Protocol):
    """A retention rule. covers: labels of fields ("needs.Need.point") or of whole models."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str | Promise: ...
    @property
    def period(self) -> str: ...
    @property
    def covers(self) -> Sequence[str]: ...

    def count(self, now: datetime) -> int:
        """Return the number of rows to delete or blank now."""

    def carry_out(self, now: datetime) -> int:
        """Delete or blank these rows; return their number."""


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule that deletes or blanks rows.

    description: a sentence for coordinators. period: name of a setting in ``retention_periods``, or "". due: function
    that returns the rows to change.
    """

    name: str
    description: str | Promise
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
                    number += rows.delete()[1].get(rows.model._meta.label, 0)
                else:
                    number += rows.update(**values)
        return number


@dataclass(frozen=True, slots=True)
class CustomRule:
    """A rule with its own functions. count_due: function that returns the number of rows to change. apply: function
    that carries the rule out."""

    name: str
    description: str | Promise
    period: str
    covers: Sequence[str]
    count_due: Callable[[datetime], int]
    apply: Callable[[datetime], int]

    def count(self, now: datetime) -> int:
        return self.count_due(now)

    def carry_out(self, now: datetime) -> int:
        return self.apply(now)


_rules: dict[str, Rule] = {}
_reasons: dict[str, str] = {}


def register(*added: Rule) -> None:
    """Register rules of an app; they are carried out in this order."""
    _rules.update({rule.name: rule for rule in added})


def keep_with_reason(reasons: Mapping[str, str]) -> None:
    """Register the fields or whole models that no rule covers, each with its reason."""
    _reasons.update(reasons)


def rules() -> list[Rule]:
    """Return the registered rules in their order."""
    return list(_rules.values())


def kept_with_reason() -> dict[str, str]:
    """Return the labels kept without a rule, with their reasons."""
    return dict(_reasons)
