"""Queries that Django compiles once per process, and PostgreSQL plans once per connection. Both take longer than finding a
row by its key."""

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any

from django.db import connection, models

from solidarity.lib.database import prepared_statements
from solidarity.lib.database.bulk_insert import numbered


class KeptQuery[M: models.Model]:
    """A query in which only the values change between calls.

    examples: the example values, one per parameter, all different. make: function that returns the queryset for such
    values; its SQL must not depend on the values, and it contains no other values. related: a foreign key whose row the
    queryset also selects; "" for none.
    """

    def __init__(
        self, examples: Mapping[str, object], make: Callable[..., "models.QuerySet[M]"], related: str = ""
    ) -> None:
        self.examples, self.make, self.related = examples, make, related

    @cached_property
    def _compiled(self) -> tuple[str, list[str], type[M], type[models.Model] | None]:
        """Return the SQL, the name of each parameter, the model and the related model. Raises KeyError for other values,
        TypeError for a column that Django would convert."""
        query = self.make(**self.examples)
        if self.related:
            query = query.select_related(self.related)
        sql, values = query.query.sql_with_params()
        names = {value: name for name, value in self.examples.items()}
        found: Any = query.model._meta.get_field(self.related).related_model if self.related else None
        for field in (*query.model._meta.concrete_fields, *(found._meta.concrete_fields if found else ())):
            if field.get_db_converters(connection) or connection.ops.get_db_converters(field.get_col("")):
                raise TypeError(f"{field} is converted")
        return numbered(sql), [names[value] for value in values], query.model, found

    def rows(self, **values: Any) -> list[M]:
        """Return the rows for values."""
        sql, names, model, related = self._compiled
        found = prepared_statements.run(sql, [values[name] for name in names])
        return [self._row(model, related, row, connection.alias) for row in found]

    def _row(self, model: type[M], related: type[models.Model] | None, row: tuple[Any, ...], alias: str) -> M:
        own = _columns_of(model)
        made = model.from_db(alias, own, row[: len(own)])
        if related is not None:
            setattr(made, self.related, related.from_db(alias, _columns_of(related), row[len(own) :]))
        return made


class KeptValues:
    """A query that ends with ``values_list`` and in which only the values of ``examples`` change between calls.

    examples, make: as for :class:`KeptQuery`; an example may also be the beginning of a text (``__startswith``). Texts,
    whole numbers and truth values that are no examples, such as a state, become part of the SQL. ``make`` must take
    everything else as a parameter, above all the time.
    """

    def __init__(self, examples: Mapping[str, object], make: Callable[..., "models.QuerySet[Any, Any]"]) -> None:
        self.examples, self.make = examples, make

    @cached_property
    def _compiled(self) -> tuple[str, list[tuple[str, bool]], dict[int, Any]]:
        """Return the SQL, for each parameter its name and whether it is the beginning of a text, and the functions that
        convert columns, by position. Raises KeyError for a value that is neither an example nor a text, number or truth
        value."""
        query = self.make(**self.examples).query
        compiler = query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])
        names = {_key(value): (name, False) for name, value in self.examples.items()}
        names |= {
            _key(connection.ops.prep_for_like_query(value) + "%"): (name, True)
            for name, value in self.examples.items()
            if isinstance(value, str)
        }
        first, *rest = sql.split("%s")
        parts, places = [first.replace("%%", "%")], []
        for value, text in zip(values, rest, strict=True):
            known = names.get(_key(value))
            if known is None:
                parts.append(_literal(value))
            else:
                places.append(known)
                parts.append(f"${len(places)}")
            parts.append(text.replace("%%", "%"))
        return "".join(parts), places, converters

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows for values."""
        sql, places, converters = self._compiled
        like = connection.ops.prep_for_like_query
        rows = prepared_statements.run(
            sql, [f"{like(values[name])}%" if begins else values[name] for name, begins in places]
        )
        return [_converted(row, converters) for row in rows] if converters else rows


def _key(value: Any) -> tuple[type, Any]:
    """Return a key under which 1 and True differ."""
    return (type(value), value) if value.__hash__ else (type(value), repr(value))


def _literal(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, str):
        return "'" + str(value).replace("'", "''") + "'"
    raise KeyError(value)


def _converted(row: tuple[Any, ...], converters: dict[int, Any]) -> tuple[Any, ...]:
    values = list(row)
    for position, (functions, expression) in converters.items():
        for function in functions:
            values[position] = function(values[position], expression, connection)
    return tuple(values)


@cache
def _columns_of(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)
