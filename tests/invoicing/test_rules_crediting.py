"""Credit notes mirror invoices: at once or in parts, to the cent, and never beyond."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.rules.billing import bill
from invoicing.rules.crediting import CreditedLine, TooMuch, amount_for_quantity, credit
from o2c.core.money import ZERO, percent_of
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
