"""Prices: the most specific list, then the deepest break reached. Units convert without loss."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.masters.rules.prices import PriceBreak, price_for
from o2c.masters.rules.units import InexactQuantity, fits, to_stock_quantity

D = Decimal
quantities = st.decimals(min_value=0, max_value=10**6, places=3)
factors = st.decimals(min_value="0.001", max_value=1000, places=3)
breaks = st.lists(
    st.builds(
        PriceBreak,
        min_quantity=quantities,
        price=quantities,
        discount_percent=st.just(D(0)),
        source=st.just("LIST"),
        contract=st.booleans(),
    ),
    max_size=8,
)


def step(minimum, price, *, contract=False):
    source = "CONTRACT" if contract else "LIST"
    return PriceBreak(D(minimum), D(price), D(0), source, contract)


STANDARD = [step(0, "1.00"), step(100, "0.90"), step(1000, "0.80")]


@pytest.mark.parametrize(
    ("quantity", "price"), [(1, "1.00"), (99, "1.00"), (100, "0.90"), (999, "0.90"), (5000, "0.80")]
)
def test_the_deepest_break_reached_applies(quantity, price):
    assert price_for(STANDARD, D(quantity)).price == D(price)


def test_a_contract_goes_before_the_list_even_when_the_list_is_cheaper():
    contract = [step(0, "0.95", contract=True)]

    assert price_for(STANDARD + contract, D(5000)).source == "CONTRACT"


def test_below_the_contracts_first_break_the_list_applies():
    contract = [step(500, "0.70", contract=True)]

    assert price_for(STANDARD + contract, D(100)).price == D("0.90")
    assert price_for(STANDARD + contract, D(500)).price == D("0.70")


def test_there_is_no_price_below_every_break():
    assert price_for([step(10, "1.00")], D(9)) is None
    assert price_for([], D(1)) is None


@given(breaks, quantities)
def test_the_order_of_the_breaks_does_not_matter(entries, quantity):
    unique = list({(e.contract, e.min_quantity): e for e in entries}.values())

    assert price_for(unique, quantity) == price_for(unique[::-1], quantity)


@given(breaks, quantities)
def test_the_price_that_applies_has_been_reached(entries, quantity):
    found = price_for(entries, quantity)

    reached = [e for e in entries if e.min_quantity <= quantity]
    assert (found is None) == (not reached)
    assert found is None or found in reached


# -- units ------------------------------------------------------------------------------------


def test_half_a_box_of_twelve_is_six_pieces():
    assert to_stock_quantity(D("0.5"), D(12), 0) == 6
    assert to_stock_quantity(D("2.5"), D("0.2"), 3) == D("0.500")


def test_a_third_of_a_piece_is_refused_not_rounded():
    with pytest.raises(InexactQuantity, match=r"0\.5 x 1 = 0\.5"):
        to_stock_quantity(D("0.5"), D(1), 0)


@given(quantities, factors)
def test_a_conversion_is_exact_or_refused(quantity, factor):
    try:
        assert to_stock_quantity(quantity, factor, 3) == quantity * factor
    except InexactQuantity:
        assert not fits(quantity * factor, 3)


def test_the_largest_quantity_the_database_holds_is_still_judged():
    assert fits(D("999999999999.999"), 3)
    assert not fits(D("999999999999.999"), 2)
