"""Money maths: what can never happen, and the figures others got wrong."""

import csv
from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.money import (
    MINOR_UNITS,
    NotADecimal,
    TaxLine,
    UnknownCurrency,
    convert,
    line_net,
    minor_units,
    nets_of_included,
    parse_decimal,
    percent_of,
    round_amount,
    smallest_amount,
    spread,
    tax_breakdown,
    tax_breakdown_included,
    tax_totals,
)
from tests.shared_data import shared_file

D = Decimal

currencies = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
numbers = st.decimals(min_value=D("-1e12"), max_value=D("1e12"), places=6)
prices = st.decimals(min_value=0, max_value=D("1e9"), places=6)
quantities = st.decimals(min_value=0, max_value=D("1e9"), places=3)
percents = st.decimals(min_value=0, max_value=100, places=2)
weights = st.lists(prices, min_size=1, max_size=12).filter(any)
taxed_cents = st.lists(
    st.tuples(
        st.sampled_from(["S", "Z", "AE"]),
        st.sampled_from([D(0), D("5.5"), D(7), D(19), D(21)]),
        st.integers(-(10**9), 10**9).map(lambda cents: D(cents).scaleb(-2)),
    ),
    max_size=12,
)


# -- rounding ---------------------------------------------------------------------------------


@given(numbers, currencies)
def test_a_rounded_amount_is_at_most_half_a_minor_unit_away(amount, currency):
    rounded = round_amount(amount, currency)

    assert abs(rounded - amount) * 2 <= smallest_amount(minor_units(currency))


@given(numbers, currencies)
def test_rounding_a_credit_mirrors_rounding_the_invoice(amount, currency):
    assert round_amount(-amount, currency) == -round_amount(amount, currency)


@given(numbers, currencies)
def test_rounding_twice_changes_nothing(amount, currency):
    once = round_amount(amount, currency)

    assert round_amount(once, currency) == once


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("-1446.375", "EUR", "-1446.38"),
        ("1446.375", "EUR", "1446.38"),
        ("2.675", "EUR", "2.68"),
        ("1.005", "EUR", "1.01"),
        ("100.5", "JPY", "101"),
        ("0.0005", "KWD", "0.001"),
        ("0.00005", "CLF", "0.0001"),
    ],
)
def test_half_a_minor_unit_is_rounded_away_from_zero(amount, currency, rounded):
    assert str(round_amount(D(amount), currency)) == rounded


def test_rounding_leaves_no_minus_zero():
    assert str(round_amount(D("-0.001"), "EUR")) == "0.00"


@pytest.mark.parametrize("nonsense", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_never_rounded_to_an_amount(nonsense):
    with pytest.raises(ValueError, match="not an amount"):
        round_amount(D(nonsense), "EUR")


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XTS", "XAU", "ABC"])
def test_a_code_without_amounts_is_no_currency(code):
    with pytest.raises(UnknownCurrency):
        minor_units(code)


def test_minor_units_agree_with_the_iso_list():
    with shared_file("codes", "iso4217.csv").open(encoding="utf-8") as file:
        listed = list(csv.DictReader(file))

    listed_units = {
        row["code"]: int(row["minor_units"]) for row in listed if row["minor_units"].isdigit()
    }
    assert listed_units == MINOR_UNITS


# -- lines ------------------------------------------------------------------------------------


@given(quantities, prices, percents, currencies)
def test_a_discount_never_raises_a_line_and_never_turns_its_sign(
    quantity, price, percent, currency
):
    full = line_net(quantity, price, D(0), currency)

    assert 0 <= line_net(quantity, price, percent, currency) <= full


@given(quantities, prices, percents, currencies)
def test_a_line_is_exact_before_its_one_rounding(quantity, price, percent, currency):
    exact = quantity * price * (100 - percent) / 100  # 28 digits are enough for these sizes

    off = abs(line_net(quantity, price, percent, currency) - exact)
    assert off * 2 <= smallest_amount(minor_units(currency)) + D("1e-6")


def test_the_largest_line_the_database_can_hold_keeps_every_digit():
    net = line_net(D("999999999999.999"), D("1000000000000.000001"), D(0), "EUR")

    assert net == D("999999999999999001000000.00")


# -- spreading --------------------------------------------------------------------------------


@given(st.integers(-(10**12), 10**12), weights, currencies)
def test_the_parts_add_up_to_the_whole(units, shares, currency):
    total = D(units).scaleb(-minor_units(currency))

    parts = spread(total, shares, currency)

    assert sum(parts) == total
    assert len(parts) == len(shares)


@given(st.integers(0, 10**12), weights, currencies)
def test_every_part_is_less_than_one_minor_unit_from_its_share(units, shares, currency):
    total = D(units).scaleb(-minor_units(currency))
    one = smallest_amount(minor_units(currency))

    for part, share in zip(spread(total, shares, currency), shares, strict=True):
        assert abs(part - total * share / sum(shares)) < one + D("1e-9")


@given(st.integers(0, 10**12), weights)
def test_a_part_without_weight_gets_nothing(cents, shares):
    parts = spread(D(cents).scaleb(-2), [*shares, D(0)], "EUR")

    assert parts[-1] == 0


@given(st.integers(0, 10**12), weights)
def test_spreading_a_credit_mirrors_spreading_the_charge(cents, shares):
    total = D(cents).scaleb(-2)

    assert spread(-total, shares, "EUR") == [-part for part in spread(total, shares, "EUR")]


@pytest.mark.parametrize(
    ("total", "shares"), [("1.001", [D(1)]), ("1.00", [D(-1), D(2)]), ("1.00", [D(0)]), ("1", [])]
)
def test_what_cannot_be_spread_is_refused(total, shares):
    with pytest.raises(ValueError, match=r"decimals|negative|nothing to spread"):
        spread(D(total), shares, "EUR")


def test_half_an_odd_order_goes_up_first_and_down_second():
    """V7: 12,870.59 in two halves."""
    assert spread(D("12870.59"), [D(50), D(50)], "EUR") == [D("6435.30"), D("6435.29")]


# -- tax --------------------------------------------------------------------------------------


@given(taxed_cents)
def test_tax_bases_add_up_to_the_lines(lines):
    assert sum(t.base for t in tax_breakdown(lines, "EUR")) == sum(amount for *_, amount in lines)


@given(taxed_cents)
def test_there_is_one_tax_line_per_category_and_percent(lines):
    groups = [(t.category, t.percent) for t in tax_breakdown(lines, "EUR")]

    assert len(groups) == len(set(groups))
    assert set(groups) == {(category, percent) for category, percent, _ in lines}


@given(taxed_cents)
def test_a_mirrored_document_has_mirrored_tax(lines):
    mirrored = [(category, percent, -amount) for category, percent, amount in lines]

    invoice, credit = tax_totals(lines, "EUR"), tax_totals(mirrored, "EUR")

    assert (credit.net, credit.tax, credit.gross) == (-invoice.net, -invoice.tax, -invoice.gross)


@given(taxed_cents)
def test_the_order_of_the_lines_does_not_change_the_tax(lines):
    assert set(tax_breakdown(lines, "EUR")) == set(tax_breakdown(lines[::-1], "EUR"))


@given(taxed_cents)
def test_prices_with_tax_keep_the_price_that_was_promised(lines):
    totals = tax_totals(lines, "EUR", tax_included=True)

    assert totals.gross == sum(amount for *_, amount in lines)


@given(taxed_cents)
def test_net_lines_taken_from_gross_prices_add_up_to_the_tax_bases(lines):
    nets = nets_of_included(lines, "EUR")

    for tax_line in tax_breakdown_included(lines, "EUR"):
        group = [
            net
            for net, (category, percent, _) in zip(nets, lines, strict=True)
            if (category, percent) == (tax_line.category, tax_line.percent)
        ]
        assert sum(group) == tax_line.base


# -- figures from the threads (features 4b) ---------------------------------------------------


def totals_of(lines, percent, currency="EUR"):
    nets = [line_net(D(q), D(p), D(d), currency) for q, p, d in lines]
    return tax_totals([("S", D(percent), net) for net in nets], currency)


def test_v1_a_discounted_line_has_one_gross_in_every_view():
    totals = totals_of([("16", "348.35", "4")], "22")

    assert (totals.net, totals.tax, totals.gross) == (D("5350.66"), D("1177.15"), D("6527.81"))


def test_v2_tax_is_taken_once_from_the_group():
    totals = totals_of([("10", "30.75", "5"), ("1", "70.00", "5")], "15")

    assert (totals.net, totals.tax, totals.gross) == (D("358.63"), D("53.79"), D("412.42"))


def test_v3_two_small_lines_share_one_tax():
    assert totals_of([("1", "55.55", "0"), ("1", "11.11", "0")], "23").tax == D("15.33")


def test_v4_a_document_discount_is_taxed_with_the_goods():
    lines = [("S", D(24), D("975.00")), ("S", D(24), D("-75.00"))]

    assert tax_breakdown(lines, "EUR") == [TaxLine("S", D(24), D("900.00"), D("216.00"))]


def test_v5_lines_are_rounded_before_they_are_summed():
    totals = totals_of([("1", "100.5", "0"), ("1", "100.5", "0")], "0", currency="JPY")

    assert totals.net == D("202")


def test_v6_the_price_basis_is_explicit():
    net_basis = tax_totals([("S", D("5.5"), line_net(D(10), D("3.60"), D(0), "EUR"))], "EUR")
    gross_line = [("S", D("5.5"), line_net(D(10), D("3.80"), D(0), "EUR"))]
    gross_basis = tax_totals(gross_line, "EUR", tax_included=True)

    assert net_basis.gross == D("37.98")
    assert (gross_basis.net, gross_basis.tax, gross_basis.gross) == (
        D("36.02"),
        D("1.98"),
        D("38.00"),
    )


def test_v8_a_credit_note_mirrors_the_tax_to_the_cent():
    assert percent_of(D("7612.50"), D(19), "EUR") == D("1446.38")
    assert percent_of(D("-7612.50"), D(19), "EUR") == D("-1446.38")


def test_v9_a_charge_adds_up_in_two_decimals():
    totals = tax_totals([("S", D(0), D("135.27")), ("S", D(0), D("5.99"))], "EUR")

    assert str(totals.net) == "141.26"


def test_three_lines_of_35_cents_pay_one_tax():
    assert totals_of([("1", "0.35", "0")] * 3, "19").tax == D("0.20")


def test_an_amount_is_converted_into_the_minor_unit_of_the_other_currency():
    assert convert(D("45.00"), D("0.5"), "EUR") == D("22.50")
    assert convert(D("10.00"), D("163.457"), "JPY") == D("1635")


# -- reading ----------------------------------------------------------------------------------


@given(numbers)
def test_a_plain_number_is_read_as_it_was_written(number):
    assert parse_decimal(f"{number:f}") == number


@pytest.mark.parametrize(
    ("text", "number"),
    [(" 12 ", "12"), ("-0", "0"), ("-0.00", "0"), ("007", "7"), ("-1.50", "-1.5")],
)
def test_blanks_and_zeros_are_forgiven(text, number):
    assert parse_decimal(text) == D(number)
    assert not parse_decimal(text).is_signed() or D(number) < 0


@pytest.mark.parametrize(
    "text",
    ["1e5", "NaN", "Infinity", "-inf", "0x10", "1_000", "１２３", "٣", "+1", "1,5", "1.", ".5",
     "1.2.3", "--1", "1 2", "€ 12", "12-", "(12)"],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(NotADecimal) as refusal:
        parse_decimal(text)

    assert refusal.value.code == "invalid"


@pytest.mark.parametrize("text", ["", "   ", "\u00a0"])
def test_nothing_is_not_zero(text):
    with pytest.raises(NotADecimal) as refusal:
        parse_decimal(text)

    assert refusal.value.code == "empty"


def test_more_decimals_than_allowed_are_refused_not_rounded():
    assert parse_decimal("1.5000", decimals=1) == D("1.5")
    with pytest.raises(NotADecimal) as refusal:
        parse_decimal("1.25", decimals=1)

    assert refusal.value.code == "decimals"


def test_a_declared_comma_is_the_only_mark():
    assert parse_decimal("1.234,50", decimal_mark=",", group_mark=".") == D("1234.50")
    with pytest.raises(NotADecimal):
        parse_decimal("1.5", decimal_mark=",")
    with pytest.raises(NotADecimal):
        parse_decimal("1.23,4", decimal_mark=",", group_mark=".")


@pytest.mark.parametrize(("currency", "iso", "cldr"), [("RSD", 2, 0), ("IQD", 3, 0)])
def test_babel_knows_how_an_amount_is_written_not_its_minor_unit(currency, iso, cldr):
    """See docs/adr/0031: rounding follows ISO 4217."""
    assert (minor_units(currency), get_currency_precision(currency)) == (iso, cldr)
