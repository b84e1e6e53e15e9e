"""What a postgres:// address says, read by libpq itself. For settings and supervisor: no Django.

    postgres://user:password@host:5432/database
    postgres://user:password@one:5432,two:5432/database?target_session_attrs=read-write

Of several hosts the first that accepts the connection is taken, so a standby is named beside its
primary and found when it has been promoted.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

FORM = "postgres://user:password@host:5432/database"
#: Timeouts of every connection: 3 s for a lock, 15 s for a statement.
SESSION_OPTIONS = (
    "-c lock_timeout=3s -c statement_timeout=15s -c idle_in_transaction_session_timeout=60s"
)
#: How soon a server that is gone without a word is noticed: 3 s to connect, 11 s when it was used.
LIVENESS = {
    "connect_timeout": 3,  # seconds, for each host
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 2,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 11_000,  # milliseconds
}


class NotADatabaseUrl(ValueError):
    """An address that libpq cannot read, or that names no database. It is not quoted: it may hold
    a password."""


@dataclass(frozen=True)
class DatabaseUrl:
    """An address taken apart. `hosts` and `ports` are lists in libpq's words, with commas."""

    database: str
    user: str
    password: str
    hosts: str
    ports: str
    options: dict[str, Any]


def read_database_url(url: str, *, kind: str = "") -> DatabaseUrl:
    """Take an address apart. Raises NotADatabaseUrl.

    `kind` is which servers will do, in the words of libpq's target_session_attrs; by default any,
    and of several hosts the one that can be written to. What the address says wins.
    """
    try:
        said = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except ProgrammingError:
        raise NotADatabaseUrl from None
    if not said.get("dbname") or not all(map(_is_port, said.get("port", "").split(","))):
        raise NotADatabaseUrl
    hosts = said.get("host", "")
    session = f"{SESSION_OPTIONS} {said.get('options', '')}".strip()
    any_will_do = "any" if "," not in hosts else "read-write"
    return DatabaseUrl(
        database=said.pop("dbname"),
        user=said.pop("user", ""),
        password=said.pop("password", ""),
        hosts=said.pop("host", ""),
        ports=said.pop("port", ""),
        options={
            **LIVENESS,
            "target_session_attrs": kind or any_will_do,
            **said,
            "options": session,
        },
    )


def _is_port(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and 0 < int(text) < 65536)
