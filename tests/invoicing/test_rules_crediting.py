"""Credit notes mirror invoices: at once or in parts, to the cent, and never beyond."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.rules.billing import bill
from invoicing.rules.crediting import CreditedLine, Discount, TooMuch, amount_for_quantity, credit
from o2c.core.money import ZERO, minor_units, percent_of, round_to
from tests.invoicing.test_rules_billing import part, parts_of_bills

D = Decimal


def credited_lines(parts, figures):
    """The lines of a bill, nothing of them credited yet."""
    return [
        CreditedLine(p.category, p.percent, line.charged, line.net)
        for p, line in zip(parts, figures.lines, strict=True)
    ]


def in_full(lines):
    return [line._replace(now=line.charged) for line in lines]


def test_v8_the_mirror_of_a_half_cent_is_exact():
    parts = [part(1, "7612.50")]
    invoice = bill(parts, "EUR", tax_included=False)

    note = credit(in_full(credited_lines(parts, invoice)), "EUR", tax_included=False)

    assert str(note.totals.tax) == "1446.38"
    assert note.totals == invoice.totals


@given(parts_of_bills(), st.booleans())
def test_a_full_credit_equals_its_invoice_line_by_line(case, tax_included):
    parts, currency = case
    invoice = bill(parts, currency, tax_included=tax_included)
    charged = [line for line in invoice.lines if line.charged]

    note = credit(in_full(credited_lines(parts, invoice)), currency, tax_included=tax_included)

    assert note.totals[:3] == invoice.totals[:3]
    assert [line.net for line in note.lines] == [line.net for line in invoice.lines]
    assert bool(note.totals.tax_lines) == bool(charged)


@given(parts_of_bills(), st.booleans(), st.data())
def test_partial_credits_never_exceed_and_together_mirror_the_invoice(case, tax_included, data):
    parts, currency = case
    invoice = bill(parts, currency, tax_included=tax_included)
    lines = credited_lines(parts, invoice)
    left = [D(6)] * len(lines)  # sixths of each line, credited in any order
    net = tax = ZERO

    while any(left):
        wanted = [data.draw(st.integers(0, int(sixths))) for sixths in left]
        if not any(wanted):
            wanted = [int(sixths) for sixths in left]
        now = [
            line._replace(
                now=amount_for_quantity(D(take), sixths, line.charged - line.before, currency)
            )
            for line, take, sixths in zip(lines, wanted, left, strict=True)
        ]
        note = credit(now, currency, tax_included=tax_included)
        assert note.totals.net == sum(line.net for line in note.lines)
        assert all(line.net >= 0 for line in note.lines)
        assert all(group.tax >= 0 and group.base >= 0 for group in note.totals.tax_lines)
        net, tax = net + note.totals.net, tax + note.totals.tax
        assert net <= invoice.totals.net
        assert tax <= invoice.totals.tax
        lines = [line._replace(before=line.before + line.now, now=ZERO) for line in now]
        left = [sixths - take for sixths, take in zip(left, wanted, strict=True)]

    assert (net, tax) == invoice.totals[:2]


@given(
    st.decimals("0.01", "9999", places=2),
    st.lists(st.decimals("0.01", "50", places=2), min_size=1, max_size=8),
)
def test_the_tax_taken_back_is_the_tax_on_all_that_is_credited(charged, amounts):
    line = CreditedLine("S", D(19), charged, charged)
    credited = tax = ZERO

    for amount in amounts:
        amount = min(amount, charged - credited)
        note = credit([line._replace(before=credited, now=amount)], "EUR", tax_included=False)
        credited, tax = credited + amount, tax + note.totals.tax
        assert tax == percent_of(credited, D(19), "EUR")


def test_more_than_is_left_is_refused():
    line = CreditedLine("S", D(19), D(100), D(100), before=D(60), now=D("40.01"))

    with pytest.raises(TooMuch) as refusal:
        credit([line], "EUR", tax_included=False)

    assert refusal.value.left == 40


@pytest.mark.parametrize(
    ("quantity", "left_quantity", "left_amount", "expected"),
    [
        (1, 3, "1.00", "0.33"),
        (3, 3, "1.00", "1.00"),
        (2, 3, "1.00", "0.67"),
        (1, 2, "0.01", "0.01"),
        (5, 10, "0", "0"),
    ],
)
def test_a_quantity_takes_its_share_of_what_is_left(quantity, left_quantity, left_amount, expected):
    amount = amount_for_quantity(D(quantity), D(left_quantity), D(left_amount), "EUR")

    assert amount == D(expected)


def test_more_units_than_are_left_are_refused():
    with pytest.raises(TooMuch) as refusal:
        amount_for_quantity(D(3), D(2), D(10), "EUR")

    assert refusal.value.left == 2


@given(
    parts_of_bills(),
    st.booleans(),
    st.decimals("0", "1", places=2),
    st.decimals("0", "1", places=2),
    st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), max_size=4),
)
def test_credits_together_give_back_the_invoice_less_its_discount(
    case, tax_included, net_share, tax_share, sixths
):
    """In any parts: what is left of the discount is carried by the last of them."""
    parts, currency = case
    invoice = bill(parts, currency, tax_included=tax_included)
    places = minor_units(currency)
    taken = Discount(
        round_to(invoice.totals.net * net_share, places),
        round_to(invoice.totals.tax * tax_share, places),
    )
    lines, left, given_back = credited_lines(parts, invoice), taken, D(0)
    for row in [*sixths, None]:
        now = []
        for index, line in enumerate(lines):
            rest = line.charged - line.before
            part = rest if row is None else round_to(rest * row[index] / 6, places)
            now.append(line._replace(now=part))

        note = credit(now, currency, tax_included=tax_included, discount=left)

        net, tax, gross, groups = note.totals
        assert net == sum(line.net for line in note.lines) == sum(group.base for group in groups)
        assert min(net, tax, *(line.net for line in note.lines), D(0)) == 0
        left = Discount(left.net - note.discount.net, left.tax - note.discount.tax)
        given_back += gross
        lines = [line._replace(before=line.before + line.now, now=D(0)) for line in now]

    assert left == Discount(D(0), D(0))
    assert given_back == invoice.totals.gross - taken.gross


def test_the_share_of_a_discount_is_that_of_what_is_credited():
    line = CreditedLine("S", D(19), D(100), D(100), now=D(40))

    note = credit([line], "EUR", tax_included=False, discount=Discount(D("2.00"), D("0.38")))

    assert note.totals[:3] == (D("39.20"), D("7.45"), D("46.65"))
    assert note.discounts == [Discount(D("0.80"), D("0.15"))]
