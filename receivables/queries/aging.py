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
from o2c.masters.queries.sql import CUSTOMERS
from receivables.models import Allocation, OpenItem, PaymentState
from receivables.rules.aging import Basis, Bucket, buckets, thresholds

#: Allocations that a report of the day does not know. Parameters: as_of, known_at (null:
#: everything known), customer_id and currency (null: all).
_LATER = """
    (effective_date > %(as_of)s OR recorded_at > %(known_at)s::timestamptz)
    AND (%(customer_id)s::bigint IS NULL OR customer_id = %(customer_id)s)
    AND (%(currency)s::text IS NULL OR currency = %(currency)s)
"""

#: What an item row is, and which rows a report may see.
_ITEM = """
    i.id, i.customer_id, i.currency,
    %(as_of)s::date - CASE WHEN %(by_due)s THEN i.due_date ELSE i.document_date END AS days
"""
_SEEN = """
    i.posting_date <= %(as_of)s
    AND (%(known_at)s::timestamptz IS NULL OR i.recorded_at <= %(known_at)s)
    AND (%(customer_id)s::bigint IS NULL OR i.customer_id = %(customer_id)s)
    AND (%(currency)s::text IS NULL OR i.currency = %(currency)s)
"""

#: Open amounts per item: of those open now, then of those that only later moves had settled,
#: as debts and as credits. Apart, so that the planner knows how many there are.
OPEN_ITEMS_AS_OF = f"""
WITH settled AS (
    SELECT open_item_id AS id, sum(amount + discount) AS amount
    FROM receivables_allocation WHERE {_LATER} GROUP BY open_item_id
), used AS (
    SELECT credit_item_id AS id, -sum(amount) AS amount
    FROM receivables_allocation WHERE credit_item_id IS NOT NULL AND {_LATER}
    GROUP BY credit_item_id
), candidate AS (
    SELECT {_ITEM}, i.open_amount + coalesce(s.amount, 0) + coalesce(u.amount, 0) AS amount
    FROM receivables_openitem AS i
    LEFT JOIN settled AS s ON s.id = i.id LEFT JOIN used AS u ON u.id = i.id
    WHERE i.open_amount <> 0 AND {_SEEN}
    UNION ALL
    SELECT {_ITEM}, s.amount + coalesce(u.amount, 0)
    FROM settled AS s JOIN receivables_openitem AS i ON i.id = s.id
    LEFT JOIN used AS u ON u.id = s.id
    WHERE i.open_amount = 0 AND {_SEEN}
    UNION ALL
    SELECT {_ITEM}, u.amount
    FROM used AS u JOIN receivables_openitem AS i ON i.id = u.id
    LEFT JOIN settled AS s ON s.id = u.id
    WHERE i.open_amount = 0 AND s.id IS NULL AND {_SEEN}
), item AS (SELECT * FROM candidate WHERE amount <> 0)
"""

_SIGN = "CASE direction WHEN 'in' THEN 1 ELSE -1 END"
_OF_ACCOUNT = """
    assigned_date IS NOT NULL
    AND (%(customer_id)s::bigint IS NULL OR customer_id = %(customer_id)s)
    AND (%(currency)s::text IS NULL OR currency = %(currency)s)
"""

#: Changes whose sum is the unapplied cash of the day, per payment. What came on the account only
#: later has been counted in full by the lines before, whatever became of it: it goes off again.
UNAPPLIED_AS_OF = f"""
    SELECT id, customer_id, currency, {_SIGN} * (amount - allocated) AS amount
    FROM receivables_payment WHERE state = '{PaymentState.RECEIVED}' AND amount > allocated
        AND {_OF_ACCOUNT}
    UNION ALL
    SELECT payment_id, customer_id, currency, amount
    FROM receivables_allocation WHERE payment_id IS NOT NULL AND {_LATER}
    UNION ALL
    SELECT side.id, customer_id, currency, side.amount FROM receivables_repayment
    CROSS JOIN LATERAL (VALUES (received_id, amount), (paid_id, -amount)) AS side (id, amount)
    WHERE {_LATER}
    UNION ALL
    SELECT id, customer_id, currency, {_SIGN} * amount FROM receivables_payment
    WHERE (reversed_date > %(as_of)s OR reversed_at > %(known_at)s::timestamptz) AND {_OF_ACCOUNT}
    UNION ALL
    SELECT id, customer_id, currency, {_SIGN} * -amount FROM receivables_payment
    WHERE (assigned_date > %(as_of)s OR assigned_at > %(known_at)s::timestamptz) AND {_OF_ACCOUNT}
"""

_AGED = f"""
{OPEN_ITEMS_AS_OF}, figure AS (
    SELECT customer_id, currency, width_bucket(days, %(starts)s::int[]) AS bucket,
        sum(amount) AS amount, count(*) AS items, 0 AS unapplied
    FROM item GROUP BY 1, 2, 3
    UNION ALL
    SELECT customer_id, currency, NULL, 0, 0, sum(amount)
    FROM ({UNAPPLIED_AS_OF}) AS change GROUP BY 1, 2 HAVING sum(amount) <> 0
), account AS (
    SELECT customer_id, currency, {{columns}}, sum(amount) AS total, sum(items) AS items,
        sum(unapplied) AS unapplied
    FROM figure GROUP BY customer_id, currency
)
SELECT a.customer_id, c.code, c.name, a.currency, {{names}}, a.total, a.items, a.unapplied
FROM account AS a JOIN ({CUSTOMERS}) AS c ON c.id = a.customer_id
ORDER BY c.name, c.code, a.currency
"""


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
        """For the statements of this module."""
        return {
            "as_of": self.as_of,
            "known_at": self.known_at,
            "by_due": self.basis == "due",
            "customer_id": self.customer_id,
            "currency": self.currency,
            "starts": thresholds(self.bounds, self.basis),
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
        self.totals = _totals(self.rows, len(self.request.buckets))


def aging(request: AgingRequest) -> Aging:
    """Open items in their buckets, and unapplied cash, per customer and currency.

    Every open item is in exactly one bucket; a cent is shown, not dropped.
    """
    size = len(request.buckets)
    with connection.cursor() as cursor:
        cursor.execute(_aged_sql(size), request.parameters())
        rows = [_row(row, size) for row in cursor.fetchall()]
    return Aging(request, rows)


def _aged_sql(size: int) -> str:
    """The report's statement for so many buckets."""
    pairs = [(f"amount_{n}", f"count_{n}") for n in range(size)]
    columns = [
        f"coalesce(sum(amount) FILTER (WHERE bucket = {n}), 0) AS {amount}, "
        f"coalesce(sum(items) FILTER (WHERE bucket = {n}), 0) AS {count}"
        for n, (amount, count) in enumerate(pairs)
    ]
    names = [f"a.{amount}, a.{count}" for amount, count in pairs]
    return _AGED.format(columns=", ".join(columns), names=", ".join(names))


def _row(row: Sequence[Any], size: int) -> AgingRow:
    cells = row[4 : 4 + 2 * size]
    total, items, unapplied = row[4 + 2 * size :]
    counts = [int(count) for count in cells[1::2]]
    customer_id, code, name, currency = row[:4]
    amounts = list(cells[0::2])
    return AgingRow(
        customer_id, code, name, currency, amounts, counts, total, int(items), -unapplied
    )


def _totals(rows: Sequence[AgingRow], size: int) -> dict[str, AgingRow]:
    of_currency: dict[str, list[AgingRow]] = defaultdict(list)
    for row in rows:
        of_currency[row.currency].append(row)
    return {
        currency: _total(currency, of_currency[currency], size) for currency in sorted(of_currency)
    }


def _total(currency: str, rows: Sequence[AgingRow], size: int) -> AgingRow:
    return AgingRow(
        0,
        "",
        "",
        currency,
        amounts=[sum((row.amounts[at] for row in rows), ZERO) for at in range(size)],
        counts=[sum(row.counts[at] for row in rows) for at in range(size)],
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
    sql = f"{OPEN_ITEMS_AS_OF} SELECT id, amount, days, width_bucket(days, %(starts)s) FROM item"
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
