"""A throw-away database to measure in, and processes that work there.

This module is loaded before Django is set up in a new process, so it imports nothing of the
product at its head.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

R = TypeVar("R")


class Worker:
    """A process of its own whose Django works on one database. It does one thing at a time."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def run(self, function: Callable[..., R], *args: Any) -> R:
        """Call function there; it and its arguments and result are pickled."""
        return self.start(function, *args).result()

    def start(self, function: Callable[..., R], *args: Any) -> Future[R]:
        """Call function there without waiting for its result."""
        return self._pool.submit(function, *args)


class Place:
    """A database with the product's tables. The processes that work in it end with it."""

    def __init__(self, name: str, stack: ExitStack) -> None:
        self.name = name
        self._stack = stack
        self._workers: list[Worker] = []

    def workers(self, count: int) -> list[Worker]:
        """So many processes, the same at each call."""
        while len(self._workers) < count:
            pool = ProcessPoolExecutor(
                max_workers=1,
                mp_context=get_context("spawn"),
                initializer=_begin,
                initargs=(self.name,),
            )
            self._workers.append(Worker(self._stack.enter_context(pool)))
        return self._workers[:count]

    def run(self, function: Callable[..., R], *args: Any) -> R:
        """Call function in the first process."""
        return self.workers(1)[0].run(function, *args)


def run_at_once(workers: Sequence[Worker], function: Callable[..., R], *args: Any) -> list[R]:
    """Call function in all the processes at the same time, each with its number before the args."""
    waiting = [worker.start(function, number, *args) for number, worker in enumerate(workers)]
    return [each.result() for each in waiting]


@contextmanager
def place(purpose: str, *, keep: bool) -> Iterator[Place]:
    """A migrated database of its own, dropped afterwards unless it is to be kept.

    Raises NoOwnDatabase when the server grants none.
    """
    from o2c.rehearsal.database import own_database

    with own_database(f"benchmark_{purpose}", keep=keep, fresh=False) as name, ExitStack() as stack:
        made = Place(name, stack)
        made.run(_migrate)
        yield made


def _begin(name: str) -> None:
    """Set Django up for the database of that name. Nobody is told of slow work.

    Static files keep their own names, so pages are made where nobody collected them.
    """
    os.environ["DATABASE_NAME"] = name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2c.settings")
    import django
    from django.conf import settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.CELERY_BROKER_URL = "memory://localhost/"
    django.setup()
    logging.getLogger().setLevel(logging.WARNING)


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
