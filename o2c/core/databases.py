"""The databases of the server at hand, beside the one that Django is connected to."""

from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

MAINTENANCE = "postgres"  # the database that every server has


def connect(name: str, **options: Any) -> psycopg.Connection[Any]:
    """A connection in autocommit to a database of the same server, beside Django's.

    It has the limits of the product's own connections; `options` go to psycopg.
    """
    ours = connection.settings_dict
    return psycopg.connect(
        dbname=name,
        user=ours["USER"],
        password=ours["PASSWORD"],
        host=ours["HOST"],
        port=ours["PORT"],
        options=ours["OPTIONS"]["options"],
        autocommit=True,
        **options,
    )


def create_missing_database() -> str:
    """Make the database of the settings when the server has none of that name.

    Returns the name when it was made, else nothing. Raises psycopg.Error when the server cannot
    be reached or grants its user no further database.
    """
    name = connection.settings_dict["NAME"]
    try:
        connect(name).close()
        return ""
    except psycopg.OperationalError:  # libpq says only in words that there is no such database
        there = connect(MAINTENANCE)
    with there:
        if there.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return ""
        there.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return str(name)
