"""Debts, money and dunning policies, reached by the real commands.

`given.debt("100.00")` is an item from the books before ours: the short way to something a
customer owes that ties with the ledger. Dates are days of 2026.
"""

from datetime import date, timedelta
from decimal import Decimal

from invoicing.models import Invoice
from o2c.core import clock
from o2c.core.actors import SYSTEM, SystemActor
from o2c.ledger.models import Account, AccountKind
from o2c.masters.models import BankAccount, Customer
from receivables.commands import (
    OpeningItem,
    Receipt,
    Share,
    allocate_payment,
    approve_dunning_run,
    open_dispute,
    open_items,
    propose_dunning,
    record_payment,
    record_promise,
    request_write_off,
    send_dunning_letters,
    take_over_items,
)
from receivables.models import Dispute, DunningRun, OpenItem, Payment, Promise, WriteOff
from tests.factories.ledger import AccountFactory
from tests.factories.masters import BankAccountFactory, CustomerFactory
from tests.given.ledger import chart

POSTED = date(2026, 1, 5)
DUE = date(2026, 2, 4)

#: Decides on what `SYSTEM` has asked for.
ANOTHER = SystemActor("another")


def opening_account() -> Account:
    """The account that opening balances are booked against; the chart is there."""
    chart()
    found = Account.objects.filter(name="Opening balances").first()
    return found or AccountFactory(name="Opening balances", kind=AccountKind.EQUITY)


def debt(
    amount="100.00",
    *,
    customer: Customer | None = None,
    currency="EUR",
    posted: date = POSTED,
    due: date | None = None,
    number="",
) -> OpenItem:
    """An open item of a customer; negative amounts are credits."""
    customer = customer or CustomerFactory(currency=currency)
    count = OpenItem.objects.count()
    opening = OpeningItem(
        customer_id=customer.pk,
        document_number=number or f"OLD-{count + 1}",
        currency=currency,
        amount=Decimal(amount),
        document_date=posted,
        due_date=due or posted + timedelta(days=30),
        posting_date=posted,
    )
    (item,) = take_over_items([opening], account_id=opening_account().pk, actor=SYSTEM)
    return item


def opened(invoice: Invoice) -> list[OpenItem]:
    """The items of an invoice, whether or not the flow has opened them with the posting."""
    if not OpenItem.objects.filter(invoice=invoice).exists():
        open_items(invoice.pk, actor=SYSTEM)
    return list(OpenItem.objects.filter(invoice=invoice).order_by("sequence"))


def late(days: int, amount="100.00", **fields) -> OpenItem:
    """A debt that has been due for so many days today."""
    return debt(amount, due=clock.today() - timedelta(days=days), **fields)


def paid(item: OpenItem, amount: str) -> Payment:
    """So much of an item is paid today, and applied to it."""
    money = payment(amount, customer=item.customer, on=clock.today())
    return allocate_payment(money.pk, shares=[Share(item.pk, Decimal(amount))], actor=SYSTEM)


def dispute(item: OpenItem, amount="30.00", **fields) -> Dispute:
    """The customer contests so much of an item's price."""
    fields = {"reason": "price", "note": "too dear", "actor": SYSTEM, **fields}
    return open_dispute(item.pk, amount=Decimal(amount), **fields)


def promise(item: OpenItem, amount="100.00", *, days=7, **fields) -> Promise:
    """The customer promises so much of an item within so many days."""
    fields = {"promised_date": clock.today() + timedelta(days=days), "actor": SYSTEM, **fields}
    return record_promise(item.pk, amount=Decimal(amount), **fields)


def requested_write_off(item: OpenItem, amount="5.00", **fields) -> WriteOff:
    """A request to give up so much of an item, for `ANOTHER` to decide on."""
    fields = {"reason": "small_difference", "note": "not worth a call", "actor": SYSTEM, **fields}
    return request_write_off(item.pk, amount=Decimal(amount), **fields)


def receipt(amount="100.00", *, customer: Customer | None = None, on=DUE, **fields) -> Receipt:
    """Money on our bank account, not recorded yet."""
    fields.setdefault("currency", "EUR")
    return Receipt(
        bank_account_id=bank_account().pk,
        amount=Decimal(amount),
        value_date=on,
        customer_id=customer.pk if customer else None,
        **fields,
    )


def payment(amount="100.00", *, customer: Customer | None = None, on=DUE, **fields) -> Payment:
    """Money on a customer's account, or waiting for its payer."""
    return record_payment(receipt(amount, customer=customer, on=on, **fields), actor=SYSTEM)


def paid_out(amount: str, customer: Customer | None, **fields) -> Payment:
    """Money we paid the customer, by hand."""
    return payment(amount, customer=customer, direction="out", **fields)


def bank_account() -> BankAccount:
    """Our account, with the chart that knows it."""
    account = BankAccountFactory()
    opening_account()
    return account


def sent_run(*, on: date) -> DunningRun:
    """A dunning run of a day: proposed, approved, its letters sent."""
    with clock.at(on):
        run = propose_dunning(actor=SYSTEM)
        approve_dunning_run(run.pk, actor=SYSTEM)
        send_dunning_letters(run.pk, actor=SYSTEM)
    run.refresh_from_db()
    return run
