"""Postings that balance, and what happens to those that do not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.ledger.rules import EntryDoesNotBalance, Posting, checked, with_base_difference

AMOUNTS = st.decimals("-1000", "1000", places=2)


@st.composite
def in_dollars(draw):
    """Lines that balance in USD; each base amount is rounded on its own, so base may be off."""
    rate = draw(st.decimals("0.5", "2", places=4))
    amounts = draw(st.lists(AMOUNTS, min_size=1, max_size=8))
    amounts.append(-sum(amounts))
    return [
        Posting("REVENUE", amount, "USD", (amount * rate).quantize(Decimal("0.01")))
        for amount in amounts
    ]


@given(in_dollars())
def test_a_difference_in_base_alone_gets_its_own_line(postings):
    complete = with_base_difference(postings, "ROUNDING")

    assert sum(line.base_amount for line in complete) == 0
    assert sum(line.amount for line in complete) == 0
    assert len(complete) - len(postings) == (sum(p.base_amount for p in postings) != 0)
    checked(complete)


@given(in_dollars(), st.decimals("0.01", "5", places=2))
def test_any_difference_in_document_currency_is_a_bug(postings, off):
    balanced = with_base_difference(postings, "ROUNDING")
    wrong = [*balanced, Posting("TAX", off, "USD", Decimal(0))]

    with pytest.raises(EntryDoesNotBalance):
        checked(wrong)


@given(in_dollars())
def test_lines_that_say_nothing_are_dropped_and_no_other(postings):
    kept = checked(with_base_difference(postings, "ROUNDING"))

    assert all(line.amount or line.base_amount for line in kept)
    assert sum(line.base_amount for line in kept) == 0
