"""A standby for tests: a second connection to the same database, which is as late as asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from unittest import mock

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from o2c.core import standby

NAME = "the standby"  # what its connections call themselves


@contextmanager
def standby_at_hand(*, lag_s: float | None = 0, port: str = "") -> Iterator[None]:
    """Configure a standby that lags so many seconds; None for one that has seen no commit."""
    settings = deepcopy(connection.settings_dict)
    settings["OPTIONS"]["application_name"] = NAME
    settings["PORT"] = port or settings["PORT"]

    def as_of(reached, written, asked_at):
        reached.ensure_connection()
        return None if lag_s is None else asked_at - timedelta(seconds=lag_s)

    with (
        mock.patch.dict(connections.settings, {standby.STANDBY: settings}),
        mock.patch.object(standby, "_as_of", as_of),
        mock.patch.object(standby, "_silent_until", 0.0),
        _let_it_connect(connections[standby.STANDBY]),
    ):
        yield


@contextmanager
def _let_it_connect(reached: BaseDatabaseWrapper) -> Iterator[None]:
    """Django's tests refuse databases that they have not made."""

    def connect() -> None:
        if reached.connection is None:
            with reached.wrap_database_errors:
                reached.connect()

    with mock.patch.object(reached, "ensure_connection", connect):
        try:
            yield
        finally:
            reached.close()
            del connections[standby.STANDBY]


def server_read() -> str:
    """Which server answers this thread now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('application_name')")
        (name,) = cursor.fetchone()
    return "standby" if name == NAME else "primary"
