"""Late interest: by balance segments, simple, to the day."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.rules.interest import Balance, YearlyRate, late_interest

DUE = date(2026, 1, 31)
TEN_PERCENT = [YearlyRate(date(2000, 1, 1), D(10))]


def owed(amount):
    return [Balance(DUE, D(amount))]


def after(days):
    return DUE + timedelta(days=days)


def test_fifteen_days_at_ten_percent_on_100_are_0_41():
    assert late_interest(DUE, after(15), owed("100.00"), TEN_PERCENT, "EUR") == D("0.41")


def test_the_due_day_itself_costs_nothing():
    assert late_interest(DUE, DUE, owed("1000000.00"), TEN_PERCENT, "EUR") == 0


def test_money_still_owes_interest_for_the_day_it_came():
    balances = [Balance(DUE, D(36500)), Balance(after(10), D(0))]

    assert late_interest(DUE, after(30), balances, TEN_PERCENT, "EUR") == D("100.00")


def test_a_new_rate_counts_from_its_own_day_on():
    rates = [*TEN_PERCENT, YearlyRate(after(11), D(20))]

    assert late_interest(DUE, after(20), owed("36500"), rates, "EUR") == D("300.00")


def test_too_little_to_ask_for_is_not_charged():
    minimum = D("0.42")

    assert late_interest(DUE, after(15), owed("100"), TEN_PERCENT, "EUR", minimum=minimum) == 0


@pytest.mark.parametrize(("base", "interest"), [(365, "10.00"), (360, "10.14")])
def test_the_day_base_divides_the_year(base, interest):
    assert late_interest(DUE, after(365), owed("100"), TEN_PERCENT, "EUR", day_base=base) == D(
        interest
    )


steps = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 10**7)), min_size=1, max_size=6).map(
    lambda rows: [Balance(after(d), D(a).scaleb(-2)) for d, a in sorted(dict(rows).items())]
)


@given(steps, st.integers(1, 90))
def test_segments_add_up_to_the_days_one_by_one(balances, days):
    balances = [Balance(DUE, D("500.00")), *balances[balances[0].day == DUE :]]

    def balance_before(day):
        return [b.amount for b in balances if b.day < day][-1]

    exact = sum(balance_before(after(n)) * 10 for n in range(1, days + 1)) / D(36500)
    charged = late_interest(DUE, after(days), balances, TEN_PERCENT, "EUR")
    assert abs(charged - exact) <= D("0.005")


@given(st.integers(0, 10**7), st.integers(0, 400), st.integers(0, 400))
def test_waiting_longer_is_never_cheaper(cents, days, more):
    balances = owed(D(cents).scaleb(-2))

    early = late_interest(DUE, after(days), balances, TEN_PERCENT, "EUR")
    assert early <= late_interest(DUE, after(days + more), balances, TEN_PERCENT, "EUR")
