"""A database of its own for a replay, beside the one at hand and with files of its own."""

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

from o2c.rehearsal.replay.masters import ReplayRefused

MANAGE = Path(settings.BASE_DIR) / "manage.py"
SCRATCH = "_scratch_"  # how the name of a throw-away database goes on


def kept_name() -> str:
    """The database that `--keep` makes and later runs go on in."""
    return f"{connection.settings_dict['NAME']}_replay"


@contextmanager
def own_database(*, keep: bool, fresh: bool) -> Iterator[str]:
    """Make an empty database, or find the kept one; yield its name.

    Without `keep` it and its files are gone afterwards, and so are those that a killed run left.
    Raises ReplayRefused when the server grants no new database.
    """
    name = kept_name() if keep else f"{connection.settings_dict['NAME']}{SCRATCH}{token_hex(4)}"
    try:
        _drop_leftovers()
        if keep and fresh:
            _drop(name)
        _create(name)
    except ProgrammingError as error:
        raise ReplayRefused(
            f"The server grants no database of its own ({str(error).strip()}). Let its user create "
            "databases, or name an empty database in DATABASE_URL and add --here."
        ) from error
    try:
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
    """What a killed run left: nobody is connected to it, and its name is a throw-away's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND NOT EXISTS"
            " (SELECT 1 FROM pg_stat_activity AS a WHERE a.datname = pg_database.datname)",
            [f"{connection.settings_dict['NAME']}{SCRATCH}"],
        )
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        _drop(name)
