"""Terms whose tax is always on the discounted amount: from the order to the money in the bank."""

from decimal import Decimal as D

import pytest

from credit.queries import exposure
from invoicing.commands import cancel_invoice, post_invoice
from invoicing.commands.rendering import document_context
from invoicing.models import CreditKind
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.ledger.queries import balance
from o2c.masters.models import PaymentTerms
from reconciliation.commands import apply_match
from tests.factories.masters import (
    CustomerFactory,
    PaymentTermsFactory,
    PriceListFactory,
    TaxCodeFactory,
    TaxProfileFactory,
)
from tests.given.invoicing import (
    draft_of,
    drafted_invoice,
    posted_credit,
    posted_invoice,
    proposed_credit,
)
from tests.given.orders import confirmed_order
from tests.given.reconciliation import bank_account, entry, matched, paid

pytestmark = pytest.mark.django_db


def buyer(tax_percent="15", discount_percent="10", **fields):
    """A customer of one tax rate whose terms always reduce it."""
    terms = PaymentTermsFactory(
        code="ALWAYS",
        discount_percent=D(discount_percent),
        discount_days=7,
        discount_tax_mode="always",
    )
    code = TaxCodeFactory(code=f"T{tax_percent}", percent=D(tax_percent))
    profile = TaxProfileFactory(code=f"P{tax_percent}", rules={"standard": code})
    return CustomerFactory(terms=terms, tax_profile=profile, **fields)


def figures(document):
    return (document.net, document.tax, document.gross)


@pytest.mark.parametrize(
    ("net", "tax_percent", "discount_percent", "tax", "gross", "early"),
    [
        ("1000.00", "15", "10", "135.00", "1135.00", "1035.00"),
        ("100.00", "21", "2", "20.58", "120.58", "118.58"),
    ],
)
def test_order_and_invoice_say_the_same(net, tax_percent, discount_percent, tax, gross, early):
    invoice = posted_invoice((1, net), customer=buyer(tax_percent, discount_percent))

    assert figures(invoice.order) == figures(invoice) == (D(net), D(tax), D(gross))
    offer = invoice.snapshot["early_discount"]
    assert (D(offer["payable"]), D(offer["tax"])) == (D(early), 0)


def test_the_document_says_what_is_taxed():
    invoice = posted_invoice((1, "1000.00"), customer=buyer())

    content = document_context(invoice.snapshot)["content"]

    (tax,) = content["taxes"]
    assert (tax["base"], tax["taxable"], tax["tax"]) == (1000, 900, 135)
    assert content["untaxed_percent"] == 10


def test_prices_with_tax_inside_stay_what_was_promised():
    prices = PriceListFactory(code="GROSS", tax_included=True)
    invoice = posted_invoice((1, "1135.00"), customer=buyer(price_list=prices))

    assert figures(invoice) == (1000, 135, 1135)


def test_parts_of_a_credit_add_up_to_the_invoice(books_agree):
    invoice = posted_invoice((3, "33.35"), customer=buyer("21", "2"))
    notes = [posted_credit(invoice, 1) for _ in range(3)]

    assert sum(note.tax for note in notes) == invoice.tax
    assert sum(note.gross for note in notes) == invoice.gross
    books_agree()


def test_an_amount_given_back_takes_its_reduced_tax_along(books_agree):
    invoice = posted_invoice((1, "1000.00"), customer=buyer())

    note = proposed_credit(invoice, "100.00", kind=CreditKind.PRICE)

    assert figures(note) == (100, D("13.50"), D("113.50"))


def test_paid_early_the_tax_stays(books_agree):
    bank_account()
    invoice = posted_invoice((1, "1000.00"), customer=buyer())
    (match,) = matched(entry("1035.00", invoice.number))

    assert (match.tier, match.shares.values_list("amount", "discount").get()) == (
        "exact",
        (1035, 100),
    )
    apply_match(match.pk, actor=SYSTEM)

    assert invoice.open_items.get().is_settled
    assert (balance("DISCOUNT"), balance("TAX"), balance("REVENUE")) == (100, -135, -1000)
    books_agree()


def test_a_credit_after_the_discount_gives_back_what_was_paid(books_agree):
    invoice = posted_invoice((1, "1000.00"), customer=buyer())
    paid(invoice, "1035.00")

    note = posted_credit(invoice)

    assert figures(note) == (900, 135, 1035)
    assert balance("TAX") == 0
    assert document_context(note.snapshot)["content"]["taxes"][0]["taxable"] == 900
    books_agree()


def test_the_exposure_of_an_order_is_its_total():
    order = confirmed_order(customer=buyer(), lines=[(1, "1000.00")])

    assert exposure(order.payer_id, order_id=order.pk).exposure.this_order == D("1135.00")


def test_terms_that_changed_after_the_draft_are_not_overlooked():
    draft = drafted_invoice((1, "1000.00"), customer=buyer())
    PaymentTerms.objects.update(discount_percent=5)

    with pytest.raises(RuleViolation, match="terms have changed"):
        post_invoice(draft.pk, actor=SYSTEM)

    cancel_invoice(draft.pk, reason="terms", actor=SYSTEM)
    again = post_invoice(draft_of(draft.shipment).pk, actor=SYSTEM)
    assert figures(again) == (1000, D("142.50"), D("1142.50"))
