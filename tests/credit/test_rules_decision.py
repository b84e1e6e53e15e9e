from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules import Amounts, Standing, decide, effective_limit, expose
from o2c.core.money import ZERO

TODAY = date(2026, 11, 21)
money = st.decimals("0", "99999", places=2)
balances = st.decimals("-99999", "99999", places=2)
any_amounts = st.builds(
    Amounts,
    receivables=balances,
    shipped_not_invoiced=money,
    released_not_shipped=money,
    this_order=money,
    unapplied_cash=money,
)


def decided(limit, *, credits_count=False, standing=None, **amounts):
    exposure = expose(
        Amounts(**{name: Decimal(value) for name, value in amounts.items()}),
        credits_count=credits_count,
    )
    limit = None if limit is None else Decimal(limit)
    return decide(exposure, Standing(limit=limit, **(standing or {})), TODAY)


@pytest.mark.parametrize(
    ("limit", "order", "passes"),
    [(None, "1", True), ("0", "1", False), ("200", "1", True), ("200", "150", False)],
)
def test_v01_limit_against_posted_debt(limit, order, passes):
    assert decided(limit, receivables="100", this_order=order).passes is passes


def test_v02_the_order_counts_once():
    assert decided("1000", this_order="1000").passes
    fired = decided("1000", this_order="1500").fired[0]
    assert (fired.rule, fired.facts["exposure"]) == ("over_limit", "1500")


@pytest.mark.parametrize(("credits_count", "passes"), [(True, True), (False, False)])
def test_v23_a_credit_balance_counts_by_policy_only(credits_count, passes):
    decision = decided("0", credits_count=credits_count, receivables="-473.72", this_order="400")

    assert decision.passes is passes


def test_v23_the_waterfall_shows_the_credit_either_way():
    exposure = expose(
        Amounts(receivables=Decimal("-473.72"), this_order=Decimal(400)), credits_count=False
    )

    credit = next(part for part in exposure.parts if part.part == "open_credits")
    assert (credit.amount, credit.counts) == (Decimal("-473.72"), False)
    assert exposure.total == 400


def test_a_temporary_limit_stands_in_for_the_permanent_one_and_insurance_adds():
    permanent, temporary = Decimal(100), Decimal(500)

    assert effective_limit({}) is None
    assert effective_limit({"permanent": permanent}) == 100
    assert effective_limit({"permanent": permanent, "temporary": temporary}) == 500
    assert effective_limit({"permanent": permanent, "insured": Decimal(50)}) == 150
    assert effective_limit({"insured": Decimal(50)}) == 50


@pytest.mark.parametrize(("days", "passes"), [(30, True), (31, False)])
def test_an_item_may_be_as_late_as_allowed_and_not_a_day_later(days, passes):
    standing = {
        "overdue_amount": Decimal("10"),
        "oldest_due_date": TODAY - timedelta(days=days),
        "overdue_days_allowed": 30,
    }

    assert decided(None, standing=standing).passes is passes


def test_overdue_items_do_not_matter_where_nobody_set_a_number_of_days():
    standing = {"overdue_amount": Decimal(10), "oldest_due_date": date(2020, 1, 1)}

    assert decided(None, standing=standing).passes


def test_every_rule_that_fires_is_named():
    standing = {
        "blocked": True,
        "stop_reason": "insolvent",
        "known_customer": False,
        "hold_new_customers": True,
        "overdue_amount": Decimal(10),
        "oldest_due_date": date(2026, 1, 1),
        "overdue_days_allowed": 30,
    }

    decision = decided("0", this_order="1", standing=standing)

    assert [fired.rule for fired in decision.fired] == [
        "blocked",
        "new_customer",
        "over_limit",
        "overdue",
    ]


@given(any_amounts, st.booleans())
def test_the_parts_that_count_make_the_exposure(amounts, credits_count):
    exposure = expose(amounts, credits_count=credits_count)

    gross = amounts.shipped_not_invoiced + amounts.released_not_shipped + amounts.this_order
    if credits_count:
        assert exposure.total == gross + amounts.receivables - amounts.unapplied_cash
    else:
        assert exposure.total == gross + max(amounts.receivables, ZERO)
        assert exposure.total >= 0


@given(any_amounts, money, money)
def test_a_larger_order_never_passes_where_a_smaller_one_failed(amounts, limit, more):
    def passes(extra):
        bigger = Amounts(**{**vars(amounts), "this_order": amounts.this_order + extra})
        exposure = expose(bigger, credits_count=False)
        return decide(exposure, Standing(limit=limit), TODAY).passes

    assert passes(ZERO) or not passes(more)


@given(any_amounts, money)
def test_without_credits_nothing_the_customer_paid_widens_the_limit(amounts, limit):
    exposure = expose(amounts, credits_count=False)

    if amounts.this_order > limit:
        assert not decide(exposure, Standing(limit=limit), TODAY).passes
