"""Counting what a replay does: documents, lines, sums and exceptions per stage, SQL per order."""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any, NamedTuple

from django.db import connection

from o2c.rehearsal.replay.ties import Tie

ZERO = Decimal(0)
STAGES = (
    *("stock received", "orders already here", "orders captured", "refused", "credit checks"),
    *("pick lists", "packed", "dispatched", "delivered", "invoices posted", "stock corrections"),
    *("cancelled", "not cancelled", "returns", "credit notes", "bank lines", "matched", "applied"),
)
SHOWN = 3  # bank lines per reason
SIZES = ((1, 5), (6, 20), (21, 100), (101, sys.maxsize))  # of orders, in lines


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
class Paid:
    """How much was paid in one manner: for so many invoices, owing so much; what was understood."""

    transfers: int = 0
    invoices: int = 0
    owed: Decimal = ZERO
    amount: Decimal = ZERO
    applied: int = 0

    def add(self, invoices: int, owed: Decimal, amount: Decimal, applied: bool) -> None:
        self.transfers += 1
        self.invoices += invoices
        self.owed += owed
        self.amount += amount
        self.applied += applied


class Waiting(NamedTuple):
    """A bank line nobody has explained: what the product made of it, in words."""

    reason: str
    amount: Decimal
    line: str


@dataclass
class Statements:
    """SQL statements by step, and per order by its number of lines."""

    by_step: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    by_order: Counter[str] = field(default_factory=Counter)
    lines: dict[str, int] = field(default_factory=dict)  # of the orders of this run
    count: int = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)

    @contextmanager
    def step(self, name: str, times: int = 1) -> Iterator[None]:
        """Count the statements of a step; `times` when it does the same to several documents."""
        before, started = self.count, time.perf_counter()
        yield
        self.by_step[name] += self.count - before
        self.times[name] += times
        self.seconds[name] += time.perf_counter() - started  # type: ignore[assignment]

    @contextmanager
    def order(self, source: str) -> Iterator[None]:
        """Count what is done for an order, on the day it came and on later ones."""
        before = self.count
        yield
        self.by_order[source] += self.count - before

    def per_order(self, at_least: int, at_most: int) -> str:
        """What orders of that many lines cost; more where they were held or went in two parts."""
        counts = sorted(
            self.by_order[source] for source, lines in self.lines.items()
            if at_least <= lines <= at_most
        )  # fmt: skip
        if not counts:
            return "none"
        return f"usually {median(counts):.0f}, {counts[0]} to {counts[-1]} ({len(counts):,} orders)"

    def usual(self) -> float:
        """The median count of an order."""
        return median(self.by_order[source] for source in self.lines)

    def per_bank_line(self) -> float:
        """Import and matching serve a whole statement; each of its lines bears its share."""
        whole = self.by_step["import statement"] + self.by_step["match statement"]
        applied = self.times["apply a bank line"]
        return (whole + self.by_step["apply a bank line"]) / max(applied, 1)

    def mean(self, step: str) -> float:
        return self.by_step[step] / max(self.times[step], 1)


class Report:
    """The whole replay in figures."""

    def __init__(self) -> None:
        self.stages = {name: Stage(name) for name in STAGES}
        self.payers: dict[str, Paid] = {}
        self.statements = Statements()
        self.seconds = 0.0
        self.waiting: list[Waiting] = []
        self.ties: list[Tie] = []

    def stage(self, name: str) -> Stage:
        return self.stages[name]

    def paid(self, manner: str) -> Paid:
        return self.payers.setdefault(manner, Paid())

    @contextmanager
    def counting(self) -> Iterator[None]:
        started = time.perf_counter()
        with connection.execute_wrapper(self.statements):
            yield
        self.seconds += time.perf_counter() - started

    def lines(self) -> Iterator[str]:
        """The report as text: a table of the stages, and what there is to say about them."""
        yield from self._stages()
        yield from self._payers()
        yield from self._unmatched()
        yield from self._ties()
        yield from self._costs()

    def _stages(self) -> Iterator[str]:
        yield f"{'stage':<22}{'documents':>10}{'lines':>10}{'sum':>16}  exceptions"
        for stage in self.stages.values():
            if not (stage.documents or stage.lines or stage.exceptions):
                continue
            odd = ", ".join(f"{count:,} {what}" for what, count in stage.exceptions.most_common())
            yield (
                f"{stage.name:<22}{stage.documents:>10,}{stage.lines:>10,}"
                f"{stage.amount:>16,.2f}  {odd or '-'}"
            )

    def _payers(self) -> Iterator[str]:
        yield ""
        heads = f"{'transfers':>10}{'applied':>9}{'invoices':>10}{'owed':>16}{'paid':>16}"
        yield f"{'customers paid':<32}{heads}"
        for manner, paid in self.payers.items():
            yield (
                f"{manner:<32}{paid.transfers:>10,}{paid.applied:>9,}{paid.invoices:>10,}"
                f"{paid.owed:>16,.2f}{paid.amount:>16,.2f}"
            )

    def _unmatched(self) -> Iterator[str]:
        """The lines that wait for a person, by reason, the commonest first."""
        yield ""
        yield f"bank lines that stayed unmatched: {len(self.waiting):,}"
        by_reason: dict[str, list[Waiting]] = defaultdict(list)
        for waiting in self.waiting:
            by_reason[waiting.reason].append(waiting)
        for reason, lines in sorted(by_reason.items(), key=lambda found: -len(found[1])):
            yield f"{len(lines):>6,}  {sum(line.amount for line in lines):>12,.2f}  {reason}"
            for line in lines[:SHOWN]:
                yield f"{'':>22}{line.line}"
            if len(lines) > SHOWN:
                yield f"{'':>22}and {len(lines) - SHOWN:,} more"

    def _ties(self) -> Iterator[str]:
        yield ""
        for tie in self.ties:
            yield str(tie)

    def _costs(self) -> Iterator[str]:
        steps = self.statements
        yield ""
        if not steps.lines:
            yield "nothing was left to do for the orders: an earlier run has done it"
            return
        yield "SQL statements per order, from capture to delivery and posted invoice:"
        for least, most in SIZES:
            label = f"over {least - 1}" if most == sys.maxsize else f"{least}-{most}"
            yield f"  {label + ' lines':<16}{steps.per_order(least, most)}"
        yield f"SQL statements per bank line, to its applied match: {steps.per_bank_line():.1f}"
        yield f"SQL statements per full cycle, usually: {steps.usual() + steps.per_bank_line():.0f}"
        yield "SQL statements per step: " + ", ".join(
            f"{name} {steps.mean(name):.1f}" for name in steps.by_step
        )
        yield "milliseconds per step: " + ", ".join(
            f"{name} {1000 * steps.seconds[name] / max(steps.times[name], 1):.1f}"
            for name in steps.by_step
        )
        if self.seconds:
            done = len(steps.lines)
            yield f"{done / self.seconds:.1f} orders per second ({self.seconds:,.0f} s)"
