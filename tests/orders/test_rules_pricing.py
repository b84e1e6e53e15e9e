from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.money import round_amount
from o2c.masters.rules.prices import PriceBreak
from orders.rules.pricing import (
    LineForTotals,
    NoPrice,
    OtherTaxBasis,
    PriceQuestion,
    combined_percent,
    per_ordered_unit,
    plain,
    price_line,
    price_order,
    same_price,
    share_discount,
    share_of_part,
)


def price_break(least, price, percent=0, **more):
    more.setdefault("source", "LIST")
    return PriceBreak(Decimal(least), Decimal(price), Decimal(percent), **more)


LIST = (price_break(0, "10.00"), price_break(100, "9.00"), price_break(1000, "8.00", 5))

quantities = st.decimals("0.001", "99999", places=3)
prices = st.decimals("0", "9999", places=4)
percents = st.decimals("0", "100", places=2)
amounts = st.decimals("0", "99999", places=2)
breaks = st.lists(
    st.builds(price_break, quantities, prices, percents, contract=st.booleans()), max_size=5
)


def steps_of(priced):
    return [step["step"] for step in priced.steps]


def test_the_deepest_break_reached_counts_and_the_list_price_is_shown_before_it():
    priced = price_line(PriceQuestion(Decimal(150), LIST), "EUR")

    assert priced.unit_price == 9
    assert steps_of(priced) == ["list", "break", "amount"]
    assert priced.steps[0]["price"] == "10"
    assert priced.amount == 1350


def test_a_contract_goes_before_a_cheaper_list():
    contract = price_break(0, "9.50", contract=True, source="CONTRACT")

    priced = price_line(PriceQuestion(Decimal(1000), (*LIST, contract)), "EUR")

    assert priced.unit_price == Decimal("9.50")
    assert steps_of(priced) == ["list", "contract", "amount"]


def test_the_discount_of_the_list_and_of_the_line_are_one_after_the_other():
    question = PriceQuestion(Decimal(1000), LIST, discount_percent=Decimal(10))

    priced = price_line(question, "EUR")

    assert priced.discount_percent == Decimal("14.5")
    assert steps_of(priced) == ["list", "break", "list_discount", "line_discount", "amount"]
    assert priced.amount == 6840


def test_a_price_by_hand_says_what_it_stands_for_and_why():
    question = PriceQuestion(
        Decimal(1), LIST, manual_price=Decimal("7.77"), manual_reason="trade fair"
    )

    manual = next(s for s in price_line(question, "EUR").steps if s["step"] == "manual")

    assert manual == {
        "step": "manual",
        "price": "7.77",
        "reason": "trade fair",
        "instead_of": "10",
    }


def test_a_discount_of_the_list_is_not_taken_off_a_price_by_hand():
    question = PriceQuestion(Decimal(1000), LIST, manual_price=Decimal(8), manual_reason="agreed")

    assert price_line(question, "EUR").amount == 8000


def test_no_price_is_no_price_of_zero():
    with pytest.raises(NoPrice):
        price_line(PriceQuestion(Decimal(5), (price_break(10, "1.00"),)), "EUR")


def test_net_and_gross_prices_are_never_mixed():
    with pytest.raises(OtherTaxBasis):
        price_line(PriceQuestion(Decimal(5), LIST, tax_included=True), "EUR")


@given(quantities, breaks, percents)
def test_the_last_step_is_the_sum_done_again(quantity, breaks, percent):
    try:
        priced = price_line(PriceQuestion(quantity, breaks, discount_percent=percent), "EUR")
    except NoPrice:
        assert all(b.min_quantity > quantity for b in breaks)
        return

    last = priced.steps[-1]
    kept = 1 - Decimal(last["percent"]) / 100
    exact = Decimal(last["quantity"]) * Decimal(last["price"]) * kept
    assert Decimal(last["amount"]) == priced.amount == round_amount(exact, "EUR")


@given(percents, percents)
def test_two_discounts_never_exceed_the_whole(first, second):
    combined = combined_percent(first, second)

    assert max(first, second) <= combined + Decimal("1e-8")
    assert combined <= 100


lines = st.lists(
    st.tuples(amounts, st.sampled_from([("S", Decimal(19)), ("S", Decimal(7)), ("Z", Decimal(0))])),
    min_size=1,
    max_size=12,
)


@given(lines, st.decimals("0", "1", places=3), st.booleans())
def test_nets_and_tax_always_make_the_gross(lines, share, tax_included):
    whole = sum((amount for amount, _tax in lines), Decimal(0))
    discount = round_amount(whole * share, "EUR")
    shares = share_discount(discount, [amount for amount, _tax in lines], "EUR")

    nets, totals = price_order(
        [
            LineForTotals(amount, part, *tax)
            for (amount, tax), part in zip(lines, shares, strict=True)
        ],
        "EUR",
        tax_included=tax_included,
    )

    assert sum(shares) == discount
    assert sum(nets) == totals.net
    assert totals.net + totals.tax == totals.gross
    if tax_included:
        assert totals.gross == whole - discount
    else:
        assert totals.net == whole - discount


def test_a_discount_larger_than_the_lines_is_refused():
    with pytest.raises(ValueError, match="discount"):
        share_discount(Decimal("10.01"), [Decimal(4), Decimal(6)], "EUR")


@given(amounts, amounts, amounts)
def test_a_shrinking_line_keeps_its_discount_within_its_amount(share, before, after):
    share, after = min(share, before), min(after, before)

    assert 0 <= share_of_part(share, before, after, "EUR") <= after


@given(st.decimals("0", "999999999999", places=6))
def test_figures_in_steps_read_back_as_themselves(figure):
    assert Decimal(plain(figure)) == figure
    assert "E" not in plain(figure)


factors = st.decimals("0.001", "5000", places=3)


@given(st.decimals("0", "9999", places=6), factors)
def test_a_price_for_the_unit_ordered_is_worth_the_price_per_stock_unit(price, factor):
    ordered, per = per_ordered_unit(price, factor)

    assert ordered == price * per
    assert per in (factor, 1)


@given(st.decimals("0", "9999", places=2), factors, st.integers(1, 500), percents)
def test_ordering_in_boxes_costs_what_the_boxes_cost(price, factor, boxes, percent):
    quantity = (boxes * factor).quantize(Decimal("0.001"))
    question = PriceQuestion(
        quantity,
        manual_price=price,
        manual_reason="agreed",
        discount_percent=percent,
        price_per=factor,
    )

    exact = price * boxes * (100 - percent) / 100
    assert price_line(question, "EUR").amount == round_amount(exact, "EUR")


@given(prices, percents)
def test_our_own_price_rounded_to_cents_after_discount_is_the_same_price(price, percent):
    ours = price if not percent else round_amount(price * (100 - percent) / 100, "EUR")

    assert same_price(ours, price, percent, "EUR")
    assert not same_price(ours + Decimal("0.01"), price, percent, "EUR")


def test_a_price_without_discount_is_compared_to_the_last_digit():
    assert not same_price(Decimal("0.13"), Decimal("0.125"), Decimal(0), "EUR")
