"""Reports and exports are read from a standby, where there is one; what a command decides on never.

    with reading_from_standby() as reading:  # a page that is complete when the block ends
    return stream_from_standby(parts)        # a file that is read while it is sent

Inside the block every query of this thread, raw SQL included, sees one moment and can write
nothing: REPEATABLE READ READ ONLY, on the primary too. The primary is read when the standby is
gone or lags more than STANDBY_MAX_LAG behind. See ADR 54.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import errors as pg

from o2c.core import clock
from o2c.core.database_errors import is_database_away
from o2c.core.snapshots import read_only_snapshot
from o2c.core.work import current_work

log = logging.getLogger(__name__)

STANDBY = "standby"  # in settings.DATABASES, when STANDBY_URL is set
PATIENCE_S = 0.2  # how long a standby may take to have what is committed by now
STEP_S = 0.01
REST_S = 30  # how long this process leaves a standby alone that was gone

_silent_until = 0.0  # monotonic seconds


class Source(StrEnum):
    """Where a report is read, and why not from the standby."""

    STANDBY = "standby"
    ALONE = "alone"  # no standby is configured
    GONE = "gone"
    BEHIND = "behind"


@dataclass(frozen=True)
class Reading:
    """A report has all that was committed until `as_of`; the standby lags `lag_s` seconds."""

    source: Source
    as_of: datetime
    lag_s: float = 0.0


class ReadInCommand(RuntimeError):
    """A command asked to decide on what a standby says. A bug."""


class StandbyLost(Exception):
    """The standby went away, or withdrew rows, while it was read: read again, elsewhere."""


_current: ContextVar[Reading | None] = ContextVar("reading", default=None)


def current_reading() -> Reading | None:
    """Where the report that is being drawn is read; None outside of any."""
    return _current.get()


@contextmanager
def reading_from_standby() -> Iterator[Reading]:
    """Read all that follows in one snapshot, of the standby if it will do, else of the primary.

    A transaction that runs already keeps to itself, as only it sees its own rows. Raises
    ReadInCommand, and StandbyLost for what must be read again.
    """
    if current_work() is not None:
        raise ReadInCommand("a command decides on the primary")
    if connection.in_atomic_block:
        yield _current.get() or Reading(Source.ALONE, clock.now())
        return
    reading, standby = _choose()
    token = _current.set(reading)
    try:
        with _in_place_of_primary(standby) if standby else nullcontext(), read_only_snapshot():
            yield reading
    except (OperationalError, InterfaceError) as error:
        if standby is None or not _is_lost(error):
            raise
        _leave_alone(error)
        raise StandbyLost from error
    finally:
        _current.reset(token)
        if standby is not None:
            standby.close()


def stream_from_standby(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Read what parts are made of as reading_from_standby does, from the first part to the last.

    A file whose source is lost midway breaks off, so that nobody takes half of it for the whole.
    """
    with reading_from_standby():
        yield from parts


def _choose() -> tuple[Reading, BaseDatabaseWrapper | None]:
    """The source that will do, with the connection to the standby if it is that."""
    now = clock.now()
    if STANDBY not in connections.settings:
        return Reading(Source.ALONE, now), None
    if time.monotonic() < _silent_until:
        return Reading(Source.GONE, now), None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn(), clock_timestamp()")
        written, asked_at = cursor.fetchone()
    standby = connections[STANDBY]
    try:
        as_of = _as_of(standby, written, asked_at)
    except (OperationalError, InterfaceError) as error:
        standby.close()
        _leave_alone(error)
        return Reading(Source.GONE, now), None
    if as_of and (lag_s := (asked_at - as_of).total_seconds()) <= settings.STANDBY_MAX_LAG:
        return Reading(Source.STANDBY, as_of, max(lag_s, 0)), standby
    standby.close()
    return Reading(Source.BEHIND, now), None


def _as_of(standby: BaseDatabaseWrapper, written: str, asked_at: datetime) -> datetime | None:
    """Until when the standby has all commits: `asked_at` if it has the log `written` by then.

    It is given a moment for that, so that people find in a report what they have just done. Else
    it is the last commit it has seen, by the primary's clock; None when it has seen none.
    """
    patience = time.monotonic() + PATIENCE_S
    while True:
        with standby.cursor() as cursor:
            cursor.execute(
                "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn, pg_last_xact_replay_timestamp()",
                [written],
            )
            has_all, last_commit = cast(tuple[bool, datetime | None], cursor.fetchone())
        if has_all:
            return asked_at
        if time.monotonic() > patience:
            return last_commit
        time.sleep(STEP_S)


@contextmanager
def _in_place_of_primary(standby: BaseDatabaseWrapper) -> Iterator[None]:
    """Let this thread's default connection be the standby's: queries need not know of it."""
    primary = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = standby
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary


def _is_lost(error: Exception) -> bool:
    """Whether another server would answer: this one is away, or had to withdraw rows we read."""
    return is_database_away(error) or isinstance(error.__cause__, pg.SerializationFailure)


def _leave_alone(error: Exception) -> None:
    global _silent_until
    _silent_until = time.monotonic() + REST_S
    log.warning(
        "The standby cannot be read (%s); reports are read from the primary.", type(error).__name__
    )
