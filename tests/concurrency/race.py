"""Races for real: threads with their own connections, real commits, one starting gun.

A race test proves something only when its twin, run with the locks off, goes wrong. `locks_off`
makes the kernel's row locks plain reads and adds a pause between reading and writing, so that
the window which the lock closes stands open.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connection, connections

from o2c.core import events, locks
from o2c.core.work import assert_in_command


def race(*contenders: Callable[[], Any], timeout_s: float = 30) -> list[Any]:
    """Run all contenders at once, each in a thread of its own. Return results or exceptions."""
    gun = threading.Barrier(len(contenders))
    outcomes: list[Any] = [None] * len(contenders)

    def run(lane: int, contender: Callable[[], Any]) -> None:
        # A context variable does not reach into a thread; a bug in a handler must show here too.
        events.raise_handler_bugs.set(True)
        try:
            gun.wait(timeout_s)
            outcomes[lane] = contender()
        except Exception as error:
            outcomes[lane] = error
        finally:
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
def locks_off(pause_s: float = 0.15) -> Iterator[None]:
    """Let every contender read without locking, and dawdle before it writes."""

    def read_without_lock(model: Any, conditions: Any, related: Any) -> list[Any]:
        work = assert_in_command()
        rows = list(
            model._default_manager.filter(**conditions).select_related(*related).order_by("pk")
        )
        time.sleep(pause_s)
        return [work.held.setdefault((model, row.pk), row) for row in rows]

    with mock.patch.object(locks, "_fetch", read_without_lock):
        yield


@contextmanager
def constraint_off(table: str, name: str) -> Iterator[None]:
    """Take one constraint away, the last referee, so that the twin can go wrong visibly."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
        )
        (definition,) = cursor.fetchone()
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition} NOT VALID')
