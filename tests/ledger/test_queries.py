"""Balances as of any day, the trial balance, and a document's entries."""

from datetime import date
from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.ledger.commands import Posting, post_stock_value
from o2c.ledger.models import Role
from o2c.ledger.queries import balance, customer_balances, entries_of, trial_balance
from tests.factories.masters import CustomerFactory
from tests.given.ledger import DAY, chart, posted

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 3)


def owed(customer, amount, on=DAY, currency="EUR", rate="1", purpose="post"):
    amount = Decimal(amount)
    base = amount * Decimal(rate)
    return posted(
        Posting("AR", amount, currency, base, customer.pk),
        Posting("REVENUE", -amount, currency, -base),
        on=on,
        purpose=purpose,
    )


@pytest.fixture
def books():
    anna, bert = CustomerFactory(), CustomerFactory()
    owed(anna, 100, purpose="1")
    owed(anna, -40, on=OCTOBER, purpose="2")
    owed(bert, 10, currency="USD", rate="0.9", purpose="3")
    return anna, bert


def test_a_balance_is_read_in_base_or_in_one_currency(books, django_assert_num_queries):
    anna, bert = books

    with django_assert_num_queries(1):
        assert balance(Role.AR) == 69
    assert balance("AR", currency="EUR") == 60
    assert balance("AR", anna.pk) == 60
    assert balance("AR", bert.pk, "USD") == 10
    assert balance("AR", bert.pk, on=date(2026, 9, 14)) == 0
    assert balance("AR", anna.pk, on=DAY) == 100


def test_customer_balances_leave_out_what_is_settled(books, django_assert_num_queries):
    anna, bert = books
    owed(anna, -60, on=OCTOBER, purpose="4")

    with django_assert_num_queries(1):
        assert customer_balances("AR", DAY) == [
            (anna.pk, "EUR", 100, 100),
            (bert.pk, "USD", 10, 9),
        ]
    assert customer_balances("AR") == [(bert.pk, "USD", 10, 9)]


def test_the_trial_balance_opens_turns_and_closes_to_zero(books, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = list(trial_balance(date(2026, 10, 1), date(2026, 10, 31)))

    by_role = {row.role: (row.opening, row.debit, row.credit, row.closing) for row in rows}
    assert by_role["AR"] == (109, 0, -40, 69)
    assert by_role["REVENUE"] == (-109, 40, 0, -69)
    assert by_role["TAX"] == (0, 0, 0, 0)
    assert sum(row.closing for row in rows) == 0


def test_the_trial_balance_of_everything_has_no_opening(books):
    rows = {row.role: row for row in trial_balance()}

    assert (rows["AR"].opening, rows["AR"].closing) == (0, 69)


def test_a_document_shows_what_it_has_posted(django_assert_num_queries):
    first, second = posted(), posted(purpose="more")

    with django_assert_num_queries(3):
        found = list(entries_of("masters.company", 1))
        assert found == [first, second]
        assert {line.account.role for line in found[0].lines.all()} == {
            "INVENTORY",
            "GOODS_RECEIVED",
        }


@pytest.mark.parametrize(
    ("value", "against"), [("18.50", Role.GOODS_RECEIVED), ("-6", Role.STOCK_ADJUSTMENT)]
)
def test_stock_value_goes_into_inventory_against_where_it_came_from(value, against):
    chart()

    post_stock_value(("masters.company", 1), Decimal(value), against, DAY, actor=SYSTEM)

    assert balance("INVENTORY") == Decimal(value)
    assert balance(against) == -Decimal(value)


def test_stock_without_value_posts_nothing():
    document = ("masters.company", 1)

    assert post_stock_value(document, Decimal(0), Role.GOODS_RECEIVED, DAY, actor=SYSTEM) is None
