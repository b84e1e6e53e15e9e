"""Early-payment discount: the three lawful tax designs, and who still earns it."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.money import TaxLine, percent_of, tax_breakdown
from o2c.masters.rules.terms import (
    ALWAYS_REDUCED,
    NEVER_REDUCED,
    REDUCED_WHEN_TAKEN,
    Terms,
    early_payment,
)
from receivables.rules.discount import (
    Discount,
    available_discount,
    instalment_discounts,
    is_early,
    tax_of,
)

MODES = [ALWAYS_REDUCED, REDUCED_WHEN_TAKEN, NEVER_REDUCED]
cents = st.integers(1, 10**9).map(lambda n: D(n).scaleb(-2))
percents = st.integers(1, 50).map(lambda n: D(n) / 2)
groups = st.lists(
    st.tuples(st.just("S"), st.sampled_from([D(7), D(19), D(21)]), cents), min_size=1, max_size=4
)


def offered(net, tax_lines, percent, mode):
    """What the invoice offers under these terms, split by our rule."""
    terms = Terms(discount_percent=percent, discount_days=7, discount_tax_mode=mode)
    offer = early_payment(tax_lines, terms, "EUR")
    return offer, Discount(offer.discount, offer.tax_correction)


@pytest.mark.parametrize(
    ("mode", "late", "early", "tax"),
    [
        (ALWAYS_REDUCED, "120.58", "118.58", "0"),
        (REDUCED_WHEN_TAKEN, "121.00", "118.58", "0.42"),
        (NEVER_REDUCED, "121.00", "119.00", "0"),
    ],
)
def test_two_percent_of_100_plus_21_percent_has_three_lawful_results(mode, late, early, tax):
    lines = [TaxLine("S", D(21), D("100.00"), D("21.00"))]

    offer, discount = offered(D("100.00"), lines, D(2), mode)

    assert (offer.late_gross, offer.late_gross - discount.amount) == (D(late), D(early))
    assert discount.tax == D(tax)


def test_ten_percent_of_236_is_20_of_revenue_and_3_60_of_tax():
    lines = [TaxLine("S", D(18), D("200.00"), D("36.00"))]

    _offer, discount = offered(D("200.00"), lines, D(10), REDUCED_WHEN_TAKEN)

    assert discount == Discount(D("23.60"), D("3.60"))


@given(groups, percents, st.sampled_from(MODES))
def test_the_tax_in_the_discount_is_what_the_tax_return_corrects(lines, percent, mode):
    breakdown = tax_breakdown(lines, "EUR")
    net = sum(line.base for line in breakdown)

    offer, discount = offered(net, breakdown, percent, mode)

    assert discount.tax == offer.late_tax - offer.early_tax


@given(cents, cents, st.lists(cents, min_size=1, max_size=6))
def test_instalments_share_the_discount_to_the_cent(net, tax, amounts):
    shares = instalment_discounts(Discount(net + tax, tax), amounts, "EUR")

    assert sum(s.amount for s in shares) == net + tax
    assert sum(s.tax for s in shares) == tax


@given(cents, cents)
def test_what_is_half_paid_earns_at_most_its_share_of_the_discount(original, part):
    open_amount = min(original, part)
    item = Discount(percent_of(original, D(3), "EUR"), percent_of(original, D("0.5"), "EUR"))

    available = available_discount(item, original, open_amount, "EUR")

    assert 0 <= available.tax <= available.amount <= item.amount
    assert available.amount <= open_amount
    assert open_amount != original or available == item


@given(cents, cents)
def test_the_tax_in_a_smaller_deduction_is_in_proportion(amount, tax):
    item = Discount(amount + tax, tax)

    assert tax_of(item.amount, item, "EUR") == tax
    assert 0 <= tax_of(D("0.01"), item, "EUR") <= D("0.01")


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 5))
def test_the_last_day_still_counts_and_the_next_does_not(last_day, grace):
    limit = last_day + timedelta(days=grace)

    assert is_early(limit, last_day, grace)
    assert not is_early(limit + timedelta(days=1), last_day, grace)
    assert not is_early(limit, None, grace)
