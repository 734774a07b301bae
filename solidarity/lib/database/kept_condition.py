"""Conditions that Django compiles once per process. Building their subqueries again takes most of the processor
time of a page that asks several questions about the same rows."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Func, Q, QuerySet
from django.utils import timezone

from solidarity.lib.database.kept_query import is_current

_ALIAS = re.compile(r'"([A-Z]+\d+)"')
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class _Hole:
    """A hole in compiled SQL. column: the place of a column; None for a parameter. name: the name of its value; "" for
    the time of the use if ``is_time``, else for a constant."""

    column: int | None = None
    name: str = ""
    is_time: bool = False
    constant: Any = None

    def value(self, values: Mapping[str, Any], at: datetime) -> Any:
        if self.name:
            return values[self.name]
        return at if self.is_time else self.constant


def _holes_for(params: Sequence[object], examples: Mapping[str, object], began: datetime) -> list[_Hole]:
    """Return the holes for the parameters of SQL compiled since ``began``. Raises KeyError for an example that is not among
    them, and for a time that is neither an example nor the current time."""
    names = [next((name for name, example in examples.items() if example == param), "") for param in params]
    if missing := examples.keys() - set(names):
        raise KeyError(missing)
    for name, param in zip(names, params, strict=True):
        if not name and isinstance(param, datetime) and not is_current(param, began):
            raise KeyError(param)
    return [
        _Hole(name=name) if name else _Hole(is_time=isinstance(param, datetime), constant=param)
        for name, param in zip(names, params, strict=True)
    ]


class KeptCondition:
    """A condition on the rows of a query in which only the values, the columns and the time change between uses.

    columns: the columns of the model that the condition reads. make: function that returns a queryset of this model for
    example values, filtered by the condition only. examples: the example values, all different, and different from all
    constants. The current time in the condition stands for the time of the use; there must be no time before or after it.
    """

    def __init__(self, columns: tuple[str, ...], make: Callable[..., QuerySet[Any]], **examples: object) -> None:
        self.columns, self.make, self.examples = columns, make, examples

    @cached_property
    def compiled(self) -> tuple[list[str], list[_Hole]]:
        """Return the SQL as parts, and the holes between them. Raises KeyError for an example value that does not occur,
        ValueError if the condition reads a column that is not in ``columns``."""
        began = timezone.now()
        query = self.make(**self.examples).query
        sql, params = query.get_compiler(connection=connection).compile(query.where)
        sql = self._with_own_aliases(sql)
        table, options = f'"{query.get_meta().db_table}".', query.get_meta()
        names = [f'{table}"{options.get_field(column).column}"' for column in self.columns]  # type: ignore[union-attr]
        splitter = re.compile("|".join(["%s", *map(re.escape, names)]))
        parts, given = splitter.split(sql), iter(_holes_for(params, self.examples, began))
        if any(table in part for part in parts):
            raise ValueError(f"the condition reads other columns than {self.columns}")
        holes = [next(given) if hole == "%s" else _Hole(column=names.index(hole)) for hole in splitter.findall(sql)]
        return parts, holes

    @staticmethod
    def _with_own_aliases(sql: str) -> str:
        """Give the subqueries names that no other query uses, so that none of them hides a column of the outer query."""
        number = next(_numbers)
        return _ALIAS.sub(lambda found: f'"kept{number}_{found[1].lower()}"', sql)

    def on(self, *columns: Any, **values: Any) -> Q:
        """Return the condition for values. columns: F() or other expressions in place of the columns, in their order."""
        return Q(_Condition(*columns, kept=self, values=tuple(sorted(values.items())), at=timezone.now()))


class _Condition(Func):
    """A KeptCondition for some columns and values."""

    output_field = BooleanField()

    def __init__(
        self, *columns: Any, kept: KeptCondition, values: tuple[tuple[str, Any], ...], at: datetime, **more: Any
    ) -> None:
        super().__init__(*columns, **more)
        self.kept, self.values, self.at = kept, dict(values), at

    def as_sql(self, compiler: Any, connection: Any, **_more: Any) -> Any:  # type: ignore[override]
        """Return the SQL and its parameters."""
        columns = [compiler.compile(each) for each in self.source_expressions]
        parts, holes = self.kept.compiled
        text: list[str] = [parts[0]]
        params: list[Any] = []
        for hole, after in zip(holes, parts[1:], strict=True):
            if hole.column is None:
                text += ("%s", after)
                params.append(hole.value(self.values, self.at))
            else:
                sql, some = columns[hole.column]
                text += (sql, after)
                params += some
        return "".join(text), params
