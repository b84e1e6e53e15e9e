"""The bare cycle is the same work: it keeps the books and quantities the product keeps."""

from contextlib import contextmanager
from random import Random

import psycopg
import pytest
from django.db import connection

from o2c.core import clock
from o2c.core.databases import connect
from o2c.rehearsal.benchmark.bare.cycle import LINES, PIECES, BareCycle
from o2c.rehearsal.benchmark.bare.schema import ITEMS, ON_STOCK, install

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
CYCLES = 6


@contextmanager
def bare_books():
    with connect(connection.settings_dict["NAME"]) as bare:
        install(bare)
        try:
            yield bare
        finally:
            bare.execute("DROP SCHEMA bare CASCADE")


@pytest.fixture
def books():
    """The bare tables after six cycles, and what the cycles cost."""
    with bare_books() as bare:
        cycle = BareCycle(bare, clock.today())
        cycle.run(CYCLES, Random(1))
        yield bare, cycle


def one(bare, sql):
    return bare.execute(sql).fetchone()


def test_a_cycle_is_eight_transactions_of_about_45_statements(books):
    _bare, cycle = books
    assert cycle.transactions == 8 * CYCLES
    assert 40 * CYCLES <= cycle.statements <= 50 * CYCLES


def test_the_ledger_balances_and_ends_with_cash_for_goods(books):
    bare, _cycle = books
    net = CYCLES * LINES * PIECES * 10
    accounts = dict(bare.execute("SELECT account, sum(amount) FROM entry_line GROUP BY account"))
    assert accounts == {
        "bank": net + net * 19 / 100,
        "receivables": 0,
        "revenue": -net,
        "tax": -net * 19 / 100,
        "cost of goods": CYCLES * LINES * PIECES * 6,
        "inventory": -CYCLES * LINES * PIECES * 6,
    }
    assert one(bare, "SELECT count(*) FROM entry") == (3 * CYCLES,)


def test_ordered_picked_shipped_billed_and_paid_agree(books):
    bare, _cycle = books
    lines, pieces = CYCLES * LINES, CYCLES * LINES * PIECES
    assert one(
        bare,
        "SELECT count(*), sum(quantity), sum(picked), sum(shipped), sum(invoiced), sum(reserved) "
        "FROM order_line",
    ) == (lines, pieces, pieces, pieces, pieces, 0)
    assert one(bare, "SELECT sum(on_hand), sum(reserved) FROM stock") == (
        ITEMS * ON_STOCK - pieces,
        0,
    )
    assert one(bare, "SELECT sum(quantity) FROM goods_move") == (-pieces,)
    assert one(bare, "SELECT sum(exposure) FROM customer") == (0,)
    assert one(bare, "SELECT sum(open_amount), count(*) FROM invoice") == (0, CYCLES)
    assert one(bare, "SELECT sum(amount) FROM allocation") == one(
        bare, "SELECT sum(amount) FROM bank_line WHERE payment_id IS NOT NULL"
    )
    assert one(bare, "SELECT array_agg(DISTINCT state) FROM sales_order") == (["reconciled"],)
    assert one(bare, "SELECT max(number) FROM invoice") == (f"INV-{CYCLES:06d}",)
    assert one(bare, "SELECT count(*) FROM event") == (8 * CYCLES,)


def test_its_database_refuses_what_the_products_refuses():
    with bare_books() as bare:
        with pytest.raises(psycopg.errors.CheckViolation):
            bare.execute("UPDATE stock SET reserved = on_hand + 1 WHERE item_id = 1")
        with pytest.raises(psycopg.errors.CheckViolation):
            bare.execute("UPDATE customer SET exposure = credit_limit + 1 WHERE id = 1")
        bare.execute(
            "INSERT INTO entry (number, source, source_id, posted_on) "
            "VALUES ('JE-1', 'invoice', 1, now())"
        )
        with pytest.raises(psycopg.errors.RaiseException, match="does not balance"):
            bare.execute("INSERT INTO entry_line (entry_id, account, amount) VALUES (1, 'bank', 1)")
