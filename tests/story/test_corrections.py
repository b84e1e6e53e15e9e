"""Bills that were wrong: credited, billed again, paid; the order stands where its numbers are."""

from decimal import Decimal

import pytest

from credit.queries import exposure
from invoicing.commands import approve_credit_note, bill_again, cancel_invoice, post_invoice
from invoicing.models import Invoice
from o2c.core.actors import SYSTEM
from o2c.masters.models import Customer
from orders.commands import LineChange, amend_order, cancel_order
from orders.models import OrderLine
from receivables.commands import Share, allocate_credit
from receivables.models import OpenItem
from tests.factories.masters import TaxCodeFactory, TaxProfileFactory
from tests.given.credit import customer_with_limit
from tests.given.invoicing import drafted_invoice, posted_credit, posted_invoice, returned
from tests.given.orders import confirmed_order
from tests.given.reconciliation import bank_account, paid
from tests.given.story import House, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bank():
    bank_account()


def open_of(invoice: Invoice) -> OpenItem:
    return OpenItem.objects.get(invoice=invoice)


def billed_again(note: Invoice) -> Invoice:
    return post_invoice(bill_again(note.pk, actor=SYSTEM).pk, actor=SYSTEM)


def untaxed_customer(limit: str) -> Customer:
    """A customer with a limit who pays no tax, so that net is gross."""
    zero = TaxCodeFactory(code="Z", name="Zero rated", category="Z")
    profile = TaxProfileFactory(code="UNTAXED", name="Untaxed", rules={"standard": zero})
    return customer_with_limit(limit, tax_profile=profile)


def test_a_bill_corrected_in_full_uses_credit_until_it_is_billed_again_and_paid(books_agree):
    customer = untaxed_customer("1000")
    invoice = posted_invoice((10, "100.00"), customer=customer)
    order = invoice.order
    assert exposure(customer.pk).exposure.total == Decimal("1000.00")

    note = posted_credit(invoice)

    line = OrderLine.objects.get(order=order)
    assert (state_of(order), line.billable_quantity) == ("shipped", 10)
    assert exposure(customer.pk).exposure.total == Decimal("1000.00")
    second = confirmed_order(customer=customer, lines=[(10, "100.00")])
    assert state_of(second) == "on_hold"
    books_agree()

    again = billed_again(note)
    assert state_of(order) == "invoiced"
    paid(again)

    assert state_of(order) == "reconciled"
    books_agree()


def test_a_bill_corrected_by_half_is_not_paid_while_the_half_is_unbilled(books_agree):
    invoice = posted_invoice((10, "100.00"))
    note = posted_credit(invoice, 5)

    paid(invoice, "595.00")

    line = OrderLine.objects.get(order=invoice.order)
    assert (state_of(invoice.order), line.billable_quantity) == ("shipped", 5)
    assert open_of(invoice).open_amount == 0
    books_agree()

    paid(billed_again(note))

    assert state_of(invoice.order) == "reconciled"
    books_agree()


def test_a_bill_corrected_after_it_was_paid_is_settled_by_its_credit(books_agree):
    invoice = posted_invoice((10, "100.00"))
    paid(invoice)
    assert state_of(invoice.order) == "reconciled"

    note = posted_credit(invoice)
    assert state_of(invoice.order) == "shipped"

    again = billed_again(note)
    assert state_of(invoice.order) == "invoiced"
    debt = open_of(again)
    allocate_credit(open_of(note).pk, shares=[Share(debt.pk, debt.open_amount)], actor=SYSTEM)

    assert state_of(invoice.order) == "reconciled"
    books_agree()


def test_a_credit_after_the_payment_leaves_the_order_paid_until_it_is_used(books_agree):
    invoice = posted_invoice((10, "100.00"))
    paid(invoice)

    returned(invoice.shipment, 4)
    note = approve_credit_note(Invoice.objects.get(corrects=invoice).pk, actor=SYSTEM)
    assert state_of(invoice.order) == "paid"
    books_agree()

    other = posted_invoice((4, "100.00"), customer=invoice.customer)
    debt = open_of(other)
    allocate_credit(open_of(note).pk, shares=[Share(debt.pk, debt.open_amount)], actor=SYSTEM)

    assert [state_of(one.order) for one in (invoice, other)] == ["reconciled", "reconciled"]
    books_agree()


def test_goods_that_came_back_after_the_correction_are_billed_no_more(books_agree):
    invoice = posted_invoice((10, "100.00"))
    posted_credit(invoice, 5)
    paid(invoice, "595.00")
    assert state_of(invoice.order) == "shipped"

    returned(invoice.shipment, 5)

    assert state_of(invoice.order) == "reconciled"
    books_agree()


def test_an_order_all_of_whose_goods_came_back_before_billing_is_closed(books_agree):
    draft = drafted_invoice((10, "100.00"))

    returned(draft.shipment, 10)

    draft.refresh_from_db()
    assert draft.state == "cancelled"
    assert state_of(draft.order) == "reconciled"
    books_agree()


def test_the_paid_part_of_an_order_is_settled_when_its_rest_is_cancelled(people, books_agree):
    house = House(people)
    order = house.order(16)  # ten are here
    paid(house.ship_and_bill(order))
    assert state_of(order) == "in_fulfillment"

    cancel_order(order.pk, reason="enough", actor=people["clara"])

    assert state_of(order) == "reconciled"
    books_agree()


@pytest.mark.parametrize("price", ["90.00", "110.00"])
def test_the_price_of_a_shipped_line_changes_before_it_is_billed(books_agree, price):
    draft = drafted_invoice((10, "100.00"))
    line = OrderLine.objects.get(order=draft.order)
    change = LineChange(line.pk, unit_price=Decimal(price), price_reason="agreed")

    draft.order.refresh_from_db()
    amend_order(draft.order.pk, changes=[change], version=draft.order.version, actor=SYSTEM)

    assert state_of(draft.order) == "shipped"
    books_agree()
    cancel_invoice(draft.pk, reason="other price", actor=SYSTEM)
