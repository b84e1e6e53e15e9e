"""What an invoice charges: the vectors of the trade, and what holds for every invoice."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.rules.billing import Part, bill, billable, cost_of_billed, still_charged
from invoicing.rules.crediting import amount_for_quantity
from o2c.core.money import line_net, minor_units, percent_of, round_amount, round_to
from shipping.rules import cost_of_part

D = Decimal


def part(quantity, price, discount=0, percent=19, *, ordered=None, start=0, share=0, cur="EUR"):
    """The units from start of an order line; by default all of it."""
    ordered = D(ordered if ordered is not None else quantity)
    amount = line_net(ordered, D(price), D(discount), cur)
    return Part(
        ordered,
        D(start),
        D(start) + D(quantity),
        D(price),
        D(discount),
        amount,
        D(share),
        "S",
        D(percent),
    )


def totals(*parts, cur="EUR", tax_included=False):
    net, tax, gross, _groups = bill(parts, cur, tax_included=tax_included).totals
    return str(net), str(tax), str(gross)


class TestVectors:
    def test_v1_a_discount_is_taken_before_rounding(self):
        assert totals(part(16, "348.35", 4, 22)) == ("5350.66", "1177.15", "6527.81")

    def test_v2_tax_is_computed_once_per_group(self):
        lines = part(10, "30.75", 5, 15), part(1, "70", 5, 15)
        assert totals(*lines) == ("358.63", "53.79", "412.42")

    def test_v3_two_small_lines_are_one_group(self):
        assert totals(part(1, "55.55", 0, 23), part(1, "11.11", 0, 23))[1] == "15.33"

    def test_v4_a_document_discount_lowers_the_tax(self):
        assert totals(part(1, "975", 0, 24, share="75"))[1] == "216.00"

    def test_v5_a_currency_without_decimals_rounds_each_line(self):
        assert totals(*[part(1, "100.5", 0, 0, cur="JPY")] * 2, cur="JPY")[2] == "202"

    def test_v6_the_price_basis_is_explicit(self):
        assert totals(part(10, "3.60", 0, "5.5"))[2] == "37.98"
        assert totals(part(10, "3.80", 0, "5.5"), tax_included=True)[2] == "38.00"

    def test_v9_two_decimals_reach_the_total(self):
        assert totals(part(1, "135.27", 0, 0), part(1, "5.99", 0, 0))[2] == "141.26"

    def test_v24_two_lines_at_ten_percent(self):
        lines = part(2, 10, 0, 10), part(3, 10, 0, 10)
        assert totals(*lines) == ("50.00", "5.00", "55.00")

    @pytest.mark.parametrize(
        ("included", "expected"),
        [(False, ("141.45", "29.70", "171.15")), (True, ("116.90", "24.55", "141.45"))],
    )
    def test_v27_tax_on_the_document(self, included, expected):
        # As one line: six lines of 5 are rounded one by one before they are summed (EN 16931).
        assert totals(part(30, "5.75", 18, 21), tax_included=included) == expected


class TestBillable:
    def test_v16_what_came_back_unbilled_is_not_billed(self):
        assert billable(D(22540), D(2530), D(0), D(20010)) == 0

    def test_v17_a_price_above_the_order_s_strands_no_quantity(self):
        assert billable(D(390), D(0), D(0), D(240)) == 150

    def test_refused_goods_are_not_subtracted_again_when_they_arrive(self):
        assert billable(D(10), D(0), D(2), D(0)) == 8
        assert billable(D(10), D(2), D(2), D(0)) == 8
        assert billable(D(10), D(3), D(2), D(0)) == 7


quantities = st.decimals("0.001", "9999", places=3)
prices = st.decimals("0", "9999", places=6)
percents = st.sampled_from([D(0), D("5.5"), D(7), D(19), D(25)])
currencies = st.sampled_from(["EUR", "JPY", "KWD"])


@st.composite
def parts_of_bills(draw):
    currency = draw(currencies)
    places = minor_units(currency)
    parts = []
    for _index in range(draw(st.integers(1, 6))):
        ordered, price = draw(quantities), draw(prices)
        discount = draw(st.sampled_from([D(0), D(4), D("12.5")]))
        amount = line_net(ordered, price, discount, currency)
        share = round_to(amount * draw(st.sampled_from([D(0), D("0.1"), D("0.5")])), places)
        start = draw(st.sampled_from([D(0), round_to(ordered / 3, 3)]))
        end = draw(st.sampled_from([ordered, start + round_to((ordered - start) / 2, 3)]))
        category = "S"
        percent = draw(percents)
        parts.append(Part(ordered, start, end, price, discount, amount, share, category, percent))
    return parts, currency


@given(parts_of_bills(), st.booleans())
def test_every_bill_adds_up(case, tax_included):
    parts, currency = case

    lines, (net, tax, gross, groups) = bill(parts, currency, tax_included=tax_included)

    assert gross == net + tax
    assert net == sum(line.net for line in lines) == sum(group.base for group in groups)
    assert tax == sum(group.tax for group in groups)
    assert all(group.tax >= 0 and group.base >= 0 for group in groups)
    assert len({group[:2] for group in groups}) == len(groups)
    for figure in (net, tax, gross, *(line.net for line in lines)):
        assert figure == round_amount(figure, currency)
    if tax_included:
        assert gross == sum(line.charged for line in lines)
    else:
        assert all(line.net == line.charged for line in lines)
        assert all(group.tax == percent_of(group.base, group.percent, currency) for group in groups)


@given(
    quantities,
    prices,
    st.sampled_from([D(0), D(4), D("33.333")]),
    st.decimals("0", "1", places=2),
    st.lists(st.decimals("0.001", "0.999", places=3), max_size=5),
    st.booleans(),
)
def test_a_line_billed_in_parts_is_charged_like_the_whole(
    ordered, price, discount, share, cuts, tax_included
):
    amount = line_net(ordered, price, discount, "EUR")
    whole = Part(
        ordered, D(0), ordered, price, discount, amount, round_to(amount * share, 2), "S", D(19)
    )
    bounds = sorted({D(0), ordered, *(round_to(ordered * cut, 3) for cut in cuts)})

    pieces = [
        bill([whole._replace(start=a, end=b)], "EUR", tax_included=tax_included).lines[0].charged
        for a, b in pairwise(bounds)
    ]

    assert sum(pieces) == whole.amount - whole.document_discount
    assert all(piece >= 0 for piece in pieces)


@given(
    st.integers(2, 12),
    prices,
    st.decimals("0", "1", places=2),
    st.lists(st.tuples(st.booleans(), st.integers(0, 11)), max_size=12),
)
def test_parts_billed_and_taken_back_in_any_order_add_up_to_the_line(wanted, price, share, moves):
    """Each unit is billed by itself, some are taken back; at the end all are billed."""
    amount = line_net(D(wanted), price, D(0), "EUR")
    whole = Part(
        D(wanted), D(0), D(0), price, D(0), amount, round_to(amount * share, 2), "S", D(19)
    )
    charged: dict[int, D] = {}

    def bill_unit(unit):
        start, billed = D(len(charged)), sum(charged.values(), D(0))
        now = whole._replace(start=start, end=start + 1, billed=billed)
        charged[unit] = bill([now], "EUR", tax_included=False).lines[0].charged

    for is_bill, unit in [*moves, *((True, unit) for unit in range(wanted))]:
        if is_bill and unit < wanted and unit not in charged:
            bill_unit(unit)
        elif not is_bill:
            charged.pop(unit, None)

    assert sum(charged.values()) == whole.amount - whole.document_discount
    assert all(part >= 0 for part in charged.values())


@given(
    prices,
    st.integers(1, 50),
    st.integers(0, 50),
    st.sampled_from([D(0), D("0.01"), D("1.00")]),
)
def test_an_invoice_line_charges_all_until_it_is_credited_and_nothing_after(
    price, quantity, credited, conceded
):
    charged = round_to(price, 2)
    credited = min(D(credited), D(quantity))
    back = amount_for_quantity(credited, D(quantity), max(charged - conceded, D(0)), "EUR")

    left = still_charged(charged, D(quantity), credited, back + conceded, conceded, "EUR")

    if not credited:
        assert left == charged
    if credited == quantity:
        assert left == 0
    assert 0 <= left <= charged


@given(
    st.decimals("0", "99999", places=2),
    st.integers(1, 50),
    st.lists(st.tuples(st.sampled_from(["bill", "return", "credit"]), st.integers(1, 50))),
)
def test_billing_and_returning_clear_the_cost_of_a_shipment_to_the_cent(cost, shipped, moves):
    """Whatever the order of invoices, returns and credit notes, nothing is left at the end."""
    invoiced = returned = D(0)
    clearing = cost
    quantity = D(shipped)

    def bill_to(target):
        nonlocal invoiced, clearing
        clearing -= cost_of_billed(cost, quantity, invoiced, target, "EUR")
        invoiced = target

    for move, size in moves:
        if move == "return":
            back = min(D(size), quantity - returned)
            clearing -= cost_of_part(cost, quantity, returned, returned + back, "EUR")
            returned += back
        elif move == "bill":
            bill_to(max(invoiced, min(invoiced + D(size), quantity - returned)))
        else:
            bill_to(max(invoiced - D(size), D(0)))
    bill_to(quantity - returned)

    assert clearing == 0
