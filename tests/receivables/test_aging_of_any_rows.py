"""Aging is what a plain sum over items and moves says, whatever there is and whatever is asked."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import NamedTuple

import pytest
from django.db import connection, transaction
from hypothesis import given as for_all
from hypothesis import strategies as st

from receivables.models import Allocation, Direction, ItemKind, OpenItem, Payment, PaymentState
from receivables.queries.aging import AgingRequest, aged_items, aging, items_as_of, unapplied_as_of
from receivables.rules.aging import thresholds
from tests.factories.masters import CustomerFactory

pytestmark = pytest.mark.django_db

BEGIN = date(2026, 1, 1)
DAYS = 120
CURRENCIES = ["EUR", "USD"]
cents = st.integers(1, 5_000).map(lambda value: D(value) / 100)
days = st.integers(0, DAYS)
places = st.integers(0, 9)  # of an item or payment, among those there are


def day_of(number):
    return BEGIN + timedelta(days=number)


def moment_of(number):
    return datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=number)


class Move(NamedTuple):
    """A move of one of the `places`, on a day, known days later; `back` takes it back then."""

    item: int
    source: int
    by_credit: bool
    share: D
    discount: int
    day: int
    later: int
    back: int | None


items = st.lists(
    st.tuples(st.booleans(), st.sampled_from(CURRENCIES), cents, st.booleans(), days, days),
    min_size=1,
    max_size=8,
)
payments = st.lists(st.tuples(st.booleans(), st.sampled_from(CURRENCIES), cents, days), max_size=4)
moves = st.lists(
    st.builds(
        Move,
        *(places, places, st.booleans()),
        st.sampled_from([D("0.25"), D("0.5"), D(1)]),
        *(st.integers(0, 3), days, st.integers(0, 5), st.none() | days),
    ),
    max_size=8,
)
requests = st.tuples(
    *(days, st.none() | days, st.sampled_from(["due", "invoice"])),
    st.sampled_from([(30, 60, 90), (1,), (5, 10, 20, 40, 80)]),
    *(st.none() | st.booleans(), st.none() | st.sampled_from(CURRENCIES)),
)


def left_of(source):
    """What a payment or a credit has left to settle with."""
    return source.left if isinstance(source, Payment) else -source.open_amount


class Book:
    """Rows as commands would leave them, and everything that happened to them."""

    def __init__(self, customers):
        self.customers = customers
        self.items, self.payments, self.moves = [], [], []

    def owe(self, second, currency, amount, is_credit, posted, due):
        original = -amount if is_credit else amount
        self.items.append(
            OpenItem(
                kind=ItemKind.OPENING,
                document_number=f"D{len(self.items)}",
                customer_id=self.customers[second],
                currency=currency,
                original=original,
                open_amount=original,
                base_original=original,
                base_open=0,
                posting_date=day_of(posted),
                document_date=day_of(posted),
                due_date=day_of(due) + timedelta(days=30),
                recorded_at=moment_of(posted),
            )
        )

    def pay(self, second, currency, amount, on):
        self.payments.append(
            Payment(
                pk=10_000 + len(self.payments),
                state=PaymentState.RECEIVED,
                direction=Direction.IN,
                customer_id=self.customers[second],
                bank_account_id=1,
                amount=amount,
                currency=currency,
                base_amount=amount,
                value_date=day_of(on),
                posting_date=day_of(on),
                assigned_date=day_of(on),
                assigned_at=moment_of(on),
                created_by="test",
            )
        )

    def move(self, asked):
        """Apply a payment or a credit to an item, as far as both have something left."""
        debts = [one for one in self.items if one.open_amount > 0]
        if not debts:
            return
        item = debts[asked.item % len(debts)]
        sources = [
            one
            for one in (self.items if asked.by_credit else self.payments)
            if (one.customer_id, one.currency) == (item.customer_id, item.currency)
            and left_of(one) > 0
        ]
        if not sources:
            return
        source = sources[asked.source % len(sources)]
        amount = min(left_of(source), item.open_amount) * asked.share
        discount = min(item.open_amount - amount, D(asked.discount))
        known = max(asked.day, (item.posting_date - BEGIN).days, (source.posting_date - BEGIN).days)
        row = (item, source, asked.by_credit, amount, discount)
        self._apply(*row, known, known + asked.later)
        if asked.back is not None:
            known += asked.back
            self._apply(*row[:3], -amount, -discount, known, known + asked.later)

    def _apply(self, item, source, by_credit, amount, discount, day, known):
        item.open_amount -= amount + discount
        if by_credit:
            source.open_amount += amount
        else:
            source.allocated += amount
        self.moves.append(
            (item, source, by_credit, amount, discount, day_of(day), moment_of(known))
        )

    def save(self):
        OpenItem.objects.bulk_create(self.items)
        Payment.objects.bulk_create(self.payments)
        Allocation.objects.bulk_create(
            Allocation(
                open_item=item,
                payment=None if by_credit else source,
                credit_item=source if by_credit else None,
                credit_application_id=1 if by_credit else None,
                customer_id=item.customer_id,
                currency=item.currency,
                amount=amount,
                discount=discount,
                base_amount=amount,
                base_cleared=amount,
                effective_date=day,
                recorded_at=known,
                recorded_by="test",
                entry_id=1,
            )
            for item, source, by_credit, amount, discount, day, known in self.moves
        )

    def _known(self, request):
        return [
            move
            for move in self.moves
            if move[5] <= request.as_of
            and (request.known_at is None or move[6] <= request.known_at)
        ]

    def _seen(self, rows, request):
        return [
            row
            for row in rows
            if request.customer_id in (None, row.customer_id)
            and request.currency in (None, row.currency)
            and row.posting_date <= request.as_of
            and (
                request.known_at is None
                or getattr(row, "recorded_at", None) is None
                or row.recorded_at <= request.known_at
            )
        ]

    def open_then(self, request):
        """Item -> what was open of it: what was posted, less what was known by then."""
        amounts = {item: item.original for item in self._seen(self.items, request)}
        for item, source, by_credit, amount, discount, *_dates in self._known(request):
            if item in amounts:
                amounts[item] -= amount + discount
            if by_credit and source in amounts:
                amounts[source] += amount
        return {item: amount for item, amount in amounts.items() if amount}

    def unapplied_then(self, request):
        amounts = {
            payment: payment.total
            for payment in self._seen(self.payments, request)
            if request.known_at is None or payment.assigned_at <= request.known_at
        }
        for _item, source, by_credit, amount, *_rest in self._known(request):
            if not by_credit and source in amounts:
                amounts[source] -= amount
        return {payment: amount for payment, amount in amounts.items() if amount}


def bucket_of(item, request):
    dated = item.due_date if request.basis == "due" else item.document_date
    age = (request.as_of - dated).days
    return sum(age >= start for start in thresholds(request.bounds, request.basis))


def summed(book, request):
    """(customer, currency) -> amounts, counts and unapplied cash, by plain addition."""
    size = len(request.buckets)
    accounts = defaultdict(lambda: ([D(0)] * size, [0] * size, [D(0)]))
    for item, amount in book.open_then(request).items():
        amounts, counts, _cash = accounts[item.customer_id, item.currency]
        amounts[bucket_of(item, request)] += amount
        counts[bucket_of(item, request)] += 1
    for payment, amount in book.unapplied_then(request).items():
        accounts[payment.customer_id, payment.currency][2][0] -= amount
    return dict(accounts)


@for_all(items, payments, moves, requests)
def test_aging_is_the_sum_of_its_rows(owed, paid, moved, asked):
    with transaction.atomic():
        assert_sums(owed, paid, moved, asked)
        transaction.set_rollback(True)


def assert_sums(owed, paid, moved, asked):
    book = Book([CustomerFactory().pk, CustomerFactory().pk])
    for one in owed:
        book.owe(*one)
    for one in paid:
        book.pay(*one)
    for one in moved:
        book.move(one)
    with connection.cursor() as cursor:
        # Rows without the bank account, entries and applications that they point at.
        cursor.execute("SET LOCAL session_replication_role = replica")
        book.save()
        cursor.execute("SET LOCAL session_replication_role = origin")
    as_of, known, basis, bounds, second, currency = asked
    request = AgingRequest(
        day_of(as_of),
        known_at=None if known is None else moment_of(known),
        basis=basis,
        bounds=bounds,
        customer_id=None if second is None else book.customers[second],
        currency=currency,
    )

    report = aging(request)

    found = {
        (row.customer_id, row.currency): (row.amounts, row.counts, [row.unapplied])
        for row in report.rows
    }
    assert found == summed(book, request)
    for row in report.rows:
        assert (row.total, row.items) == (sum(row.amounts), sum(row.counts))
    opened = {item.pk: amount for item, amount in book.open_then(request).items()}
    assert {pk: one.amount for pk, one in items_as_of(request).items()} == opened
    assert {item.pk: item.then_open for item in aged_items(request)} == opened
    assert unapplied_as_of(request) == {
        payment.pk: amount for payment, amount in book.unapplied_then(request).items()
    }
