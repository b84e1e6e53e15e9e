"""Payment terms: no cent is made or lost, and every date comes from the stated order of steps."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.money import TaxLine, tax_breakdown, taxable
from o2c.masters.rules.terms import (
    ALWAYS_REDUCED,
    NEVER_REDUCED,
    REDUCED_WHEN_TAKEN,
    Terms,
    TermsPart,
    due_date,
    due_schedule,
    early_payment,
    taxed_at_discount,
    terms_faults,
)

D = Decimal
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 1, 1))
amounts = st.integers(-(10**11), 10**11).map(lambda cents: D(cents).scaleb(-2))
shares = st.decimals(min_value="0.01", max_value=60, places=2)
parts = st.builds(
    TermsPart,
    share_percent=st.none() | shares,
    days=st.integers(0, 120),
    months=st.integers(0, 12),
    end_of_month=st.booleans(),
    day_of_month=st.none() | st.integers(1, 31),
)
plans = st.lists(parts, max_size=6).map(lambda lines: Terms(lines=[*lines, TermsPart(days=30)]))


# -- amounts ----------------------------------------------------------------------------------


@given(plans, days, amounts)
def test_instalments_add_up_to_the_invoice(terms, day, gross):
    assert sum(part.amount for part in due_schedule(terms, day, gross, 2)) == gross


@given(plans, days, amounts)
def test_no_instalment_turns_the_sign_or_is_empty(terms, day, gross):
    schedule = due_schedule(terms, day, gross, 2)

    assert schedule
    assert [part.sequence for part in schedule] == list(range(1, len(schedule) + 1))
    if gross:
        assert all(part.amount * gross > 0 for part in schedule)


@given(plans, days, amounts)
def test_a_credit_is_due_like_the_invoice_it_mirrors(terms, day, gross):
    invoice, credit = due_schedule(terms, day, gross, 2), due_schedule(terms, day, -gross, 2)

    assert [(p.due_date, -p.amount) for p in invoice] == [(p.due_date, p.amount) for p in credit]


@given(parts, days)
def test_nothing_is_due_before_the_invoice(part, day):
    assert due_date(part, day) >= day


def amounts_of(gross, *lines, minor_units=2):
    terms = Terms(lines=[TermsPart(**line) for line in lines])
    return [str(p.amount) for p in due_schedule(terms, date(2026, 1, 1), D(gross), minor_units)]


def test_v31_the_smallest_instalments():
    half = {"share_percent": D(50)}
    assert amounts_of("0.03", half, half) == ["0.02", "0.01"]
    assert amounts_of("1000.00", {"share_percent": D(70)}, {"fixed_amount": D("200.00")}, {}) == [
        "700.00",
        "200.00",
        "100.00",
    ]
    assert amounts_of("0.01", half, half) == ["0.01"]
    assert amounts_of("101", half, half, minor_units=0) == ["51", "50"]


def test_a_fixed_amount_larger_than_the_invoice_takes_what_is_there():
    assert amounts_of("150.00", {"fixed_amount": D("200.00")}, {}) == ["150.00"]


def test_an_invoice_of_nothing_has_one_instalment_of_nothing():
    assert amounts_of("0.00", {"share_percent": D(50)}, {}) == ["0.00"]


def test_terms_without_lines_are_due_at_once():
    schedule = due_schedule(Terms(), date(2026, 5, 1), D("10.00"), 2)

    assert [(p.due_date, p.amount) for p in schedule] == [(date(2026, 5, 1), D("10.00"))]


def test_an_amount_with_fractions_of_a_cent_is_a_bug():
    with pytest.raises(AssertionError):
        due_schedule(Terms(), date(2026, 5, 1), D("10.001"), 2)


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        ([], []),
        ([{}], []),
        ([{"share_percent": D(50)}, {"share_percent": D(50)}], []),
        ([{"share_percent": D(50)}, {"share_percent": D(40)}], ["share_total"]),
        ([{"share_percent": D(80)}, {"share_percent": D(40)}, {}], ["share_total"]),
        ([{"fixed_amount": D(100)}], ["no_remainder"]),
        ([{"fixed_amount": D(100)}, {}], []),
        ([{}, {"share_percent": D(50)}], ["remainder_not_last"]),
    ],
)
def test_terms_that_cannot_split_every_amount_are_found(lines, faults):
    assert terms_faults(Terms(lines=[TermsPart(**line) for line in lines])) == faults


# -- dates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "start", "due"),
    [
        # V11: five days, end of month, on the first
        ({"days": 5, "end_of_month": True, "day_of_month": 1}, "2026-03-05", "2026-04-01"),
        ({"days": 5, "end_of_month": True, "day_of_month": 1}, "2026-03-28", "2026-05-01"),
        # V32: net 30 and the last day of the next month
        ({"days": 30}, "2022-01-01", "2022-01-31"),
        ({"days": 30}, "2022-01-15", "2022-02-14"),
        ({"days": 30}, "2022-01-31", "2022-03-02"),
        ({"months": 1, "end_of_month": True}, "2016-01-22", "2016-02-29"),
        ({"months": 1, "end_of_month": True}, "2017-01-22", "2017-02-28"),
        # "net 30, end of month" and "end of month, then 30 days" are two things
        ({"days": 30, "end_of_month": True}, "2026-01-15", "2026-02-28"),
        ({"end_of_month": True, "extra_days": 30}, "2026-01-15", "2026-03-02"),
        # a day of the month is the next one on or after the date
        ({"day_of_month": 15}, "2026-01-10", "2026-01-15"),
        ({"day_of_month": 15}, "2026-01-15", "2026-01-15"),
        ({"day_of_month": 15}, "2026-01-16", "2026-02-15"),
        ({"day_of_month": 31}, "2026-02-10", "2026-02-28"),
        ({"end_of_month": True, "day_of_month": 31}, "2026-01-10", "2026-02-28"),
        # months are clipped to the month's end, and years turn
        ({"months": 1}, "2026-01-31", "2026-02-28"),
        ({"months": 13}, "2026-12-31", "2028-01-31"),
        ({"days": 1}, "2026-12-31", "2027-01-01"),
    ],
)
def test_the_due_date_follows_the_stated_order(rule, start, due):
    part = TermsPart(**rule)

    assert due_date(part, date.fromisoformat(start)) == date.fromisoformat(due)


@given(days, st.integers(0, 60))
def test_every_instalment_carries_the_discount_and_its_last_day(day, discount_days):
    terms = Terms(discount_percent=D(2), discount_days=discount_days, lines=[TermsPart(days=30)])

    (only,) = due_schedule(terms, day, D("100.00"), 2)

    assert only.discount_date == day + timedelta(days=discount_days)
    assert only.discount_percent == 2


def test_without_discount_there_is_no_last_day_for_it():
    (only,) = due_schedule(Terms(), date(2026, 1, 1), D("100.00"), 2)

    assert (only.discount_date, only.discount_percent) == (None, 0)


# -- early payment ----------------------------------------------------------------------------


taxed = st.lists(
    st.tuples(
        st.sampled_from(["S", "Z"]),
        st.sampled_from([D(0), D(7), D(19)]),
        st.integers(0, 10**8).map(lambda cents: D(cents).scaleb(-2)),
    ),
    max_size=6,
)


def paid_early(mode, net="100.00", tax_percent="21", percent="2"):
    tax_lines = tax_breakdown([("S", D(tax_percent), D(net))], "EUR")
    return early_payment(
        tax_lines, Terms(discount_percent=D(percent), discount_tax_mode=mode), "EUR"
    )


@pytest.mark.parametrize(
    ("mode", "early", "late"),
    [
        (ALWAYS_REDUCED, "118.58", "120.58"),
        (REDUCED_WHEN_TAKEN, "118.58", "121.00"),
        (NEVER_REDUCED, "119.00", "121.00"),
    ],
)
def test_v10_the_three_tax_modes(mode, early, late):
    outcome = paid_early(mode)

    assert (str(outcome.early_gross), str(outcome.late_gross)) == (early, late)


def test_ten_percent_of_1000_at_15_percent_always_reduced():
    outcome = paid_early(ALWAYS_REDUCED, net="1000.00", tax_percent="15", percent="10")

    assert (outcome.late_tax, outcome.late_gross, outcome.early_gross) == (135, 1135, 1035)


@given(taxed, shares)
def test_the_discount_is_what_the_tax_leaves_out(lines, percent):
    terms = Terms(discount_percent=percent, discount_tax_mode=ALWAYS_REDUCED)
    tax_lines = tax_breakdown(lines, "EUR", percent)

    outcome = early_payment(tax_lines, terms, "EUR")

    left = [taxable(line.base, percent, "EUR") for line in tax_lines]
    assert outcome.discounted_net == sum(left, D(0))
    assert outcome.late_tax == sum((line.tax for line in tax_lines), D(0))


def test_v37_a_discount_of_a_tenth_corrects_revenue_and_tax():
    outcome = paid_early(REDUCED_WHEN_TAKEN, net="200.00", tax_percent="18", percent="10")

    assert outcome.late_gross == D("236.00")
    assert outcome.early_gross == D("212.40")
    assert outcome.discount == D("23.60")
    assert outcome.late_tax - outcome.early_tax == D("3.60")


modes = st.sampled_from([ALWAYS_REDUCED, REDUCED_WHEN_TAKEN, NEVER_REDUCED])


@given(taxed, shares, modes)
def test_paying_early_never_costs_more_and_discount_explains_the_difference(lines, percent, mode):
    tax_lines = tax_breakdown(lines, "EUR")
    terms = Terms(discount_percent=percent, discount_tax_mode=mode)

    outcome = early_payment(tax_lines, terms, "EUR")

    assert 0 <= outcome.discount == outcome.late_gross - outcome.early_gross
    assert 0 <= outcome.late_tax - outcome.early_tax <= outcome.discount
    if mode != REDUCED_WHEN_TAKEN:
        assert outcome.late_tax - outcome.early_tax == 0


@given(taxed, shares)
def test_the_discount_is_spread_over_the_tax_groups_to_the_cent(lines, percent):
    tax_lines = tax_breakdown(lines, "EUR")
    net = sum((line.base for line in tax_lines), D(0))

    reduced = taxed_at_discount(tax_lines, percent, "EUR")

    taken = net - sum((line.base for line in reduced), D(0))
    assert abs(taken - net * percent / 100) <= D("0.005")


def test_a_document_of_nothing_has_nothing_to_discount():
    assert taxed_at_discount([TaxLine("S", D(19), D(0), D(0))], D(2), "EUR")[0].tax == 0
