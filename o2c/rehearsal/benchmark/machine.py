"""The machine the figures come from: two fixed pieces of work tell one machine from another."""

import os
import platform
from dataclasses import asdict, dataclass
from time import perf_counter, process_time
from typing import Any

from django.db import connection

LOOPS = 2_000_000
STATEMENTS = 2_000


@dataclass(frozen=True)
class Machine:
    """What was measured on. Milliseconds; `busy` is the share of the time that others took."""

    cores: int
    load: float  # processes that want a core, the average of the last minute
    python: str
    python_loop_ms: float  # processor time of the fixed loop
    busy: float
    postgresql: str
    fsync: str
    synchronous_commit: str
    sql_loop_ms: float  # the fixed statements, one by one

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.cores} cores, load {self.load:.1f}; Python {self.python}, fixed loop "
            f"{self.python_loop_ms:,.0f} ms, {self.busy:.0%} of it spent waiting for a core; "
            f"PostgreSQL {self.postgresql}, fsync {self.fsync}, synchronous_commit "
            f"{self.synchronous_commit}, {STATEMENTS:,} fixed statements {self.sql_loop_ms:,.0f} ms"
        )


def calibrate() -> Machine:
    """Measure the machine on Django's connection."""
    started, cpu = perf_counter(), process_time()
    total = 0
    for number in range(LOOPS):
        total += number * number % 7
    taken, used = perf_counter() - started, process_time() - cpu
    return Machine(
        cores=os.cpu_count() or 1,
        load=os.getloadavg()[0],
        python=platform.python_version(),
        python_loop_ms=1000 * used,
        busy=1 - used / taken,
        postgresql=_setting("server_version").split(" ")[0],
        fsync=_setting("fsync"),
        synchronous_commit=_setting("synchronous_commit"),
        sql_loop_ms=_sql_loop_ms(),
    )


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def _sql_loop_ms() -> float:
    with connection.cursor() as cursor:
        started = perf_counter()
        for number in range(STATEMENTS):
            cursor.execute("SELECT sum(n * n %% 7) FROM generate_series(1, %s) n", [number % 50])
        return 1000 * (perf_counter() - started)
