"""Races for real: threads with their own connections, real commits, one starting gun.

A race test proves something only when its twin, run with the locks off, goes wrong, and goes
wrong every time. So the twin does not hope for the bad moment, it makes it: `in_step` lets no
contender write before every other one has read and decided.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from unittest import mock

from django.db import DEFAULT_DB_ALIAS, connection, connections

from o2c.core import deliveries, locks
from o2c.core.work import assert_in_command

#: a statement that changes rows; "FOR NO KEY UPDATE" and "FOR UPDATE" only lock them
WRITES = re.compile(r"\b(INSERT INTO|DELETE FROM|(?<!FOR )(?<!KEY )UPDATE)\b")


class Gate:
    """The line before the first write, which nobody crosses until everybody stands at it."""

    def __init__(self, lanes: Iterable[int], patience_s: float = 20) -> None:
        self.on_the_way = set(lanes)
        self.patience_s = patience_s
        self.moved = threading.Condition()

    def arrive(self, lane: int) -> None:
        """This contender is about to write, or has ended without writing."""
        with self.moved:
            self.on_the_way.discard(lane)
            self.moved.notify_all()

    def wait_before_first_write(self, lane: int) -> Callable[..., Any]:
        """The wrapper of one contender's statements."""

        def run(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            if lane in self.on_the_way and WRITES.search(str(sql)):
                self.arrive(lane)
                with self.moved:
                    met = self.moved.wait_for(lambda: not self.on_the_way, self.patience_s)
                assert met, "the contenders never met before writing"
            return execute(sql, params, many, context)

        return run

    @contextmanager
    def wait_before_first_commit(self, lane: int) -> Iterator[None]:
        """Let this contender commit when every other one is about to, or has ended."""
        commit = connection.commit

        def run() -> None:
            self.arrive(lane)
            with self.moved:
                met = self.moved.wait_for(lambda: not self.on_the_way, self.patience_s)
            assert met, "the contenders never met before committing"
            commit()

        with mock.patch.object(connections[DEFAULT_DB_ALIAS], "commit", run):
            yield


_in_step: ContextVar[bool] = ContextVar("in_step", default=False)
_commit_together: ContextVar[bool] = ContextVar("commit_together", default=False)


def race(*contenders: Callable[[], Any], timeout_s: float = 30) -> list[Any]:
    """Run all contenders at once, each in a thread of its own. Return results or exceptions."""
    gun = threading.Barrier(len(contenders))
    gate = Gate(range(len(contenders)) if _in_step.get() else ())
    last_gate = Gate(range(len(contenders)) if _commit_together.get() else ())
    outcomes: list[Any] = [None] * len(contenders)

    def run(lane: int, contender: Callable[[], Any]) -> None:
        # A context variable does not reach into a thread; a bug in a handler must show here too.
        deliveries.raise_handler_bugs.set(True)
        try:
            gun.wait(timeout_s)
            with (
                connection.execute_wrapper(gate.wait_before_first_write(lane)),
                last_gate.wait_before_first_commit(lane),
            ):
                outcomes[lane] = contender()
        except Exception as error:
            outcomes[lane] = error
        finally:
            gate.arrive(lane)
            last_gate.arrive(lane)
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(lane, contender), daemon=True)
        for lane, contender in enumerate(contenders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout_s)
    assert not any(thread.is_alive() for thread in threads), "a contender hangs"
    return outcomes


def won(outcomes: Sequence[Any]) -> list[Any]:
    """The outcomes that are not exceptions."""
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def lost(outcomes: Sequence[Any]) -> list[Exception]:
    """The outcomes that are exceptions."""
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


@contextmanager
def in_step() -> Iterator[None]:
    """Let no contender of a race write before all have read: the interleaving locks forbid."""
    token = _in_step.set(True)
    try:
        yield
    finally:
        _in_step.reset(token)


@contextmanager
def commit_together() -> Iterator[None]:
    """Let no contender of a race commit before all have written: for writes to different rows."""
    token = _commit_together.set(True)
    try:
        yield
    finally:
        _commit_together.reset(token)


@contextmanager
def trigger_locks_off(*functions: str) -> Iterator[None]:
    """Let these trigger functions look without locking what they look at."""
    with connection.cursor() as cursor:
        names = [list(functions)]
        cursor.execute("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = ANY(%s)", names)
        whole = [source for (source,) in cursor.fetchall()]
        assert len(whole) == len(functions)
        for source in whole:
            cursor.execute(re.sub(r" (ORDER BY id )?FOR (SHARE|NO KEY UPDATE);", ";", source))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for source in whole:
                cursor.execute(source)


@contextmanager
def locks_off() -> Iterator[None]:
    """Let every contender read without locking, and all of them before any writes."""

    def read_without_lock(
        model: Any, conditions: Any, related: Any, parents: Any = ()
    ) -> list[Any]:
        work = assert_in_command()
        rows = model._default_manager.filter(**conditions).select_related(*related, *parents)
        return [work.held.setdefault((model, row.pk), row) for row in rows.order_by("pk")]

    with mock.patch.object(locks, "_fetch", read_without_lock), in_step():
        yield


@contextmanager
def constraint_off(table: str, name: str) -> Iterator[None]:
    """Take one constraint or unique index away, the last referee, so that the twin goes wrong.

    It comes back whole, so what broke it must go: the table is empty afterwards, and whatever
    refers to it. Look at the outcome inside.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
        )
        if constraint := cursor.fetchone():
            drop = f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"'
            restore = f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {constraint[0]}'
        else:  # a unique constraint with a condition is an index only
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
            drop, (restore,) = f'DROP INDEX "{name}"', cursor.fetchone()
        cursor.execute(drop)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # append-only rows go too
            cursor.execute(f'TRUNCATE "{table}" CASCADE')
            cursor.execute("RESET session_replication_role")
            cursor.execute(restore)
