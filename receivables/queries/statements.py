"""A customer's account: what is open, what is unapplied, how old it is, on any day."""

from collections.abc import Sequence
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
    """A customer's account on a day, per currency."""

    request: AgingRequest
    currencies: Sequence[CurrencyStatement]


def statement_of_account(
    customer_id: int,
    as_of: date,
    known_at: datetime | None = None,
    bounds: Sequence[int] = (30, 60, 90),
) -> Statement:
    """The open items and unapplied money of a customer on a day; its totals are the aging's.

    Five SQL statements.
    """
    request = AgingRequest(as_of, known_at, bounds=bounds, customer_id=customer_id)
    report: Aging = aging(request)
    opens, unapplied = items_as_of(request), unapplied_as_of(request)
    items = OpenItem.objects.filter(pk__in=opens).order_by("due_date", "pk")
    payments = Payment.objects.filter(pk__in=unapplied).order_by("value_date", "pk")
    by_currency = {row.currency: row for row in report.rows}
    statements = []
    for currency, aged in by_currency.items():
        balance = ZERO
        lines, credits = [], []
        for item in items:
            if item.currency == currency:
                found = opens[item.pk]
                balance += found.amount
                lines.append(StatementLine(item, found.amount, found.days, balance))
        for payment in payments:
            if payment.currency == currency:
                balance -= unapplied[payment.pk]
                credits.append(UnappliedLine(payment, -unapplied[payment.pk], balance))
        assert balance == aged.balance, "a statement adds up to the aging"
        statements.append(CurrencyStatement(currency, lines, credits, aged))
    return Statement(request, statements)
