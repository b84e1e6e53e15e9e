"""How the bank's side could lie."""

from tests.given.reconciliation import entry, imported, matched, owed, paid
from tests.invariants.planted import plant, sql

LINE = ["reconciliation_bankline"]


@plant("F4")
def a_line_whose_payment_is_of_another_amount():
    match = paid(owed())
    yield
    sql("UPDATE reconciliation_bankline SET amount = 1 WHERE id = %s", match.bank_line_id)


@plant("F4", without=LINE)
def a_payment_its_line_does_not_know():
    match = paid(owed())
    yield
    sql("UPDATE reconciliation_bankline SET payment_id = NULL WHERE id = %s", match.bank_line_id)


@plant("H1", without=LINE)
def the_same_entry_twice():
    imported(entry(5, "a"), entry(6, "b"))
    yield
    sql("UPDATE reconciliation_bankline SET dedup_key = 'same'")


@plant("H2")
def a_broken_chain_that_says_nothing():
    imported(entry(5, "a"))
    second = imported(entry(6, "b"))
    yield
    sql("UPDATE reconciliation_bankstatement SET opening = 1 WHERE id = %s", second.pk)


@plant("H2")
def a_statement_that_lost_a_line():
    statement = imported(entry(5, "a"), entry(6, "b"))
    yield
    sql(
        "DELETE FROM reconciliation_bankline WHERE statement_id = %s AND line_number = 2",
        statement.pk,
    )


@plant("H3", without=LINE)
def a_line_ignored_by_nobody():
    statement = imported(entry(5, "a"))
    yield
    sql(
        "UPDATE reconciliation_bankline SET ignored_reason = 'x' WHERE statement_id = %s",
        statement.pk,
    )


@plant("H6")
def a_match_that_makes_more_than_its_line():
    (match,) = matched(entry("5.00"))
    yield
    sql("UPDATE reconciliation_match SET on_account = 6 WHERE id = %s", match.pk)


@plant("H7")
def an_order_called_reconciled_that_is_owed():
    invoice = owed()
    yield
    sql("UPDATE orders_order SET state = 'reconciled' WHERE id = %s", invoice.order_id)
