"""Allocation rules: money is neither made nor lost, in no currency."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from o2c.core.money import ZERO
from receivables.rules.allocation import (
    Owed,
    Share,
    base_of_part,
    effective_date,
    oldest_first,
)

cents = st.integers(0, 10**9).map(lambda n: D(n).scaleb(-2))
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
owed_items = st.lists(st.tuples(days, cents), max_size=20).map(
    lambda rows: [Owed(pk, due, amount) for pk, (due, amount) in enumerate(rows, start=1)]
)


@given(cents, owed_items)
def test_money_is_neither_made_nor_lost(amount, items):
    shares = oldest_first(amount, items)

    owed = {item.open_item_id: item.amount for item in items}
    assert sum(s.amount for s in shares) == min(amount, sum(owed.values(), ZERO))
    assert all(0 < s.amount <= owed[s.open_item_id] for s in shares)
    assert len({s.open_item_id for s in shares}) == len(shares)


@given(cents, owed_items)
def test_a_younger_item_gets_nothing_while_an_older_one_is_open(amount, items):
    given_to = {s.open_item_id: s.amount for s in oldest_first(amount, items)}

    ordered = sorted(items, key=lambda i: (i.due_date, i.open_item_id))
    short = [i for i in ordered if given_to.get(i.open_item_id, ZERO) < i.amount]
    after_first_short = ordered[ordered.index(short[0]) + 1 :] if short else []
    assert not any(given_to.get(i.open_item_id) for i in after_first_short)


def test_equal_due_dates_go_by_the_order_of_entry():
    items = [
        Owed(2, date(2026, 5, 1), D("20.00")),
        Owed(1, date(2026, 5, 1), D("50.00")),
        Owed(3, date(2026, 6, 1), D("30.00")),
    ]

    assert oldest_first(D("80.00"), items) == [
        Share(1, D("50.00")),
        Share(2, D("20.00")),
        Share(3, D("10.00")),
    ]


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=12), st.integers(1, 10**9))
def test_parts_taken_one_by_one_carry_the_whole_base_value(parts, base_cents):
    whole = left = D(sum(parts))
    base_whole = base_left = D(base_cents).scaleb(-2)
    taken = []

    for part in parts:
        base = base_of_part(D(part), left, base_left, "EUR")
        left, base_left = left - part, base_left - base
        taken.append(base)
        assert base_left >= 0

    assert sum(taken) == base_whole
    assert (left, base_left) == (0, 0)
    assert whole == sum(parts)


@given(cents, cents)
def test_in_one_currency_a_part_is_worth_itself(part, rest):
    assume(part + rest > 0)

    if part:
        assert base_of_part(part, part + rest, part + rest, "EUR") == part


@pytest.mark.parametrize(
    ("paid_on", "posted_on", "counts_on"),
    [
        (date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 1)),  # a deposit
        (date(2026, 3, 9), date(2026, 3, 1), date(2026, 3, 9)),
    ],
)
def test_an_allocation_counts_from_the_later_document_on(paid_on, posted_on, counts_on):
    assert effective_date([paid_on, posted_on]) == counts_on
