"""Open items come into being: by a posted invoice, or from the books before ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from invoicing.models import Invoice
from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows
from o2c.core.codes import with_codes
from o2c.core.commands import command, lock
from o2c.core.days import PastDay, PlannedDay
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import MINOR_UNITS, convert, round_to, spread
from o2c.core.number_keys import code_key
from o2c.ledger.commands import Posting, post_entry
from o2c.ledger.models import Account, Role
from o2c.masters.queries import company, rate_on
from receivables.models import ItemKind, OpenItem
from receivables.rules.discount import (
    NO_DISCOUNT,
    Discount,
    instalment_discounts,
)


@command
def open_items(invoice_id: int, *, actor: Actor) -> list[OpenItem]:
    """Open what a posted invoice makes the payer owe: one item per instalment of its snapshot.

    A credit note gives negative items. Runs in the posting transaction, which holds the invoice.
    Nothing is owed on an invoice over nothing.
    """
    invoice = lock(Invoice, invoice_id)
    if not invoice.gross:
        return []
    frozen: dict[str, Any] = invoice.snapshot or {}
    base_currency = frozen["base"]["currency"] if frozen["base"] else invoice.currency
    schedule = frozen["instalments"]
    amounts = [Decimal(instalment["amount"]) for instalment in schedule]
    base = convert(invoice.gross, invoice.exchange_rate, base_currency)
    bases = spread(base, amounts, base_currency)
    discounts = instalment_discounts(_offer(frozen), amounts, invoice.currency)
    items = [
        _instalment(invoice, instalment, amount, base, discount)
        for instalment, amount, base, discount in zip(
            schedule, amounts, bases, discounts, strict=True
        )
    ]
    return insert_rows(items)


def _offer(frozen: Mapping[str, Any]) -> Discount:
    """The early-payment discount of the whole invoice."""
    offer = frozen["early_discount"]
    if not offer:
        return NO_DISCOUNT
    return Discount(Decimal(offer["amount"]), Decimal(offer["tax"]))


def _instalment(
    invoice: Invoice,
    instalment: Mapping[str, Any],
    amount: Decimal,
    base: Decimal,
    discount: Discount,
) -> OpenItem:
    until = instalment["discount_date"]
    return OpenItem(
        kind=ItemKind(invoice.kind),
        invoice=invoice,
        sequence=instalment["sequence"],
        document_number=invoice.number or "",
        customer_id=invoice.payer_id,
        order_id=invoice.order_id,
        currency=invoice.currency,
        exchange_rate=invoice.exchange_rate,
        original=invoice.sign * amount,
        open_amount=invoice.sign * amount,
        base_original=invoice.sign * base,
        base_open=invoice.sign * base,
        posting_date=invoice.invoice_date,
        document_date=invoice.invoice_date,
        due_date=date.fromisoformat(instalment["due_date"]),
        discount_date=until and date.fromisoformat(until),
        discount_percent=Decimal(instalment["discount_percent"]),
        discount=discount.amount,
        discount_tax=discount.tax,
    )


#: An entry numbers its lines up to 32,767, and an item needs two of them.
ITEMS_PER_ENTRY = 10_000


@dataclass(frozen=True)
class OpeningItem:
    """An item that was open before these books began. Credits are negative; in `currency`.

    `row` is its place in the file, for problems.
    """

    customer_id: int
    document_number: str
    currency: str
    amount: Decimal
    document_date: PastDay
    due_date: PlannedDay
    posting_date: PastDay
    row: int | None = None


@command(timeout_s=120)
def take_over_items(
    opening: Sequence[OpeningItem], *, account_id: int, actor: Actor
) -> list[OpenItem]:
    """Open items from the books before ours, against an account (as a rule opening balances).

    One entry per posting date and `ITEMS_PER_ENTRY`; exchange rates are those of the posting
    dates. All or nothing.
    Locks the account: whoever takes over the same items meanwhile sees what is here then. Raises
    RuleViolation, naming the rows.
    """
    require(actor, "receivables.take_over_items")
    lock(Account, account_id)
    base_currency = company().base_currency
    _refuse_wrong_opening(opening)
    days = {(item.currency, item.posting_date) for item in opening}
    rates = {
        (currency, day): Decimal(1) if currency == base_currency else rate_on(currency, day)
        for currency, day in days
    }
    items = insert_rows(
        _opened(row, rates[row.currency, row.posting_date], base_currency)
        for row in sorted(opening, key=lambda row: row.posting_date)
    )
    for day, same_day in groupby(items, key=lambda item: item.posting_date):
        while group := list(islice(same_day, ITEMS_PER_ENTRY)):
            _post_opening(group, day, account_id, actor)
    return items


def _post_opening(items: Sequence[OpenItem], day: date, account_id: int, actor: Actor) -> None:
    """Two lines for each item, in an entry of the first one."""
    lines = [
        Posting(Role.AR.value, i.original, i.currency, i.base_original, i.customer_id)
        for i in items
    ]
    source = (OpenItem._meta.label_lower, items[0].pk)
    offset = [line.mirrored()._replace(account=account_id, customer_id=None) for line in lines]
    post_entry(source, "opening", day, [*lines, *offset], actor=actor)


def _opened(row: OpeningItem, rate: Decimal, base_currency: str) -> OpenItem:
    base = convert(row.amount, rate, base_currency)
    return OpenItem(
        kind=ItemKind.OPENING,
        document_number=row.document_number,
        customer_id=row.customer_id,
        currency=row.currency,
        exchange_rate=rate,
        original=row.amount,
        open_amount=row.amount,
        base_original=base,
        base_open=base,
        posting_date=row.posting_date,
        document_date=row.document_date,
        due_date=row.due_date,
    )


def _is_amount(row: OpeningItem) -> bool:
    """Whether a row states some money in a currency there is."""
    places = MINOR_UNITS.get(row.currency)
    if places is None or not row.amount.is_finite():
        return False
    return bool(row.amount) and round_to(row.amount, places) == row.amount


def taken_over(numbers: Iterable[str]) -> QuerySet[OpenItem]:
    """The items of the books before ours with these numbers, whichever their capitals."""
    return with_codes(OpenItem.objects.filter(kind=ItemKind.OPENING), numbers, "document_number")


def _refuse_wrong_opening(opening: Sequence[OpeningItem]) -> None:
    faults = []
    seen: set[tuple[int, str]] = set()
    known = {
        (item.customer_id, code_key(item.document_number))
        for item in taken_over(row.document_number for row in opening)
    }
    for row in opening:
        key = (row.customer_id, code_key(row.document_number))
        if not _is_amount(row):
            text = _("“%(amount)s” is not an amount in %(currency)s.")
            values = {"amount": row.amount, "currency": row.currency}
            faults.append(RuleViolation(text % values, field="amount", row=row.row))
        if key in seen or key in known:
            text = _("%(document)s is there already.") % {"document": row.document_number}
            faults.append(RuleViolation(text, field="document_number", row=row.row))
        seen.add(key)
    refuse_if(faults)
