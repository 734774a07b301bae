"""Queries that Django compiles once per process, and PostgreSQL plans once per connection. Both take longer than finding a
row by its key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from django.db import connection, models
from django.db.models import Count, F, Func, Value
from django.utils import timezone

from solidarity.lib.database import prepared_statements

_CONSTANTS = (str, int, float)
_CASTS = ((bool, "boolean"), (int, "bigint"), (datetime, "timestamptz"))


def one_of(column: str, array: object, kind: str) -> Func:
    """Return the condition that a column has one of the values of an array. The array is a single parameter, a text as
    prepared_statements.array makes it. kind: PostgreSQL's type of an element."""
    return Func(
        F(column), Value(array), template=f"(%(expressions)s::{kind}[]))", arg_joiner=" = ANY(",
        output_field=models.BooleanField(),
    )  # fmt: skip


def starts_with(column: str, text: str) -> Func:
    """Return the condition that a column starts with a text. (Django would write the text as a pattern.)"""
    return Func(F(column), Value(text), function="starts_with", output_field=models.BooleanField())


@dataclass(frozen=True, slots=True)
class _Place:
    """A parameter. name: the name of its value; "" for the time of the call. begins: whether the value is the beginning of
    a text."""

    name: str
    example: Any
    begins: bool = False

    @property
    def cast(self) -> str:
        return next((f"::{name}" for kind, name in _CASTS if isinstance(self.example, kind)), "")

    def value(self, values: Mapping[str, Any], at: datetime | None) -> Any:
        if not self.name:
            return at
        return _beginning(values[self.name]) if self.begins else values[self.name]


def is_current(value: object, began: datetime) -> bool:
    """Return whether a value is a time between ``began`` and now: of a query made since then, the current time."""
    return isinstance(value, datetime) and began <= value <= timezone.now()


def _beginning(text: str) -> str:
    return str(connection.ops.prep_for_like_query(text)) + "%"


def _key(value: Any) -> tuple[type, Any]:
    """Return a key under which 1 and True differ."""
    return (type(value), value) if value.__hash__ else (type(value), repr(value))


def _prepared(
    sql: str, values: Sequence[Any], examples: Mapping[str, object], *, constants: bool, since: datetime | None = None
) -> tuple[str, list[_Place]]:
    """Return compiled SQL with $1, $2 … in place of the examples, and these parameters. constants: whether other texts,
    numbers and truth values become a part of the SQL. since: the time before it was compiled, if the current time stands
    for the time of the call.

    Raises KeyError for an example that does not occur, and for a value that would stay the same although it should not.
    """
    known = {_key(value): _Place(name, value) for name, value in examples.items()}
    known |= {
        _key(_beginning(value)): _Place(name, value, begins=True)
        for name, value in examples.items()
        if isinstance(value, str)
    }
    first, *others = sql.split("%s")
    text, places = first.replace("%%", "%"), list[_Place]()
    with connection.cursor() as cursor:
        for value, part in zip(values, others, strict=True):
            place = known.get(_key(value))
            if place is None and since is not None and is_current(value, since):
                place = _Place("", value)
            if place is not None:
                places.append(place)
                text += f"${len(places)}{place.cast}"
            elif constants and isinstance(value, _CONSTANTS):
                text += cursor.cursor.mogrify("%s", [value]).decode()
            else:
                raise KeyError(value)
            text += part.replace("%%", "%")
    if missing := examples.keys() - {place.name for place in places}:
        raise KeyError(missing)
    return text, places


class KeptQuery[M: models.Model]:
    """A query in which only the values change between calls.

    examples: the example values, one per parameter, all different. make: function that returns the queryset for such
    values; its SQL must not depend on the values. related: a foreign key whose row the queryset also selects; "" for
    none. constants: whether the query may contain other texts and numbers. They are the same in each call; a time never
    is one.
    """

    def __init__(
        self, examples: Mapping[str, object], make: Callable[..., "models.QuerySet[M]"], related: str = "",
        *, constants: bool = False,
    ) -> None:  # fmt: skip
        self.examples, self.make, self.related, self.constants = examples, make, related, constants

    @cached_property
    def _compiled(
        self,
    ) -> tuple[str, list[_Place], type[M], type[models.Model] | None, tuple[str, ...]]:
        """Return the SQL, the parameters, the model, the related model and the names of the annotations. Raises KeyError
        for other values, TypeError for a column that Django would convert."""
        query = self.make(**self.examples)
        if self.related:
            query = query.select_related(self.related)
        sql, values = query.query.sql_with_params()
        found: Any = query.model._meta.get_field(self.related).related_model if self.related else None
        for field in (*query.model._meta.concrete_fields, *(found._meta.concrete_fields if found else ())):
            if field.get_db_converters(connection) or connection.ops.get_db_converters(field.get_col("")):
                raise TypeError(f"{field} is converted")
        text, places = _prepared(sql, values, self.examples, constants=self.constants)
        return text, places, query.model, found, tuple(query.query.annotation_select)

    def rows(self, **values: Any) -> list[M]:
        """Return the rows for values."""
        sql, places, model, related, more = self._compiled
        found = prepared_statements.run(sql, [place.value(values, None) for place in places])
        return [self._row(model, related, more, row, connection.alias) for row in found]

    def _row(
        self,
        model: type[M],
        related: type[models.Model] | None,
        more: tuple[str, ...],
        row: tuple[Any, ...],
        alias: str,
    ) -> M:
        own = _columns_of(model)
        made = model.from_db(alias, own, row[: len(own)])
        for name, value in zip(more, row[len(own) :], strict=False):
            setattr(made, name, value)
        if related is not None:
            columns, values = _columns_of(related), row[len(own) + len(more) :]
            setattr(made, self.related, related.from_db(alias, columns, values) if values[0] is not None else None)
        return made


class KeptValues:
    """A query that ends with ``values_list`` and in which only the values of ``examples`` change between calls.

    examples: the example values, one per parameter, all different. An example may also be the beginning of a text
    (``__startswith``). make: function that returns the queryset for such values; its SQL must not depend on the values.
    Other texts, numbers and truth values in the query, such as a state, stay the same. now: whether the query may contain
    the current time, which stands for the time of the call. A time before or after it must be an example.
    """

    def __init__(
        self, examples: Mapping[str, object], make: Callable[..., "models.QuerySet[Any, Any]"], *, now: bool = False
    ) -> None:
        self.examples, self.make, self.now = examples, make, now

    @cached_property
    def _compiled(self) -> tuple[str, list[_Place], Any, dict[int, Any]]:
        """Return the SQL, its parameters, and what converts its columns. Raises KeyError for an example that does not
        occur, and for a value that would stay the same although it should not, such as a time."""
        began = timezone.now()
        compiler = self.make(**self.examples).query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        # Django would make whole numbers of numbers that PostgreSQL counted.
        columns = [None if isinstance(column, Count) else column for column, _sql, _alias in compiler.select]
        converters = compiler.get_converters(columns)
        since = began if self.now else None
        text, places = _prepared(sql, values, self.examples, constants=True, since=since)
        return text, places, compiler, converters

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows for values."""
        sql, places, compiler, converters = self._compiled
        at = timezone.now() if self.now else None
        found = prepared_statements.run(sql, [place.value(values, at) for place in places])
        return [tuple(row) for row in compiler.apply_converters(found, converters)] if converters else found


@cache
def _columns_of(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)
