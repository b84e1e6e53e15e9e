"""Every date that enters declares its kind (`docs/dates.md`), and has the limits of that kind."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from inspect import get_annotations, signature, unwrap
from pathlib import Path
from pkgutil import walk_packages
from typing import Annotated, Any, NamedTuple, get_args, get_origin

import pytest
from django.apps import apps
from django.db import models

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.days import FIRST_DAY, LAST_DAY, NEAR_DAYS, PLANNED_YEARS, DayKind, limits
from o2c.core.errors import RuleViolation
from o2c.core.fields import DayField
from tests.test_architecture import STAGES

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "dates.md").read_text()
TODAY = date(2026, 11, 29)
#: the dates that were accepted once, and those on either side of each limit
IN_A_YEAR, IN_A_LIFE, LONG_AGO = date(2027, 11, 28), date(2099, 1, 1), date(1999, 12, 31)
REFUSED = {
    DayKind.PAST: [IN_A_YEAR, IN_A_LIFE, date(2026, 11, 30), LONG_AGO],
    DayKind.NEAR: [IN_A_YEAR, IN_A_LIFE, date(2026, 12, 14), LONG_AGO],
    DayKind.PLANNED: [IN_A_LIFE, date(2031, 11, 30), LONG_AGO],
    DayKind.ANY: [date(2101, 1, 1), LONG_AGO],
}


class Place(NamedTuple):
    """Where a date stands: a command's parameter, and the fields of the records in it."""

    command: Any
    path: tuple[str, ...]
    annotations: tuple[Any, ...]
    kind: DayKind | None

    def __str__(self) -> str:
        return f"{self.command.__module__}.{self.command.__name__}: {'.'.join(self.path)}"


def commands() -> Iterator[Any]:
    """Every command of the product."""
    seen = set()
    for name in ["o2c", *STAGES]:
        for module in walk_packages(import_module(name).__path__, f"{name}."):
            if ".migrations" in module.name or module.name == "o2c.settings":
                continue
            for found in vars(import_module(module.name)).values():
                if getattr(found, "is_command", False) and found not in seen:
                    seen.add(found)
                    yield found


def places() -> Iterator[Place]:
    for command in commands():
        for name, parameter in signature(unwrap(command)).parameters.items():
            for path, annotations, kind in dates_in(parameter.annotation, (name,), ()):
                yield Place(command, path, annotations, kind)


def dates_in(
    annotation: Any, path: tuple[str, ...], outer: tuple[Any, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...], DayKind | None]]:
    """The dates in a type, with the way to them and the kind they declare, if any."""
    here = (*outer, annotation)
    if isinstance(annotation, str):
        assert "date" not in annotation, f"{path}: write the type out, without quotes"
    elif get_origin(annotation) is Annotated:
        kinds = [part for part in annotation.__metadata__ if isinstance(part, DayKind)]
        if annotation.__origin__ in (date, datetime):
            yield path, here, kinds[0] if kinds else None
    elif annotation in (date, datetime):
        yield path, here, None
    elif parts := get_args(annotation):
        for part in parts:
            yield from dates_in(part, path, here)
    elif is_record(annotation):
        for name, part in get_annotations(annotation).items():
            yield from dates_in(part, (*path, name), here)


def is_record(kind: Any) -> bool:
    return isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields"))


def holding(place: Place, day: date) -> Any:
    """The parameter's value with `day` in its place; everything else in it is empty."""
    value: Any = day
    names = list(place.path[1:])
    for annotation in reversed(place.annotations):
        if get_origin(annotation) is Annotated:
            if annotation.__origin__ is datetime:
                value = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        elif is_record(annotation):
            empty = dict.fromkeys(get_annotations(annotation))
            value = annotation(**{**empty, names.pop(): value})
        elif get_origin(annotation) is Sequence:
            value = [value]
    return value


PLACES = list(places())


def test_every_date_of_every_command_declares_its_kind():
    assert len(PLACES) > 40
    assert [str(place) for place in PLACES if place.kind is None] == []


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_command_refuses_the_dates_outside_the_limits(place):
    for day in REFUSED[place.kind or DayKind.PAST]:
        with clock.at(TODAY), pytest.raises(RuleViolation) as refusal:
            call(place, day)

        assert refusal.value.field == place.path[-1]
        assert "does not lie between 1 Jan 2000 and" in str(refusal.value)


def call(place: Place, day: date) -> None:
    given = dict.fromkeys(signature(unwrap(place.command)).parameters)
    place.command(**{**given, place.path[0]: holding(place, day), "actor": SYSTEM})


def fields() -> dict[str, models.DateField]:
    """Every date column of the product; moments are stamped by the clock and never entered."""
    return {
        f"{field.model._meta.label}.{field.name}": field
        for model in apps.get_models()
        if model.__module__.partition(".")[0] in ("o2c", *STAGES)
        and not hasattr(model, "history_id")
        for field in model._meta.get_fields()
        if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField)
    }


def test_every_date_column_has_limits():
    assert [name for name, field in fields().items() if not isinstance(field, DayField)] == []


def test_the_page_lists_every_date_with_its_kind():
    listed = dict(re.findall(r"^\| `([\w.]+)` \| (\w+) \|", PAGE, re.MULTILINE))

    assert listed == {name: field.kind.value for name, field in fields().items()}


def test_the_page_names_the_limits():
    assert f"| {NEAR_DAYS} days from today |" in PAGE
    assert f"| {PLANNED_YEARS} years from today |" in PAGE
    assert (date(2000, 1, 1), date(2100, 12, 31)) == (FIRST_DAY, LAST_DAY)
    assert PAGE.count("| 1 Jan 2000 |") == len(DayKind)
    assert "| 31 Dec 2100 |" in PAGE


@pytest.mark.parametrize("kind", DayKind)
def test_the_refused_dates_are_those_next_to_the_limits(kind):
    span = limits(kind, TODAY)

    assert all(day not in span for day in REFUSED[kind])
