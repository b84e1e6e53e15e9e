"""The figures as a table for people and as JSON for programs, ratios first."""

from collections.abc import Iterator, Sequence
from typing import Any

from o2c.rehearsal.benchmark.figures import Aim, Figure
from o2c.rehearsal.benchmark.machine import Machine

HEAD = (
    f"{'ratio':>7}  {'measure':<46}{'figure':>10}{'beside':>10}  "
    f"{'unit':<12}{'goal':>9}{'limit':>9}  verdict"
)


def as_table(figures: Sequence[Figure], machine: Machine) -> Iterator[str]:
    """The lines of the table, the parts of each figure under it, and the machine."""
    yield HEAD
    for each in figures:
        yield _line(each)
    for each in figures:
        if each.parts:
            yield ""
            yield f"{each.name}, {each.unit}:"
            for name, value in each.parts.items():
                yield f"{_number(value):>10}  {name}"
    yield ""
    yield str(machine)


def as_json(figures: Sequence[Figure], machine: Machine) -> dict[str, Any]:
    """Everything that was measured, ready to be dumped."""
    return {"machine": machine.as_json(), "figures": [_as_json(each) for each in figures]}


def _line(figure: Figure) -> str:
    goal = limit = "-"
    if figure.aim is not None:
        goal, limit = (_bound(figure.aim, value) for value in (figure.aim.goal, figure.aim.limit))
    return (
        f"{_number(figure.ratio):>7}  {figure.name:<46}{_number(figure.value):>10}"
        f"{_number(figure.beside):>10}  {figure.unit:<12}{goal:>9}{limit:>9}  {figure.verdict}"
    ).rstrip()


def _bound(aim: Aim, value: float) -> str:
    sign = "≥" if aim.more_is_better else "≤"
    return f"{sign} {_number(value)}{'x' if aim.of_ratio else ''}"


def _number(value: float | None) -> str:
    """Three digits that matter; large figures whole."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _as_json(figure: Figure) -> dict[str, Any]:
    aim = figure.aim
    return {
        "ratio": figure.ratio,
        "measure": figure.measure,
        "name": figure.name,
        "value": figure.value,
        "beside": figure.beside,
        "unit": figure.unit,
        "goal": aim and aim.goal,
        "limit": aim and aim.limit,
        "aim_of_ratio": aim and aim.of_ratio,
        "more_is_better": aim and aim.more_is_better,
        "verdict": figure.verdict,
        "parts": figure.parts,
    }
