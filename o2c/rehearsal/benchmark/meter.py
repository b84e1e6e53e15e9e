"""What a piece of work costs: time, processor time of both sides, statements, transactions."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from django.db import connection

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET CONSTRAINTS")


@dataclass
class Spent:
    """The cost of `times` repetitions. server_s is None where the server's process is not ours."""

    times: int = 0
    seconds: float = 0.0
    app_s: float = 0.0
    server_s: float | None = 0.0
    transactions: int = 0
    steps: Counter[str] = field(default_factory=Counter)  # statements by step

    def __add__(self, other: "Spent") -> "Spent":
        known = self.server_s is not None and other.server_s is not None
        return Spent(
            times=self.times + other.times,
            seconds=self.seconds + other.seconds,
            app_s=self.app_s + other.app_s,
            server_s=(self.server_s or 0) + (other.server_s or 0) if known else None,
            transactions=self.transactions + other.transactions,
            steps=self.steps + other.steps,
        )

    @property
    def per_second(self) -> float:
        return self.times / self.seconds

    @property
    def statements(self) -> float:
        """SQL statements of one repetition."""
        return self.steps.total() / self.times


def server_seconds(pid: int) -> float | None:
    """Processor seconds a PostgreSQL backend has used, or None when it runs on another machine.

    From /proc/PID/stat, fields 14 and 15, in ticks of usually 10 ms: good for work of a second.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    name, _, rest = stat.partition(" (")[2].rpartition(") ")
    fields = rest.split()
    if "postgres" not in name:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


class Meter:
    """Counts what Django's connection does, by step, while `spend` runs."""

    def __init__(self) -> None:
        self.steps: Counter[str] = Counter()
        self.commits = 0
        self._step = ""

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if self._step and not str(sql).startswith(_CONTROL):
            self.steps[self._step] += 1
        return execute(sql, params, many, context)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what is asked of the database under this name."""
        self._step = name
        yield
        self._step = ""

    def spend(self, work: Callable[[], int]) -> Spent:
        """Do the work, which says how often it did the same, and return what it cost."""
        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        with connection.execute_wrapper(self), self._counting_commits():
            spent = spend(work, pid)
        return replace(spent, steps=self.steps, transactions=self.commits)

    @contextmanager
    def _counting_commits(self) -> Iterator[None]:
        commit = connection.commit

        def counted() -> None:
            self.commits += 1
            commit()

        connection.commit = counted  # type: ignore[method-assign]
        try:
            yield
        finally:
            del connection.commit


def spend(work: Callable[[], int], backend_pid: int) -> Spent:
    """Do the work on the backend of that process id; return what it cost in time."""
    server, app, start = server_seconds(backend_pid), process_time(), perf_counter()
    times = work()
    seconds, app = perf_counter() - start, process_time() - app
    used = server_seconds(backend_pid)
    known = None if server is None or used is None else used - server
    return Spent(times=times, seconds=seconds, app_s=app, server_s=known)
