"""Finding the dates that a type declares (`o2c.core.days`); what is wrong with them, in words."""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from o2c.core import clock
from o2c.core.days import DayKind, limits
from o2c.core.errors import RuleViolation


def day_fault(kind: DayKind, day: date, today: date, label: str | Promise = "") -> str:
    """What is wrong with a date, in words that name it and its limits; empty when nothing is.

    `label` is what the reader calls it, where it does not stand beside the words anyway.
    """
    span = limits(kind, today)
    if day in span:
        return ""
    fault = _("%(day)s does not lie between %(first)s and %(last)s.") % {
        "day": date_text(day),
        "first": date_text(span.first),
        "last": date_text(span.last),
    }
    return f"{label}: {fault}" if label else fault


def date_text(day: date) -> str:
    """`21 Nov 2026`: the same everywhere, mistaken by nobody."""
    return date_format(day, _("j M Y"))


class DeclaredDay(NamedTuple):
    """A date found in a value, with what its type declares; `row` counts the list it stands in."""

    field: str
    row: int | None
    kind: DayKind
    day: date


#: finds the declared dates in a value that a field or a row holds
_Search = Callable[[Any, str, int | None], Iterator[DeclaredDay]]
_SearchCall = Callable[[Sequence[Any], Mapping[str, Any]], Iterator[DeclaredDay]]


def faults_of(found: Iterator[DeclaredDay]) -> list[RuleViolation]:
    """A problem for each date that lies outside its limits, naming it and them."""
    today, faults = clock.today(), []
    for field, row, kind, day in found:
        label = _(field.replace("_", " ")).capitalize()
        if fault := day_fault(kind, day, today, label):
            faults.append(RuleViolation(fault, field=field, row=row))
    return faults


def days_of(record: Any) -> Iterator[DeclaredDay]:
    """The dates that a dataclass or named tuple declares, those of its rows included."""
    if search := _search_for(type(record)):
        yield from search(record, "", None)


def days_of_call(function: Callable[..., Any]) -> _SearchCall:
    """A function that finds the declared dates among the arguments of a call."""
    searches = [
        (place, name, search)
        for place, (name, parameter) in enumerate(inspect.signature(function).parameters.items())
        if (search := _search_for(parameter.annotation))
    ]

    def find(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[DeclaredDay]:
        for place, name, search in searches:
            value = args[place] if place < len(args) else kwargs.get(name)
            if value is not None:
                yield from search(value, name, None)

    return find


def _search_for(annotation: Any) -> _Search | None:
    """How to find the declared dates in a value of this type; None when it declares none."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        kind = next((part for part in annotation.__metadata__ if isinstance(part, DayKind)), None)
        return None if kind is None else _search_day(kind)
    if origin in (Union, UnionType):
        return next(filter(None, map(_search_for, parts)), None)
    if isinstance(origin, type) and issubclass(origin, Mapping | Collection):
        inner = next(filter(None, map(_search_for, parts)), None)
        return None if inner is None else _search_rows(inner)
    return _search_record(annotation) if isinstance(annotation, type) else None


def _search_day(kind: DayKind) -> _Search:
    def search(value: Any, field: str, row: int | None) -> Iterator[DeclaredDay]:
        day = timezone.localtime(value).date() if isinstance(value, datetime) else value
        yield DeclaredDay(field, row, kind, day)

    return search


def _search_rows(inner: _Search) -> _Search:
    def search(value: Any, field: str, _row: int | None) -> Iterator[DeclaredDay]:
        rows = value.values() if isinstance(value, Mapping) else value
        for number, row in enumerate(rows):
            yield from inner(row, field, number)

    return search


@cache
def _search_record(record: type) -> _Search | None:
    """The search of a dataclass or named tuple: what its fields declare, by their names."""
    if not (hasattr(record, "__dataclass_fields__") or hasattr(record, "_fields")):
        return None
    declared = {
        name: _search_for(annotation)
        for name, annotation in inspect.get_annotations(record).items()
    }
    searches = {name: inner for name, inner in declared.items() if inner}
    if not searches:
        return None

    def search(value: Any, _field: str, row: int | None) -> Iterator[DeclaredDay]:
        own = getattr(value, "row", None)  # its row in a file
        number = row if own is None else own
        for name, inner in searches.items():
            if (part := getattr(value, name)) is not None:
                yield from inner(part, name, number)

    return search
