"""Reads whose SQL Django makes once and which the server plans once: docs/adr/0056.

    @compiled
    def lines_of(order_id: int) -> QuerySet[OrderLine]:
        return OrderLine.objects.filter(order_id=order_id).order_by("line_number")

    lines_of(7)  # a list of OrderLine

What is passed by position is a value of the statement, never a part of it: the function sees a
stand-in and may only hand it to a lookup; a list goes to `__in`. What is passed by keyword, and
whether a value is None, shapes the statement, and each shape is compiled once.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    ValuesListIterable,
    get_related_populators,
)
from psycopg import sql as literal_sql

from o2c.core import prepared

T = TypeVar("T")
Rows = Iterable[Sequence[Any]]

_PLACE = re.compile(r"(?<!%)%s")  # a percent sign of the SQL itself is doubled


class Parameter(Expression):
    """Stands for the value at one position while the SQL is made."""

    def __init__(self, position: int, *, is_list: bool) -> None:
        super().__init__()
        self.position = position
        self.is_list = is_list

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


def compiled(build: Callable[..., "QuerySet[Any, T]"]) -> Callable[..., list[T]]:
    """Make a function that builds a queryset one that returns its rows.

    The rows are what the queryset says: instances with what it selects along with them and with
    annotations, dictionaries, tuples or single values. No prefetching. A value that is itself a
    query leaves nothing to compile, and the queryset is read as it is.
    """
    shapes: dict[Any, _Statement] = {}

    @wraps(build)
    def read(*values: Any, **shape: Any) -> list[T]:
        key = tuple(_kind(value) for value in values), tuple(sorted(shape.items()))
        if QuerySet in key[0]:
            return list(build(*values, **shape))
        statement = shapes.get(key)
        if statement is None:
            stand_ins = [
                None if kind is None else Parameter(place, is_list=kind is list)
                for place, kind in enumerate(key[0])
            ]
            statement = shapes[key] = _Statement(build(*stand_ins, **shape))
        return statement.rows(values)

    return read


def _kind(value: Any) -> type | None:
    """What of a value shapes the statement."""
    if value is None:
        return None
    if isinstance(value, QuerySet):
        return QuerySet
    return list if isinstance(value, list | tuple | set | frozenset) else object


class _Statement:
    """The SQL of one shape, where its values go, and how its rows are made."""

    def __init__(self, rows: "QuerySet[Any]") -> None:
        assert not rows._prefetch_related_lookups, "a compiled read prefetches nothing"  # type: ignore[attr-defined]
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        text, parameters = compiler.as_sql()
        connection.ensure_connection()
        self.sql, self._positions = _fill_in(text, parameters)
        self._make = _maker(rows, compiler)

    def rows(self, values: Sequence[Any]) -> list[Any]:
        found = prepared.fetch(self.sql, [_bound(values[place]) for place in self._positions])
        return list(self._make(found))


def _bound(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    return list(value) if isinstance(value, tuple | set | frozenset) else value


def _fill_in(text: str, parameters: Sequence[Any]) -> tuple[str, list[int]]:
    """Write what is the same each time into the SQL, so that partial indexes are seen to fit."""
    positions: list[int] = []
    *pieces, end = _PLACE.split(text)
    for nr, (piece, parameter) in enumerate(zip(pieces, parameters, strict=True)):
        if not isinstance(parameter, Parameter):
            literal = literal_sql.Literal(parameter).as_string(connection.connection)
            pieces[nr] = piece + literal.replace("%", "%%")
            continue
        positions.append(parameter.position)
        if parameter.is_list:
            piece = re.sub(r" IN \($", " = ANY(", piece)
        pieces[nr] = f"{piece}%s"
    return "".join([*pieces, end]), positions


def _maker(rows: "QuerySet[Any]", compiler: Any) -> Callable[[Rows], Iterator[Any]]:
    converters = compiler.get_converters([column[0] for column in compiler.select])

    def converted(found: Rows) -> Rows:
        return compiler.apply_converters(found, converters) if converters else found

    kind: Any = rows._iterable_class
    if kind is ModelIterable:
        make = _model_maker(compiler)
        return lambda found: make(converted(found))
    if kind is FlatValuesListIterable:
        return lambda found: (row[0] for row in converted(found))
    if kind is ValuesListIterable:
        return lambda found: map(tuple, converted(found))
    assert kind is ValuesIterable, f"{kind} is not compiled"
    names = _names_of_values(rows)
    return lambda found: (dict(zip(names, row, strict=True)) for row in converted(found))


def _names_of_values(rows: "QuerySet[Any]") -> list[str]:
    query = rows.query
    if query.selected:
        return list(query.selected)
    return [*query.values_select, *query.annotation_select]


def _model_maker(compiler: Any) -> Callable[[Rows], Iterator[Any]]:
    info, select = compiler.klass_info, compiler.select
    model, columns = info["model"], info["select_fields"]
    start, end = columns[0], columns[-1] + 1
    names = [column[0].target.attname for column in select[start:end]]
    related = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
    annotations = list((compiler.annotation_col_map or {}).items())

    def make(found: Rows) -> Iterator[Any]:
        for row in found:
            made = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
            for populator in related:
                populator.populate(row, made)
            for name, place in annotations:
                setattr(made, name, row[place])
            yield made

    return make
