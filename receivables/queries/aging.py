"""Aging as of any day, as known at any moment.

What was open on a day is what is open now, plus what was allocated later (or became known later).
So today's aging reads only what is open, and an older day adds only what has happened since.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import DateField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from o2c.core.fields import AmountField
from o2c.core.money import ZERO
from receivables.models import Allocation, OpenItem
from receivables.queries.aging_sql import ITEMS_AS_OF, UNAPPLIED_AS_OF, aged_accounts
from receivables.rules.aging import Basis, Bucket, buckets, thresholds


@dataclass(frozen=True)
class AgingRequest:
    """What to show. `known_at` None means: with everything known now."""

    as_of: date
    known_at: datetime | None = None
    basis: Basis = "due"
    bounds: Sequence[int] = (30, 60, 90)
    customer_id: int | None = None
    currency: str | None = None

    @property
    def buckets(self) -> list[Bucket]:
        return buckets(self.bounds, self.basis)

    @property
    def known_on(self) -> date | None:
        """The last whole business day the report knows; None when it knows everything."""
        return self.known_at and (localtime(self.known_at) - timedelta(days=1)).date()

    def parameters(self) -> dict[str, Any]:
        """For the statements of `aging_sql`."""
        starts = thresholds(self.bounds, self.basis)
        return {
            "as_of": self.as_of,
            "known_at": self.known_at,
            "by_due": self.basis == "due",
            "customer_id": self.customer_id,
            "currency": self.currency,
            "starts": starts,
            **{f"start_{n}": start for n, start in enumerate(starts, 1)},
        }


class AgingRow(NamedTuple):
    """One customer in one currency. `counts` are items; `unapplied` is negative: it lowers debt."""

    customer_id: int
    customer_code: str
    customer_name: str
    currency: str
    amounts: list[Decimal]
    counts: list[int]
    total: Decimal
    items: int
    unapplied: Decimal

    @property
    def balance(self) -> Decimal:
        """What the customer owes on balance."""
        return self.total + self.unapplied


@dataclass
class Aging:
    """The report: rows, and their totals per currency."""

    request: AgingRequest
    rows: list[AgingRow]
    totals: dict[str, AgingRow] = field(init=False)

    def __post_init__(self) -> None:
        self.totals = _totals(self.rows)


def aging(request: AgingRequest) -> Aging:
    """Open items in their buckets, and unapplied cash, per customer and currency.

    Every open item is in exactly one bucket; a cent is shown, not dropped.
    """
    size = len(request.buckets)
    with connection.cursor() as cursor:
        cursor.execute(aged_accounts(size), request.parameters())
        rows = [
            AgingRow._make((*row[:4], list(row[7 : 7 + size]), list(row[7 + size :]), *row[4:7]))
            for row in cursor.fetchall()
        ]
    return Aging(request, rows)


def _totals(rows: Sequence[AgingRow]) -> dict[str, AgingRow]:
    of_currency: dict[str, list[AgingRow]] = defaultdict(list)
    for row in rows:
        of_currency[row.currency].append(row)
    return {currency: _total(currency, of_currency[currency]) for currency in sorted(of_currency)}


def _total(currency: str, rows: Sequence[AgingRow]) -> AgingRow:
    places = range(len(rows[0].amounts))
    return AgingRow(
        0,
        "",
        "",
        currency,
        amounts=[sum((row.amounts[at] for row in rows), ZERO) for at in places],
        counts=[sum(row.counts[at] for row in rows) for at in places],
        total=sum((row.total for row in rows), ZERO),
        items=sum(row.items for row in rows),
        unapplied=sum((row.unapplied for row in rows), ZERO),
    )


class ItemAsOf(NamedTuple):
    """An item's open amount and age on the day asked for."""

    open_item_id: int
    amount: Decimal
    days: int
    bucket: int


def items_as_of(request: AgingRequest) -> dict[int, ItemAsOf]:
    """What makes the figures of `aging`, by item."""
    sql = f"SELECT id, amount, days, width_bucket(days, %(starts)s) FROM ({ITEMS_AS_OF}) AS item"
    with connection.cursor() as cursor:
        cursor.execute(sql, request.parameters())
        return {row[0]: ItemAsOf(*row) for row in cursor.fetchall()}


def unapplied_as_of(request: AgingRequest) -> dict[int, Decimal]:
    """Payment -> what was not applied of it on that day, negative for money paid back."""
    sql = f"SELECT id, sum(amount) FROM ({UNAPPLIED_AS_OF}) AS change GROUP BY id"
    sql += " HAVING sum(amount) <> 0"
    with connection.cursor() as cursor:
        cursor.execute(sql, request.parameters())
        return dict(cursor.fetchall())


def aged_items(request: AgingRequest, bucket: int | None = None) -> QuerySet[OpenItem]:
    """The items behind a figure of `aging`, with `then_open` and `age`: its drill-down.

    `bucket` counts from 0; None is all of them.
    """
    later = _later(request)
    settled = later.filter(open_item=OuterRef("pk")).order_by().values("open_item")
    used = later.filter(credit_item=OuterRef("pk")).order_by().values("credit_item")
    basis = "due_date" if request.basis == "due" else "document_date"
    items = OpenItem.objects.filter(posting_date__lte=request.as_of).annotate(
        then_open=F("open_amount")
        + _or_zero(settled.annotate(total=Sum(F("amount") + F("discount"))).values("total"))
        - _or_zero(used.annotate(total=Sum("amount")).values("total")),
        age=Value(request.as_of, DateField()) - F(basis),
    )
    if request.known_at is not None:
        items = items.filter(recorded_at__lte=request.known_at)
    if request.customer_id is not None:
        items = items.filter(customer=request.customer_id)
    if request.currency is not None:
        items = items.filter(currency=request.currency)
    if bucket is not None:
        first, last = request.buckets[bucket]
        if last is not None:
            items = items.filter(**{f"{basis}__gte": request.as_of - timedelta(days=last)})
        if first is not None and (bucket or request.basis == "due"):
            items = items.filter(**{f"{basis}__lte": request.as_of - timedelta(days=first)})
    return items.exclude(then_open=0)


def _later(request: AgingRequest) -> QuerySet[Allocation]:
    """Allocations that a report of that day does not know."""
    beyond = Q(effective_date__gt=request.as_of)
    if request.known_at is not None:
        beyond |= Q(recorded_at__gt=request.known_at)
    return Allocation.objects.filter(beyond)


def _or_zero(amounts: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(amounts), ZERO, output_field=AmountField())
