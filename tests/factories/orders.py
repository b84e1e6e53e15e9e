"""Draft orders, priced and totalled by the real command.

`OrderFactory()` is one piece at 10.00. `OrderFactory(lines=[(3, "2.50"), (1, "100")])` makes an
item per line, at that list price. A line may also be `(item, quantity)` or a `LineDraft`.
"""

from decimal import Decimal

import factory

from o2c.core.actors import SYSTEM
from o2c.masters.models import Item
from orders.commands import LineDraft, OrderDraft, capture_order
from orders.models import Order
from tests.factories.masters import (
    CustomerFactory,
    ItemFactory,
    PriceListItemFactory,
    WarehouseFactory,
)


class OrderFactory(factory.Factory):
    """A draft. Any field of OrderDraft may be given; `customer` instead of its id."""

    class Meta:
        model = Order

    customer = factory.SubFactory(CustomerFactory)
    lines = ((1, "10.00"),)
    actor = SYSTEM

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        WarehouseFactory()
        customer, actor = kwargs.pop("customer"), kwargs.pop("actor")
        lines = [line_of(customer, line) for line in kwargs.pop("lines")]
        draft = OrderDraft(customer_id=customer.pk, lines=lines, **kwargs)
        return capture_order(draft, actor=actor)


def line_of(customer, line):
    """A LineDraft from a LineDraft, (item, quantity) or (quantity, list price)."""
    if isinstance(line, LineDraft):
        return line
    first, second = line
    if isinstance(first, Item):
        return LineDraft(first.code, Decimal(second))
    return LineDraft(priced_item(customer, second).code, Decimal(first))


def priced_item(customer, price, **item):
    """A new item that costs this much on the customer's price list."""
    made = ItemFactory(**item)
    PriceListItemFactory(price_list=customer.price_list, item=made, price=Decimal(price))
    return made
