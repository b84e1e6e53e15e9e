"""A customer's account: what is open, what is unapplied, how old it is, on any day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ZERO
from receivables.models import OpenItem, Payment
from receivables.queries.aging import (
    Aging,
    AgingRequest,
    AgingRow,
    aging,
    items_as_of,
    unapplied_as_of,
)

Kind = type[OpenItem] | type[Payment]


class StatementLine(NamedTuple):
    """An open item with what was open of it on the day; `balance` runs over the lines."""

    item: OpenItem
    open_amount: Decimal
    days: int
    balance: Decimal


class UnappliedLine(NamedTuple):
    """A payment with what was not applied of it, negative for money received."""

    payment: Payment
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True)
class CurrencyStatement:
    """The account in one currency."""

    currency: str
    lines: Sequence[StatementLine]
    unapplied: Sequence[UnappliedLine]
    aged: AgingRow

    @property
    def balance(self) -> Decimal:
        """What the customer owes on balance; negative: what we owe."""
        return self.aged.balance


@dataclass(frozen=True)
class Statement:
    """A customer's account on a day, per currency. `line_count` counts the lines that were left
    out, too.
    """

    request: AgingRequest
    currencies: Sequence[CurrencyStatement]
    line_count: int


def _whole(total: int) -> slice:
    return slice(0, total)


def statement_of_account(
    customer_id: int,
    as_of: date,
    known_at: datetime | None = None,
    bounds: Sequence[int] = (30, 60, 90),
    window: Callable[[int], slice] = _whole,
) -> Statement:
    """The open items and unapplied money of a customer on a day; its totals are the aging's.

    `window` chooses, knowing how many there are, which lines are read: currency by currency,
    items by due date, then payments. Sums and running balances are those of all.
    """
    request = AgingRequest(as_of, known_at, bounds=bounds, customer_id=customer_id)
    report: Aging = aging(request)
    opens, unapplied = items_as_of(request), unapplied_as_of(request)
    items = OpenItem.objects.filter(pk__in=opens).order_by("due_date", "pk")
    payments = Payment.objects.filter(pk__in=unapplied).order_by("value_date", "pk")
    owed, paid = (list(rows.values_list("pk", "currency")) for rows in (items, payments))
    total = len(owed) + len(paid)
    shown = window(total)
    ledger: list[tuple[Kind, str, int, Decimal]] = []  # each line, with the balance after it
    for row in report.rows:
        balance = ZERO
        for pk in (pk for pk, currency in owed if currency == row.currency):
            balance += opens[pk].amount
            ledger.append((OpenItem, row.currency, pk, balance))
        for pk in (pk for pk, currency in paid if currency == row.currency):
            balance -= unapplied[pk]
            ledger.append((Payment, row.currency, pk, balance))
        assert balance == row.balance, "a statement adds up to the aging"
    part = ledger[shown]
    item_of = items.in_bulk([pk for kind, _, pk, _ in part if kind is OpenItem])
    payment_of = payments.in_bulk([pk for kind, _, pk, _ in part if kind is Payment])
    return Statement(
        request,
        [
            CurrencyStatement(
                row.currency,
                [
                    StatementLine(item_of[pk], opens[pk].amount, opens[pk].days, balance)
                    for kind, currency, pk, balance in part
                    if kind is OpenItem and currency == row.currency
                ],
                [
                    UnappliedLine(payment_of[pk], -unapplied[pk], balance)
                    for kind, currency, pk, balance in part
                    if kind is Payment and currency == row.currency
                ],
                row,
            )
            for row in report.rows
        ],
        total,
    )
