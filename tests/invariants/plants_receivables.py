"""How the receivables could lie."""

from datetime import date
from decimal import Decimal
from unittest import mock

from o2c.core.actors import SYSTEM, SystemActor
from receivables.commands import (
    PaymentShare,
    Share,
    allocate_credit,
    allocate_payment,
    approve_write_off,
    open_items,
    request_write_off,
    reverse_allocations,
)
from receivables.models import OpenItem
from tests.factories.masters import CustomerFactory
from tests.factories.receivables import DunningPolicyFactory
from tests.given import invoicing as given_invoice
from tests.given import receivables as given
from tests.invariants.planted import plant, sql

HUNDRED = Decimal("100.00")
ITEM = ["receivables_openitem"]
PAYMENT = ["receivables_payment"]
ALLOCATION = ["receivables_allocation"]


def paid(amount="60.00"):
    """A debt of 100 of which so much is paid."""
    item = given.debt("100.00")
    payment = given.payment("100.00", customer=item.customer)
    allocate_payment(payment.pk, shares=[Share(item.pk, Decimal(amount))], actor=SYSTEM)
    return item, payment


def sent_letter():
    """A debt that was reminded of once."""
    DunningPolicyFactory(pre_due=False, levels=[{"days": 5, "fee": "10.00"}, {"days": 20}])
    item = given.debt("100.00", due=date(2026, 6, 1))
    with mock.patch("receivables.commands.sending.render_pdf", return_value=b"%PDF"):
        given.sent_run(on=date(2026, 6, 10))
    return item


@plant("E3")
def an_item_the_ledger_does_not_know():
    item, _payment = paid()
    yield
    sql(
        "UPDATE receivables_openitem SET original = original + 1, open_amount = open_amount + 1 "
        "WHERE id = %s",
        item.pk,
    )


@plant("E3")
def an_allocation_of_another_day_than_its_entry():
    paid()
    yield
    sql("UPDATE receivables_allocation SET effective_date = effective_date + 1")


@plant("E3", without=ITEM)
def a_base_value_that_was_never_booked():
    item, _payment = paid()
    yield
    sql("UPDATE receivables_openitem SET base_original = 99 WHERE id = %s", item.pk)


@plant("E8")
def money_the_ledger_does_not_know():
    _item, payment = paid()
    yield
    sql("UPDATE receivables_payment SET amount = amount + 1 WHERE id = %s", payment.pk)


@plant("E8")
def money_on_the_account_a_day_early():
    paid()
    yield
    sql("UPDATE receivables_payment SET assigned_date = assigned_date - 1")


@plant("F1", without=ITEM)
def an_item_that_miscounts():
    item, _payment = paid()
    yield
    sql("UPDATE receivables_openitem SET open_amount = 41 WHERE id = %s", item.pk)


@plant("F1", without=ITEM)
def an_item_paid_beyond_nothing():
    item, _payment = paid()
    yield
    sql("UPDATE receivables_openitem SET open_amount = -1 WHERE id = %s", item.pk)


@plant("F2", without=PAYMENT)
def a_payment_that_miscounts():
    _item, payment = paid()
    yield
    sql("UPDATE receivables_payment SET allocated = 61 WHERE id = %s", payment.pk)


@plant("F3")
def one_customers_money_for_anothers_debt():
    item, _payment = paid()
    yield
    other = CustomerFactory().pk
    sql("UPDATE receivables_openitem SET customer_id = %s WHERE id = %s", other, item.pk)


@plant("F5")
def a_crooked_mirror():
    _item, payment = paid()
    reverse_allocations(payment.pk, reason="wrong item", actor=SYSTEM)
    yield
    sql("UPDATE receivables_allocation SET amount = amount + 1 WHERE reverses_id IS NOT NULL")


def repaid():
    """100 received and paid back, the one met by the other."""
    customer = CustomerFactory()
    received = given.payment("100.00", customer=customer)
    refund = given.payment("100.00", customer=customer, direction="out")
    allocate_payment(refund.pk, payments=[PaymentShare(received.pk, HUNDRED)], actor=SYSTEM)
    return received, refund


@plant("E8")
def an_exchange_difference_of_a_repayment_that_nobody_posted():
    repaid()
    yield
    sql("UPDATE receivables_repayment SET base_paid = base_paid + 1")


@plant("F2", without=PAYMENT)
def a_repayment_that_is_not_counted():
    received, _refund = repaid()
    yield
    sql("UPDATE receivables_payment SET allocated = 0 WHERE id = %s", received.pk)


@plant("F3")
def one_customers_money_paid_back_to_another():
    _received, refund = repaid()
    yield
    other = CustomerFactory().pk
    sql("UPDATE receivables_payment SET customer_id = %s WHERE id = %s", other, refund.pk)


@plant("F5", without=["receivables_repayment"])
def a_repayment_taken_back_in_part():
    _received, refund = repaid()
    reverse_allocations(refund.pk, reason="wrong payment", actor=SYSTEM)
    yield
    sql("UPDATE receivables_repayment SET amount = -99 WHERE reverses_id IS NOT NULL")


@plant("F12", without=PAYMENT)
def a_pay_out_that_nobody_else_approved():
    given.payment("100.00", customer=CustomerFactory(), direction="out")
    yield
    sql("UPDATE receivables_payment SET state = 'received', approved_by = created_by")


@plant("F7", without=["receivables_writeoff"])
def a_write_off_decided_alone():
    item = given.debt("100.00")
    request = request_write_off(item.pk, amount=HUNDRED, note="gone", actor=SYSTEM)
    approve_write_off(request.pk, actor=SystemActor("another"))
    yield
    sql("UPDATE receivables_writeoff SET decided_by = created_by")


@plant("F7", without=["receivables_writeoff"])
def a_write_off_that_was_not_booked():
    item = given.debt("100.00")
    request_write_off(item.pk, amount=HUNDRED, note="gone", actor=SYSTEM)
    yield
    sql("UPDATE receivables_writeoff SET state = 'approved', decided_by = 'another'")


@plant("F9")
def a_credit_used_for_more_than_it_says():
    customer = CustomerFactory()
    item, credit = (given.debt(a, customer=customer) for a in ("100.00", "-50.00"))
    allocate_credit(credit.pk, shares=[Share(item.pk, Decimal("50.00"))], actor=SYSTEM)
    yield
    sql("UPDATE receivables_creditapplication SET amount = 49")


@plant("F10")
def an_allocation_its_entry_does_not_know():
    item, payment = paid("30.00")
    allocate_payment(payment.pk, shares=[Share(item.pk, Decimal("20.00"))], actor=SYSTEM)
    yield
    sql(
        "UPDATE receivables_allocation "
        "SET entry_id = (SELECT min(entry_id) FROM receivables_allocation)"
    )


@plant("F11")
def an_invoice_nobody_owes():
    invoice = given_invoice.posted_invoice((1, "10.00"))
    if not OpenItem.objects.filter(invoice=invoice).exists():
        open_items(invoice.pk, actor=SYSTEM)
    yield
    sql("DELETE FROM receivables_openitem WHERE invoice_id = %s", invoice.pk)


@plant("G1", without=["receivables_dunningnotice"])
def a_second_notice_of_the_same_level():
    sent_letter()
    yield
    sql(
        "INSERT INTO receivables_dunningnotice (letter_id, open_item_id, level, amount, "
        "days_overdue, interest, sent_at, dropped_reason) SELECT letter_id, open_item_id, level, "
        "amount, days_overdue, interest, sent_at, '' FROM receivables_dunningnotice"
    )


@plant("G2")
def a_level_that_was_skipped():
    sent_letter()
    yield
    sql("UPDATE receivables_dunningnotice SET level = 2")


@plant("G3", without=["receivables_dunningletter"])
def two_letters_of_one_run():
    sent_letter()
    yield
    sql(
        "INSERT INTO receivables_dunningletter (run_id, customer_id, level_id, fee, recipient) "
        "SELECT run_id, customer_id, level_id, fee, '' FROM receivables_dunningletter"
    )


@plant("G4", without=["core_outgoingmessage"])
def a_letter_mailed_twice():
    sent_letter()
    yield
    sql(
        'INSERT INTO core_outgoingmessage (dedup_key, document_type, document_id, "to", subject, '
        "body, state, attempts, version, failure, at_most_once, created_at, created_by) "
        "SELECT dedup_key || ' again', document_type, document_id, \"to\", subject, body, state, "
        "attempts, version, failure, at_most_once, created_at, created_by "
        "FROM core_outgoingmessage"
    )


@plant("G4")
def a_letter_tried_twice():
    sent_letter()
    yield
    sql("UPDATE core_outgoingmessage SET attempts = 2")


@plant("G4")
def a_letter_sent_without_approval():
    sent_letter()
    yield
    sql("UPDATE receivables_dunningrun SET state = 'proposed'")


@plant("F13", without=["invoicing_invoice"])
def a_discount_the_invoice_does_not_know():
    invoice = given_invoice.posted_invoice((10, "10.00"))
    yield
    sql("UPDATE invoicing_invoice SET discount_taken = 2.38 WHERE id = %s", invoice.pk)
