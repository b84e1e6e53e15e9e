"""SQL that the server parses and plans once for each connection, with its values bound there.

Django puts the values into the text of a statement, so the server parses and plans each anew. What
the day repeats thousands of times is sent from here instead: docs/adr/0056.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.db import connection
from psycopg import ClientCursor, Connection, RawCursor
from psycopg.types.numeric import Int8Dumper

#: Statements kept by the server for each connection; the least used give way.
MOST_PREPARED = 500
_PLACE = re.compile(r"%(?:(s)|\((\w+)\)s|(%))")

Parameters = Sequence[Any] | Mapping[str, Any]


class _PreparedCursor(RawCursor[Any]):
    """Takes SQL with Django's places and prepares it."""

    def execute(self, sql: str, params: Parameters | None = None) -> Any:  # type: ignore[override]
        numbered, names = _numbered(sql)
        if names:
            params = [params[name] for name in names]  # type: ignore[call-overload,index]
        return super().execute(numbered, params or (), prepare=True)


class _LoggedCursor(_PreparedCursor):
    """Keeps the statement with its values, where Django's log of statements looks for it."""

    def execute(self, sql: str, params: Parameters | None = None) -> Any:  # type: ignore[override]
        result = super().execute(sql, params)
        text = ClientCursor(self.connection).mogrify(sql, params)
        self._query: Any = SimpleNamespace(query=text.encode())
        return result


@lru_cache(maxsize=2000)
def _numbered(sql: str) -> tuple[bytes, list[str]]:
    """The SQL with $1 for `%s` or `%(name)s`, and the names in their order."""
    names: list[str] = []
    count = 0

    def place(match: re.Match[str]) -> str:
        nonlocal count
        if match[3]:
            return "%"
        if match[1]:
            count += 1
            return f"${count}"
        if match[2] not in names:
            names.append(match[2])
        return f"${names.index(match[2]) + 1}"

    numbered = _PLACE.sub(place, sql)
    assert not (count and names), "places with and without names in one statement"
    return numbered.encode(), names


def fetch(sql: str, params: Parameters) -> list[tuple[Any, ...]]:
    """Run a statement with `%s` or `%(name)s` for its values; return its rows."""
    with _cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def execute(sql: str, params: Parameters) -> int:
    """Run a statement that returns no rows; return how many it wrote."""
    with _cursor() as cursor:
        cursor.execute(sql, params)
        written: int = cursor.rowcount
        return written


def _cursor() -> Any:
    """A prepared cursor within Django's, which counts, logs and translates errors as ever."""
    connection.ensure_connection()
    raw: Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        _make_ready(raw)
    if connection.queries_logged:
        return connection.make_debug_cursor(_LoggedCursor(raw))  # type: ignore[arg-type]
    return connection.make_cursor(_PreparedCursor(raw))  # type: ignore[arg-type]


def _make_ready(raw: "Connection[Any]") -> None:
    """Once for each connection: Django switches preparing off, and small numbers have small types,
    which would be a statement of their own for each size."""
    raw.prepare_threshold = 0
    raw.prepared_max = MOST_PREPARED
    raw.adapters.register_dumper(int, Int8Dumper)
