"""How the bank's side could lie."""

from datetime import timedelta

from invoicing.models import CreditKind
from o2c.core import clock
from o2c.core.actors import SYSTEM
from reconciliation.commands import apply_match
from tests.given import receivables as given
from tests.given.invoicing import posted_credit
from tests.given.reconciliation import entry, imported, matched, owed, paid
from tests.invariants.planted import plant, sql

LINE = ["reconciliation_bankline"]
PAYMENT = ["receivables_payment"]


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


@plant("H1")
def two_statements_that_move_the_same_balance():
    first, second = imported(entry(5, "a")), imported(entry(6, "b"))
    yield
    sql(
        "UPDATE reconciliation_bankstatement SET statement_id = %s, opening = %s, closing = %s "
        "WHERE id = %s",
        *(first.statement_id, first.opening, first.closing, second.pk),
    )


@plant("H5")
def a_broken_chain_that_says_nothing():
    imported(entry(5, "a"))
    second = imported(entry(6, "b"))
    yield
    sql("UPDATE reconciliation_bankstatement SET opening = 1 WHERE id = %s", second.pk)


@plant("H5")
def a_second_beginning_that_says_nothing():
    imported(entry(5, "a"))
    second = imported(entry(6, "b"))
    yield
    sql("UPDATE reconciliation_bankstatement SET follows_id = NULL WHERE id = %s", second.pk)


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


@plant("F4", without=PAYMENT)
def a_line_two_customers_paid_that_lost_one_payment():
    first, second = owed(), owed((20, "10.00"))
    (match,) = matched(entry("357.00", f"{first.number} {second.number}"))
    apply_match(match.pk, actor=SYSTEM)
    yield
    sql("UPDATE receivables_payment SET bank_line_id = NULL WHERE bank_line_part = 2")


@plant("H6")
def a_match_whose_credit_was_not_used_as_it_says():
    invoice = owed((5, "10.00"))
    given.debt("-23.80", customer=invoice.payer, number="GS-7")
    (match,) = matched(entry("35.70", f"{invoice.number} GS-7"))
    apply_match(match.pk, actor=SYSTEM)
    yield
    sql(
        "UPDATE reconciliation_matchshare SET amount = 23 "
        "WHERE match_id = %s AND credit_item_id IS NOT NULL",
        match.pk,
    )


@plant("H7")
def an_order_called_reconciled_that_is_owed():
    invoice = owed()
    yield
    sql("UPDATE orders_order SET state = 'reconciled' WHERE id = %s", invoice.order_id)


@plant("H7")
def an_order_called_reconciled_that_is_owed_a_credit():
    invoice = owed()
    paid(invoice)
    posted_credit(invoice, 5, kind=CreditKind.PRICE)
    yield
    sql("UPDATE orders_order SET state = 'reconciled' WHERE id = %s", invoice.order_id)


@plant("H2")
def a_closing_that_the_entries_do_not_make():
    statement = imported(entry(5, "a"))
    yield
    sql("UPDATE reconciliation_bankstatement SET closing = closing + 1 WHERE id = %s", statement.pk)


@plant("H2")
def an_entry_of_another_amount_than_the_bank_said():
    statement = imported(entry(5, "a"), entry(6, "b"))
    yield
    sql("UPDATE reconciliation_bankline SET amount = 7 WHERE statement_id = %s", statement.pk)


@plant("H5")
def a_statement_that_came_late_and_one_that_lies():
    """A late one says that it does not fit; the next fits the newest, not the last that came."""
    first = imported(entry(5, "a"))
    late = imported(entry(6, "b"), opening=1, on=clock.today() - timedelta(days=30))
    last = imported(entry(7, "c"))
    assert (late.problem != "", last.problem, last.opening) == (True, "", first.closing)
    yield
    sql("UPDATE reconciliation_bankstatement SET problem = '' WHERE id = %s", late.pk)


@plant("H2")
def a_statement_that_overlaps_and_lost_what_it_brought():
    """Lines that are here already are not kept twice; it begins where they end."""
    imported(entry(5, "a"))
    overlapping = imported(entry(5, "a"), entry(6, "b"), opening=100)
    assert (overlapping.line_count, overlapping.opening) == (1, 105)
    yield
    sql("UPDATE reconciliation_bankstatement SET opening = 100 WHERE id = %s", overlapping.pk)
