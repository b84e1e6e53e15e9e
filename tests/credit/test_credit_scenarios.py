"""Scenarios V01 to V03: debt and orders use the limit, in any currency."""

from decimal import Decimal

import pytest

from credit.queries import exposure
from orders.commands import LineDraft
from orders.models import OrderState
from tests.factories.masters import CompanyFactory, ExchangeRateFactory, ItemFactory
from tests.given.credit import checked_order, customer_with_limit, debt

pytestmark = pytest.mark.django_db


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
