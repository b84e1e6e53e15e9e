"""The demo company as a fixture: documents in every state, for tests that walk many pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

from django.core.management import call_command
from django.db import connection, transaction

from o2c.core import clock


@contextmanager
def demo_company() -> Iterator[None]:
    """Fill the test database with the demo for the duration of the block, then take it back."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # as TestCase marks its own, so that commands stay durable
    with atomic:
        call_command("demo", stdout=StringIO())
        with connection.cursor() as cursor:
            # What was counted when earlier tests had taken all back would mislead the planner.
            cursor.execute(f"ANALYZE {', '.join(connection.introspection.table_names(cursor))}")
        with clock.at(clock.now()):
            yield
        transaction.set_rollback(True)
