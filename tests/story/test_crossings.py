"""Where two features meet: each of these was tried because nobody had built them together."""

from datetime import date
from decimal import Decimal

import pytest

from invoicing.commands import approve_credit_note, bill_again, post_invoice
from invoicing.models import CreditKind, Invoice
from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.ledger.models import Role
from o2c.ledger.queries import balance
from receivables.commands import (
    Receipt,
    Share,
    allocate_credit,
    allocate_oldest_first,
    approve_write_off,
    record_payment,
    return_payment,
)
from receivables.models import OpenItem
from reconciliation.commands import apply_match, undo_match
from tests.factories.masters import (
    BankAccountFactory,
    CurrencyFactory,
    CustomerFactory,
    ExchangeRateFactory,
    PaymentTermsFactory,
)
from tests.given import receivables as given
from tests.given.invoicing import (
    dispatched,
    draft_of,
    planned,
    posted_credit,
    posted_invoice,
    released,
    returned,
)
from tests.given.reconciliation import bank_account, entry, matched
from tests.given.story import state_of
from tests.invoicing.test_draft_invoice import german_rates

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture(autouse=True)
def _bank():
    bank_account()


def terms(percent=2, mode="when_taken"):
    """A discount for paying within seven days."""
    return PaymentTermsFactory(
        code=f"{percent}-7", discount_percent=D(percent), discount_days=7, discount_tax_mode=mode
    )


def open_of(invoice: Invoice) -> Decimal:
    return OpenItem.objects.get(invoice=invoice).open_amount


def paid_early(invoice: Invoice, account=None):
    """Paid today in full with its discount, typed in."""
    item = OpenItem.objects.get(invoice=invoice)
    discount = item.early_discount.amount
    share = Share(item.pk, item.open_amount - discount, discount)
    receipt = Receipt(
        bank_account_id=(account or bank_account()).pk,
        amount=share.amount,
        currency=item.currency,
        value_date=clock.today(),
        customer_id=item.customer_id,
        shares=[share],
    )
    return record_payment(receipt, actor=SYSTEM)


def test_dollars_paid_early_credited_in_part_and_bounced(books_agree):
    CurrencyFactory(code="USD")
    ExchangeRateFactory(currency="USD", rate=D("0.90"))
    account = BankAccountFactory(code="USD", currency="USD", iban="DE02120300000000202051")
    customer = CustomerFactory(currency="USD", terms=terms())
    invoice = posted_invoice((10, "10.00"), customer=customer)
    ExchangeRateFactory(currency="USD", date=clock.today(), rate=D("0.95"))

    payment = paid_early(invoice, account)
    invoice.refresh_from_db()
    notes = [posted_credit(invoice, 4)]
    return_payment(
        payment.pk, reason="AC04", returned_date=clock.today(), fee=D("1.00"), actor=SYSTEM
    )
    invoice.refresh_from_db()
    notes.append(posted_credit(invoice, 6))

    assert sum(note.gross for note in notes) == D("119.00")
    books_agree()
    for credit in OpenItem.objects.filter(open_amount__lt=0):
        item = OpenItem.objects.get(invoice=invoice)
        allocate_credit(credit.pk, shares=[Share(item.pk, -credit.open_amount)], actor=SYSTEM)
    assert balance(Role.AR) == 0
    books_agree()


def test_parts_before_and_after_a_change_of_tax_less_the_discount_of_the_order(books_agree):
    """Ten at 100.00 less 10.00: four supplied in June 2020 at 19 %, six in July at 16 %."""
    german_rates()
    with clock.at(date(2020, 6, 20)):
        order = released((10, "100.00"), discount_amount=D("10.00"))
        first, second = planned(order, [4], [6])
        june = draft_of(dispatched(first))
    with clock.at(date(2020, 7, 5)):
        june = post_invoice(june.pk, actor=SYSTEM)
        july = post_invoice(draft_of(dispatched(second)).pk, actor=SYSTEM)
        assert [(one.net, one.tax) for one in (june, july)] == [
            (D("396.00"), D("75.24")), (D("594.00"), D("95.04")),
        ]  # fmt: skip

        wrong, part = posted_credit(june), posted_credit(july, 3)
        again = post_invoice(bill_again(wrong.pk, actor=SYSTEM).pk, actor=SYSTEM)

        assert [one.tax for one in (wrong, part, again)] == [D("75.24"), D("47.52"), D("75.24")]
        books_agree()


def test_tax_on_the_discounted_amount_in_parts_of_a_discounted_order(books_agree):
    customer = CustomerFactory(terms=terms(mode="always"))
    order = released((3, "33.33"), customer=customer, discount_amount=D("5.00"))
    bills = [
        post_invoice(draft_of(dispatched(part)).pk, actor=SYSTEM)
        for part in planned(order, [1], [2])
    ]
    assert sum(bill.net for bill in bills) == D("94.99")

    for bill in bills:
        paid_early(bill)
        bill.refresh_from_db()
    for bill in (*bills, bills[1]):
        posted_credit(bill, 1)

    assert balance(Role.TAX) == 0
    assert balance(Role.REVENUE) + balance(Role.DISCOUNT) == 0
    books_agree()


def test_goods_come_back_after_their_price_was_credited(books_agree):
    """1,000.00 less 200.00: ten that come back are worth 800.00, five 400.00."""
    invoice = posted_invoice((10, "100.00"))
    posted_credit(invoice, "200.00", kind=CreditKind.PRICE)

    nets = []
    for _half in range(2):
        returned(invoice.shipment, 5)
        proposed = Invoice.objects.get(corrects=invoice, state="proposed")
        nets.append(approve_credit_note(proposed.pk, actor=SYSTEM).net)

    assert nets == [400, 400]
    books_agree()


def test_what_was_written_off_stays_so_when_the_payment_bounces(books_agree):
    invoice = posted_invoice((10, "10.00"))
    item = OpenItem.objects.get(invoice=invoice)
    payment = given.paid(item, "115.00")
    approve_write_off(given.requested_write_off(item, "4.00").pk, actor=given.ANOTHER)

    return_payment(payment.pk, reason="AC04", returned_date=clock.today(), actor=SYSTEM)

    assert (open_of(invoice), state_of(invoice.order)) == (D("115.00"), "invoiced")
    books_agree()


def test_money_bounces_after_it_was_paid_back(books_agree):
    """800 received and paid back: when the 800 come back, the customer owes us what we paid."""
    customer = posted_invoice((10, "10.00")).payer
    money = {"customer": customer, "on": clock.today()}
    received = record_payment(given.receipt("800.00", **money), actor=SYSTEM)
    refund = record_payment(given.receipt("800.00", direction="out", **money), actor=SYSTEM)
    allocate_oldest_first(refund.pk, actor=SYSTEM)

    return_payment(received.pk, reason="AC04", returned_date=clock.today(), actor=SYSTEM)

    refund.refresh_from_db()
    assert refund.unapplied == 800
    assert balance(Role.UNAPPLIED_CASH, customer.pk) == 800
    books_agree()


def test_a_line_less_a_credit_bounces_and_the_credit_stays_used(books_agree):
    """59.50 less 23.80 credited: 35.70 paid, then taken back by the bank."""
    invoice = posted_invoice((5, "10.00"))
    note = posted_credit(invoice, "20.00", kind=CreditKind.PRICE)
    (match,) = matched(entry("35.70", f"{invoice.number} {note.number}"))
    apply_match(match.pk, actor=SYSTEM)
    assert state_of(invoice.order) == "reconciled"

    (back,) = matched(entry("-35.70", f"RETURN {invoice.number}", is_return=True))
    apply_match(back.pk, actor=SYSTEM)

    assert (back.kind, open_of(invoice)) == ("returns", D("35.70"))
    assert (state_of(invoice.order), open_of(note)) == ("invoiced", 0)
    books_agree()
    undo_match(back.pk, reason="another one", actor=SYSTEM)
    books_agree()


def test_a_discount_joined_and_bounced_is_not_earned_again(books_agree):
    """116.62 typed in with 2.38 discount, joined to its line, taken back: 119.00 are due."""
    invoice = posted_invoice((10, "10.00"), customer=CustomerFactory(terms=terms()))
    payment = paid_early(invoice)
    (match,) = matched(entry("116.62", invoice.number))
    assert (match.kind, match.payment) == ("joins", payment)
    apply_match(match.pk, actor=SYSTEM)
    assert state_of(invoice.order) == "reconciled"

    (back,) = matched(entry("-116.62", f"RETURN {invoice.number}", is_return=True))
    apply_match(back.pk, actor=SYSTEM)
    (again,) = matched(entry("116.62", f"second try {invoice.number}"))

    assert open_of(invoice) == D("119.00")
    assert again.shares.get().discount == 0
    books_agree()
