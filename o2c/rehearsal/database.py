"""Databases of their own for a replay or a measurement, beside the one at hand.

Each has files of its own, too.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from django.conf import settings
from django.db import ProgrammingError, connection
from psycopg import sql

from o2c.core.databases import connect

MANAGE = Path(settings.BASE_DIR) / "manage.py"
SCRATCH = "_scratch_"  # how the name of a throw-away database goes on


class NoOwnDatabase(Exception):
    """The server grants no further database; the message says why, and what helps."""


def kept_name(purpose: str) -> str:
    """The database that `--keep` makes for this purpose and later runs go on in."""
    return f"{connection.settings_dict['NAME']}_{purpose}"


@contextmanager
def own_database(purpose: str, *, keep: bool, fresh: bool) -> Iterator[str]:
    """Make an empty database, or find the kept one; yield its name.

    Without `keep` it and its files are gone afterwards, and so are those that a killed run left.
    Raises NoOwnDatabase when the server grants none.
    """
    scratch = f"{connection.settings_dict['NAME']}{SCRATCH}{token_hex(4)}"
    name = kept_name(purpose) if keep else scratch
    try:
        _drop_leftovers()
        if keep and fresh:
            _drop(name)
        _create(name)
    except ProgrammingError as error:
        raise NoOwnDatabase(
            f"The server grants no database of its own ({str(error).strip()}). Let its user create "
            "databases."
        ) from error
    try:
        # As long as this one is open, the database is nobody's leftover.
        with connect(connection.settings_dict["NAME"], application_name=name):
            yield name
    finally:
        if not keep:
            _drop(name)


def run_there(name: str, arguments: Sequence[str]) -> int:
    """Run a management command on the database of that name; return its exit code."""
    environment = os.environ | {"DATABASE_NAME": name}
    return subprocess.run([sys.executable, MANAGE, *arguments], env=environment).returncode


def _create(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _drop(name: str) -> None:
    with connection.cursor() as cursor:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        cursor.execute(drop)
    shutil.rmtree(settings.STATE_DIR / name, ignore_errors=True)


def _drop_leftovers() -> None:
    """What a killed run left: a throw-away's name, and nobody is connected to it or for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND NOT EXISTS"
            " (SELECT 1 FROM pg_stat_activity AS a"
            " WHERE pg_database.datname IN (a.datname, a.application_name))",
            [f"{connection.settings_dict['NAME']}{SCRATCH}"],
        )
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        _drop(name)
