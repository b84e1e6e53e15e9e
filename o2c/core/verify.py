"""The books prove themselves: every invariant is a SELECT that must return no row.

How an app adds its own:

1. In its `queries` (a module `queries/invariants.py` when that is a package) it makes a list and
   exports it as `INVARIANTS`:

       INVARIANTS = [
           Invariant(
               "A4",
               _("Line quantities are in order: returned, shipped, picked, ordered"),
               "SELECT id, quantity, picked, shipped FROM a_line WHERE shipped > picked",
           ),
       ]

   It may read the tables of its own and of earlier stages as they are (ADR 37).
   The SELECT names the offending rows: key columns first, then the figures that disagree. It
   may use `%(as_of)s` (the last day to look at) and `%(now)s` (a moment); a literal percent sign
   is written `%%`. It takes time in proportion to the rows, seconds on a million:
   aggregate first, then join; no row looks through its fellows (tests/test_verification_cost.py).

2. In `tests/invariants/plants_<app>.py` it plants one violation per invariant (see
   `tests/invariants/planted.py`); a test fails for an invariant that nobody has planted.

All run in one read-only snapshot, so what is being posted meanwhile is never half seen. Two run at
a time: hardly one of them is a query that PostgreSQL spreads over several processors.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from time import perf_counter
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

from o2c.core import clock
from o2c.core.snapshots import read_only_snapshot

#: Offending rows that are shown; the rest is counted.
SAMPLE = 20
_AT_ONCE = 2


@dataclass(frozen=True)
class Invariant:
    """Something that is always true. `sql` selects the rows for which it is not.

    A function makes the SQL when the tables it speaks of are only known at run time.
    """

    id: str
    title: str | Promise
    sql: str | Callable[[], str]


@dataclass(frozen=True)
class Finding:
    """What came of checking one invariant: how many rows offend, and the first of them."""

    invariant: Invariant
    app: str
    violations: int
    seconds: float
    columns: Sequence[str] = ()
    rows: Sequence[tuple[Any, ...]] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.violations == 0

    def sentences(self) -> list[str]:
        """Each offending row as `column=value` words."""
        return [
            " ".join(f"{name}={value}" for name, value in zip(self.columns, row, strict=True))
            for row in self.rows
        ]


class UnknownInvariant(ValueError):
    """Nobody registered an invariant of this id."""


def registered() -> dict[str, tuple[str, Invariant]]:
    """Every invariant by id, with the label of the app it belongs to, in the order of the apps."""
    found: dict[str, tuple[str, Invariant]] = {}
    for config in apps.get_app_configs():
        if not module_has_submodule(config.module, "queries"):
            continue
        for invariant in getattr(import_module(f"{config.name}.queries"), "INVARIANTS", ()):
            if invariant.id in found:
                owner = found[invariant.id][0]
                raise ImproperlyConfigured(f"invariant {invariant.id}: {owner} and {config.label}")
            found[invariant.id] = (config.label, invariant)
    return found


def run_all(
    only: Collection[str] = (),
    as_of: date | None = None,
    bar: Callable[[int], Callable[[str], None]] | None = None,
) -> list[Finding]:
    """Check every invariant, or those of these ids, in one snapshot. Raises UnknownInvariant.

    With `as_of`, what is checked day by day is checked up to that day only. `bar` makes a
    progress bar for so many steps, which is called with the title of each that is done.
    """
    known = registered()
    unknown = sorted(set(only) - set(known))
    if unknown:
        raise UnknownInvariant(", ".join(unknown))
    parameters = {"as_of": as_of or date.max, "now": clock.now()}
    chosen = [each for each in known.values() if not only or each[1].id in only]
    tick = bar(len(chosen)) if bar else lambda title: None
    findings = []
    for finding in _in_one_snapshot(chosen, parameters):
        findings.append(finding)
        tick(f"{finding.invariant.id} {finding.invariant.title}")
    return findings


def _in_one_snapshot(
    chosen: Iterable[tuple[str, Invariant]], parameters: dict[str, Any]
) -> Iterator[Finding]:
    """Check in the order given; in a running transaction one by one, as only it sees its rows."""
    if connection.in_atomic_block:
        yield from (_check(app, invariant, parameters) for app, invariant in chosen)
        return
    with _read_only() as cursor, ThreadPoolExecutor(_AT_ONCE) as lanes:
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        running = [
            lanes.submit(copy_context().run, _check_apart, snapshot, app, invariant, parameters)
            for app, invariant in chosen
        ]
        yield from (each.result() for each in running)


def _check_apart(
    snapshot: str, app: str, invariant: Invariant, parameters: dict[str, Any]
) -> Finding:
    """Check on a connection of this thread's own what another transaction sees."""
    try:
        with _read_only() as cursor:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
            return _check(app, invariant, parameters)
    finally:
        connection.close()


@contextmanager
def _read_only() -> Iterator[Any]:
    """A snapshot with time for the slowest invariant."""
    with read_only_snapshot(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # one waits for many
        yield cursor


def _check(app: str, invariant: Invariant, parameters: dict[str, Any]) -> Finding:
    started = perf_counter()
    sql = invariant.sql() if callable(invariant.sql) else invariant.sql
    if not sql:
        return Finding(invariant, app, 0, 0.0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH violations AS MATERIALIZED ({sql}) "
            f"SELECT (SELECT count(*) FROM violations), v.* FROM violations AS v LIMIT {SAMPLE}",
            parameters,
        )
        columns = [column.name for column in cursor.description or ()][1:]
        rows = cursor.fetchall()
    return Finding(
        invariant,
        app,
        violations=rows[0][0] if rows else 0,
        seconds=perf_counter() - started,
        columns=columns,
        rows=[row[1:] for row in rows],
    )
