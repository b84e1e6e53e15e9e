"""What multiplying does to the database beside its rows: nothing, also when it fails halfway."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection

from o2c.core.verify import run_all
from o2c.rehearsal.generate import multiply as multiplying
from o2c.rehearsal.generate.copying import expression
from o2c.rehearsal.generate.multiply import _copy, multiply
from orders.models import OrderLine
from tests.given.invoicing import posted_invoice
from tests.given.reconciliation import paid

_CATALOGUE = {
    "indexes": "SELECT indexrelid, indrelid::regclass::text, pg_get_indexdef(indexrelid), "
    "indisvalid, indisready, indisunique, indimmediate FROM pg_index",
    "constraints": "SELECT oid, conrelid::regclass::text, conname, pg_get_constraintdef(oid), "
    "convalidated, conenforced FROM pg_constraint",
    "triggers": "SELECT oid, tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled "
    "FROM pg_trigger",
    "tables": "SELECT oid, relname, relpersistence, reloptions FROM pg_class "
    "WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace",
    "settings": "SELECT name, setting FROM pg_settings WHERE name = ANY("
    "'{session_replication_role,statement_timeout,lock_timeout,maintenance_work_mem}')",
}


def rows_of(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return sorted(cursor.fetchall(), key=str)


def catalogue():
    return {what: rows_of(question) for what, question in _CATALOGUE.items()}


def rows():
    return {
        model._meta.label: rows_of(f'SELECT * FROM "{model._meta.db_table}"')
        for model in apps.get_models(include_auto_created=True)
    }


def fails(monkeypatch, name, instead):
    """Multiply with a part replaced; return what went wrong."""
    with monkeypatch.context() as patched:
        patched.setattr(multiplying, name, instead)
        with pytest.raises(DatabaseError) as failed:
            multiply(3, connections=2)
    return str(failed.value)


def broken_table(model, times, marks):
    """As `_copy`, for copies of all tables but one."""
    statements = _copy(model, times, marks)
    return ["SELECT no_such_function()"] if (model, times) == (OrderLine, 3) else statements


def same_codes(model, field, times, numbers):
    """As `expression`, but copies of customers are not told apart."""
    return 'r."code"' if field.name == "code" else expression(model, field, times, numbers)


@pytest.mark.django_db(transaction=True)
def test_beside_rows_nothing_changes_and_what_fails_halfway_changes_no_row(monkeypatch):
    paid(posted_invoice((10, "4.00")))
    before, small = catalogue(), rows()

    assert "no_such_function" in fails(monkeypatch, "_copy", broken_table)
    assert (catalogue(), rows()) == (before, small)

    # No index watches while rows are written; building it does.
    assert "could not create unique index" in fails(monkeypatch, "expression", same_codes)
    assert (catalogue(), rows()) == (before, small)

    multiply(3, connections=2)
    assert catalogue() == before
    assert [finding.invariant.id for finding in run_all() if not finding.holds] == []
    assert OrderLine.objects.count() == 3 * len(small["orders.OrderLine"])
