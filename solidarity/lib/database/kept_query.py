"""Queries that Django compiles once per process, and PostgreSQL plans once per connection. Both take longer than finding a
row by its key."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from django.db import connection, models
from django.db.models import F, Func, Value

from solidarity.lib.database import prepared_statements
from solidarity.lib.database.bulk_insert import numbered

_CONSTANTS = (str, int, float)
_NUMBERS = (models.IntegerField, models.FloatField)  # Django converts their expressions to what they are already


def _parameters(values: Sequence[Any], examples: Mapping[str, object], constants: bool) -> list[tuple[str, Any]]:
    """Return the name of each parameter and the value of each constant, which has the name ""."""
    found: list[tuple[str, Any]] = []
    for value in values:
        name = next((name for name, each in examples.items() if type(each) is type(value) and each == value), "")
        if not name and not (constants and isinstance(value, _CONSTANTS)):
            raise KeyError(value)
        found.append((name, value))
    return found


def _filled(parameters: Sequence[tuple[str, Any]], values: Mapping[str, Any]) -> list[Any]:
    return [values[name] if name else constant for name, constant in parameters]


def _statement(sql: str) -> str:
    return numbered(sql).replace("%%", "%")


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
    ) -> tuple[str, list[tuple[str, Any]], type[M], type[models.Model] | None, tuple[str, ...]]:
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
        parameters = _parameters(values, self.examples, self.constants)
        return _statement(sql), parameters, query.model, found, tuple(query.query.annotation_select)

    def rows(self, **values: Any) -> list[M]:
        """Return the rows for values."""
        sql, parameters, model, related, more = self._compiled
        found = prepared_statements.run(sql, _filled(parameters, values))
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
    """The same for a queryset with ``values_list``. Constants are allowed.

    examples: the example values, one per parameter, all different. make: function that returns the queryset.
    """

    def __init__(self, examples: Mapping[str, object], make: Callable[..., "models.QuerySet[Any, Any]"]) -> None:
        self.examples, self.make = examples, make

    @cached_property
    def _compiled(self) -> tuple[str, list[tuple[str, Any]]]:
        """Return the SQL and the parameters. Raises KeyError for a time or another value that would stay the same,
        TypeError for a column that Django would convert."""
        compiler = self.make(**self.examples).query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        columns = [column for column, _sql, _alias in compiler.select if not isinstance(column.output_field, _NUMBERS)]
        if compiler.get_converters(columns):
            raise TypeError("a column is converted")
        return _statement(sql), _parameters(values, self.examples, constants=True)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows for values."""
        sql, parameters = self._compiled
        return prepared_statements.run(sql, _filled(parameters, values))


@cache
def _columns_of(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)
