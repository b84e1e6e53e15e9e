"""One customer's order number, and one row of a partner's system, sent by many at once."""

from decimal import Decimal
from functools import partial

import pytest

from o2c.core.actors import SYSTEM
from orders.commands import DuplicateReference, LineDraft, OrderDraft, capture_order
from orders.models import Order
from tests.concurrency.race import constraint_off, in_step, lost, race, won
from tests.factories.masters import CustomerFactory, WarehouseFactory
from tests.factories.orders import priced_item

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nobody_follows"),
]

ONCE = {
    "customer_reference": ("PO-1", "orders_order_reference_once"),
    "source_reference": ("EDI-1", "orders_order_source_once"),
}


def four_captures(**reference):
    WarehouseFactory()
    customer = CustomerFactory(po_policy="refuse")
    item = priced_item(customer, "1")
    draft = OrderDraft(customer.pk, [LineDraft(item.code, Decimal(1))], **reference)
    return [partial(capture_order, draft, actor=SYSTEM)] * 4


@pytest.mark.parametrize("field", ONCE)
def test_one_reference_makes_one_order_and_the_others_are_told(field):
    outcomes = race(*four_captures(**{field: ONCE[field][0]}))

    assert (len(won(outcomes)), Order.objects.count()) == (1, 1)
    assert {type(error) for error in lost(outcomes)} == {DuplicateReference}


def test_without_the_database_one_number_makes_several_orders():
    captures = four_captures(source_reference="EDI-1")

    with constraint_off("orders_order", "orders_order_source_once"), in_step():
        race(*captures)
        made = Order.objects.count()

    assert made == 4
