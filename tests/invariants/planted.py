"""Planting violations: an invariant that never fires proves nothing.

For every invariant its app writes, in `tests/invariants/plants_<app>.py`, a generator that makes
a healthy world, yields, and then breaks it behind the database's back:

    @plant("B1", without=["stock_balance"])
    def goods_on_hand_that_never_moved():
        balance = stock(quantity=5)
        yield
        sql("UPDATE stock_balance SET on_hand = 6 WHERE id = %s", balance.pk)

The invariant must hold at the yield and be broken at the end. After the yield triggers and
foreign keys are off, and the CHECK, UNIQUE and EXCLUDE constraints (and unique indexes) of the
tables named in `without` are gone; the test's transaction takes everything back. One invariant
may have several plants.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import connection

from o2c.core.verify import Finding, run_all

Plot = Callable[[], Iterator[None]]


@dataclass(frozen=True)
class Plant:
    """One way to break one invariant."""

    invariant_id: str
    plot: Plot
    without: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.invariant_id}-{self.plot.__name__}"


PLANTS: list[Plant] = []


def plant(invariant_id: str, *, without: Sequence[str] = ()) -> Callable[[Plot], Plot]:
    """Register a generator as a way to break an invariant."""

    def register(plot: Plot) -> Plot:
        PLANTS.append(Plant(invariant_id, plot, without))
        return plot

    return register


def all_plants() -> list[Plant]:
    """Every plant of every `plants_*.py` beside this file."""
    for path in sorted(Path(__file__).parent.glob("plants_*.py")):
        import_module(f"tests.invariants.{path.stem}")
    return PLANTS


def sql(statement: str, *parameters: Any) -> None:
    """Run a statement behind everybody's back."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def carry_out(chosen: Plant) -> tuple[Finding, Finding]:
    """Make the healthy world, then the broken one; return what verify says of each."""
    plot = chosen.plot()
    next(plot, None)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    (healthy,) = run_all(only=[chosen.invariant_id])
    for table in chosen.without:
        _drop_constraints(table)
    sql("SET LOCAL session_replication_role = replica")
    next(plot, None)
    sql("SET LOCAL session_replication_role = origin")
    (broken,) = run_all(only=[chosen.invariant_id])
    return healthy, broken


_CONSTRAINTS_OF = """
    SELECT format('ALTER TABLE %%I DROP CONSTRAINT %%I CASCADE', %(table)s, conname)
    FROM pg_constraint WHERE conrelid = %(table)s::regclass AND contype IN ('c', 'u', 'x')
    UNION ALL
    SELECT format('DROP INDEX %%I', indexrelid::regclass::text) FROM pg_index
    WHERE indrelid = %(table)s::regclass AND indisunique AND NOT indisprimary
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""


def _drop_constraints(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS_OF, {"table": table})
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
