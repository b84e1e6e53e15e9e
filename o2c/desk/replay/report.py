"""Counting what a replay does: documents, lines, sums and exceptions per stage, SQL per order."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

ZERO = Decimal(0)


@dataclass
class Stage:
    """The figures of one stage. The sum is in the file's currency."""

    name: str
    documents: int = 0
    lines: int = 0
    amount: Decimal = ZERO
    exceptions: Counter[str] = field(default_factory=Counter)

    def add(self, lines: int = 0, amount: Decimal = ZERO, documents: int = 1) -> None:
        self.documents += documents
        self.lines += lines
        self.amount += amount


@dataclass
class Statements:
    """SQL statements by step, and per order by its number of lines."""

    by_step: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    by_lines: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        before, started = self.count, time.perf_counter()
        yield
        self.by_step[name] += self.count - before
        self.times[name] += 1
        self.seconds[name] += time.perf_counter() - started  # type: ignore[assignment]

    @contextmanager
    def order(self, lines: int) -> Iterator[None]:
        before = self.count
        yield
        self.by_lines.append((lines, self.count - before))

    def per_order(self, at_least: int, at_most: int) -> str:
        """The smallest and largest count for orders of that many lines."""
        counts = [count for lines, count in self.by_lines if at_least <= lines <= at_most]
        return f"{min(counts)} to {max(counts)} ({len(counts)} orders)" if counts else "none"


class Report:
    """The whole replay in figures."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = {}
        self.statements = Statements()
        self.orders = 0
        self.seconds = 0.0
        self.unmatched: list[tuple[str, str]] = []

    def stage(self, name: str) -> Stage:
        return self.stages.setdefault(name, Stage(name))

    @contextmanager
    def counting(self) -> Iterator[None]:
        with connection.execute_wrapper(self.statements):
            yield

    def lines(self) -> Iterator[str]:
        """The report as text, one table and its notes."""
        yield f"{'stage':<22}{'documents':>10}{'lines':>10}{'sum':>16}  exceptions"
        for stage in self.stages.values():
            odd = ", ".join(f"{count} {what}" for what, count in stage.exceptions.most_common())
            yield (
                f"{stage.name:<22}{stage.documents:>10,}{stage.lines:>10,}"
                f"{stage.amount:>16,.2f}  {odd or '-'}"
            )
        yield ""
        for bounds in ((1, 1), (2, 5), (6, 20), (21, 100), (101, 10_000)):
            label = f"{bounds[0]}-{bounds[1]}" if bounds[1] < 10_000 else "over 100"
            yield f"statements per order of {label} lines: {self.statements.per_order(*bounds)}"
        steps = self.statements
        yield "statements per step: " + ", ".join(
            f"{name} {steps.by_step[name] / steps.times[name]:.1f}" for name in steps.by_step
        )
        yield "milliseconds per step: " + ", ".join(
            f"{name} {1000 * steps.seconds[name] / steps.times[name]:.1f}" for name in steps.by_step
        )
        if self.seconds:
            yield f"{self.orders / self.seconds:.1f} orders per second ({self.seconds:.0f} s)"
        if self.unmatched:
            yield ""
            yield f"{len(self.unmatched)} bank lines stayed unmatched:"
            reasons = Counter(reason for _line, reason in self.unmatched)
            for reason, count in reasons.most_common(12):
                yield f"  {count:>5} x {reason}"
