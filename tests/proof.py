"""That nothing contradicts anything: what tests ask of the whole database."""

from collections.abc import Collection

from django.db import connection

from o2c.core.verify import run_all


def check_deferred() -> None:
    """Fire the deferred constraint triggers now: a test's transaction never commits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def assert_books_agree(only: Collection[str] = ()) -> None:
    """Every invariant of the product holds, or those named."""
    check_deferred()
    broken = {found.invariant.id: found.sentences() for found in run_all(only) if not found.holds}
    assert broken == {}
