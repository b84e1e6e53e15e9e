from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation, TransitionRefused
from o2c.core.models import Event
from o2c.stock.commands import Demand, reserve
from orders import commands
from orders.commands import cancel_order
from orders.models import OrderState
from tests.factories.masters import CustomerFactory
from tests.factories.orders import OrderFactory, priced_item
from tests.given.orders import (
    confirmed_order,
    invoiced_order,
    lines_of,
    quantities_of,
    released_order,
    shipped_order,
    submitted_order,
)
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [OrderFactory, submitted_order, confirmed_order, released_order])
def test_an_order_nothing_of_which_has_shipped_is_cancelled_as_a_whole(make, clerk):
    order = cancel_order(make(lines=[(5, "1")]).pk, reason="customer withdrew", actor=clerk)

    line = lines_of(order)[0]
    assert order.state == OrderState.CANCELLED
    assert (line.cancelled, line.open_quantity) == (5, 0)
    assert order.gross == Decimal("5.95")
    assert Event.objects.get(name="order.cancelled").facts["reason"] == "customer withdrew"


def test_v18_cancelling_gives_back_what_is_set_aside():
    customer = CustomerFactory()
    item = priced_item(customer, "1")
    balance = stock(item, 10)
    order = released_order(customer=customer, lines=[(item, 10)])
    line = lines_of(order)[0]
    reserve([Demand(line.pk, item.pk, Decimal(10))], order.warehouse_id, actor=SYSTEM)
    commands.record_reserved(order.pk, {line.pk: Decimal(10)}, actor=SYSTEM)

    cancel_order(order.pk, reason="no", actor=SYSTEM)

    balance.refresh_from_db()
    assert (balance.reserved, lines_of(order)[0].reserved) == (0, 0)


def test_only_the_rest_of_a_part_shipped_order_is_cancelled():
    order = shipped_order([6, 0], lines=[(10, "10"), (1, "5")])

    order = cancel_order(order.pk, reason="enough", actor=SYSTEM)

    assert order.state == OrderState.SHIPPED
    assert [line.cancelled for line in lines_of(order)] == [4, 1]
    assert [line.net for line in lines_of(order)] == [60, 0]
    assert order.net == 60


def test_a_part_shipped_and_billed_order_is_invoiced_when_the_rest_is_cancelled():
    order = shipped_order([6], lines=[(10, "1")])
    commands.record_invoiced(order.pk, quantities_of(order, [6]), actor=SYSTEM)

    assert cancel_order(order.pk, reason="enough", actor=SYSTEM).state == OrderState.INVOICED


def test_r10_picked_goods_must_be_shipped_or_put_back_first():
    order = released_order(lines=[(5, "1")])
    commands.record_picked(order.pk, quantities_of(order, [2]), actor=SYSTEM)

    with pytest.raises(RuleViolation, match="2 are picked and not shipped"):
        cancel_order(order.pk, reason="no", actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == OrderState.IN_FULFILLMENT
    assert lines_of(order)[0].cancelled == 0


def test_a_completed_order_has_nothing_to_cancel():
    with pytest.raises(RuleViolation, match="nothing of it is open"):
        cancel_order(invoiced_order().pk, reason="no", actor=SYSTEM)


def test_a_cancelled_order_stays_cancelled():
    order = cancel_order(OrderFactory().pk, reason="no", actor=SYSTEM)

    with pytest.raises(TransitionRefused):
        cancel_order(order.pk, reason="again", actor=SYSTEM)


def test_cancelling_needs_a_reason():
    with pytest.raises(RuleViolation) as refused:
        cancel_order(OrderFactory().pk, reason=" ", actor=SYSTEM)

    assert refused.value.field == "reason"


def test_a_cancelled_order_frees_the_customers_number():
    customer = CustomerFactory(po_policy="refuse")
    first = OrderFactory(customer=customer, customer_reference="PO-1")
    cancel_order(first.pk, reason="typed wrongly", actor=SYSTEM)

    assert OrderFactory(customer=customer, customer_reference="PO-1").reference_key == "po1"
