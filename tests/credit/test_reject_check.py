from decimal import Decimal

import pytest

from credit.commands import check_order, reject_check
from o2c.core.actors import SYSTEM
from orders import commands
from orders.commands import LineChange
from orders.models import Order, OrderState
from tests.factories.credit import CreditAuthorityFactory
from tests.given.credit import checked_order, customer_with_limit
from tests.given.orders import lines_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """An order of 119.00 held for a limit of 100.00, and its check."""
    return checked_order(customer=customer_with_limit("100.00"), lines=[(10, "10.00")])


def test_a_rejected_order_stays_on_hold_with_the_reason(held, credit_manager):
    order, check = held
    CreditAuthorityFactory()

    reject_check(check.pk, reason="Too risky.", actor=credit_manager)

    order.refresh_from_db()
    assert (order.state, order.hold_reason) == (
        OrderState.ON_HOLD,
        "Credit was refused: Too risky.",
    )
    assert check_order(order.pk, actor=SYSTEM) is None


def test_a_rejected_order_that_is_cut_is_asked_about_again(held, credit_manager):
    order, check = held
    CreditAuthorityFactory()
    reject_check(check.pk, reason="Too much.", actor=credit_manager)
    cut(order, 8)

    check_order(order.pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == OrderState.RELEASED


def cut(order, quantity) -> Order:
    order.refresh_from_db()
    change = LineChange(lines_of(order)[0].pk, quantity=Decimal(quantity))
    return commands.amend_order(order.pk, changes=[change], version=order.version, actor=SYSTEM)
