"""Scenarios V01 to V05: debt and orders use the limit, in any currency, and changes ask again."""

from decimal import Decimal

import pytest

from credit.commands import CreditRefused, check_reopened_order
from credit.models import CreditCheck
from credit.queries import exposure
from o2c.core import events
from o2c.core.actors import SYSTEM
from orders import commands
from orders.commands import LineChange, LineDraft, amend_order, reopen_order
from orders.models import Order, OrderState
from tests.factories.masters import CompanyFactory, ExchangeRateFactory, ItemFactory
from tests.given.credit import checked_order, customer_with_limit, debt
from tests.given.orders import lines_of, quantities_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_flow(monkeypatch):
    monkeypatch.setattr(events, "_before_commit", {})
    events.together("order.reopened", check_reopened_order)


def amend(order, quantity):
    order = Order.objects.get(pk=order.pk)
    change = LineChange(lines_of(order)[0].pk, quantity=Decimal(quantity))
    return amend_order(order.pk, changes=[change], version=order.version, actor=SYSTEM)


def held_or_released(customer, amount):
    """What the gate says to an order of this net amount, and its check."""
    order, check = checked_order(customer=customer, lines=[(1, amount)])
    return order.state, check


class TestV01LimitAgainstPostedDebt:
    """One posted, unpaid invoice of 100.00; orders are gross of 19 %."""

    @pytest.fixture
    def owing(self):
        def customer(limit):
            made = customer_with_limit(limit)
            debt(made, "100.00")
            return made

        return customer

    def test_without_a_limit_any_further_amount_is_accepted(self, owing):
        assert held_or_released(owing(None), "999999.00")[0] == OrderState.RELEASED

    def test_with_a_limit_of_zero_one_more_is_held(self, owing):
        assert held_or_released(owing("0.00"), "0.84")[0] == OrderState.ON_HOLD  # 1.00 gross

    def test_with_a_limit_of_200_one_more_is_accepted_and_150_are_not(self, owing):
        customer = owing("200.00")

        assert held_or_released(customer, "0.84")[0] == OrderState.RELEASED
        state, check = held_or_released(customer, "126.05")  # 150.00 gross
        assert (state, check.rules[0]["over"]) == (OrderState.ON_HOLD, "51.00")


class TestV02ConfirmedOrdersUseTheLimit:
    def test_an_order_of_the_whole_limit_is_exposure_and_no_debt(self):
        customer = customer_with_limit("1000.00")
        state, check = held_or_released(customer, "840.34")  # 1,000.00 gross

        parts = {part["part"]: Decimal(part["amount"]) for part in check.waterfall}
        assert (state, check.amount) == (OrderState.RELEASED, 1000)
        assert parts["receivables"] == 0
        assert exposure(customer.pk).exposure.total == 1000

    def test_a_raised_quantity_names_the_new_total_not_both(self):
        customer = customer_with_limit("1000.00")
        order, _check = checked_order(customer=customer, lines=[(2, "420.17")])

        with pytest.raises(CreditRefused, match=r"exposure 1,500\.01\sEUR"):
            amend(order, 3)


class TestV03LimitInAnotherCurrency:
    """Limit 50.00 in company currency; two foreign units are one of ours."""

    @pytest.fixture
    def customer(self):
        CompanyFactory()
        ExchangeRateFactory(currency="USD", rate=Decimal("0.50"))
        made = customer_with_limit("50.00")
        for code in ("A", "B"):
            ItemFactory(code=code, tax_class="zero")
        return made

    def ordered(self, customer, *prices):
        lines = [
            LineDraft(code, Decimal(1), Decimal(price), "agreed")
            for code, price in zip("AB", prices, strict=False)
        ]
        return checked_order(customer=customer, lines=lines, currency="USD")

    def test_45_foreign_count_as_half(self, customer):
        order, check = self.ordered(customer, "45.00")

        assert (order.state, check.amount, check.currency) == (
            OrderState.RELEASED,
            Decimal("22.50"),
            "EUR",
        )

    def test_65_more_make_55_and_the_hold_names_them(self, customer):
        order, check = self.ordered(customer, "45.00", "65.00")

        assert (order.state, check.exposure) == (OrderState.ON_HOLD, Decimal("55.00"))
        assert "exposure 55.00\xa0EUR" in order.hold_reason


def test_v05_a_later_increase_beyond_the_limit_is_refused_and_changes_nothing():
    order, _check = checked_order(customer=customer_with_limit("119.00"), lines=[(1, "100.00")])
    before = Order.objects.values().get(pk=order.pk)

    with pytest.raises(CreditRefused, match=r"Over the limit by 119\.00"):
        amend(order, 2)

    assert Order.objects.values().get(pk=order.pk) == before
    assert lines_of(order)[0].quantity == 1
    assert CreditCheck.objects.count() == 1


def test_an_increase_within_the_limit_is_checked_and_released_at_once():
    order, _check = checked_order(customer=customer_with_limit("238.00"), lines=[(1, "100.00")])

    changed = amend(order, 2)

    assert (changed.state, changed.gross) == (OrderState.RELEASED, 238)
    assert CreditCheck.objects.latest("pk").order_gross == 238


def test_a_decrease_is_not_checked():
    order, _check = checked_order(customer=customer_with_limit("238.00"), lines=[(2, "100.00")])

    amend(order, 1)

    assert CreditCheck.objects.count() == 1


def test_what_is_billed_of_an_increased_order_counts_as_debt_not_as_order():
    order, _check = checked_order(customer=customer_with_limit("238.00"), lines=[(1, "100.00")])
    one = quantities_of(order)
    for record in (commands.record_picked, commands.record_shipped, commands.record_invoiced):
        record(order.pk, one, actor=SYSTEM)

    amend(order, 2)

    assert CreditCheck.objects.latest("pk").amount == 119


def test_v04_reopening_a_closed_order_checks_the_limit():
    customer = customer_with_limit("1071.00")
    first, _check = checked_order(customer=customer, lines=[(10, "90.00")])
    one = quantities_of(first, [1])
    commands.record_picked(first.pk, one, actor=SYSTEM)
    commands.record_shipped(first.pk, one, actor=SYSTEM)
    commands.cancel_order(first.pk, reason="closed", actor=SYSTEM)
    second, _check = checked_order(customer=customer, lines=[(8, "90.00")])
    assert second.state == OrderState.RELEASED

    with pytest.raises(CreditRefused):
        reopen_order(first.pk, reason="wanted again", actor=SYSTEM)

    first.refresh_from_db()
    assert first.state == OrderState.SHIPPED
