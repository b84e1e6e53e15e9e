"""A posted invoice opens what is owed: one item per instalment, in the same transaction."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from invoicing.commands import draft_invoice, post_invoice
from o2c.core.actors import SYSTEM
from o2c.core.commands import command, lock
from o2c.ledger.queries import balance
from receivables.commands import (
    Share,
    allocate_payment,
    open_items,
)
from receivables.models import Allocation, ItemKind, OpenItem
from tests.factories.masters import (
    CustomerFactory,
    ExchangeRateFactory,
    PaymentTermsFactory,
    TaxCodeFactory,
    TaxProfileFactory,
)
from tests.given import invoicing as given_invoice
from tests.given import receivables as given
from tests.given.receivables import opened

pytestmark = pytest.mark.django_db


def untaxed():
    exempt = TaxCodeFactory(code="AE", category="AE", exemption_reason="Reverse charge.")
    return TaxProfileFactory(code="EU", rules={"standard": exempt})


def test_net_thirty_is_one_item_of_the_payer():
    payer = CustomerFactory()
    invoice = given_invoice.posted_invoice((10, "10.00"), customer=CustomerFactory(payer=payer))

    (item,) = opened(invoice)

    assert (item.kind, item.document_number) == (ItemKind.INVOICE, invoice.number)
    assert (item.customer, item.order) == (payer, invoice.order)
    assert (item.original, item.open_amount, item.base_open) == (D("119.00"),) * 3
    assert item.due_date == invoice.invoice_date + timedelta(days=30)
    assert item.discount_date is None
    assert balance("AR", payer.pk) == D("119.00")


def test_instalments_are_items_of_their_own():
    terms = PaymentTermsFactory(
        code="THIRDS", lines=[{"share_percent": D(30), "days": 0}, {"days": 30}]
    )
    invoice = given_invoice.posted_invoice((1, "0.03"), customer=CustomerFactory(terms=terms))

    items = opened(invoice)

    assert sum(item.original for item in items) == invoice.gross
    assert [item.sequence for item in items] == [1, 2]
    assert str(items[1]) == f"{invoice.number}/2"


def test_v09_terms_of_the_order_reach_the_invoice_and_nothing_is_left_to_draft():
    """Scenario V09: 1000.00, half now and half in 30 days."""
    terms = PaymentTermsFactory(code="HALVES", lines=[{"share_percent": D(50)}, {"days": 30}])
    customer = CustomerFactory(terms=terms, tax_profile=untaxed(), vat_id="FR40303265045")
    invoice = given_invoice.posted_invoice((10, "100.00"), customer=customer)

    items = opened(invoice)

    day = invoice.invoice_date
    assert [(item.original, item.due_date) for item in items] == [
        (D("500.00"), day),
        (D("500.00"), day + timedelta(days=30)),
    ]
    assert draft_invoice(invoice.shipment_id, actor=SYSTEM) is None


def discounted(mode="when_taken"):
    """100 + 19 %, 2 % in 7 days."""
    terms = PaymentTermsFactory(
        code="2-7", discount_percent=D(2), discount_days=7, discount_tax_mode=mode
    )
    invoice = given_invoice.posted_invoice((10, "10.00"), customer=CustomerFactory(terms=terms))
    (item,) = opened(invoice)
    return item


@pytest.mark.parametrize(
    ("mode", "discount", "tax"), [("when_taken", "2.38", "0.38"), ("never", "2.00", "0")]
)
def test_paying_early_settles_with_the_discount(mode, discount, tax, check_deferred):
    item = discounted(mode)
    day = item.document_date + timedelta(days=7)
    paid = D("119.00") - D(discount)
    payment = given.payment(str(paid), customer=item.customer, on=day)
    before = balance("TAX")

    allocate_payment(payment.pk, shares=[Share(item.pk, paid, D(discount))], actor=SYSTEM)

    item.refresh_from_db()
    assert item.is_settled
    assert balance("DISCOUNT") == D(discount) - D(tax)
    assert balance("TAX") - before == D(tax)
    assert Allocation.objects.get().discount_tax == D(tax)
    check_deferred()


def test_paying_late_earns_no_discount():
    item = discounted()
    day = item.document_date + timedelta(days=8)
    payment = given.payment("116.62", customer=item.customer, on=day)

    with pytest.raises(Exception, match="the discount ended on"):
        allocate_payment(payment.pk, shares=[Share(item.pk, D("116.62"), D("2.38"))], actor=SYSTEM)


@pytest.mark.parametrize(
    ("amount", "discount", "sentence"),
    [("100.00", "2.38", "paying all"), ("116.00", "3.00", "more than the discount")],
)
def test_a_discount_is_for_paying_all_and_no_larger_than_agreed(amount, discount, sentence):
    item = discounted()
    payment = given.payment(amount, customer=item.customer, on=item.document_date)

    with pytest.raises(Exception, match=sentence):
        allocate_payment(payment.pk, shares=[Share(item.pk, D(amount), D(discount))], actor=SYSTEM)


def test_another_currency_is_worth_what_the_entry_says():
    customer = CustomerFactory(currency="USD")
    ExchangeRateFactory(known__code="USD", rate=D("0.912345"))
    invoice = given_invoice.posted_invoice((3, "33.33"), customer=customer)

    items = opened(invoice)

    assert sum(item.base_original for item in items) == balance("AR", customer.pk)


def test_opening_costs_one_statement_however_many_instalments(count_statements):
    lines = [{"share_percent": D(10), "days": n} for n in range(9)] + [{"days": 60}]
    terms = PaymentTermsFactory(code="TEN", lines=lines)
    draft = given_invoice.drafted_invoice((10, "10.00"), customer=CustomerFactory(terms=terms))
    invoice = post_invoice(draft.pk, actor=SYSTEM)
    OpenItem.objects.filter(invoice=invoice).delete()

    @command
    def within_posting(*, actor):
        from invoicing.models import Invoice

        lock(Invoice, invoice.pk)
        with count_statements() as count:
            open_items(invoice.pk, actor=actor)
        return int(count)

    assert within_posting(actor=SYSTEM) == 1
    assert OpenItem.objects.filter(invoice=invoice).count() == 10
