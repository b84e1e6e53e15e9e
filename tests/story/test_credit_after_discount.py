"""A customer paid early with discount; what is credited then was never paid in full."""

from decimal import Decimal

import pytest

from invoicing.commands import approve_credit_note
from invoicing.models import CreditKind, Invoice
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.ledger.models import Role
from o2c.ledger.queries import balance
from receivables.commands import Share, record_payment, reverse_payment
from receivables.models import OpenItem, Payment
from tests.factories.masters import CustomerFactory, PaymentTermsFactory
from tests.given import receivables as given
from tests.given.invoicing import posted_credit, posted_invoice, proposed_credit, returned

pytestmark = pytest.mark.django_db

D = Decimal


def paid_early(*lines, mode="when_taken") -> Invoice:
    """100.00 + 19.00 at 2 % in 7 days, paid at once with the discount."""
    terms = PaymentTermsFactory(
        code="2-7", discount_percent=D(2), discount_days=7, discount_tax_mode=mode
    )
    customer = CustomerFactory(terms=terms)
    invoice = posted_invoice(*lines or [(10, "10.00")], customer=customer)
    pay_early(invoice)
    invoice.refresh_from_db()
    return invoice


def pay_early(invoice: Invoice) -> Payment:
    item = OpenItem.objects.get(invoice=invoice)
    discount = item.early_discount.amount
    share = Share(item.pk, item.open_amount - discount, discount)
    receipt = given.receipt(share.amount, customer=invoice.payer, on=clock.today(), shares=[share])
    return record_payment(receipt, actor=SYSTEM)


def net_sales() -> Decimal:
    """Revenue less discounts, credit positive."""
    return -balance(Role.REVENUE) - balance(Role.DISCOUNT)


def figures(note: Invoice) -> tuple[Decimal, Decimal, Decimal]:
    return note.net, note.tax, note.gross


def test_credited_in_full_it_gives_back_what_was_paid(books_agree):
    invoice = paid_early()
    assert (invoice.discount_taken, invoice.discount_tax_taken) == (D("2.38"), D("0.38"))

    note = posted_credit(invoice)

    assert figures(note) == (D("98.00"), D("18.62"), D("116.62"))
    assert OpenItem.objects.get(invoice=note).open_amount == D("-116.62")
    assert (balance(Role.TAX), net_sales()) == (0, 0)
    assert note.snapshot["discount_carried"] == "2"
    books_agree()


def test_four_of_ten_returned_carry_their_share(books_agree):
    invoice = paid_early()

    returned(invoice.shipment, 4)
    note = Invoice.objects.get(corrects=invoice)
    approve_credit_note(note.pk, actor=SYSTEM)

    assert net_sales() == D("58.80")
    assert balance(Role.TAX) == D("-11.17")
    books_agree()


def test_the_parts_of_a_credit_give_back_what_was_paid(books_agree):
    invoice = paid_early((3, "33.33"), (1, "0.01"))

    notes = [posted_credit(invoice, *part) for part in ((1,), (1,), (1, 1))]

    paid = Payment.objects.get().amount.amount
    assert sum(note.gross for note in notes) == paid
    assert (balance(Role.TAX), net_sales()) == (0, 0)
    books_agree()


def test_a_price_credit_carries_its_share_too(books_agree):
    note = posted_credit(paid_early(), "50.00", kind=CreditKind.PRICE)

    assert figures(note) == (D("49.00"), D("9.31"), D("58.31"))
    books_agree()


def test_where_a_discount_never_corrects_tax_the_credit_gives_all_tax_back(books_agree):
    note = posted_credit(paid_early(mode="never"))

    assert figures(note) == (D("98.00"), D("19.00"), D("117.00"))
    assert (balance(Role.TAX), net_sales()) == (0, 0)
    books_agree()


def test_a_proposal_made_before_the_payment_is_posted_with_its_share(books_agree):
    terms = PaymentTermsFactory(code="2-7", discount_percent=D(2), discount_days=7)
    invoice = posted_invoice((10, "10.00"), customer=CustomerFactory(terms=terms))
    proposal = proposed_credit(invoice)
    assert proposal.gross == D("119.00")

    pay_early(invoice)
    note = approve_credit_note(proposal.pk, actor=SYSTEM)

    assert note.gross == D("116.62")
    books_agree()


def test_two_proposals_carry_no_more_than_was_taken():
    invoice = paid_early()

    first, second = proposed_credit(invoice, 4), proposed_credit(invoice, 6)

    assert first.discount_carried + second.discount_carried == D("2.38")


def test_a_payment_that_bounces_takes_the_discount_back(books_agree):
    invoice = paid_early()
    posted_credit(invoice, 4)

    reverse_payment(Payment.objects.get().pk, reason="bounced", actor=SYSTEM)
    rest = posted_credit(invoice, 6)

    assert sum(note.gross for note in invoice.credit_notes.all()) == D("119.00")
    assert rest.gross == D("72.35")
    books_agree()


def test_terms_whose_tax_is_always_on_the_discounted_amount_give_all_tax_back(books_agree):
    invoice = paid_early(mode="always")
    assert (invoice.tax, invoice.discount_taken) == (D("18.62"), D("2.00"))

    note = posted_credit(invoice)

    assert figures(note) == (D("98.00"), D("18.62"), D("116.62"))
    assert (balance(Role.TAX), net_sales()) == (0, 0)
    books_agree()
